"""The good bags in `golden`, from which lies and mutations begin; `making_golden` made them."""

import json
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

from tests.exports.defects import RECORDS

GOLDEN: Final = Path(__file__).with_name("golden")
FIRST: Final = "ppl-export-1"
"""A bag of the first format; nothing makes one any more."""


def place_of(kind: str) -> Path:
    """The packed bag."""
    return GOLDEN / f"{kind if kind == FIRST else f'ppl-export-2-{kind}'}.zip"


def kinds() -> list[str]:
    """All of them."""
    names = (place.stem for place in GOLDEN.glob("*.zip"))
    return sorted(name.removeprefix("ppl-export-2-") for name in names)


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
