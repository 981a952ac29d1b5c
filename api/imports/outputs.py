"""What became of each row: the report, the quarantine and the notes on characters, each a line.

The report holds numbers, ids of the ledger and codes. The quarantine holds the rows as they came.
"""

import base64
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Final, cast

import orjson

from api.imports.rows import KEPT_BYTES_MAX, FileRow
from ledger.values import Json
from ledger_emitter.answers import ItemResult, Problem
from ledger_emitter.records import public_code

NAMES: Final = ("report.ndjson", "quarantine.ndjson", "characters.ndjson")
QUARANTINED: Final = "quarantine"
BLANK: Final = "blank"
_MODE: Final = 0o600


class FileOutputs:
    """The three files; what is written stands once `settle` has returned.

    Args:
        lengths: how much of each stands; the rest was written by a run that died, and goes.
    """

    def __init__(self, folder: Path, lengths: Sequence[int]) -> None:
        self._files = [open_private(folder / name) for name in NAMES]
        for file, length in zip(self._files, lengths, strict=True):
            file.truncate(length)
            file.seek(length)
        self._lengths = list(lengths)

    def close(self) -> None:
        """Let go of the files."""
        for file in self._files:
            file.close()

    def settle(
        self, rows: Sequence[FileRow], results: Iterable[ItemResult]
    ) -> tuple[list[int], Counter[str]]:
        """Write what became of these rows, to the disk.

        Args:
            results: of the rows with an item, in their order.

        Returns:
            How long the files are now, and how many rows had which status.
        """
        written: list[list[bytes]] = [[], [], []]
        counts: Counter[str] = Counter()
        result_iter = iter(results)
        for row in rows:
            result = next(result_iter) if row.item else None
            status = _status(row, result)
            counts[status] += 1
            written[0].append(line_of(_reported(row, status, result)))
            if status == QUARANTINED:
                written[1].append(line_of(quarantined(row, result)))
            if row.noticed:
                written[2].append(line_of(noted(row)))
        for number, parts in enumerate(written):
            if parts:
                file, content = self._files[number], b"".join(parts)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                self._lengths[number] += len(content)
        return list(self._lengths), counts


def open_private(path: Path) -> BinaryIO:
    """The file, to be read and written by its owner alone; made if there is none."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
    return os.fdopen(descriptor, "r+b")


def line_of(value: Mapping[str, Json]) -> bytes:
    """The value as a line of a file."""
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def _status(row: FileRow, result: ItemResult | None) -> str:
    if result is None:
        return QUARANTINED if row.defects else BLANK
    return QUARANTINED if result.status == "rejected" else result.status


def _line_numbers(row: FileRow) -> dict[str, Json]:
    """The line; the last one too, where the row has several."""
    last = row.after.line - 1
    place: dict[str, Json] = {"line": row.at.line}
    if last > row.at.line:
        place["last_line"] = last
    return place


def _reported(row: FileRow, status: str, result: ItemResult | None) -> dict[str, Json]:
    line: dict[str, Json] = {**_line_numbers(row), "status": status}
    if row.defects:
        line["code"] = row.defects[0].code
    if result is None:
        return line
    if result.position is not None:
        line["position"] = result.position
    names = ("transfer", "lawful", "findings")
    line |= {name: cast("Json", result.members[name]) for name in names if name in result.members}
    if result.problem is not None:
        line["code"] = public_code(result.status, str(result.problem.get("code")))
    return line


def quarantined(row: FileRow, result: ItemResult | None) -> dict[str, Json]:
    """A row that was not taken, as it came, and why."""
    line: dict[str, Json] = {**_line_numbers(row), "at": row.at.offset}
    length = row.after.offset - row.at.offset
    if length > KEPT_BYTES_MAX and len(row.raw) < length:
        line |= {"is_cut": True, "bytes": length}
    try:
        line["raw"] = row.raw.decode()
    except UnicodeDecodeError:
        line["raw_base64"] = base64.b64encode(row.raw).decode()
    if result is None or result.problem is None:
        errors = [
            {"pointer": one.pointer, "code": one.code, "detail": one.detail} for one in row.defects
        ]
        return {**line, "code": row.defects[0].code, "errors": cast("Json", errors)}
    problem = result.problem
    given = problem.get("errors")
    errors = [
        {**cast("Problem", one), "pointer": _inside(cast("Problem", one))}
        for one in cast("list[object]", given if isinstance(given, list) else [])
        if isinstance(one, dict)
    ]
    return {**line, "code": str(problem.get("code")), "errors": cast("Json", errors)}


def _inside(error: Problem) -> str:
    """The pointer from the root of the item: its number within a request says nothing."""
    pointer = str(error.get("pointer", ""))
    if not pointer.startswith("/items/"):
        return pointer
    _, _, inner = pointer.removeprefix("/items/").partition("/")
    return f"/{inner}" if inner else ""


def noted(row: FileRow) -> dict[str, Json]:
    """What a code page may have changed in a row."""
    notes = [
        {
            "column": one.column,
            "code": one.code,
            "character": f"U+{ord(one.character):04X}",
        }
        for one in row.noticed
    ]
    return {**_line_numbers(row), "characters": cast("Json", notes)}
