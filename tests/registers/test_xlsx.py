"""Excel workbooks: what the reader finds is what another reader finds; hostile ones end early."""

import json
import tracemalloc
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from api.resources.registers.cells import Cell, CellFault, DateCell, NumberCell, SheetRow
from api.resources.registers.errors import RegisterError
from api.resources.registers.formats import opened
from api.resources.registers.xlsx import package
from api.resources.registers.xlsx.sheet_process import batch_of
from api.resources.registers.xlsx.sheet_process import rows_of as rows_told
from tests.registers.writing import MAIN, handmade, opened_here, sheet_xml, workbook
from tests.rounds import rounds


def rows_of(place: Path, **opening: str) -> list[SheetRow]:
    with opened(place, **opening) as sheet:
        return list(sheet.rows())


def rows_here(place: Path) -> list[SheetRow]:
    """The rows as the other process tells them, without one."""
    with opened_here(place) as sheet:
        told = batch_of(list(sheet.rows()))
    return list(rows_told(json.loads(json.dumps(told))))


def one_cell(place: Path) -> Cell:
    [row] = rows_of(place)
    return row.cells.get(0)


def refused(place: Path, **opening: str) -> str:
    with pytest.raises(RegisterError) as caught:
        rows_of(place, **opening)
    return caught.value.code


def refused_here(place: Path) -> str:
    with pytest.raises(RegisterError) as caught:
        rows_here(place)
    return caught.value.code


APRIL = DateCell(datetime(2024, 4, 1))  # noqa: DTZ001 -- a sheet's days have no zone
CELLS = st.one_of(
    st.none(),
    st.text(
        st.characters(
            codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"
        ),
        max_size=12,
    ),
    st.booleans(),
    st.integers(-(10**9), 10**15),
    st.dates(date(1900, 3, 1), date(2200, 1, 1)),
)


def as_other(cell: Cell) -> object:
    """The cell as the other reader shows it: no trimming, floats, empty texts."""
    match cell:
        case None:
            return ""
        case NumberCell(value):
            return float(value)
        case DateCell(at):
            return at.date()
        case _:
            return cell


def seen_by_another(place: Path) -> list[list[Any]]:
    """The cells of the first sheet as another reader finds them."""
    reader: Any = CalamineWorkbook
    return reader.from_path(place).get_sheet_by_index(0).to_python(skip_empty_area=False)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=6))
@settings(max_examples=rounds(60))
def test_every_cell_is_what_another_reader_finds(
    tmp_path_factory: pytest.TempPathFactory, grid: list[list[Any]]
) -> None:
    grid.append(["end"] * 5)
    place = workbook(tmp_path_factory.mktemp("x") / "r.xlsx", grid)
    expected = [
        [cell.strip() if isinstance(cell, str) else cell for cell in row]
        for row in seen_by_another(place)
    ]

    ours = {row.number: row for row in rows_here(place)}

    found = [
        [as_other(ours[n].cells.get(column)) if n in ours else "" for column in range(5)]
        for n in range(1, len(expected) + 1)
    ]
    assert found == [[*row, *[""] * (5 - len(row))] for row in expected]


@pytest.mark.parametrize(
    "day_format",
    [14, 27, 28, 31, 36, 57, 58, "yyyy/m/d", "[$-411]ggge年m月d日", 'ge"年"', "d-mmm-yy", "m/d"],
)
def test_a_number_that_the_sheet_shows_as_a_day_is_that_day(
    tmp_path: Path, day_format: str | int
) -> None:
    day = date(2024, 4, 1)
    place = workbook(tmp_path / "r.xlsx", [[day]], day_format=day_format)
    assert one_cell(place) == APRIL


@pytest.mark.parametrize(
    "day_format", [0, 2, 20, 21, 32, 33, 46, "h:mm", "0.00E+00", '0"日"', "[h]:mm"]
)
def test_a_number_that_it_shows_otherwise_is_a_number(
    tmp_path: Path, day_format: str | int
) -> None:
    place = workbook(tmp_path / "r.xlsx", [[date(2024, 4, 1)]], day_format=day_format)
    assert one_cell(place) == NumberCell(Decimal(45383))


def test_a_day_before_the_wrong_leap_day_of_1900_is_not_trusted(tmp_path: Path) -> None:
    assert one_cell(workbook(tmp_path / "r.xlsx", [[{"serial": 59}]])) == CellFault("NOT_A_DAY")


def test_a_formula_counts_as_the_value_that_was_saved_with_it(tmp_path: Path) -> None:
    shown = {"formula": '=WEBSERVICE("https://evil.example.jp")', "value": "見本"}
    broken = {"formula": "=A99", "value": "#REF!"}
    [row] = rows_of(workbook(tmp_path / "r.xlsx", [[shown, broken]]))
    assert row.cells == {0: "見本", 1: CellFault("CELL_ERROR")}
    nothing = sheet_xml('<c r="A1" t="str"><f>IF(B1="","",B1)</f><v></v></c>')
    assert one_cell(handmade(tmp_path / "n.xlsx", nothing)) is None


