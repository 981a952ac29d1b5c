"""The workbook of a bag: the CSV's cells, no formula, sheets that Excel can hold."""

import contextlib
import csv
import io
import tempfile
import tracemalloc
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from xlsxwriter import workbook as library  # pyright: ignore[reportMissingTypeStubs] -- it ships none
from xlsxwriter.worksheet import Worksheet  # pyright: ignore[reportMissingTypeStubs] -- it ships none

from ledger.exports import workbook
from ledger.exports.page import WorkbookPage
from ledger.exports.tables import COLUMNS
from ledger.exports.workbook import (
    CELL_MAX,
    CUT,
    ERA_HEAD,
    ROWS_MAX,
    Cover,
    shortened,
    write_workbook,
)
from ledger.law.bases import BASES, Basis
from ledger.law.findings import FINDINGS, Finding
from tests.exports.sheets import Sheet, sheets
from tests.exports.verifying import checked
from tests.exports.world import EXPORT, WHY, World, copied

AT = datetime(2026, 11, 25, 3, 4, 5, 678_000, tzinfo=UTC)
COVER = Cover(EXPORT, AT)
_DAY_ONE = date(1899, 12, 30)
_DAYS = (6, 7, 8, 16)
_PARTY = COLUMNS.index("第三者の氏名又は名称")


def row(number: int, **cells: str) -> list[str]:
    """A row of the table with some cells, by their heading."""
    fixed = {"番号": str(number), "位置": str(number * 2), "年月日(初日)": "2026-04-01"} | cells
    return [fixed.get(head, "") for head in COLUMNS]


def written(rows: list[list[str]], rows_max: int = ROWS_MAX) -> list[Sheet]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "book.xlsx"
        write_workbook(place, rows, COVER, rows_max)
        assert [one.name for one in Path(folder).iterdir()] == ["book.xlsx"]
        return sheets(place)


def letter(column: int) -> str:
    return chr(ord("A") + column)


@pytest.mark.parametrize("kind", ["pseudonyms", "named"])
def test_the_workbook_says_what_the_csv_says(shared: World, kind: str) -> None:
    asked: dict[str, Any] = {"identified": True, "reason": WHY} if kind == "named" else {}
    bag = shared.bag(f"book {kind}", **asked)
    with (bag / "data/records.csv").open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    _, sheet = sheets(bag / "data/records.xlsx")
    assert [sheet.cells[f"{letter(n)}1"] for n in range(len(head))] == head
    assert sheet.cells[f"{letter(len(head))}1"] == ERA_HEAD
    shown = [
        [_text(sheet, f"{letter(n)}{at}", n) for n in range(len(head))]
        for at in range(2, len(rows) + 2)
    ]
    assert shown == rows
    assert rows[4][13] == "'=1+1"


def _text(sheet: Sheet, place: str, column: int) -> str:
    found = sheet.cells.get(place, "")
    if found and column in _DAYS:
        return (_DAY_ONE + timedelta(days=int(found))).isoformat()
    return found


def test_another_reader_reads_days_as_days_and_ids_as_texts(shared: World) -> None:
    bag = shared.bag("book read")
    opened: Any = CalamineWorkbook
    found: Any = opened.from_path(str(bag / "data/records.xlsx"))
    first = found.get_sheet_by_name("記録1").to_python()[1]
    assert first[:2] == [1.0, 1.0]
    assert first[6] == first[len(COLUMNS)] == date(2026, 4, 1)
    assert first[12] == "x"
    cover = {line[0]: line[1] for line in found.get_sheet_by_name("表紙").to_python()}
    assert (cover["写しの番号"], cover["記録の件数"]) == (str(EXPORT), 5.0)


def test_no_cell_is_a_formula_and_the_head_stays_in_view(shared: World) -> None:
    _, sheet = sheets(shared.bag("book plain") / "data/records.xlsx")
    assert set(sheet.kinds.values()) == {"n", "inlineStr"}
    pane = sheet.attributes("sheetViews/sheetView/pane")
    assert (pane["state"], pane["ySplit"]) == ("frozen", "1")
    assert sheet.attributes("autoFilter")["ref"] == "A1:U6"


@pytest.mark.parametrize(("column", "table"), [("根拠", BASES), ("指摘", FINDINGS)])
def test_every_label_of_the_law_fits_its_column(
    column: str, table: Mapping[str, Basis | Finding]
) -> None:
    _, sheet = written([row(1)])
    longest = max(len(one.label) for one in table.values())
    assert sheet.widths()[COLUMNS.index(column)] >= 2 * longest, "each is two digits wide"


HOSTILE = [
    "=1+1",
    "+1",
    "@SUM(A1)",
    "https://example.jp/",
    "mailto:a@example.jp",
    "<r><t>ほか</t></r>",
    "<r>&</r>",
    "_x0041_",
    "\x00\x1f\ufffe",
    " 空白 ",
    "1180301018771",
    "髙﨑𠮷",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_comes_back_as_it_is(text: str) -> None:
    _, sheet = written([row(1, **{COLUMNS[_PARTY]: text})])
    place = f"{letter(_PARTY)}2"
    assert (sheet.cells[place], sheet.kinds[place]) == (text, "inlineStr")
    assert not sheet.has("hyperlinks")


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda t: "_x" not in t)
)
def test_every_text_comes_back_as_it_is(text: str) -> None:
    _, sheet = written([row(1, **{COLUMNS[_PARTY]: text})])
    assert sheet.cells[f"{letter(_PARTY)}2"] == text


