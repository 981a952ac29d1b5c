"""The records' table of a bag as an Excel workbook: the same cells, days as days, no formula.

It is made of the CSV, row by row, so that both say the same and memory stays flat
(`api.resources.exports.workbook_beside`). Cells keep the guard of the CSV: whoever saves the
workbook as a CSV would have formulas without it.

Source: ECMA-376; limits: Excel specifications and limits (rows, characters of a cell).
"""

import re
import shutil
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID
from zipfile import ZipFile

import xlsxwriter  # pyright: ignore[reportMissingTypeStubs] -- it ships none
import xlsxwriter.workbook  # pyright: ignore[reportMissingTypeStubs] -- as above
from typing_extensions import override
from xlsxwriter.worksheet import (  # pyright: ignore[reportMissingTypeStubs] -- it ships none
    Worksheet,
)

from ledger.exports.bag import SOFTWARE
from ledger.exports.tables import COLUMNS, TITLES, ColumnType

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


NAME: Final = "records.xlsx"
ROWS_MAX: Final = 1_048_576
"""Of a sheet, its head among them."""
CELL_MAX: Final = 32_767
"""UTF-16 code units of a cell."""
CUTS_SHOWN_MAX: Final = 100
"""Cells that do not fit and are named on the cover; of more it says how many there are."""
CUT: Final = "…(以下略)"
ERA_HEAD: Final = "年月日(初日)の和暦"
COVER: Final = "表紙"
LEVEL: Final = 1
"""How hard it is compressed: somewhat larger than by the usual 6, in a fraction of the time."""
_REMEMBERED: Final = 256
"""Cells of a column: most of them say what one a few rows above says."""
_FIRST_DAY: Final = TITLES.index("年月日(初日)")
_DAY_FORMAT: Final = "yyyy-mm-dd"
_ERA_FORMAT: Final = '[$-411]ggge"年"m"月"d"日"'
_A3: Final = 8
_ERA_WIDTH: Final = 23
_NOTES: Final = (
    "records.csv と同じ内容です。日付と件数のほかは、全て文字列です。数式もマクロもありません。",
    "「義務」と「記録の方法」の欄の語の意味は、VERIFY.ja.md にあります。",
    "セルの先頭や区切り記号の後の「'」は、数式として実行されないように付けたものです。",
    "この表が書き換えられていないことは、袋の verify.py で確かめてください(VERIFY.ja.md)。",
)
_CUTS: Final = (
    "1つのセルに収まる{max:,}字を超えるため、{cuts:,}個のセルは途中までです。全体は records.csv に"
    "あります。"
)


@dataclass(frozen=True, slots=True)
class Cover:
    """The bag to which a workbook belongs.

    Attributes:
        at: when it was made.
    """

    export: UUID
    at: datetime


@dataclass(slots=True)
class _Sheet:
    """A sheet that is being filled.

    Attributes:
        first, last: numbers of its records; None: it has none.
    """

    name: str
    page: WorkbookPage
    first: int | None = None
    last: int | None = None
    rows: int = 0


