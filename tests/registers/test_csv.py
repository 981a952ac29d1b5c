"""CSV registers: the encoding is certain or asked for, and a broken one ends with its row."""

import os
import tracemalloc
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.container import Container
from api.resources.registers.cells import Cell
from api.resources.registers.days import ALL, COMPACT, day_of
from api.resources.registers.errors import RegisterError
from api.resources.registers.formats import opened
from api.resources.registers.import_run import ITEMS_MAX, PERSONS_MAX, batches_of, checked
from api.resources.registers.mapping import mapping_of
from api.resources.registers.sealed_file import piece_writer, read
from api.resources.registers.spool import Spool
from api.resources.registers.transfers import Transfers
from api.web.items import Sender
from ledger.store.registers import RegisterChange, RegisterRow, Registers
from ledger.store.staged_rows import PIECE_BYTES
from tests.matrix import every
from tests.registers.writing import (
    AT,
    HEADINGS,
    MAPPING,
    SOURCE,
    csv_file,
    looked_at,
    usual_row,
    workbook,
)


def cells_of(place: Path, encoding: str | None = None) -> list[list[Cell]]:
    with opened(place, encoding=encoding) as sheet:
        return [list(row.cells.values()) for row in sheet.rows()]


def refused(place: Path, encoding: str | None = None) -> tuple[str, str]:
    with pytest.raises(RegisterError) as caught:
        cells_of(place, encoding)
    return caught.value.code, caught.value.place


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_the_encodings_that_excel_writes_are_told_apart(tmp_path: Path, encoding: str) -> None:
    text = "見本 髙﨑①ながめ株式会社"
    place = csv_file(tmp_path / "r.csv", [["氏名"], [text]], encoding)
    assert cells_of(place) == [["氏名"], [text]]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("ﾃｽ".encode("cp932"), id="two letters in UTF-8"),
        pytest.param("氏名".encode("euc_jp"), id="half-width kana in CP932"),
        pytest.param("氏名".encode("utf-16"), id="UTF-16"),
        pytest.param(b"\x81\x20\xc3", id="none of them"),
    ],
)
def test_what_could_be_several_encodings_is_asked_for(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r.csv").write_bytes(content)
    assert refused(tmp_path / "r.csv")[0] == "ENCODING_UNCLEAR"


def test_a_declared_encoding_is_believed_or_refused_with_its_row(tmp_path: Path) -> None:
    place = tmp_path / "r.csv"
    place.write_bytes("ﾃｽ".encode("cp932"))
    assert cells_of(place, "Shift_JIS") == [["ﾃｽ"]]
    place.write_bytes("id\r\n氏名\r\n".encode("cp932"))
    assert refused(place, "utf-8")[0] == "ENCODING_WRONG"
    assert refused(place, "latin-1")[0] == "ENCODING_UNKNOWN"


JAPANESE = st.text(
    st.characters(min_codepoint=0x3041, max_codepoint=0x3093)
    | st.sampled_from("見本髙﨑①株式会社"),
    min_size=1,
)


@given(JAPANESE, st.sampled_from(["utf-8", "cp932"]))
def test_japanese_with_kana_is_never_taken_for_the_other_encoding(
    tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str
) -> None:
    place = csv_file(tmp_path_factory.mktemp("c") / "r.csv", [["あ" + text]], encoding)
    assert cells_of(place) == [["あ" + text]]


def test_rows_are_numbered_as_excel_shows_them(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text('a,b\n\n"x\ny",z\n', "utf-8")
    with opened(tmp_path / "r.csv") as sheet:
        found = [(row.number, dict(row.cells)) for row in sheet.rows()]
    assert found == [(1, {0: "a", 1: "b"}), (2, {}), (3, {0: "x\ny", 1: "z"})]


def test_an_open_quote_ends_with_its_row_and_does_not_take_the_rest(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text('a\n"b\n' + "c,d\n" * 100_000, "utf-8")
    assert refused(tmp_path / "r.csv") == ("CSV_QUOTES", "2")
    (tmp_path / "r.csv").write_text('a\n"b"c\n', "utf-8")
    assert refused(tmp_path / "r.csv") == ("CSV_QUOTES", "2")


def test_a_line_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("a," * 2_000_000, "utf-8")
    assert refused(tmp_path / "r.csv")[0] == "ROW_TOO_LONG"
    (tmp_path / "r.csv").write_text("a," * 20_000, "utf-8")
    assert refused(tmp_path / "r.csv")[0] == "ROW_TOO_LONG"


# -- Days as registers write them: read in one way, or not at all --


@every(
    "text, day",
    [
        ("2024-04-01", date(2024, 4, 1)),
        ("2024-4-1", date(2024, 4, 1)),
        ("2024/4/1", date(2024, 4, 1)),
        ("2024.04.01", date(2024, 4, 1)),
        ("2024年4月1日", date(2024, 4, 1)),
        ("２０２４年４月１日", date(2024, 4, 1)),
        ("2024 年 4 月 1 日", date(2024, 4, 1)),
        ("二〇二四年四月一日", date(2024, 4, 1)),
        ("令和6年4月1日", date(2024, 4, 1)),
        ("令和六年十二月二十五日", date(2024, 12, 25)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("㋿6年4月1日", date(2024, 4, 1)),
        ("R6.4.1", date(2024, 4, 1)),
        ("r6/4/1", date(2024, 4, 1)),
        ("Ｒ６．４．１", date(2024, 4, 1)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("H元.1.8", date(1989, 1, 8)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("大正元年7月30日", date(1912, 7, 30)),
        ("明治45年7月29日", date(1912, 7, 29)),
    ],
)
def test_a_day_is_read_in_the_calendar_that_it_is_written_in(text: str, day: date) -> None:
    assert day_of(text) == day


@every(
    "text",
    [
        "平成31年5月1日",
        "昭和64年1月8日",
        "令和元年4月30日",
        "令和0年4月1日",
        "24/4/1",
        "4/1/2024",
        "2024/4-1",
        "2024-02-30",
        "2024年4月",
        "R6.4/1",
        "X6.4.1",
        "20240401",
        "45383",
        "同日",
        "",
        "2024-04-01 09:00",
        "令和百年4月1日",
    ],
)
def test_what_could_be_read_in_two_ways_or_never_was_is_no_day(text: str) -> None:
    assert day_of(text) is None


def test_a_day_of_eight_digits_is_read_where_somebody_says_that_there_are_some() -> None:
    assert day_of("20240401", frozenset({COMPACT})) == date(2024, 4, 1)
    assert day_of("2024-04-01", frozenset({COMPACT})) is None


# An oracle: count from the first day of each era, one day after another.
FIRST_DAYS = (
    ("明治", "M", date(1873, 1, 1), 6),
    ("大正", "T", date(1912, 7, 30), 1),
    ("昭和", "S", date(1926, 12, 25), 1),
    ("平成", "H", date(1989, 1, 8), 1),
    ("令和", "R", date(2019, 5, 1), 1),
)


def by_era(day: date) -> tuple[str, str, int]:
    name, letter, first, number = next(era for era in reversed(FIRST_DAYS) if era[2] <= day)
    walking = first
    while walking.year < day.year:
        walking += timedelta(days=1)
        number += (walking.month, walking.day) == (1, 1)
    return name, letter, number


@given(st.dates(date(1873, 1, 1), date(2099, 12, 31)))
def test_a_day_written_by_era_is_the_day_that_counting_leads_to(day: date) -> None:
    name, letter, number = by_era(day)
    spoken = "元" if number == 1 else str(number)

    assert day_of(f"{name}{spoken}年{day.month}月{day.day}日") == day
    assert day_of(f"{letter}{number}.{day.month}.{day.day}") == day
    assert day_of(f"{letter}{number}.{day.month:02}.{day.day:02}") == day


@given(st.text("0123456789年月日令和元平成昭RHST./- ", max_size=14))
def test_whatever_is_written_is_one_day_in_all_forms_that_read_it(text: str) -> None:
    read = {day_of(text, frozenset({form})) for form in ALL} - {None}

    assert len(read) <= 1
    assert day_of(text, ALL) == next(iter(read), None)


# -- Memory does not grow with the register; batches are bounded by items and by persons --


FEW, MANY = 1_000, 3_000
GROWTH_BYTES_MAX = 1024 * 1024
"""Eight bytes a text, and what the allocator does not give back; the rows alone are 4 MB more."""


def peak(place: Path) -> int:
    """Bytes at most while the register is looked at."""
    mapping, sender = mapping_of(MAPPING), Sender("", SOURCE, may_mark=False)
    tracemalloc.start()
    try:
        with opened(place) as sheet:
            transfers = Transfers(sheet, mapping, lambda content: content.hex())
            for one in checked(transfers.units(), mapping, sender, lambda: AT):
                assert one.problems == ()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_register_three_times_as_long_takes_as_much_memory(tmp_path: Path, ending: str) -> None:
    peaks: list[int] = []
    for count in (FEW, MANY):
        rows = [HEADINGS, *(usual_row(n, n) for n in range(count))]
        place = tmp_path / f"{count}.{ending}"
        peaks.append(peak(workbook(place, rows) if ending == "xlsx" else csv_file(place, rows)))
    few, many = peaks
    assert many - few < GROWTH_BYTES_MAX


def test_a_batch_is_full_by_items_or_by_persons(tmp_path: Path) -> None:
    alone = [usual_row(n, n) for n in range(ITEMS_MAX + 1)]
    crowds = [usual_row(9_000 + n // 900, n) for n in range(900 * 7)]
    results = looked_at(csv_file(tmp_path / "r.csv", [HEADINGS, *alone, *crowds]))
    sizes = [len(batch) for batch in batches_of(iter(results))]
    assert sizes == [ITEMS_MAX, 1 + -(-(PERSONS_MAX - 1) // 900), 1]
    assert sum(sizes) == len(results)


# -- A register that was uploaded is read as the file that it was; what spools over is unreadable --


CONTENT = bytes(n % 251 for n in range(2 * PIECE_BYTES + 777))


@pytest.fixture
def registers(house: Container) -> Registers:
    return Registers(house.writer, house.keys, house.secret)


def kept(registers: Registers, house: Container, step: int) -> RegisterRow:
    """The content as a register, taken in in steps."""
    one = registers.begin("0" * 32, {"name": "r.csv"}, house.now())
    writer = piece_writer(registers, one)
    for begin in range(0, len(CONTENT), step):
        writer.write(CONTENT[begin : begin + step])
    writer.end()
    assert writer.bytes == len(CONTENT)
    registers.change(one, RegisterChange("uploaded", len(CONTENT)), house.now())
    return registers.find(one.register, house.now())


@pytest.mark.parametrize("step", [len(CONTENT), PIECE_BYTES, 65_536, 100_003])
def test_a_file_is_read_as_it_came_in_whatever_the_steps(
    registers: Registers, house: Container, step: int
) -> None:
    one = kept(registers, house, step)
    assert [registers.piece(one, "file", n) is None for n in range(4)] == [False] * 3 + [True]
    with read(registers, one) as file:
        assert file.read() == CONTENT
        for place, size in ((0, 3), (PIECE_BYTES - 2, 5), (2 * PIECE_BYTES, 900), (10**7, 4)):
            assert file.seek(place) == place
            assert file.read(size) == CONTENT[place : place + size]
        assert file.seek(-777, os.SEEK_END) == 2 * PIECE_BYTES
        assert file.read() == CONTENT[-777:]


@given(
    parts=st.lists(st.binary(max_size=70), max_size=8),
    places=st.lists(st.tuples(st.integers(0, 600), st.integers(0, 100)), max_size=5),
)
def test_a_spool_gives_back_any_stretch_of_what_was_written(
    parts: list[bytes], places: list[tuple[int, int]]
) -> None:
    whole = b"".join(parts)
    with closing(Spool()) as spool:
        for part in parts:
            spool.write(part)
        spool.flush()
        for begin, size in places:
            end = min(begin + size, len(whole))
            if begin <= end:
                assert spool.read(begin, end) == whole[begin:end]


def test_what_lies_on_the_disk_is_unreadable() -> None:
    files = set(_open_files())
    with closing(Spool()) as spool:
        spool.write("神楽坂 金糸雀".encode() * 10_000)
        spool.flush()
        [mine] = set(_open_files()) - files
        assert "(deleted)" in str(mine.readlink())
        assert "神楽坂".encode() not in mine.read_bytes()


def _open_files() -> list[Path]:
    return [
        one
        for one in Path("/proc/self/fd").iterdir()
        if one.is_symlink() and "(deleted)" in str(one.readlink())
    ]