def _always(number: int) -> dict[str, str]:
    """A text, so that each row has one; numbers, as large as they print otherwise."""
    return {"義務": "art29", "本人の数": str(10 ** (number * 3)), "訂正等の回数": str(number)}


_CELLS = st.dictionaries(
    st.sampled_from([one for one in COLUMNS[2:] if one not in _always(1)]),
    st.one_of(
        st.sampled_from([*HOSTILE, "2026-04-01", "1900-02-28", "", "x" * 1_001]),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    ),
)


_NO_DAY = {"年月日(初日)": ""}


@given(st.lists(_CELLS, max_size=7))
@example([_NO_DAY, _NO_DAY, {}, _NO_DAY])  # the first day stands in the last row of a sheet
def test_a_row_at_once_has_the_bytes_of_the_library_cell_by_cell(
    drawn: list[dict[str, str]],
) -> None:
    rows = [row(n, **one, **_always(n)) for n, one in enumerate(drawn, 1)]
    with pytest.MonkeyPatch.context() as patched:
        at_once = _bytes_of(rows)
        patched.setattr(workbook, "text_cell", _for_the_library)
        patched.delattr(WorkbookPage, "_write_optimized_sheet_data")
        assert _bytes_of(rows) == at_once


def test_what_is_packed_quickly_holds_what_the_library_packs_and_no_other_book_is() -> None:
    rows = [row(n, **_always(n)) for n in range(1, 5)]
    with pytest.MonkeyPatch.context() as patched:
        quickly = _bytes_of(rows)
        assert library.ZipFile is zipfile.ZipFile  # pyright: ignore[reportPrivateImportUsage] -- no stubs
        patched.setattr(workbook, "_packed_quickly", contextlib.nullcontext)
        slowly = _bytes_of(rows)
    assert len(slowly) < len(quickly)
    assert _members(slowly) == _members(quickly)


def _members(book: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(book)) as opened:
        return [(one, opened.read(one)) for one in opened.namelist()]


def _for_the_library(_text: str) -> None:
    return None


def _bytes_of(rows: list[list[str]]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "book.xlsx"
        write_workbook(place, rows, COVER, rows_max=4)
        return place.read_bytes()


@pytest.mark.parametrize(("day", "kind"), [("1900-02-28", "inlineStr"), ("1900-03-01", "n")])
def test_a_day_that_spreadsheets_count_otherwise_is_a_text(day: str, kind: str) -> None:
    _, sheet = written([row(1, **{"年月日(初日)": day})])
    assert sheet.kinds["G2"] == kind
    assert (sheet.cells["G2"] == day) == (kind == "inlineStr")


@pytest.mark.parametrize(
    ("rows", "counts"), [(0, [0]), (1, [1]), (3, [3]), (4, [3, 1]), (7, [3, 3, 1])]
)
def test_rows_that_a_sheet_cannot_hold_stand_on_the_next_and_the_cover_says_so(
    rows: int, counts: list[int]
) -> None:
    cover, *found = written([row(n) for n in range(1, rows + 1)], rows_max=4)
    assert [one.rows - 1 for one in found] == counts
    assert [one.name for one in found] == [f"記録{n}" for n in range(1, len(counts) + 1)]
    numbers = [one for sheet in found for one in sheet.column("A")[1:]]
    assert numbers == [str(n) for n in range(1, rows + 1)]
    told = [cover.cells.get(f"D{n}", "") for n in range(6, 6 + len(counts))]
    assert told == [str(one) for one in counts]
    is_told = any("ごとに分けています" in one for one in cover.cells.values())
    assert is_told == (len(counts) > 1)


def test_a_sheet_holds_as_many_rows_as_excel_does() -> None:
    assert ROWS_MAX == Worksheet().xls_rowmax == 1_048_576


def test_a_text_that_no_cell_holds_is_cut_and_the_cover_says_where() -> None:
    whole = "𠮷" * CELL_MAX
    cover, sheet = written([row(1), row(2, **{COLUMNS[_PARTY]: whole})])
    found = sheet.cells[f"{letter(_PARTY)}3"]
    assert found.endswith(CUT)
    assert whole.startswith(found.removesuffix(CUT))
    assert CELL_MAX - 1 <= len(found.encode("utf-16-le")) // 2 <= CELL_MAX
    assert "記録1 3行目 第三者の氏名又は名称" in cover.cells.values()


@pytest.mark.parametrize("size", [CELL_MAX // 2, CELL_MAX - 1, CELL_MAX])
def test_a_text_that_a_cell_holds_is_not_cut(size: int) -> None:
    assert shortened("字" * size) == "字" * size
    cover, _ = written([row(1, **{COLUMNS[_PARTY]: "字" * size})])
    assert not any("途中まで" in one for one in cover.cells.values())


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    def rows(count: int) -> Iterator[list[str]]:
        return (row(n, **{COLUMNS[_PARTY]: f"第{n}商事"}) for n in range(1, count + 1))

    peaks: list[int] = []
    for count in (1_500, 6_000):  # beyond the buffers of a file
        tracemalloc.start()
        write_workbook(tmp_path / f"{count}.xlsx", rows(count), COVER)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0], peaks


@pytest.mark.parametrize("name", ["records.xlsx", "report.pdf", "coverage.json"])
def test_a_further_file_that_was_changed_or_taken_out_is_found(shared: World, name: str) -> None:
    bag = copied(shared.bag(f"further {name}"), f"further {name} changed")
    place = bag / "data" / name
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 1
    place.write_bytes(content)
    assert checked(bag)[0] == 10
    place.unlink()
    found, said = checked(bag)
    assert (found, f"something is missing: data/{name}" in said) == (20, True)
