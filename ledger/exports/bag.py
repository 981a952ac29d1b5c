"""A bag in a folder: payload as it streams in, then the files that say what it holds (BagIt 1.0).

Each file is hashed while it is written, so that nothing is read twice and nothing is kept.

Source: RFC 8493.
"""

import os
import zipfile
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import IO, Final
from uuid import UUID

from ledger.clock import day_in_japan
from ledger.crypto.files import sync_folder
from ledger.crypto.notes import Signer, signed_note

VERIFIER: Final = "verify.py"
GUIDE: Final = "VERIFY.ja.md"
MANIFEST: Final = "manifest-sha256.txt"
SIGNATURE: Final = "bag-signature.txt"
TAG_MANIFEST: Final = "tagmanifest-sha256.txt"
SOFTWARE: Final = "provision-ledger"
_DECLARATION: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600
_PART: Final = 1 << 20
# Of a zip: the same content gives the same bytes, whenever it was packed.
_NEVER: Final = (1980, 1, 1, 0, 0, 0)


Take = Callable[[bytes], None]
"""Takes what is written to a file, part by part."""

Follow = Callable[[], Take]


class BagIncompleteError(Exception):
    """What lies in the folder is not the bag that was made there."""


class OpenFile:
    """A file that is being written.

    Args:
        take: is given the same parts.
    """

    def __init__(self, handle: int, take: Take | None = None) -> None:
        self._file = os.fdopen(handle, "wb", _PART)
        self._take = take
        self._digest = sha256()
        self.size = 0

    def write(self, content: bytes) -> None:
        """Add to it."""
        self._file.write(content)
        self._digest.update(content)
        if self._take is not None:
            self._take(content)
        self.size += len(content)

    def close(self) -> str:
        """End it; its SHA-256 in hex. It is on the disk then."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._digest.hexdigest()


@dataclass(slots=True)
class BagWriter:
    """A bag that is being made; the folder must not be there yet.

    Attributes:
        digests: file of the payload → SHA-256 in hex.
        size: of the payload, in bytes.
        followers: file below `data/` → called whenever it is begun, for what takes its parts.
    """

    path: Path
    digests: dict[str, str] = field(default_factory=dict[str, str])
    size: int = 0
    followers: Mapping[str, Follow] = field(default_factory=dict[str, Follow])

    @contextmanager
    def file(self, name: str) -> Generator[OpenFile]:
        """A file below `data/`, to write to; one of that name is written anew."""
        place = self.path / "data" / name
        place.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        follower = self.followers.get(name)
        written = _open_file(place, None if follower is None else follower())
        ended = ""
        try:
            yield written
        finally:
            ended = written.close()
        self.size += written.size
        self.digests[f"data/{name}"] = ended

    def put(self, name: str, content: bytes) -> None:
        """A whole file below `data/`."""
        with self.file(name) as file:
            file.write(content)

    def seal(self, export: UUID, at: datetime, guide: bytes, *, has_verifier: bool = True) -> bytes:
        """Write what stands above the payload; SHA-256 of the tag manifest, which names all.

        Args:
            guide: how to read and check the bag, in Japanese.
            has_verifier: whether the program that checks an export lies in it.
        """
        tags = {
            "bagit.txt": _DECLARATION,
            "bag-info.txt": (
                f"Bag-Software-Agent: {SOFTWARE}\n"
                f"Bagging-Date: {day_in_japan(at).isoformat()}\n"
                f"External-Identifier: {export}\n"
                f"Payload-Oxum: {self.size}.{len(self.digests)}\n"
            ).encode(),
            MANIFEST: _manifest(self.digests.items()),
            GUIDE: guide,
        }
        if has_verifier:
            tags[VERIFIER] = verifier()
        names = {name: _write_file(self.path / name, content) for name, content in tags.items()}
        whole = _manifest(names.items())
        _write_file(self.path / TAG_MANIFEST, whole)
        for folder in (self.path / "data" / "proofs", self.path / "data", self.path):
            if folder.is_dir():
                sync_folder(folder)
        return sha256(whole).digest()

    def sign(self, text: str, signer: Signer) -> None:
        """Put a signed note beside the tag manifest, which it speaks of."""
        _write_file(self.path / SIGNATURE, signed_note(text, [signer]).full_text.encode())
        sync_folder(self.path)


def verifier() -> bytes:
    """The file that checks a bag, as it lies in each."""
    return files("ledger.exports").joinpath(VERIFIER).read_bytes()


def zipped(bag: Path, place: Path) -> None:
    """Pack the bag into a zip file, in one folder of its own; the same bag gives the same bytes."""
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
    with os.fdopen(handle, "wb") as raw:
        packed(bag, place.name.partition(".")[0], raw)
        raw.flush()
        os.fsync(raw.fileno())


def packed(bag: Path, top: str, target: IO[bytes]) -> Mapping[str, str]:
    """Write the bag as a zip file, in the folder `top`; `target` need not be one to seek in.

    Returns:
        File → SHA-256 in hex of what was written of it.
    """
    digests: dict[str, str] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for file in sorted(one for one in bag.rglob("*") if one.is_file()):
            name, digest = file.relative_to(bag).as_posix(), sha256()
            entry = zipfile.ZipInfo(f"{top}/{name}", _NEVER)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _FILE_MODE << 16
            entry.file_size = file.stat().st_size  # beyond 2 GiB the entry needs a wider head
            with file.open("rb") as source, archive.open(entry, "w") as written:
                while some := source.read(_PART):
                    digest.update(some)
                    written.write(some)
            digests[name] = digest.hexdigest()
    return digests


def check_packed(bag: Path, digest: bytes, digests: Mapping[str, str]) -> None:
    """Whether a bag was packed whole: something may have emptied its folder meanwhile.

    Args:
        digest: SHA-256 of the tag manifest of the bag that was made.
        digests: of what was packed, as `packed` gives them.

    Raises:
        BagIncompleteError: it was not.
    """
    named = {TAG_MANIFEST: digest.hex()}
    try:
        for manifest in (TAG_MANIFEST, MANIFEST):
            lines = (bag / manifest).read_text("utf-8").splitlines()
            named |= {name: one for one, _, name in (line.partition("  ") for line in lines)}
    except FileNotFoundError:
        raise BagIncompleteError from None
    if named != {name: one for name, one in digests.items() if name != SIGNATURE}:
        raise BagIncompleteError


def _open_file(place: Path, take: Take | None = None) -> OpenFile:
    return OpenFile(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _FILE_MODE), take)


def _write_file(place: Path, content: bytes) -> str:
    written = _open_file(place)
    written.write(content)
    return written.close()


def _manifest(digests: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests)).encode()
