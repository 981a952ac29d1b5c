"""The workbook of a bag: the CSV's cells, no formula, sheets that Excel can hold."""

import csv
import os
import re
import signal
import tempfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from api.resources.exports.workbook_beside import SubprocessWorkbook, WorkbookError, open_workbook
from ledger.crypto.pseudonyms import random_uuid
from ledger.exports.bag import BagWriter
from ledger.exports.export_request import ExportRequest
from ledger.exports.filters import Filters
from ledger.exports.tables import TITLES, head, line_of
from ledger.exports.workbook import (
    CELL_MAX,
    CUT,
    ERA_HEAD,
    NAME,
    ROWS_MAX,
    Cover,
    write_workbook,
)
from tests.exports.world import EXPORT, WHY, World

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its cells as texts by place, and its XML."""

    name: str
    cells: dict[str, str]
    kinds: dict[str, str]
    root: ET.Element

    def column(self, letter: str) -> list[str]:
        return [self.cells.get(f"{letter}{n}", "") for n in range(1, self.rows + 1)]

    @property
    def rows(self) -> int:
        return len(self.root.findall(f"{_MAIN}sheetData/{_MAIN}row"))

    def widths(self) -> list[float]:
        """Of the columns, in characters."""
        found: list[float] = []
        for one in self.root.iter(f"{_MAIN}col"):
            alike = int(one.attrib["max"]) - int(one.attrib["min"]) + 1
            found += [float(one.attrib["width"])] * alike
        return found

    def has(self, path: str) -> bool:
        return self.root.find("/".join(f"{_MAIN}{one}" for one in path.split("/"))) is not None

    def attributes(self, path: str) -> dict[str, str]:
        found = self.root.find("/".join(f"{_MAIN}{one}" for one in path.split("/")))
        assert found is not None, path
        return found.attrib


def sheets(place: Path) -> list[Sheet]:
    with zipfile.ZipFile(place) as book:
        names = [one.attrib["name"] for one in _read(book, "xl/workbook.xml").iter(f"{_MAIN}sheet")]
        return [
            _sheet(name, _read(book, f"xl/worksheets/sheet{n}.xml"))
            for n, name in enumerate(names, 1)
        ]


def _read(book: zipfile.ZipFile, name: str) -> ET.Element:
    return ET.fromstring(book.read(name))  # noqa: S314 -- the test made it


def _sheet(name: str, root: ET.Element) -> Sheet:
    cells: dict[str, str] = {}
    kinds: dict[str, str] = {}
    for cell in root.iter(f"{_MAIN}c"):
        place = cell.attrib["r"]
        kinds[place] = cell.attrib.get("t", "n")
        if cell.find(f"{_MAIN}f") is not None:
            kinds[place] = "formula"
        texts = [one.text or "" for one in cell.iter(f"{_MAIN}t")]
        value = cell.find(f"{_MAIN}v")
        cells[place] = (
            plain("".join(texts)) if texts else (value.text or "") if value is not None else ""
        )
    return Sheet(name, cells, kinds, root)


def plain(text: str) -> str:
    """A text without the escapes of ECMA-376, 22.9.2.19 (ST_Xstring)."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


AT = datetime(2026, 11, 25, 3, 4, 5, 678_000, tzinfo=UTC)
COVER = Cover(EXPORT, AT)
_DAY_ONE = date(1899, 12, 30)
_DAYS = (6, 7, 8, 16)
_PARTY = TITLES.index("第三者の氏名又は名称")


def row(number: int, **cells: str) -> list[str]:
    """A row of the table with some cells, by their heading."""
    fixed = {"番号": str(number), "位置": str(number * 2), "年月日(初日)": "2026-04-01"} | cells
    return [fixed.get(head, "") for head in TITLES]


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
    assert rows[4][13] == "'=1+1;'=1+1"


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
    assert first[6] == first[len(TITLES)] == date(2026, 4, 1)
    assert first[12] == "x"
    cover = {line[0]: line[1] for line in found.get_sheet_by_name("表紙").to_python()}
    assert (cover["写しの番号"], cover["記録の件数"]) == (str(EXPORT), 5.0)


def test_no_cell_is_a_formula_and_the_head_stays_in_view(shared: World) -> None:
    _, sheet = sheets(shared.bag("book plain") / "data/records.xlsx")
    assert set(sheet.kinds.values()) == {"n", "inlineStr"}
    pane = sheet.attributes("sheetViews/sheetView/pane")
    assert (pane["state"], pane["ySplit"]) == ("frozen", "1")
    assert sheet.attributes("autoFilter")["ref"] == "A1:U6"


