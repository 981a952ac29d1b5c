"""Rows as requests. Where one ends the file alone decides: an import that goes on cuts alike."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from api.imports.rows import FilePosition, FileRow

ROWS_MAX: Final = 1_000
"""Most rows of a batch, and most items of a request of the ledger."""

_BODY_BYTES_MAX: Final = 5 * 1024 * 1024
_HEAD: Final = b'{"items":['
_TAIL: Final = b"]}"
_RAW_BYTES_MAX: Final = 16 * 1024 * 1024


@dataclass(frozen=True)
class RowBatch:
    """Rows that are sent, and reported, together.

    Attributes:
        after: the highest position known before it was sent for the first time: what is a repeat
            of a position up to there was recorded by somebody else, or by an earlier row.
        was_sent: an earlier run has sent it, and nobody knows what came of it.
    """

    rows: Sequence[FileRow] = field(repr=False)
    after: int = 0
    was_sent: bool = False

    @property
    def at(self) -> FilePosition:
        """Where it begins in the file."""
        return self.rows[0].at

    @property
    def end(self) -> FilePosition:
        """Where the next one begins."""
        return self.rows[-1].after

    @cached_property
    def sent(self) -> list[FileRow]:
        """The rows with an item."""
        return [row for row in self.rows if row.item]

    @cached_property
    def touches(self) -> frozenset[int]:
        """The keys of its rows."""
        return frozenset[int]().union(*(row.touches for row in self.rows))


def batches(rows: Iterable[FileRow], rows_max: int) -> Iterator[list[FileRow]]:
    """The rows in lists, each fit for one request."""
    taken: list[FileRow] = []
    length = raw = 0
    for row in rows:
        longer = length + len(row.item) + 1
        full = len(taken) == rows_max or len(_HEAD) + len(_TAIL) + longer - 1 > _BODY_BYTES_MAX
        if taken and (full or raw + len(row.raw) > _RAW_BYTES_MAX):
            yield taken
            taken, raw, longer = [], 0, len(row.item) + 1
        taken.append(row)
        length, raw = longer, raw + len(row.raw)
    if taken:
        yield taken


def body_of(rows: Iterable[FileRow]) -> bytes:
    """The request that sends these rows' items."""
    return _HEAD + b",".join(row.item for row in rows) + _TAIL
