"""A workbook is read in a process of its own: what it unpacks to is for its sender to choose.

`main` is what runs there, confined (0109). Rows come back in batches, each text of one once: a text
that all cells share is one text there, too.
"""

import codecs
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, BinaryIO, Final, cast

from api.resources.registers.cells import (
    Cell,
    CellFault,
    DateCell,
    MergedCell,
    NumberCell,
    SheetRow,
)
from api.resources.registers.errors import RegisterError
from api.resources.registers.spool import Spool
from api.resources.registers.xlsx.package import LARGE_BYTES_MAX, Workbook
from ledger.workers.confined_reader import Batch, ConfinedReader, ReaderLimits, Stop, batched, serve

LIMITS: Final = ReaderLimits(
    memory_bytes=160 * 1024 * 1024,
    opening_s=60,
    batch_s=10,
    in_all_s=400,
    file_bytes=LARGE_BYTES_MAX,
)
"""Of time twice what the largest register takes that Excel can hold: a million rows of twelve
columns are open after 23 s, and read in 88 s, twice by `ledger import` (0109)."""
_CELL_BYTES: Final = 16
"""What a cell counts for, besides its text."""
_PROGRAM: Final = "from api.resources.registers.xlsx.sheet_process import main; main()"


class SubprocessSheet:
    """A sheet of a workbook, read by another process; close it when done.

    Args:
        name: of the sheet; None: the only one.
        stop: see `ConfinedReader`.

    Raises:
        RegisterError: as `Workbook` and its sheet, or reading takes more than it may.
    """

    def __init__(self, file: BinaryIO, name: str | None, stop: Stop | None = None) -> None:
        self._read = ConfinedReader(_PROGRAM, {"sheet": name}, file, LIMITS, RegisterError, stop)
        metadata = self._read.metadata
        self.sheet_names = tuple(cast("list[str]", metadata["names"]))
        self.rows_about: int | None = metadata["rows"]
        self.hidden_rows: int = metadata["hidden"]

    def close(self) -> None:
        """End the other process."""
        self._read.close()

    def rows(self) -> Iterator[SheetRow]:
        """All rows that the sheet lists; whoever asks again begins anew."""
        for batch in self._read.batches(None):
            yield from rows_of(batch)


def sheet_names(file: BinaryIO, stop: Stop | None = None) -> tuple[str, ...]:
    """Names of the sheets of a workbook, none of which is read.

    Raises:
        RegisterError: as `Workbook`.
    """
    read = ConfinedReader(_PROGRAM, {}, file, LIMITS, RegisterError, stop)
    read.close()
    return tuple(cast("list[str]", read.metadata["names"]))


def batch_of(rows: Sequence[SheetRow]) -> Batch:
    """The rows as they are told; see `rows_of`."""
    texts: dict[str, int] = {}
    encoded_rows = [
        (row.number, [*row.cells], [_encode_cell(cell, texts) for cell in row.cells.values()])
        for row in rows
    ]
    return {"rows": encoded_rows, "texts": [*texts]}


def rows_of(batch: Mapping[str, Any]) -> Iterator[SheetRow]:
    """The rows that `batch_of` told."""
    texts: list[str] = batch["texts"]
    for number, columns, cells in cast("list[tuple[int, list[int], list[Any]]]", batch["rows"]):
        shown = [texts[one] if type(one) is int else _cell_of(one, texts) for one in cells]
        yield SheetRow(number, dict(zip(columns, shown, strict=True)))


def _encode_cell(cell: Cell, texts: dict[str, int]) -> object:
    match cell:
        case str():
            return texts.setdefault(cell, len(texts))
        case NumberCell():
            return "number", str(cell.value)
        case DateCell():
            return "stamp", cell.at.isoformat()
        case CellFault():
            return "fault", cell.code, cell.text
        case MergedCell():
            return "merged", _encode_cell(cell.shown, texts), cell.top
        case _:
            return cell


def _cell_of(cell_json: Any, texts: Sequence[str]) -> Cell:  # noqa: ANN401 -- of JSON
    match cell_json:
        case "number", value:
            return NumberCell(Decimal(value))
        case "stamp", at:
            return DateCell(datetime.fromisoformat(at))
        case "fault", code, text:
            return CellFault(code, text)
        case "merged", shown, top:
            return MergedCell(texts[shown] if type(shown) is int else _cell_of(shown, texts), top)
        case _:
            return cell_json


def _bytes_of(row: SheetRow) -> int:
    texts = sum(len(cell) for cell in row.cells.values() if isinstance(cell, str))
    texts += sum(len(c.text or "") for c in row.cells.values() if isinstance(c, CellFault))
    return _CELL_BYTES * len(row.cells) + texts


def main() -> None:
    """Read the workbook that comes in."""
    codecs.lookup("cp437")  # for names of parts that are not marked as UTF-8
    # The only file that this process may write: opened before it is confined.
    spool = Spool()

    def opened(
        options: dict[str, Any], file: BinaryIO
    ) -> tuple[dict[str, Any], Callable[[object], Iterator[Batch]]]:
        workbook = Workbook(file, spool)
        metadata: dict[str, Any] = {"names": workbook.sheet_names}
        if "sheet" not in options:
            return metadata, lambda _: iter(())
        sheet = workbook.sheet(options["sheet"])
        metadata |= {"rows": sheet.rows_about, "hidden": sheet.hidden_rows}
        # A sheet is read from its first row on.
        return metadata, lambda _: batched(sheet.rows(), _bytes_of, batch_of)

    serve(opened, LIMITS)