class _Book:
    """The workbook while it is written; what is not on the disk is one row."""

    def __init__(self, place: Path, cover: Cover, rows_max: int) -> None:
        self._rows_max = rows_max
        self._book: Any = xlsxwriter.Workbook(
            str(place),
            {
                "constant_memory": True,
                "tmpdir": str(place.parent),
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "use_zip64": True,
            },
        )
        at = cover.at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
        self._book.set_properties({"title": NAME, "author": SOFTWARE, "created": at})
        self._head = self._book.add_format({"bold": True, "bg_color": "#EDEDED", "bottom": 1})
        self._day = self._book.add_format({"num_format": _DAY_FORMAT, "align": "left"})
        self._era = self._book.add_format({"num_format": _ERA_FORMAT, "align": "left"})
        self._count = self._book.add_format({"align": "left"})
        self._number = self._book.add_format({"align": "right", "indent": 1})
        self._cover = self._book.add_worksheet(COVER)
        self._cuts, self._cut = 0, list[str]()
        self._columns = [*map(self._column, range(len(COLUMNS))), self._era_column()]

    def fill(self, rows: Iterable[list[str]]) -> list[_Sheet]:
        """Write the rows, on as many sheets as they need; at least one."""
        sheets = [self._new_sheet(1)]
        for row, following in pairwise(chain(rows, (None,))):
            assert row is not None, "nothing follows the last one"
            if sheets[-1].rows == self._rows_max - 1:
                sheets.append(self._new_sheet(len(sheets) + 1))
            sheet = sheets[-1]
            sheet.rows += 1
            sheet.first, sheet.last = sheet.first or int(row[0]), int(row[0])
            sheet.page.begin(sheet.rows)
            # The last row of a sheet is written when the book ends, after the cover: a format that
            # is used there first has a later number. The library knows when.
            is_last = following is None or sheet.rows == self._rows_max - 1
            shown = None if is_last else self._render_cells(row)
            if shown is None:
                self._cell_by_cell(sheet, row)
            else:
                sheet.page.put(sheet.rows, shown)
        for sheet in sheets:
            sheet.page.autofilter(0, 0, sheet.rows, len(COLUMNS))
        return sheets

    def _new_sheet(self, number: int) -> _Sheet:
        name = f"記録{number}"
        page: WorkbookPage = self._book.add_worksheet(name, worksheet_class=WorkbookPage)
        for column, width in enumerate((*(one.width for one in COLUMNS), _ERA_WIDTH)):
            page.set_column(column, column, width)
        page.freeze_panes(1, 0)
        page.set_landscape()
        page.set_paper(_A3)
        page.fit_to_pages(1, 0)  # as many pages as it takes, one beside no other
        page.repeat_rows(0)
        for column, title in enumerate((*TITLES, ERA_HEAD)):
            page.write_string(0, column, title, self._head)
        return _Sheet(name, page)

    def _render_cells(self, cells: list[str]) -> list[str] | None:
        """The cells as the library would write them; None: one of them is for the library."""
        with_era = (*cells, cells[_FIRST_DAY])
        shown = [show(cell) for show, cell in zip(self._columns, with_era, strict=True)]
        return None if None in shown else cast("list[str]", shown)

    def _column(self, column: int) -> Callable[[str], str | None]:
        """What shows a cell of the column; a format counts as used with the first that needs it."""
        head, spec = f'<c r="{LETTERS[column]}{ROW}"', COLUMNS[column]
        number, day_format, is_day = self._number, self._day, spec.kind is ColumnType.DAY

        def render_number(cell: str) -> str:
            return f"{head}{styled(number)}><v>{int(cell):.16G}</v></c>" if cell else ""

        def render_cell(cell: str) -> str | None:
            if not cell:
                return ""
            if is_day and (day := day_cell(cell)) is not None:
                return head + styled(day_format) + day
            text = text_cell(cell)
            return None if text is None else head + text

        render = render_number if spec.kind is ColumnType.NUMBER else render_cell
        return render if spec.is_unique else lru_cache(_REMEMBERED)(render)

    def _era_column(self) -> Callable[[str], str]:
        head, era = f'<c r="{LETTERS[len(COLUMNS)]}{ROW}"', self._era

        @lru_cache(_REMEMBERED)
        def render_era(cell: str) -> str:
            first = day_cell(cell)
            return "" if first is None else head + styled(era) + first

        return render_era

    def _cell_by_cell(self, sheet: _Sheet, cells: list[str]) -> None:
        page: Any = sheet.page
        row = sheet.rows
        for column, cell in enumerate(cells):
            if not cell:
                continue
            kind = COLUMNS[column].kind
            if kind is ColumnType.NUMBER:
                page.write_number(row, column, int(cell), self._number)
            elif kind is ColumnType.DAY and (day := day_of(cell)) is not None:
                page.write_datetime(row, column, day, self._day)
            else:
                self._text(page, (row, column), cell)
        if (first := day_of(cells[_FIRST_DAY])) is not None:
            page.write_datetime(row, len(COLUMNS), first, self._era)

    def _text(self, page: Any, place: tuple[int, int], text: str) -> None:  # noqa: ANN401 -- no stubs
        if len(text) * 2 > CELL_MAX and (short := shortened(text)) != text:
            self._cuts += 1
            if self._cuts <= CUTS_SHOWN_MAX:
                self._cut.append(f"{page.get_name()} {place[0] + 1}行目 {TITLES[place[1]]}")
            text = short
        if text.startswith("<r>") and text.endswith("</r>"):
            # The library would take it for the XML of a text in several fonts, and put it in raw.
            page.write_rich_string(*place, "<", "r", text[2:])
        else:
            page.write_string(*place, text)

    def close(self, cover: Cover, sheets: list[_Sheet]) -> None:
        """Write the cover, which tells what is where, and end the file."""
        page = self._cover
        page.set_column(0, 3, 22)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        lines: list[tuple[str | int, ...]] = [
            ("第三者提供記録等の一覧",),
            ("写しの番号", str(cover.export)),
            ("記録の件数", sum(sheet.rows for sheet in sheets)),
            (),
            ("シート", "番号(最初)", "番号(最後)", "件数"),
            *((one.name, one.first or 0, one.last or 0, one.rows) for one in sheets),
            (),
        ]
        if len(sheets) > 1:
            lines.append((f"1枚のシートに収まる{self._rows_max - 1:,}件ごとに分けています。",))
        lines += [(text,) for text in _NOTES]
        if self._cuts:
            lines.append((_CUTS.format(max=CELL_MAX, cuts=self._cuts),))
            lines += [(one,) for one in self._cut]
        for row, line in enumerate(lines):
            for column, cell in enumerate(line):
                if isinstance(cell, int):
                    page.write_number(row, column, cell, self._count)
                else:
                    page.write_string(row, column, cell)
        with _packed_quickly():
            self._book.close()


@contextmanager
def _packed_quickly() -> Generator[None]:
    """The library packs a workbook by this name, and has no option for how hard."""
    packing: Any = xlsxwriter.workbook
    packing.ZipFile = partial(ZipFile, compresslevel=LEVEL)
    try:
        yield
    finally:
        packing.ZipFile = ZipFile


def write_workbook(
    place: Path, rows: Iterable[list[str]], cover: Cover, rows_max: int = ROWS_MAX
) -> None:
    """Write the rows of a table as a workbook; the same rows give the same bytes.

    Args:
        place: the file; temporary ones lie beside it.
        rows_max: of a sheet, its head among them.
    """
    book = _Book(place, cover, rows_max)
    sheets = book.fill(rows)
    book.close(cover, sheets)


def shortened(text: str) -> str:
    """The text, or as much of it as a cell takes, with a sign that there is more."""
    whole = text.encode("utf-16-le", "surrogatepass")
    if len(whole) <= 2 * CELL_MAX:
        return text
    return whole[: 2 * (CELL_MAX - len(CUT))].decode("utf-16-le", "ignore") + CUT
