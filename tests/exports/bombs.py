"""Bags that cost much to read, most of them signed by whoever holds the log's key."""

import os
from collections.abc import Callable, Mapping
from hashlib import shake_256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ledger.exports.bag import zipped
from tests.attacks.bombs import MIB, Bomb
from tests.exports import lies_files
from tests.exports.lying import RECORDS, TABLE, filters
from tests.exports.world import resealed, signed_anew, unpacked

GIB: Final = 1 << 30


def _zeros(name: str, size: int = GIB) -> Callable[[Path], None]:
    """A file of zeros that takes no room on the disk."""

    def make(bag: Path) -> None:
        (bag / name).touch()
        os.truncate(bag / name, size)

    return make


def _signed(change: Callable[[Path], object]) -> Callable[[Path], None]:
    def make(place: Path) -> None:
        bag = unpacked("plain", place.parent).rename(place)
        change(bag)
        signed_anew(bag)

    return make


def _packed(change: Callable[[Path], object], *, is_signed: bool = True) -> Callable[[Path], None]:
    def make(place: Path) -> None:
        with TemporaryDirectory(dir=place.parent) as folder:
            bag = Path(folder) / "bag"
            if is_signed:
                _signed(change)(bag)
            else:
                change(unpacked("plain", Path(folder)).rename(bag))
            zipped(bag, place)

    return make


def _table(begin: bytes, unit: bytes) -> Callable[[Path], object]:
    """The head of the table as it is, and one large row behind it."""

    def make(bag: Path) -> None:
        head = (bag / TABLE).read_bytes().partition(b"\r\n")[0] + b"\r\n"
        (bag / TABLE).write_bytes(head + begin + unit * (64 * MIB // len(unit)))

    return make


def _no_events(bag: Path) -> None:
    """As many leaves as the bag says, none of an event; beside them what no program packs."""
    count = 256 * MIB // 32
    for name in ("data/proofs/checkpoint", "data/proofs/key.txt", "bag-signature.txt"):
        (bag / name).unlink()
    _zeros("data/proofs/leaves.bin", count * 32)(bag)
    filters(size=count, signed=False)(bag)
    (bag / "data/report.pdf").write_bytes(shake_256().digest(2 * MIB))
    resealed(bag)


BAGS: Final[Mapping[str, Bomb]] = {
    "a packed bag with a gigabyte of zeros": Bomb(
        ".zip", "bag", "10 it is too large: bomb.zip", _packed(_zeros("data/report.pdf"))
    ),
    "a bag with a record of a gigabyte in a line": Bomb(
        "", "bag", f"10 it is too large: {RECORDS}", _signed(_zeros(RECORDS))
    ),
    "a bag with a gigabyte of manifest": Bomb(
        "",
        "bag",
        "10 it is too large: manifest-sha256.txt",
        lambda place: _zeros("manifest-sha256.txt")(unpacked("plain", place.parent).rename(place)),
    ),
    "a packed bag with three gigabytes of tag manifest": Bomb(
        ".zip",
        "bag",
        "10 it is too large: bomb.zip",
        _packed(_zeros("tagmanifest-sha256.txt", 3 * GIB), is_signed=False),
    ),
    "a packed bag that nobody signed, with eight million events of zeros": Bomb(
        ".zip", "bag", "10 it is too large: bomb.zip", _packed(_no_events, is_signed=False)
    ),
    "a bag with 20,000 copies of its signature": Bomb(
        "",
        "bag",
        "40 the signature: a line under the note is no signature, or one too many",
        lambda place: lies_files.REFUSED["the bag's signature 20,000 times"].make(
            unpacked("plain", place.parent).rename(place)
        ),
    ),
    "a bag with a table of one row": Bomb(
        "", "bag", f"10 a hash differs: {TABLE}: 1", _signed(_table(b"", b"a"))
    ),
    "a bag with a table of one cell in many lines": Bomb(
        "", "bag", f"10 a hash differs: {TABLE}: 1", _signed(_table(b'"', b"a" * 99 + b"\n"))
    ),
}
