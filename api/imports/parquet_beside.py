"""Parquet is read in a process of its own: what a small file unpacks to, nobody knows before.

`main` is what runs there, confined (0109).
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, Final, cast
from zoneinfo import ZoneInfo, available_timezones

import orjson

from api.imports.columns import PERSONS, TRANSFERS, Of
from api.imports.errors import FileError
from api.imports.parquet import ParquetRows, load
from api.imports.rows import KEPT_BYTES_MAX, FilePosition, FileRow, touched
from api.workers.confined_reader import Batch, ConfinedReader, ReaderLimits, batched, serve
from ledger.errors import Defect

LIMITS: Final = ReaderLimits(memory_bytes=160 * 1024 * 1024, opening_s=10, batch_s=10)
_CUT: Final = "surrogateescape"
"""What is cut may end within a character."""
_PROGRAM: Final = "from api.imports.parquet_beside import main; main()"


class ParquetBeside:
    """A Parquet file, read by another process; close it when done.

    Args:
        of: what its rows are.

    Raises:
        FileError: as `ParquetRows`, or reading takes more than it may.
    """

    def __init__(self, file: BinaryIO, of: Of = TRANSFERS) -> None:
        self._read = ConfinedReader(_PROGRAM, {"persons": of is PERSONS}, file, FileError)
        self.total = cast("int", self._read.told["total"])

    def close(self) -> None:
        """End the other process."""
        self._read.close()

    def begin(self) -> FilePosition:
        """The first row."""
        return FilePosition(1, 0)

    def rows(self, place: FilePosition) -> Iterator[FileRow]:
        """All rows from `place` on; whoever asks again begins anew."""
        for batch in self._read.batches([place.line, place.offset]):
            yield from map(_row_of, batch)


def _row_of(told: Sequence[Any]) -> FileRow:
    number, raw, item, defects = told
    at, after = FilePosition(number + 1, number), FilePosition(number + 2, number + 1)
    keys = touched(orjson.loads(item)) if item else frozenset[int]()
    found = tuple(Defect(pointer, code, detail) for pointer, code, detail in defects)
    return FileRow(at, after, raw.encode("utf-8", _CUT), item.encode(), keys, found)


def _opened(
    asked: dict[str, Any], file: BinaryIO
) -> tuple[dict[str, Any], Callable[[list[int]], Iterator[Batch]]]:
    found = ParquetRows(file, PERSONS if asked["persons"] else TRANSFERS)

    def batches(begin: list[int]) -> Iterator[Batch]:
        return batched(found.rows(FilePosition(*begin)), _bytes_of, _batch_of)

    return {"total": found.total}, batches


def _bytes_of(row: FileRow) -> int:
    return len(row.item) + min(len(row.raw), KEPT_BYTES_MAX)


def _batch_of(rows: Sequence[FileRow]) -> Batch:
    told: list[object] = []
    for row in rows:
        # As of a line that is longer than any item: of what is put aside, the beginning.
        raw = row.raw if row.item else row.raw[:KEPT_BYTES_MAX]
        defects = [(one.pointer, one.code, one.detail) for one in row.defects]
        told.append((row.at.offset, raw.decode("utf-8", _CUT), row.item.decode(), defects))
    return told


def main() -> None:
    """Read the file that comes in."""
    with contextlib.suppress(FileError):  # told when the file is opened
        load()
    # A column of times names its zone; what is in use is not opened again.
    zones = [ZoneInfo(name) for name in available_timezones()]
    serve(_opened, LIMITS)
    del zones
