"""A sheet of a workbook that takes whole rows: the library's bytes, at an eighth of its time.

The library makes an object of each cell and looks through each text four times. A row of ordinary
cells is its XML here at once; what is rare goes the library's own way, cell by cell. That both
give the same bytes is held by the tests.

Source: ECMA-376, part 1, 18.3.1.4 and 18.3.1.73.
"""

import re
import shutil
from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast

from typing_extensions import override
from xlsxwriter.worksheet import (  # pyright: ignore[reportMissingTypeStubs] -- it ships none
    Worksheet,
)

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ROW: Final = "\0"
"""Stands for the number of the row in a cell: no text that is looked at here has it."""
# Excel takes 1900 for a leap year, so only from here on is a day the same everywhere.
DAY_MIN: Final = date(1900, 3, 1)
_DAY_ZERO: Final = date(1899, 12, 30)
_DAY: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PART: Final = 1 << 16
_ORDINARY_MAX: Final = 1_000
"""Characters of a text that is looked at here: longer ones are rare, and may be cut."""
# What the library escapes otherwise than `&`, `<` and `>`, keeps the space of, or takes for XML.
_RARE: Final = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff]|_x|^\\s|\\s$|^<r>")


def day_of(cell: str) -> date | None:
    """The day that a cell says; None: it says none, or one that spreadsheets count otherwise."""
    if _DAY.fullmatch(cell) is None:
        return None
    day = date.fromisoformat(cell)
    return day if day >= DAY_MIN else None


@lru_cache(maxsize=1_024)
def day_cell(cell: str) -> str | None:
    """The value of a day, counted as Excel counts; None: it is a text."""
    day = day_of(cell)
    return None if day is None else f"><v>{(day - _DAY_ZERO).days}</v></c>"


def text_cell(text: str) -> str | None:
    """A text as the library writes it; None: that is for the library to say."""
    if len(text) > _ORDINARY_MAX or _RARE.search(text) is not None:
        return None
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f' t="inlineStr"><is><t>{text}</t></is></c>'


class WorkbookPage(Worksheet):
    """A sheet in constant memory, its head of a cell a column written first."""

    def begin(self, row: int) -> None:
        """End the row before `row`: what is used there first has the smaller number."""
        self._write_single_row(row)

    def put(self, row: int, cells: Iterable[str]) -> None:
        """Write a whole row, which was begun.

        Args:
            cells: column by column, whole, with `ROW` in place of the row's number; or empty.
        """
        at = str(row + 1)
        write = cast("Callable[[str], int]", self.fh.write)  # pyright: ignore[reportUnknownMemberType] -- no stubs
        write(f'<row r="{at}">{"".join(cells).replace(ROW, at)}</row>')
        self.dim_rowmax = row

    @override
    def _write_optimized_sheet_data(self) -> None:
        # As the library does, but it would read the rows as text and write them as text again.
        page = cast("Any", self)
        rows, sheet = page.row_data_fh, page.fh
        page._xml_start_tag("sheetData")  # noqa: SLF001 -- the library's own way
        sheet.flush()
        rows.seek(0)
        shutil.copyfileobj(rows.buffer, sheet.buffer, _PART)
        rows.close()
        Path(page.row_data_filename).unlink()
        page._xml_end_tag("sheetData")  # noqa: SLF001 -- as above


def styled(form: Any) -> str:  # noqa: ANN401 -- no stubs
    """How a cell names its format; formats are numbered in the order in which they are used."""
    return f' s="{form._get_xf_index()}"'  # noqa: SLF001 -- the library has no other name for it
