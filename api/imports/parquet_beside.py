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
        for told, content in self._read.batches([place.line, place.offset]):
            yield from _rows_of(cast("list[Any]", told), content)


def _rows_of(told: Sequence[Sequence[Any]], content: bytes) -> Iterator[FileRow]:
    place = 0
    for number, raw_bytes, item_bytes, defects in told:
        raw = content[place : place + raw_bytes]
        item = content[place + raw_bytes : place + raw_bytes + item_bytes]
        place += raw_bytes + item_bytes
        at, after = FilePosition(number + 1, number), FilePosition(number + 2, number + 1)
        keys = touched(orjson.loads(item)) if item else frozenset[int]()
        found = tuple(Defect(pointer, code, detail) for pointer, code, detail in defects)
        yield FileRow(at, after, raw, item, keys, found)


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
    content: list[bytes] = []
    for row in rows:
        # As of a line that is longer than any item: of what is put aside, the beginning.
        raw = row.raw if row.item else row.raw[:KEPT_BYTES_MAX]
        defects = [(one.pointer, one.code, one.detail) for one in row.defects]
        told.append((row.at.offset, len(raw), len(row.item), defects))
        content += (raw, row.item)
    return told, b"".join(content)


def main() -> None:
    """Read the file that comes in."""
    with contextlib.suppress(FileError):  # told when the file is opened
        load()
    # A column of times names its zone; what is in use is not opened again.
    zones = [ZoneInfo(name) for name in available_timezones()]
    serve(_opened, LIMITS)
    del zones
