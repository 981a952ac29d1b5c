"""Parquet: a transfer a row, in columns of source, id and data, or flat as in a CSV.

pyarrow is asked for here alone and is an extra: it is the reference reader, and weighs more than
all else that is installed. It reads in a process of its own, for what a small file unpacks to,
nobody knows before; `main` is what runs there, confined (0109).
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from io import SEEK_END
from typing import Any, BinaryIO, Final, cast
from zoneinfo import ZoneInfo, available_timezones

import orjson

from api.imports.columns import ENVELOPE, PERSONS, TRANSFERS, CellColumn, Of, columns_of
from api.imports.errors import FileError
from api.imports.rows import KEPT_BYTES_MAX, FilePosition, FileRow, touched
from ledger.errors import Defect
from ledger.values import Json
from ledger.workers.confined_reader import Batch, ConfinedReader, ReaderLimits, batched, serve
from ledger_emitter.items import ITEM_BYTES_MAX

_ROWS_AT_ONCE: Final = 64
_BUFFER_BYTES: Final = 64 * 1024
"""Of a column, read at once; without it, all of a row group's."""
_UNCOUNTED_ROWS: Final = 100_000
"""So many may stand in any file; of more, each takes a byte of it: no two have the same id."""
COLUMNS_MAX: Final = 10_000
LIMITS: Final = ReaderLimits(memory_bytes=160 * 1024 * 1024, opening_s=10, batch_s=10)
_CUT: Final = "surrogateescape"
"""What is cut may end within a character."""
_PROGRAM: Final = "from api.imports.parquet import main; main()"


_Row = tuple[int, bytes, bytes, list[tuple[str, str, str]]]
"""Number, as it came, item and defects."""