def test_a_formula_that_nobody_calculated_has_no_value(tmp_path: Path) -> None:
    place = handmade(tmp_path / "r.xlsx", sheet_xml('<c r="A1"><f>1+1</f><v></v></c>'))
    assert one_cell(place) == CellFault("FORMULA_WITHOUT_VALUE")


def test_a_sheet_is_chosen_by_its_name(tmp_path: Path) -> None:
    place = workbook(tmp_path / "r.xlsx", [["a"]], sheet="提供")
    assert len(rows_of(place, sheet="提供")) == 1
    assert refused(place, sheet="受領") == "SHEET_MISSING"


def test_several_sheets_are_not_guessed_between(tmp_path: Path) -> None:
    one = "<sheet name='{}' r:id='r1'/>"
    listed = one.format("a") + one.format("b")
    two = f"<workbook {MAIN} xmlns:r='r'><sheets>{listed}</sheets></workbook>"
    place = handmade(tmp_path / "r.xlsx", sheet_xml(), {"xl/workbook.xml": two})
    assert refused(place) == "SHEET_NOT_CHOSEN"
    assert len(rows_of(place, sheet="b")) == 1


# -- hostile -----------------------------------------------------------------------------------


def test_a_declaration_of_entities_is_refused_before_it_grows(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
    assert refused(handmade(tmp_path / "r.xlsx", bomb)) == "XML_NOT_ALLOWED"


def test_a_part_that_would_unpack_beyond_the_limit_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "LARGE_BYTES_MAX", 10_000)
    text = f'<c r="A1" t="str"><v>{"a" * 20_000}</v></c>'
    assert refused_here(handmade(tmp_path / "r.xlsx", sheet_xml(text))) == "TOO_LARGE"


def test_a_workbook_of_very_many_parts_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "LIST_BYTES_MAX", 1_000)
    cell = sheet_xml('<c r="A1"><v>1</v></c>')
    more = {f"xl/media/{number}": "" for number in range(20)}
    assert refused_here(handmade(tmp_path / "r.xlsx", cell, more)) == "TOO_LARGE"
    few = {name: more[name] for name in [*more][:10]}
    [row] = rows_here(handmade(tmp_path / "s.xlsx", cell, few))
    assert row.cells == {0: NumberCell(Decimal(1))}


def test_the_styles_of_a_workbook_have_a_limit_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "SMALL_BYTES_MAX", 300)
    assert refused_here(workbook(tmp_path / "r.xlsx", [["a"]])) == "TOO_LARGE"


@pytest.mark.parametrize("how", ["value", "inline", "shared"])
def test_an_endless_text_is_cut_where_a_cell_ends(tmp_path: Path, how: str) -> None:
    endless = "あ" * 3_000_000
    cell = {
        "value": f'<c r="A1" t="str"><v>{endless}</v></c>',
        "inline": f'<c r="A1" t="inlineStr"><is><t>{endless}</t></is></c>',
        "shared": '<c r="A1" t="s"><v>0</v></c>',
    }[how]
    texts = {"xl/sharedStrings.xml": f"<sst {MAIN}><si><t>{endless}</t></si></sst>"}
    place = handmade(tmp_path / "r.xlsx", sheet_xml(cell), texts)
    tracemalloc.start()
    try:
        [row] = rows_here(place)
        assert row.cells == {0: CellFault("CELL_TOO_LONG")}
        assert tracemalloc.get_traced_memory()[1] < len(endless)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="ZZZZ1"><v>1</v></c>',
        '<c r="A1" t="s"><v>7</v></c>',
        '<c r="A1" t="s"><v>x</v></c>',
        '<c r="A1"><v>NaN</v></c>',
        '<c r="A1"><v>one</v></c>',
        '<c r="A1"><v>1E+999999999</v></c>',
        '</row><row r="1"><c r="A1"><v>1</v></c>',
        '</row><row r="9999999"><c r="A1"><v>1</v></c>',
        "<c r='A1'><v>1</v>",
        '<c r="A1"><v>1</v></c><c r="A1"><v>2</v></c>',
        '<c r="A2"><v>1</v></c>',
        '<c r="A1"><c r="B1"><v>1</v></c></c>',
        '</row></sheetData><row r="2"><c r="A2"><v>1</v></c></row><sheetData><row>',
        '</row></sheetData><mergeCells><c r="A2"><v>1</v></c></mergeCells><sheetData><row>',
    ],
)
def test_what_no_program_writes_is_damaged(tmp_path: Path, cell: str) -> None:
    assert refused(handmade(tmp_path / "r.xlsx", sheet_xml(cell))) == "DAMAGED"


