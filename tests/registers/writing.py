"""Registers for tests: written by a library of their own, or by hand where no library would."""

import csv
import io
import zipfile
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, cast

import xlsxwriter  # pyright: ignore[reportMissingTypeStubs] -- it ships none

from api.resources.registers.cells import Sheet
from api.resources.registers.formats import opened
from api.resources.registers.import_run import CheckedTransfer, checked
from api.resources.registers.mapping import mapping_of
from api.resources.registers.spool import Spool
from api.resources.registers.transfers import Transfers
from api.resources.registers.xlsx.package import Workbook
from api.web.items import Sender

Cells = Sequence[object]
"""Texts, numbers, days, None; or a table: `{"number": "…"}`, `{"formula": "…", "value": "…"}`."""

AT: Final = datetime(2026, 11, 26, 3, tzinfo=UTC)
SOURCE: Final = "https://platform.example.jp/register"
HEADINGS: Final = (
    *("管理番号", "提供年月日", "提供先", "住所", "代表者"),
    *("会員番号", "氏名", "項目", "同意"),
)
FIELDS: Final[dict[str, Any]] = {
    "管理番号": {"ignore": True},
    "提供年月日": {"field": "transferred_on"},
    "提供先": {"field": "counterparty.name"},
    "住所": {"field": "counterparty.address"},
    "代表者": {"field": "counterparty.representative"},
    "会員番号": {"field": "principals.id"},
    "氏名": {"field": "principals.name"},
    "項目": {"field": "items", "separator": ["、"]},
    "同意": {"field": "consent.obtained", "values": {"有": True, "無": False}},
}
MAPPING: Final[dict[str, Any]] = {
    "version": 1,
    "source": SOURCE,
    "backfill": {"source_system": "記録簿", "batch": "2022"},
    "id": {"column": "管理番号"},
    "constants": {
        "direction": "provided",
        "basis": "consent_27_1",
        "method": "individual",
        "counterparty.kind": "corporation",
        "principals.scheme": "member",
    },
    "columns": FIELDS,
}
"""What most of the tests read with; a case changes a member or two."""


def mapping(**changes: object) -> dict[str, Any]:
    """The usual mapping, with columns added or changed (`columns`) and other members replaced."""
    columns = cast("dict[str, Any]", changes.pop("columns", {}))
    return MAPPING | changes | {"columns": FIELDS | columns}


def usual_row(number: int, person: int, **changes: object) -> list[object]:
    """One row under `HEADINGS`."""
    row: dict[str, object] = {
        "管理番号": f"R-{number:06}",
        "提供年月日": "2022-04-01",
        "提供先": "ながめカード株式会社",
        "住所": "東京都千代田区外神田九丁目99番1号",
        "代表者": "代表取締役 見本 一郎",
        "会員番号": f"M-{person:06}",
        "氏名": f"見本 {person}子",
        "項目": "氏名、住所",
        "同意": "有",
    } | changes
    return list(row.values())


def workbook(  # noqa: PLR0913 -- each is a trait that one test asks for
    place: Path,
    rows: Iterable[Cells],
    *,
    sheet: str = "台帳",
    merged: Sequence[str] = (),
    hidden: Sequence[int] = (),
    day_format: str | int = 31,
    is_1904: bool = False,
) -> Path:
    """An Excel workbook with these rows from the first one on.

    Args:
        merged: ranges, the text of whose first cell is kept.
        hidden: numbers of rows, from 1.
        day_format: of cells that are days: a code, or the number of a built-in format.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "date_1904": is_1904}
    book: Any = xlsxwriter.Workbook(str(place), options)
    day = book.add_format()
    day.set_num_format(day_format)
    page = book.add_worksheet(sheet)
    for n, row in enumerate(rows):
        for column, cell in enumerate(row):
            _write(page, n, column, cell, day)
        if n + 1 in hidden:
            page.set_row(n, None, None, {"hidden": True})
    for one in merged:
        first = one.partition(":")[0]
        page.merge_range(one, "")
        n, column = int(first[1:]) - 1, ord(first[0]) - ord("A")
        _write(page, n, column, list(rows)[n][column], day)
    book.close()
    return place


def _write(page: Any, row: int, column: int, cell: object, day: Any) -> None:  # noqa: ANN401 -- the library has no types
    match cell:
        case None:
            return
        case bool():
            page.write_boolean(row, column, cell)
        case int() | float():
            page.write_number(row, column, cell)
        case date() | datetime():
            page.write_datetime(row, column, cell, day)
        case {"formula": str(formula), "value": str(value)}:
            page.write_formula(row, column, formula, None, value)
        case {"serial": int(serial)}:
            page.write_number(row, column, serial, day)
        case _:
            assert isinstance(cell, str)
            page.write_string(row, column, cell)


def csv_file(place: Path, rows: Iterable[Cells], encoding: str = "utf-8") -> Path:
    """A CSV as Excel writes it."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(
        ["" if cell is None else cell for cell in row] for row in rows
    )
    place.write_bytes(text.getvalue().encode(encoding))
    return place


_TYPES: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN: Final = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"


def handmade(place: Path, sheet: str, parts: Mapping[str, str] | None = None) -> Path:
    """A workbook whose only sheet is this XML; `parts` are added, or stand in for others."""
    whole = {
        "_rels/.rels": f'<Relationships xmlns="{RELS}"><Relationship Id="r1" '
        f'Type="{_TYPES}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{_TYPES}"><sheets>'
        '<sheet name="台帳" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELS}"><Relationship Id="r1" '
        f'Type="{_TYPES}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{_TYPES}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": sheet,
        **(parts or {}),
    }
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in whole.items():
            package.writestr(name, text)
    return place


def sheet_xml(*cells: str) -> str:
    """A sheet with one row of these cells."""
    return f'<worksheet {MAIN}><sheetData><row r="1">{"".join(cells)}</row></sheetData></worksheet>'


@contextmanager
def opened_here(place: Path) -> Generator[Sheet]:
    """The only sheet of a workbook, read in this process: quick, and open to changed limits."""
    with closing(Spool()) as spool, place.open("rb") as file:
        yield cast("Sheet", Workbook(file, spool).sheet())


def looked_at(place: Path, given: object = MAPPING, **opening: str) -> list[CheckedTransfer]:
    """The dry run of the register in that file."""
    with opened(place, **opening) as sheet:
        return checked_of(sheet, given)


def checked_of(sheet: Sheet, given: object = MAPPING) -> list[CheckedTransfer]:
    """The dry run of a register that is open."""
    read = mapping_of(given)
    sender = Sender("", read.source, may_mark=False)
    transfers = Transfers(sheet, read, lambda content: blake2b(content, digest_size=8).hexdigest())
    return list(checked(transfers.units(), read, sender, lambda: AT))
