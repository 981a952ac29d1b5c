"""A small ledger whose bags are made by the product, and opened up by a test."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field, replace
from hashlib import file_digest, sha256
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import UUID
from zipfile import ZipFile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pypdf import PdfReader
from typing_extensions import override

from api.resources.exports.export_run import further
from api.resources.exports.workbook_beside import open_workbook
from ledger.commands import CorrectTransfer, RetractTransfer
from ledger.crypto.notes import KeyType, Signature, SignedNote, Signer, Verifier, signed_note
from ledger.crypto.pseudonyms import random_uuid
from ledger.crypto.seed_signer import SeedSigner
from ledger.crypto.time_stamps import request
from ledger.exports import verify
from ledger.exports.bag import BagWriter
from ledger.exports.export_request import ExportRequest, SignedCheckpoint, TimeStamp
from ledger.exports.exporter import FORMAT, Exporter, FinishedBag, bag_text
from ledger.exports.filters import Filters
from ledger.exports.table import rows_of
from ledger.exports.workbook import NAME, Cover, write_workbook
from ledger.log.log_root import log_root
from ledger.merkle.checkpoint import Checkpoint
from ledger.values import Json
from tests.database import Database
from tests.exports.lying import RECORDS
from tests.ledger.given import ACTOR, AT, data, received
from tests.ledger.inside import Inside, inside
from tests.log.authority import TestedAuthority

SECONDS = 1_795_000_000


@dataclass(frozen=True, slots=True)
class TestedWitness:
    """A witness whose key follows from its name."""

    __test__ = False

    name: str

    @property
    def _secret(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(sha256(self.name.encode()).digest())

    @property
    def key(self) -> Verifier:
        public = self._secret.public_key().public_bytes_raw()
        return Verifier(self.name, public, KeyType.COSIGNATURE)

    def cosigns(self, text: str, seconds: int = SECONDS) -> Signature:
        message = f"cosignature/v1\ntime {seconds}\n{text}"
        value = seconds.to_bytes(8, "big") + self._secret.sign(message.encode())
        return Signature(self.name, self.key.id, value)


def cosigned(text: str, signer: Signer, *witnesses: TestedWitness) -> str:
    """A checkpoint as the log signed it, with the lines of these witnesses."""
    note = signed_note(text, [signer])
    lines = [one.cosigns(text, SECONDS + n) for n, one in enumerate(witnesses)]
    return SignedNote(text, (*note.signatures, *lines)).full_text


def stamp_on(authority: TestedAuthority, note: str) -> TimeStamp:
    return TimeStamp(note, authority.answer(request(note.encode()).body))


ORIGIN = "ledger.example.jp/test-ledger"
SIGNER = SeedSigner(ORIGIN, bytes(range(32)))
WITNESSES = [TestedWitness(f"{name}.example.jp/w1") for name in ("auditor", "union")]
SEED = sha256(b"one export").digest()
EXPORT = random_uuid()
WHY = "報告の求め"
INDIVIDUAL = {
    "kind": "individual",
    "name": "見本 個人",
    "address": "京都府京都市見本町1",
    "representative": None,
}


@dataclass
class World:
    """Records of several kinds, and bags of them.

    Attributes:
        folder: where bags are put.
        beside: whether a bag has its report, and its workbook is made in a process: both take long.
    """

    house: Inside
    folder: Path
    beside: bool = False
    made: dict[str, FinishedBag] = field(default_factory=dict[str, FinishedBag])

    def fill(self) -> None:
        """Five records: corrected twice, received, an individual's, retracted, of five persons."""
        first = self.house.record("t1", data("P1", "P2", transferred_on="2026-04-01"))
        self.house.record("t2", received("P1", transferred_on="2026-05-10"))
        self.house.record("t3", data("P3", counterparty=INDIVIDUAL, transferred_on="2026-04-30"))
        other = self.house.record("t4", data("P2", basis="none", consent=None))
        self.house.record("t5", data("P1", "P2", "P3", "P4", "P5", items=["=1+1;=1+1"]))
        for items in (["氏名", "住所"], ["氏名"]):
            changes: dict[str, Json] = {"items": [*items]}
            change = CorrectTransfer(random_uuid(), ACTOR, first.transfer, changes, "誤記")
            self.house.ledger.correct(change, AT)
        gone = RetractTransfer(random_uuid(), ACTOR, other.transfer, "duplicate", "二重")
        self.house.ledger.retract(gone, AT)

    def attested(self, stamp: TimeStamp | None = None, size: int = 7) -> SignedCheckpoint:
        """The newest checkpoint, with an older one that both witnesses cosigned."""
        text = self.signed(size).checkpoint.text
        return replace(self.signed(), cosigned=cosigned(text, SIGNER, *WITNESSES), stamp=stamp)

    def signed(self, size: int | None = None) -> SignedCheckpoint:
        size = self.house.head() if size is None else size
        checkpoint = Checkpoint(ORIGIN, size, log_root(self.house.house.reader, size))
        note = signed_note(checkpoint.text, [SIGNER]).full_text
        return SignedCheckpoint(checkpoint, note, SIGNER)

    def bag(
        self,
        name: str = "bag",
        *,
        log: bool = True,
        signed: SignedCheckpoint | None = None,
        seed: bytes = SEED,
        beside: bool | None = None,
        **filters: Any,  # noqa: ANN401 -- handed on
    ) -> Path:
        """Make a bag; `signed`: another checkpoint than the newest."""
        asked = ExportRequest(EXPORT, Filters(**filters), AT, seed, {"laws": []})
        path = self.folder / name
        note = (signed or self.signed()) if log else None
        streams, more = self.house.house.streams, further(self.house.ledger)
        has_all = self.beside if beside is None else beside
        exporter = (
            Exporter(streams, more, open_workbook)
            if has_all
            else Exporter(streams, [more[0], _put_workbook])
        )
        self.made[name] = exporter.make(asked, note, path, lambda _done, _total: None)
        return path