HOSTILE = [
    *("=1+1", "+1", "@SUM(A1)", "https://example.jp/", "mailto:a@example.jp", "_x0041_"),
    *("<r><t>ほか</t></r>", "<r>&</r>", "\x00\x1f\ufffe", " 空白 ", "1180301018771", "髙﨑𠮷"),
]


def test_a_hostile_text_comes_back_as_it_is() -> None:
    for text in HOSTILE:
        _, sheet = written([row(1, **{TITLES[_PARTY]: text})])
        place = f"{letter(_PARTY)}2"
        assert (sheet.cells[place], sheet.kinds[place]) == (text, "inlineStr")
        assert not sheet.has("hyperlinks")


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda t: "_x" not in t)
)
def test_every_text_comes_back_as_it_is(text: str) -> None:
    _, sheet = written([row(1, **{TITLES[_PARTY]: text})])
    assert sheet.cells[f"{letter(_PARTY)}2"] == text


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


def test_a_text_that_no_cell_holds_is_cut_and_the_cover_says_where() -> None:
    whole = "𠮷" * CELL_MAX
    cover, sheet = written([row(1), row(2, **{TITLES[_PARTY]: whole})])
    found = sheet.cells[f"{letter(_PARTY)}3"]
    assert found.endswith(CUT)
    assert whole.startswith(found.removesuffix(CUT))
    assert CELL_MAX - 1 <= len(found.encode("utf-16-le")) // 2 <= CELL_MAX
    assert "記録1 3行目 第三者の氏名又は名称" in cover.cells.values()


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    def rows(count: int) -> Iterator[list[str]]:
        return (row(n, **{TITLES[_PARTY]: f"第{n}商事"}) for n in range(1, count + 1))

    peaks: list[int] = []
    for count in (1_500, 6_000):  # beyond the buffers of a file
        tracemalloc.start()
        write_workbook(tmp_path / f"{count}.xlsx", rows(count), COVER)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0], peaks


THEN = datetime(2026, 11, 25, 3, 4, 5, 678_000, tzinfo=UTC)
ASKED = ExportRequest(random_uuid(), Filters(), THEN, bytes(32), {})
PARTY = '髙橋商店、"本店"\n2階'


def table_row(number: int) -> list[str]:
    cells = {"番号": str(number), "第三者の氏名又は名称": PARTY}
    return [cells.get(one, "") for one in TITLES]


ROWS = [table_row(n) for n in range(1, 400)]


@pytest.fixture
def bag(tmp_path: Path) -> BagWriter:
    made = BagWriter(tmp_path / "bag")
    made.path.mkdir()
    return made


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[SubprocessWorkbook]:
    with open_workbook(ASKED, tmp_path) as one:
        yield one
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".")]


def table(rows: list[list[str]]) -> bytes:
    return head() + b"".join(map(line_of, rows))


def in_one_go(rows: list[list[str]], folder: Path) -> bytes:
    place = folder / "whole.xlsx"
    write_workbook(place, rows, Cover(ASKED.export, ASKED.at))
    return place.read_bytes()


def process_of(beside: SubprocessWorkbook) -> int:
    child = beside._child  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 -- to be killed
    assert child is not None
    return child.pid


@pytest.mark.parametrize("size", [1, 7, 4_096, 1 << 20])
def test_whatever_the_parts_the_workbook_is_the_one_of_the_whole_table(
    size: int, beside: SubprocessWorkbook, bag: BagWriter, tmp_path: Path
) -> None:
    rows = ROWS if size > 1 else ROWS[:20]
    write, whole = beside.follow(), table(rows)
    for n in range(0, len(whole), size):
        write(whole[n : n + size])
    beside.put(bag)
    made = (bag.path / "data" / NAME).read_bytes()
    assert made == in_one_go(rows, tmp_path)
    assert bag.digests[f"data/{NAME}"] == sha256(made).hexdigest()


def test_a_process_that_was_killed_leaves_no_workbook(
    beside: SubprocessWorkbook, bag: BagWriter
) -> None:
    write = beside.follow()
    write(table(ROWS))
    os.kill(process_of(beside), signal.SIGKILL)
    for _ in range(200):
        write(table(ROWS))
    with pytest.raises(WorkbookError):
        beside.put(bag)
