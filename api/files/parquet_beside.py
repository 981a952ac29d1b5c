"""Parquet is read in a process of its own: what a small file unpacks to, nobody knows before.

`main` is what runs there, confined (0109). What comes back are frames of JSON and of bytes, and
never objects: texts of strangers were read in that process.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final, cast

import orjson

from api.beside import allow_seconds, confine, receive, send, started
from api.files.columns import PERSONS, TRANSFERS, Of
from api.files.errors import FileError
from api.files.parquet import ParquetRows
from api.files.rows import KEPT_BYTES_MAX, Place, Row, touched
from ledger.errors import Defect

MEMORY_BYTES_MAX: Final = 160 * 1024 * 1024
"""What reading may take beyond the libraries."""
SECONDS_MAX: Final = 10
"""Of a processor, for opening, and for each batch of rows."""
_ROWS_AT_ONCE: Final = 256
_BYTES_AT_ONCE: Final = 1024 * 1024
_FRAME_BYTES_MAX: Final = 64 * 1024 * 1024
_STOPPED: Final = "READING_STOPPED"
_PROGRAM: Final = "from api.files.parquet_beside import main; main()"


class ParquetBeside:
    """A Parquet file, read by another process; close it when done.

    Args:
        of: what its rows are.

    Raises:
        FileError: as `ParquetRows`, or reading takes more than it may.
    """

    def __init__(self, path: Path, of: Of = TRANSFERS) -> None:
        self._asked = json.dumps({"path": str(path.resolve()), "persons": of is PERSONS}).encode()
        self._process: subprocess.Popen[bytes] | None = None
        self.total = cast("int", self._opened()["total"])

    def close(self) -> None:
        """End the other process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            process.wait()

    def begin(self) -> Place:
        """The first row."""
        return Place(1, 0)

    def rows(self, place: Place) -> Iterator[Row]:
        """All rows from `place` on; whoever asks again begins anew."""
        if self._process is None:
            self._opened()
        try:
            self._send(json.dumps([place.line, place.offset]).encode())
            while told := cast("list[Any]", self._told()["rows"]):
                yield from _rows_of(told, self._received())
        finally:
            self.close()

    def _opened(self) -> dict[str, Any]:
        self._process = started(_PROGRAM)
        try:
            self._send(self._asked)
            return self._told()
        except BaseException:
            self.close()
            raise

    def _told(self) -> dict[str, Any]:
        told = cast("dict[str, Any]", json.loads(self._received()))
        if "code" in told:
            raise FileError(told["code"], told["place"])
        return told

    def _received(self) -> bytes:
        try:
            return receive(self._pipe("stdout"), _FRAME_BYTES_MAX)
        except (EOFError, OSError):
            raise FileError(_STOPPED) from None

    def _send(self, frame: bytes) -> None:
        try:
            send(self._pipe("stdin"), frame)
        except OSError:
            raise FileError(_STOPPED) from None

    def _pipe(self, name: str) -> IO[bytes]:
        return cast("IO[bytes]", getattr(self._process, name))


def _rows_of(told: Sequence[Sequence[Any]], content: bytes) -> Iterator[Row]:
    place = 0
    for number, raw_bytes, item_bytes, defects in told:
        raw = content[place : place + raw_bytes]
        item = content[place + raw_bytes : place + raw_bytes + item_bytes]
        place += raw_bytes + item_bytes
        at, after = Place(number + 1, number), Place(number + 2, number + 1)
        keys = touched(orjson.loads(item)) if item else frozenset[int]()
        found = tuple(Defect(pointer, code, detail) for pointer, code, detail in defects)
        yield Row(at, after, raw, item, keys, found)


def main() -> None:
    """Read the file that is asked for, until nobody listens any more."""
    asks, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    with contextlib.suppress(OSError, EOFError):
        asked = json.loads(receive(asks))
        try:
            _answer(asked, asks, answers)
        except FileError as error:
            _tell(answers, {"code": error.code, "place": error.place})
        except MemoryError:
            _tell(answers, {"code": _STOPPED, "place": ""})


def _answer(asked: dict[str, Any], asks: IO[bytes], answers: IO[bytes]) -> None:
    read = ParquetRows(Path(asked["path"]), PERSONS if asked["persons"] else TRANSFERS, _confine)
    _tell(answers, {"total": read.total})
    place = Place(*json.loads(receive(asks)))
    allow_seconds(SECONDS_MAX)
    batch: list[Row] = []
    size = 0
    for row in read.rows(place):
        batch.append(row)
        size += len(row.item) + min(len(row.raw), KEPT_BYTES_MAX)
        if len(batch) == _ROWS_AT_ONCE or size > _BYTES_AT_ONCE:
            _tell_rows(answers, batch)
            batch, size = [], 0
            allow_seconds(SECONDS_MAX)
    if batch:
        _tell_rows(answers, batch)
    _tell(answers, {"rows": []})


def _confine() -> None:
    confine(MEMORY_BYTES_MAX)
    allow_seconds(SECONDS_MAX)


def _tell_rows(answers: IO[bytes], rows: Sequence[Row]) -> None:
    told: list[object] = []
    content: list[bytes] = []
    for row in rows:
        # As of a line that is longer than any item: of what is put aside, the beginning.
        raw = row.raw if row.item else row.raw[:KEPT_BYTES_MAX]
        defects = [(one.pointer, one.code, one.detail) for one in row.defects]
        told.append((row.at.offset, len(raw), len(row.item), defects))
        content += (raw, row.item)
    _tell(answers, {"rows": told})
    send(answers, b"".join(content))


def _tell(answers: IO[bytes], told: dict[str, object]) -> None:
    send(answers, json.dumps(told).encode())