class _UnstatableError(Exception):
    """A value that no transfer can hold; the message is its defect."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def load() -> tuple[Any, Any]:
    """The library, and its reader of Parquet.

    Raises:
        FileError: it is not installed.
    """
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise FileError("PARQUET_NOT_INSTALLED") from None
    arrow.set_memory_pool(arrow.system_memory_pool())
    return arrow, parquet


class _ConfinedParquet:
    """A Parquet file, in the process that reads it.

    Args:
        of: what its rows are.

    Raises:
        FileError: it is none, or its columns are not those of what its rows are.
    """

    def __init__(self, file: BinaryIO, of: Of) -> None:
        self._of = of
        arrow, parquet = load()
        self._broken: Any = (arrow.ArrowException, OSError)
        size = file.seek(0, SEEK_END)
        try:
            self._file: Any = parquet.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER_BYTES)
        except MemoryError:
            raise FileError("READING_STOPPED") from None
        except self._broken:
            raise FileError("PARQUET_DAMAGED") from None
        self.total = cast("int", self._file.metadata.num_rows)
        if self.total > max(_UNCOUNTED_ROWS, size):
            raise FileError("TOO_MANY_ROWS")
        if self._file.metadata.num_columns > COLUMNS_MAX:
            raise FileError("COLUMN_UNKNOWN", f"column {COLUMNS_MAX}")
        names = cast("list[str]", self._file.schema_arrow.names)
        self._columns: list[CellColumn] | None = None
        if of is PERSONS:
            self._columns = of.columns(names)
        elif "data" not in names:
            self._columns = columns_of(names, whole=True)
        elif not {"source", "id"} <= set(names):
            raise FileError("COLUMN_MISSING")
        elif unknown := [n for n, name in enumerate(names, 1) if name not in (*ENVELOPE, "data")]:
            raise FileError("COLUMN_UNKNOWN", f"column {unknown[0]}")

    def rows(self, begin: int) -> Iterator[_Row]:
        """All rows from a number on; row groups before it are not read."""
        groups = cast("int", self._file.num_row_groups)
        first, number = 0, 0
        while first < groups:
            length = cast("int", self._file.metadata.row_group(first).num_rows)
            if number + length > begin:
                break
            first, number = first + 1, number + length
        group_numbers = list(range(first, groups))
        try:
            for batch in self._file.iter_batches(
                _ROWS_AT_ONCE, row_groups=group_numbers, use_threads=False
            ):
                for values in cast("list[dict[str, object]]", batch.to_pylist()):
                    if number >= begin:
                        yield self._row(number, values)
                    number += 1
        except MemoryError:
            raise FileError("READING_STOPPED", f"row {number + 1}") from None
        except self._broken:
            raise FileError("PARQUET_DAMAGED", f"row {number + 1}") from None

    def _row(self, number: int, values: Mapping[str, object]) -> _Row:
        raw = orjson.dumps(values, default=str)
        try:
            stated = {name: _json_value(value) for name, value in values.items()}
            item = orjson.dumps(self._item(stated))
        except _UnstatableError as error:
            code, detail = error.code, str(error)
        except TypeError:  # whole numbers beyond 64 bits, a lone surrogate
            code, detail = "NOT_STATABLE", "holds a value that JSON has not"
        else:
            if len(item) <= ITEM_BYTES_MAX:
                return number, raw, item, []
            code, detail = "LINE_TOO_LONG", f"has more than {ITEM_BYTES_MAX} bytes"
        # As of a line that is longer than any item: of what is put aside, the beginning.
        return number, raw[:KEPT_BYTES_MAX], b"", [("", code, detail)]

    def _item(self, stated: dict[str, Json]) -> dict[str, Json]:
        if self._columns is None:
            return {name: value for name, value in stated.items() if value is not None}
        values = [stated[column.name] for column in self._columns]
        return self._of.item(self._columns, ["" if value is None else value for value in values])


def _json_value(value: object) -> Json:
    """A value of Arrow as a transfer states it; members that are null are left out."""
    match value:
        case None | bool() | int() | float() | str():
            return cast("Json", value)  # a number with a fraction is refused by the ledger, by name
        case datetime():
            if value.tzinfo is None:
                raise _UnstatableError("TIME_WITHOUT_ZONE", "a time needs its zone")
            return value.isoformat()
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case list():
            return [_json_value(one) for one in cast("list[object]", value)]
        case dict():
            members = cast("dict[str, object]", value)
            json_members = {name: _json_value(one) for name, one in members.items()}
            return {name: one for name, one in json_members.items() if one is not None}
        case _:
            raise _UnstatableError("NOT_STATABLE", "holds a value of a type that no transfer has")


class SubprocessParquet:
    """A Parquet file, read by another process; close it when done.

    Args:
        of: what its rows are.

    Raises:
        FileError: it is none, its columns are not those of what its rows are, or reading it takes
            more than it may.
    """

    def __init__(self, file: BinaryIO, of: Of = TRANSFERS) -> None:
        self._read = ConfinedReader(_PROGRAM, {"persons": of is PERSONS}, file, LIMITS, FileError)
        self.total = cast("int", self._read.metadata["total"])

    def close(self) -> None:
        """End the other process."""
        self._read.close()

    def begin(self) -> FilePosition:
        """The first row."""
        return FilePosition(1, 0)

    def rows(self, place: FilePosition) -> Iterator[FileRow]:
        """All rows from `place` on; whoever asks again begins anew."""
        for batch in self._read.batches(place.offset):
            yield from map(_row_of, batch)


def _row_of(fields: Sequence[Any]) -> FileRow:
    number, raw, item, defects = fields
    at, after = FilePosition(number + 1, number), FilePosition(number + 2, number + 1)
    keys = touched(orjson.loads(item)) if item else frozenset[int]()
    found = tuple(Defect(pointer, code, detail) for pointer, code, detail in defects)
    return FileRow(at, after, raw.encode("utf-8", _CUT), item.encode(), keys, found)


def _opened(
    options: dict[str, Any], file: BinaryIO
) -> tuple[dict[str, Any], Callable[[int], Iterator[Batch]]]:
    found = _ConfinedParquet(file, PERSONS if options["persons"] else TRANSFERS)

    def batches(begin: int) -> Iterator[Batch]:
        return batched(found.rows(begin), _bytes_of, _batch_of)

    return {"total": found.total}, batches


def _bytes_of(row: _Row) -> int:
    _, raw, item, _ = row
    return len(item) + min(len(raw), KEPT_BYTES_MAX)


def _batch_of(rows: Sequence[_Row]) -> Batch:
    return [
        (number, raw.decode("utf-8", _CUT), item.decode(), defects)
        for number, raw, item, defects in rows
    ]


def main() -> None:
    """Read the file that comes in."""
    with contextlib.suppress(FileError):  # told when the file is opened
        load()
    # A column of times names its zone; what is in use is not opened again.
    zones = [ZoneInfo(name) for name in available_timezones()]
    serve(_opened, LIMITS)
    del zones
