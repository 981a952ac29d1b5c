"""Programs that others wrote accept our log, and refuse it with any byte changed.

golang.org/x/mod and transparency-dev/merkle, driven by `second/main.go`; pymerkle.
"""

import json
import subprocess
from base64 import b64encode
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from ledger.format.header import event_hash
from ledger.merkle import leaf_hash
from ledger.merkle.checkpoint import Checkpoint, LogReceipt
from ledger.merkle.tiled_tree import TiledTree
from projections.log.proofs import receipt
from tests.log.others import built
from tests.log.signing import KeyOfTest, Place

SIZES = (0, 1, 2, 7, 255, 256, 257, 700)
OLDER = (1, 2, 3, 128, 255, 256, 257, 511, 512, 513, 699, 700)

Subject = dict[str, Any]


def header(n: int) -> bytes:
    return f'{{"number":{n}}}'.encode()


class Second:
    """The Go program, and the log that it is asked about."""

    def __init__(self, place: Place, program: Path) -> None:
        self.place = place
        self._program = program

    def answers(self, subjects: Sequence[Subject]) -> list[str]:
        """A line for each."""
        asked = "".join(f"{json.dumps(one)}\n" for one in subjects)
        done = subprocess.run(
            [self._program], input=asked, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    @property
    def signed(self) -> Checkpoint:
        return self.place.published()

    def proof(self, position: int) -> LogReceipt:
        note = self.place.folder.checkpoint()
        assert note is not None
        return receipt(self.place.folder, note, self.signed, position, header(position - 1))

    def subject(self) -> Subject:
        """Everything that we say of the log."""
        size = self.signed.size
        tree = TiledTree(size, self.place.folder.read)
        older = [one for one in OLDER if one <= size]
        return {
            "Key": KeyOfTest().verifier.text,
            "Note": self.place.folder.checkpoint(),
            "Leaves": texts(self.place.events),
            "Tiles": str(self.place.folder.path),
            "Inclusion": [texts(tree.inclusion(n)) for n in range(size)],
            "Consistency": [
                {"Size": n, "Root": text(tree.root(n)), "Proof": texts(tree.consistency(n))}
                for n in older
            ],
            "Receipts": [self.proof(n).text for n in older],
        }


def text(content: bytes) -> str:
    return b64encode(content).decode()


def texts(contents: Sequence[bytes]) -> list[str]:
    return [text(one) for one in contents]


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    source, to = Path(__file__).parent / "second", tmp_path_factory.mktemp("go")
    # Some runs keep nothing.
    keeps = pytestconfig.pluginmanager.hasplugin("cacheprovider")
    return built(source, to, pytestconfig.cache.mkdir("go") if keeps else to / "cache")


@pytest.fixture
def second(verifier: Path, tmp_path: Path) -> Second:
    return Second(Place(tmp_path), verifier)


def grown(second: Second, sizes: Sequence[int]) -> None:
    integrator = second.place.integrator()
    for size in sizes:
        events = second.place.events
        events += [leaf_hash(event_hash(header(n))) for n in range(len(events), size)]
        integrator.step()


def test_go_accepts_every_signed_size_with_all_its_proofs(second: Second) -> None:
    for size in SIZES:
        grown(second, (size,))
        assert second.answers([second.subject()]) == ["accepted"], size
    assert len(second.subject()["Inclusion"]) == 700


def test_each_go_package_refuses_a_proof_with_a_byte_changed(second: Second) -> None:
    grown(second, (7, 300))
    whole = second.subject()
    assert second.answers([whole]) == ["accepted"]
    for by, change in CHANGES.items():
        changed = deepcopy(whole)
        change(changed)
        [answer] = second.answers([changed])
        assert answer.split()[0] == "refused", by
        assert set(by.split()) <= set(answer.split()), (by, answer)


def _leaf(subject: Subject) -> None:
    subject["Leaves"][6] = text(bytes(32))


def _path(subject: Subject) -> None:
    subject["Inclusion"][5][2] = text(bytes(32))


def _older_root(subject: Subject) -> None:
    subject["Consistency"][3]["Root"] = text(bytes(32))


def _older_proof(subject: Subject) -> None:
    subject["Consistency"][2]["Proof"][0] = text(bytes(32))


CHANGES: dict[str, Callable[[Subject], None]] = {
    "root tiles x/mod:inclusion merkle:inclusion": _leaf,
    "x/mod:inclusion merkle:inclusion": _path,
    "x/mod:consistency merkle:consistency": _older_root,
    "merkle:consistency x/mod:consistency": _older_proof,
}
