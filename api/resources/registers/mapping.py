"""A mapping: which column of a register is which member of a transfer, as a value."""

from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from datetime import time

from api.resources.registers.days import USUAL
from ledger.values import Json

Members = Table[str, Json]
"""Field → value."""


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """What one column is.

    Attributes:
        title: how the mapping names it: by its heading, or by its letters (`@C`).
        fields: what its text becomes; none for a column that only sets values, or is ignored.
        separators: between several items in one cell; none: the cell is one item.
        values: what its texts mean: text → members; a text that is not in it is a problem.
        days: forms of days that are read.
        clock: the time of day that a day alone stands for, where an instant is wanted.
        is_unknown_if_blank: an empty cell says "known to be missing"; else it says nothing.
        numbers: `True`: a whole number is the text of its digits; else a number is a problem.
        digits: that many digits each text has: a number gets its leading zeros back.
    """

    title: str
    fields: tuple[str, ...] = ()
    separators: tuple[str, ...] = ()
    values: Table[str, Members] = field(default_factory=dict[str, Members])
    days: frozenset[str] = USUAL
    clock: time | None = None
    is_unknown_if_blank: bool = False
    numbers: bool = False
    digits: int | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a register is read.

    Attributes:
        source: whose transfers they are; with the id of each it is the key.
        system: where the register comes from, in words (移行元).
        batch: what this part of it is called (移行単位).
        columns: every column of the register, but for those that are ignored.
        ignored: titles of columns that are not transferred, on purpose.
        id_column: the column that numbers the transfers: rows that follow each other with the same
            number are one transfer. None: the content is the id, and each row a transfer.
        is_id_above_if_blank: a row without a number belongs to the transfer above it.
        constants: members that are the same in every transfer, unless its row says otherwise.
        heading_row: the number of the row of headings.
        repeats_merged: a merged cell holds for each row that it covers; else it is a problem.
        sheet, encoding: as in `opened`; None: not stated.
    """

    source: str
    system: str
    batch: str
    columns: tuple[MappedColumn, ...]
    ignored: frozenset[str] = frozenset()
    id_column: MappedColumn | None = None
    is_id_above_if_blank: bool = False
    constants: Members = field(default_factory=dict[str, Json])
    heading_row: int = 1
    repeats_merged: bool = False
    sheet: str | None = None
    encoding: str | None = None

    @property
    def titles(self) -> dict[str, str]:
        """Field → title of the column that states it."""
        found: dict[str, str] = {}
        for column in self.columns:
            for members in column.values.values():
                for name in members:
                    found.setdefault(name, column.title)
            found |= dict.fromkeys(column.fields, column.title)
        return found