UNSEEN = '<x:row r="2"><x:c r="A2"><x:v>2</x:v></x:c></x:row>'
FOREIGN = {
    "a row of another namespace": f'<x:none xmlns:x="urn:none">{UNSEEN}</x:none>',
    "a row of an extension": f'<extLst><ext uri="u" xmlns:x="urn:none">{UNSEEN}</ext></extLst>',
    "a row of this format in an extension": (
        '<extLst><ext uri="u"><sheetData><row r="2"><c r="A2"><v>2</v></c></row></sheetData></ext>'
        "</extLst>"
    ),
    "a row of this format in another namespace": (
        '<x:none xmlns:x="urn:none"><sheetData><row r="2"/></sheetData></x:none>'
    ),
}
TEXTS = {
    "a text of another namespace": '<is><t>a</t></is><x:t xmlns:x="urn:none">b</x:t>',
    "a text of an extension": '<is><t>a</t></is><extLst><ext uri="u"><t>b</t></ext></extLst>',
    "a value beside it": "<v>b</v><is><t>a</t></is>",
}


@pytest.mark.parametrize("what", FOREIGN)
def test_rows_that_no_spreadsheet_program_shows_are_not_read(tmp_path: Path, what: str) -> None:
    sheet = sheet_xml('<c r="A1"><v>1</v></c>').replace(
        "</worksheet>", f"{FOREIGN[what]}</worksheet>"
    )
    place = handmade(tmp_path / "r.xlsx", sheet)
    assert [row.cells for row in rows_of(place)] == [{0: NumberCell(Decimal(1))}]
    assert seen_by_another(place) == [[1.0]]
    with opened(place) as read:
        assert read.rows_about == 1


@pytest.mark.parametrize("what", TEXTS)
def test_of_a_cell_what_a_spreadsheet_program_shows_is_read(tmp_path: Path, what: str) -> None:
    cell = f'<c r="A1" t="inlineStr">{TEXTS[what]}</c>'
    assert one_cell(handmade(tmp_path / "r.xlsx", sheet_xml(cell))) == "a"


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"]
)
def test_what_is_of_no_known_namespace_is_damaged(tmp_path: Path, part: str) -> None:
    place = handmade(tmp_path / "r.xlsx", sheet_xml('<c r="A1"><v>1</v></c>'))
    with zipfile.ZipFile(place) as package_:
        content = package_.read(part).decode().replace(' xmlns="', ' xmlns="urn:x:')
    sheet = sheet_xml('<c r="A1"><v>1</v></c>')
    assert refused(handmade(tmp_path / "s.xlsx", sheet, {part: content})) == "DAMAGED"


@pytest.mark.parametrize(
    ("before", "row", "hidden"),
    [
        ("", 'hidden="1"', 1),
        ("", 'ht="0" customHeight="1"', 1),
        ("", 'ht="0.0"', 1),
        ("", 'ht="15"', 0),
        ('<sheetFormatPr defaultRowHeight="15" zeroHeight="1"/>', "", 1),
        ('<sheetFormatPr defaultRowHeight="15" zeroHeight="1"/>', 'ht="15"', 0),
    ],
)
def test_a_row_without_height_counts_as_hidden(
    tmp_path: Path, before: str, row: str, hidden: int
) -> None:
    sheet = sheet_xml('<c r="A1"><v>1</v></c>').replace("<sheetData>", f"{before}<sheetData>")
    place = handmade(tmp_path / "r.xlsx", sheet.replace('<row r="1"', f'<row r="1" {row}'))
    with opened(place) as read:
        assert read.hidden_rows == hidden


def test_a_workbook_that_lost_bytes_is_damaged(tmp_path: Path) -> None:
    place = workbook(tmp_path / "r.xlsx", [["見本"] * 50] * 50)
    content = bytearray(place.read_bytes())
    with zipfile.ZipFile(place) as package_:
        part = package_.getinfo("xl/worksheets/sheet1.xml")
    for n in range(60, 90):
        content[part.header_offset + n] ^= 0xFF
    place.write_bytes(bytes(content))
    assert refused(place) == "DAMAGED"
    place.write_bytes(bytes(content[: len(content) // 2]))
    assert refused(place) == "DAMAGED"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("r.xlsx", b"id,name\r\n", "NOT_WHAT_ITS_NAME_SAYS"),
        ("r.csv", b"PK\x03\x04zip", "NOT_WHAT_ITS_NAME_SAYS"),
        ("r.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", "OLD_OR_LOCKED"),
        ("r.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1locked", "OLD_OR_LOCKED"),
        ("r.pdf", b"%PDF-1.7", "NOT_A_REGISTER"),
        ("r.xlsx", b"PK\x03\x04 and nothing more", "DAMAGED"),
    ],
)
def test_a_file_is_what_it_is_not_what_it_is_called(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert refused(tmp_path / name) == code


def test_macros_and_links_to_other_workbooks_are_not_looked_at(tmp_path: Path) -> None:
    place = handmade(
        tmp_path / "r.xlsm",
        sheet_xml('<c r="A1"><v>1</v></c>'),
        {
            "xl/vbaProject.bin": "Sub AutoOpen()",
            "xl/externalLinks/externalLink1.xml": "<!DOCTYPE x><broken",
        },
    )
    assert one_cell(place) == NumberCell(Decimal(1))
