"""The records' table of a bag, read back for whatever else is made of it."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

TABLE: Final = "records.csv"
CELL_MAX: Final = 2**31 - 1
"""Characters of a cell that are read: a statement may be long, and more does not fit everywhere."""


def table_rows(payload: Path) -> Iterator[list[str]]:
    """The rows of the records' table, without its head, in order; cells guarded as they stand.

    Args:
        payload: the folder `data` of the bag.
    """
    with (payload / TABLE).open(encoding="utf-8-sig", newline="") as file:
        yield from rows_of(file)


def rows_of(table: Iterable[str]) -> Iterator[list[str]]:
    """The same of a table's text, with its head and without a byte order mark."""
    csv.field_size_limit(CELL_MAX)
    rows = csv.reader(table)
    next(rows, None)
    yield from rows