def _put_workbook(bag: BagWriter, request: ExportRequest) -> None:
    """The workbook as the product makes it, without a process of its own."""
    text = (bag.path / "data/records.csv").read_bytes().decode("utf-8-sig")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / NAME
        rows = rows_of(io.StringIO(text, newline=""))
        write_workbook(place, rows, Cover(request.export, request.at))
        bag.put(NAME, place.read_bytes())


@contextmanager
def world(database: Database, folder: Path) -> Generator[World]:
    with inside(database) as house:
        yield World(house, folder)


def rows(bag: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (bag / "data/records.ndjson").read_text().splitlines()]


def copied(bag: Path, name: str) -> Path:
    """The bag once more, to be broken."""
    other = bag.with_name(name)
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(bag, other)
    return other


def resealed(bag: Path) -> None:
    """Make the manifests anew, as somebody would who hides what was changed."""
    payload = sorted(one for one in (bag / "data").rglob("*") if one.is_file())
    info = (bag / "bag-info.txt").read_text("utf-8").splitlines()
    size = sum(one.stat().st_size for one in payload)
    lines = [one for one in info if not one.startswith("Payload-Oxum")]
    (bag / "bag-info.txt").write_text("\n".join([*lines, f"Payload-Oxum: {size}.{len(payload)}\n"]))
    _write_manifest(
        bag, "manifest-sha256.txt", [one.relative_to(bag).as_posix() for one in payload]
    )
    tags = ["VERIFY.ja.md", "bag-info.txt", "bagit.txt", "manifest-sha256.txt", "verify.py"]
    tags = [one for one in tags if (bag / one).exists()]
    _write_manifest(bag, "tagmanifest-sha256.txt", tags)


def signed_anew(bag: Path) -> None:
    """Make manifests and signature anew, as whoever holds the log's key can."""
    resealed(bag)
    info = (bag / "bag-info.txt").read_text("utf-8")
    named = re.search(r"External-Identifier: ([0-9a-f-]{36})\n", info)
    export = EXPORT if named is None else UUID(named[1])
    text = bag_text(ORIGIN, export, sha256((bag / "tagmanifest-sha256.txt").read_bytes()).digest())
    form = re.search(r'"format": ?"(ppl-export/[0-9])"', (bag / "data/filters.json").read_text())
    text = text if form is None else text.replace(FORMAT, form[1], 1)
    (bag / "bag-signature.txt").write_text(signed_note(text, [SIGNER]).full_text, "utf-8")


def _write_manifest(bag: Path, name: str, files: list[str]) -> None:
    lines: list[str] = []
    for one in files:
        with (bag / one).open("rb") as file:
            lines.append(f"{file_digest(file, 'sha256').hexdigest()}  {one}\n")
    (bag / name).write_text("".join(lines))


def alone(*arguments: str | Path, encoding: str = "utf-8") -> tuple[int, str]:
    """The verifier as a stranger runs it: a process with nothing of ours on its path."""
    done = subprocess.run(
        [sys.executable, "-S", "-s", "-P", VERIFIER, *map(str, arguments)],
        cwd=os.sep,
        capture_output=True,
        text=True,
        check=False,
        encoding=encoding,
        env={"PYTHONIOENCODING": encoding},
    )
    return done.returncode, done.stdout + done.stderr


VERIFIER = Path(verify.__file__)


class BagInMemory(verify.Bag):
    """A bag whose files are in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files, self.names, self.path = files, set(files), Path("held")
        self.zip = None

    @override
    def open(self, name: str) -> BinaryIO:
        if name not in self.files:
            verify.missing(name)
        return io.BytesIO(self.files[name])


def checked(*arguments: str | Path) -> tuple[int, str]:
    said = io.StringIO()
    with redirect_stdout(said):
        code = verify.main([str(one) for one in arguments])
    return code, said.getvalue()


def read(bag: Path) -> PdfReader:
    return PdfReader(BytesIO((bag / "data/report.pdf").read_bytes()), strict=True)


def text_of(bag: Path) -> str:
    return "\n".join(page.extract_text() for page in read(bag).pages)


def flat(bag: Path) -> str:
    """All text_of without breaks and spaces, which the setting of lines moves."""
    return re.sub(r"\s", "", text_of(bag))


GOLDEN: Final = Path(__file__).with_name("golden")
OLD: Final = "ppl-export-2-"
"""A bag of an older format is named in full; nothing makes one any more."""
NEWEST: Final = "ppl-export-3-"


def place_of(kind: str) -> Path:
    """The packed bag."""
    return GOLDEN / f"{'' if kind.startswith('ppl-') else NEWEST}{kind}.zip"


def kinds() -> list[str]:
    """All of them."""
    return sorted(place.stem.removeprefix(NEWEST) for place in GOLDEN.glob("*.zip"))


def unpacked(kind: str, folder: Path) -> Path:
    """The bag, unpacked below `folder`."""
    with ZipFile(place_of(kind)) as archive:
        archive.extractall(folder)
    return (folder / place_of(kind).stem).rename(folder / kind)


def content(kind: str, name: str) -> bytes:
    """A file of the bag."""
    with ZipFile(place_of(kind)) as archive:
        return archive.read(f"{place_of(kind).stem}/{name}")


def row_of(kind: str, record: int) -> dict[str, Any]:
    """A line of its records, from 0."""
    row: dict[str, Any] = json.loads(content(kind, RECORDS).splitlines()[record])
    return row
