"""One row of a file: a line of NDJSON, a record of a CSV, a row of Parquet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from ledger.errors import Defect

KEPT_BYTES_MAX: Final = 64 * 1024
"""Of a line that is longer than any item, so much is kept in quarantine."""


@dataclass(frozen=True, slots=True)
class FilePosition:
    """Where reading goes on.

    Attributes:
        line: number of the next line, from 1; of Parquet, of the next row.
        offset: where it begins: byte of the file, or row of Parquet, from 0.
    """

    line: int
    offset: int


@dataclass(frozen=True, slots=True)
class DoubtfulCharacter:
    """A character that a code page may have changed, in one cell.

    Attributes:
        column: its name in the header.
        code: `LOST`, `SUSPECT`, `AMBIGUOUS`, `EXTENSION` or `GAIJI`.
        character: the one character, as it was read.
    """

    column: str
    code: str
    character: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """What one row says, or why it says nothing.

    Attributes:
        at: where it begins.
        after: where the next one begins.
        raw: as it came; the beginning of what is too long. Personal data.
        item: JSON of the item; empty when there is none. Personal data.
        touches: hashes of the keys that it states or names; rows that share one take turns.
        defects: why it is no item. A row with neither item nor defects is blank.
    """

    at: FilePosition
    after: FilePosition
    raw: bytes = field(repr=False)
    item: bytes = field(default=b"", repr=False)
    touches: frozenset[int] = frozenset()
    defects: tuple[Defect, ...] = ()
    noticed: tuple[DoubtfulCharacter, ...] = ()


def touched(item: Mapping[str, object]) -> frozenset[int]:
    """The keys that an item states or names: its own, its base, its origins, its series.

    A verdict depends on those of them that stand before it, so their order is that of the file.
    """
    source, data = item.get("source"), item.get("data")
    if not isinstance(source, str):
        return frozenset()
    names = [item.get("id")]
    if isinstance(data, dict):
        members = cast("dict[str, object]", data)
        derived = members.get("derived_from")
        names += [members.get("base_record"), *(derived if isinstance(derived, list) else ())]
        series = members.get("series_id")
        if isinstance(series, str):
            names.append(f"series {series}")
    return frozenset(hash((source, name)) for name in names if isinstance(name, str))
