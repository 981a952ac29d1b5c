"""The rows of one sheet, one at a time.

A first look counts the rows and finds the merged ranges, which the format lists after them.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import BinaryIO, Final

from api.resources.registers.cells import (
    CHARACTERS_MAX,
    COLUMNS_MAX,
    ROWS_MAX,
    Cell,
    CellFault,
    DateCell,
    MergedCell,
    NumberCell,
    SheetRow,
    column_of,
    trimmed,
)
from api.resources.registers.errors import RegisterError
from api.resources.registers.xlsx.safe_xml import fed, parse
from api.resources.registers.xlsx.texts import TextCollector, Texts

MERGES_MAX: Final = 200_000
COVERED_MAX: Final = 4_000_000
"""Cells of all merged ranges together: four whole columns."""
_RANGE: Final = re.compile("([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})")
_DIGITS: Final = "0123456789"
_FIRST_DAY: Final = datetime(1899, 12, 30)  # noqa: DTZ001 -- a sheet's days have no zone
_FIRST_DAY_1904: Final = datetime(1904, 1, 1)  # noqa: DTZ001 -- a sheet's days have no zone
_SERIAL_MIN: Final = 61
"""1 March 1900: before it, the format counts a 29 February that never was."""
_SERIAL_MAX: Final = 2_958_465
_SECONDS_A_DAY: Final = 86_400
_EXPONENT_MAX: Final = 400
"""A double ends at 308; written out, a number of a billion digits would fill the memory."""
_WHOLE_MAX: Final = 9
_TRUE: Final = ("1", "true")

Opened = Callable[[], AbstractContextManager[BinaryIO]]


@dataclass(slots=True)
class _Range:
    """A merged range of cells: columns from 0, rows from 1, both ends inclusive."""

    left: int
    top: int
    right: int
    bottom: int
    shown: Cell = None

    @property
    def cells(self) -> int:
        """How many there are in it; none where its ends are not in order."""
        return max(self.right - self.left + 1, 0) * max(self.bottom - self.top + 1, 0)


@dataclass(slots=True)
class _Open:
    """The cell that is being read."""

    column: int = 0
    kind: str = ""
    style: int = 0
    has_formula: bool = False
    has_value: bool = False


class XlsxSheet:
    """A sheet of an open workbook.

    Args:
        opened: opens its part from the beginning.
        texts: the texts that its cells share.
        days: for each style whether it shows a day.

    Attributes:
        rows_about: rows that it lists; hidden_rows: those that it hides, by a filter, by hand or by
            a height of nothing.

    Raises:
        RegisterError: it is damaged.
    """

    def __init__(
        self, opened: Opened, texts: Texts, days: Sequence[bool], *, is_1904: bool
    ) -> None:
        self._opened = opened
        self._texts = texts
        self._days = days
        self._epoch = _FIRST_DAY_1904 if is_1904 else _FIRST_DAY
        self.rows_about = self.hidden_rows = self._cells_merged = 0
        self._merged: list[_Range] = []
        self._hides_rows = False  # whose height is not stated
        with opened() as part:
            parse(part, self._scan_element)
        self._merged.sort(key=lambda one: one.top)

    def _scan_element(self, name: str, given: dict[str, str]) -> None:
        if name == "row":
            self.rows_about += 1
            self.hidden_rows += self._is_hidden(given)
        elif name == "sheetFormatPr":
            self._hides_rows = given.get("zeroHeight") in _TRUE
        elif name == "mergeCell":
            found = _RANGE.fullmatch(given.get("ref", ""))
            if found is None:
                raise RegisterError("DAMAGED")
            left, right = column_of(found[1]) or 0, column_of(found[3]) or 0
            one = _Range(left, int(found[2]), right, int(found[4]))
            self._cells_merged += one.cells
            if one.cells < 1:
                raise RegisterError("DAMAGED")
            if self._cells_merged > COVERED_MAX or len(self._merged) == MERGES_MAX:
                raise RegisterError("MERGED_TOO_MUCH")
            self._merged.append(one)

    def _is_hidden(self, row: dict[str, str]) -> bool:
        height = row.get("ht")
        is_flat = self._hides_rows if height is None else not height.strip("0.")
        return is_flat or row.get("hidden") in _TRUE

    def rows(self) -> Iterator[SheetRow]:
        """All rows that the sheet lists; one that is missing between two is blank."""
        with self._opened() as part:
            yield from self._covered(self._read_rows(part))

    def _read_rows(self, part: BinaryIO) -> Iterator[SheetRow]:
        found: list[SheetRow] = []
        taking = _Taking(found, self._cell)
        for _ in fed(part, taking.start, taking.end, taking.value.take):
            yield from found
            found.clear()

    def _covered(self, rows: Iterator[SheetRow]) -> Iterator[SheetRow]:
        """The rows, with what covers a cell of a merged range in its place."""
        waiting = list(reversed(self._merged))
        over: list[_Range] = []
        for row in rows:
            while waiting and waiting[-1].top <= row.number:
                over.append(waiting.pop())
            over = [one for one in over if one.bottom >= row.number]
            if not over:
                yield row
                continue
            cells = dict(row.cells)
            for one in over:
                if one.top == row.number:
                    first = cells.get(one.left)
                    one.shown = first.shown if isinstance(first, MergedCell) else first
                for column in range(one.left, one.right + 1):
                    if (column, row.number) != (one.left, one.top):
                        cells[column] = MergedCell(one.shown, one.top)
            yield SheetRow(row.number, cells)

    def _cell(self, cell: _Open, written: str) -> Cell:
        if len(written) > CHARACTERS_MAX:
            return CellFault("CELL_TOO_LONG", written)
        if cell.has_formula and not written and not (cell.kind == "str" and cell.has_value):
            return CellFault("FORMULA_WITHOUT_VALUE")
        match cell.kind:
            case "s":
                return self._shared(written)
            case "str" | "inlineStr":
                return trimmed(written)
            case "b":
                return written.strip() in ("1", "true")
            case "e":
                return CellFault("CELL_ERROR")
            case "d":
                return _stamp_of(written)
            case _:
                return self._number(written, cell.style)

    def _shared(self, written: str) -> Cell:
        if not written:
            return None
        try:
            text = self._texts[int(written)]
        except (ValueError, IndexError):
            raise RegisterError("DAMAGED") from None
        return CellFault("CELL_TOO_LONG", text) if len(text) > CHARACTERS_MAX else trimmed(text)

    def _number(self, written: str, style: int) -> Cell:
        if not written.strip():
            return None
        try:
            value = Decimal(written.strip())
        except InvalidOperation:
            raise RegisterError("DAMAGED") from None
        if not value.is_finite() or abs(value.adjusted()) > _EXPONENT_MAX:
            raise RegisterError("DAMAGED")
        if not (0 <= style < len(self._days) and self._days[style]):
            return NumberCell(value)
        return stamp(value, self._epoch)


def stamp(serial: Decimal, epoch: datetime = _FIRST_DAY) -> Cell:
    """The day and time of a serial number; a fault where the format's count is not to be trusted.

    Source: ECMA-376 Part 1, 18.17.4.1: days since 30 December 1899, to be right from March 1900 on.
    """
    first = _SERIAL_MIN if epoch == _FIRST_DAY else 0
    if not first <= serial <= _SERIAL_MAX:
        return CellFault("NOT_A_DAY", f"{serial:f}")
    whole = int(serial)
    seconds = round((serial - whole) * _SECONDS_A_DAY)
    try:
        return DateCell(epoch + timedelta(days=whole, seconds=seconds))
    except OverflowError:
        return CellFault("NOT_A_DAY", f"{serial:f}")


def parse_int(text: str | None) -> int | None:
    """A whole number as the format writes one; None for anything else."""
    if text and text.isascii() and text.isdigit() and len(text) <= _WHOLE_MAX:
        return int(text)
    return None


def _stamp_of(written: str) -> Cell:
    try:
        return DateCell(datetime.fromisoformat(written.strip()).replace(tzinfo=None))
    except ValueError:
        return CellFault("NOT_A_DAY", written)


_PARENTS: Final = {"sheetData": "", "row": "sheetData", "c": "row"}
"""What an element of a sheet must lie in; elsewhere no spreadsheet program shows it."""


class _Taking:
    """Takes what the parser meets, and adds each row once it is whole."""

    def __init__(self, rows: list[SheetRow], cell: Callable[[_Open, str], Cell]) -> None:
        self._rows = rows
        self._made = cell
        self._number = 0
        self._cells: dict[int, Cell] = {}
        self._open: _Open | None = None
        self._next = 0
        self._place = ""  # the innermost of `_PARENTS` that is open
        self.value = TextCollector()

    def start(self, name: str, given: dict[str, str]) -> None:
        """An element begins."""
        if name in _PARENTS:
            if self._place != _PARENTS[name]:
                raise RegisterError("DAMAGED")
            self._place = name
        if name == "c":
            place = given.get("r")
            column = self._next if place is None else self._column_of(place)
            if column is None or column >= COLUMNS_MAX or column in self._cells:
                raise RegisterError("DAMAGED")
            self._open = _Open(column, given.get("t", "n"), parse_int(given.get("s")) or 0)
            self._next = column + 1
            self.value.begin("t" if self._open.kind == "inlineStr" else "v")
        elif name == "row":
            following = parse_int(given.get("r")) or self._number + 1
            if not self._number < following <= ROWS_MAX:
                raise RegisterError("DAMAGED")
            self._number, self._next, self._cells = following, 0, {}
        elif self._open is not None:
            self._open.has_value |= name == "v"
            self._open.has_formula |= name == "f"
            self.value.start(name)

    def _column_of(self, place: str) -> int | None:
        letters = place.rstrip(_DIGITS)
        return column_of(letters) if place == f"{letters}{self._number}" else None

    def end(self, name: str) -> None:
        """An element ends."""
        if name in _PARENTS:
            self._place = _PARENTS[name]
        self.value.end(name)
        if name == "c" and self._open is not None:
            self._cells[self._open.column] = self._made(self._open, self.value.text())
            self._open = None
        elif name == "row":
            self._rows.append(SheetRow(self._number, self._cells))
