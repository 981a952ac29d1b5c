"""What a cell of a register can hold, whatever file it comes from, and the rows that hold them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final, Protocol

CHARACTERS_MAX: Final = 32_767
"""Of a cell. Source: Excel's specifications and limits."""
COLUMNS_MAX: Final = 16_384
ROWS_MAX: Final = 1_048_576
_LETTERS: Final = 26


@dataclass(frozen=True, slots=True)
class NumberCell:
    """A number as the file writes it: a sheet forgets leading zeros and digits beyond 15."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class DateCell:
    """A number that the sheet shows as a day, with or without a time; local time."""

    at: datetime


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell without a value that could be used.

    Attributes:
        code: of the problem that it is: `CELL_ERROR`, `FORMULA_WITHOUT_VALUE`, …
        text: what stands in it, as far as it was read; None: nothing that anybody wrote.
    """

    code: str
    text: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class MergedCell:
    """A cell that is covered by the first one of a merged range.

    Attributes:
        shown: what that one holds.
        top: the row in which it stands.
    """

    shown: "Cell"
    top: int


Cell = str | bool | NumberCell | DateCell | CellFault | MergedCell | None
"""None is an empty cell. Texts come without white space around them."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row.

    Attributes:
        number: as the spreadsheet program numbers it, from 1.
        cells: by column, from 0; an empty cell may be left out.
    """

    number: int
    cells: Mapping[int, Cell]

    @property
    def is_blank(self) -> bool:
        """Whether nothing is in it."""
        return all(
            cell is None or (isinstance(cell, MergedCell) and cell.shown is None)
            for cell in self.cells.values()
        )


class Sheet(Protocol):
    """One table of a register, as often as it is asked for.

    Attributes:
        sheet_names: of a workbook, in the order of the tabs; none of a CSV.
        rows_about: how many rows there are, blank ones too; None when only reading would tell.
        hidden_rows: how many of them the spreadsheet program hides; they count like the others.
    """

    sheet_names: tuple[str, ...]
    rows_about: int | None
    hidden_rows: int

    def rows(self) -> Iterator[SheetRow]:
        """All rows from the first one on, one in memory at a time.

        Raises:
            RegisterError: the file is damaged, or holds more than it may.
        """
        ...


def letters(column: int) -> str:
    """The name of a column, from 0: A, B, …, Z, AA."""
    name = ""
    number = column + 1
    while number:
        number, remainder = divmod(number - 1, _LETTERS)
        name = chr(ord("A") + remainder) + name
    return name


@lru_cache(1_024)
def column_of(name: str) -> int | None:
    """The number of the column, from 0; None when `name` names none."""
    number = 0
    for character in name:
        if not "A" <= character <= "Z":
            return None
        number = number * _LETTERS + ord(character) - ord("A") + 1
        if number > COLUMNS_MAX:
            return None
    return number - 1 if number else None


def trimmed(text: str) -> str | None:
    """The text without white space around it; None when nothing is left."""
    return text.strip() or None
