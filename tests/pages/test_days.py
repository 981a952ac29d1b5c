"""Days by era and in words: each boundary, and the way back."""

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.resources.cases.pages.overview.letters import QUIET, code_39
from api.web.pages.days import (
    CALENDAR,
    ERAS,
    NoSuchDayError,
    by_era,
    era_of,
    in_full,
    left,
    typed_day,
)
from tests.canary import OFFICERS, traces
from tests.pages.casework import Work
from tests.pages.filling import words_of
from tests.pages.office import Office, Person

BOUNDARIES = [
    ("showa", "64", "1", "7", date(1989, 1, 7), "昭和64年1月7日"),
    ("heisei", "元", "1", "8", date(1989, 1, 8), "平成元年1月8日"),
    ("heisei", "３１", "４", "３０", date(2019, 4, 30), "平成31年4月30日"),
    ("reiwa", "1", "5", "1", date(2019, 5, 1), "令和元年5月1日"),
    ("taisho", "15", "12", "24", date(1926, 12, 24), "大正15年12月24日"),
    ("showa", "1", "12", "25", date(1926, 12, 25), "昭和元年12月25日"),
    ("meiji", "45", "7", "29", date(1912, 7, 29), "明治45年7月29日"),
]


@pytest.mark.parametrize(("era", "year", "month", "day", "found", "written"), BOUNDARIES)
def test_a_day_of_an_era_is_read_and_written(
    era: str, year: str, month: str, day: str, found: date, written: str
) -> None:
    assert typed_day(era, year, month, day) == found
    assert by_era(found) == written


@pytest.mark.parametrize(
    ("era", "year", "month", "day", "part"),
    [
        ("showa", "64", "1", "8", "year"),
        ("heisei", "31", "5", "1", "year"),
        ("reiwa", "1", "4", "30", "year"),
        ("ad", "2026", "2", "30", "day"),
        ("ad", "2026", "", "3", "month"),
        ("ad", "二千", "1", "1", "year"),
        ("jomon", "3", "1", "1", "era"),
        ("ad", "0", "1", "1", "year"),
        ("ad", "05", "9", "21", "year"),
    ],
)
def test_what_is_no_day_is_told_by_its_field(
    era: str, year: str, month: str, day: str, part: str
) -> None:
    with pytest.raises(NoSuchDayError) as refused:
        typed_day(era, year, month, day)
    assert refused.value.part == part


def test_nothing_typed_is_no_day() -> None:
    assert typed_day("reiwa", " ", "", "") is None


@given(st.dates(date(1873, 1, 1), date(2100, 1, 1)))
def test_every_day_comes_back_from_its_era_and_from_the_calendar(day: date) -> None:
    era = era_of(day)
    assert era is not None
    # The slow way: the last era that had begun.
    assert era == [one for one in reversed(ERAS) if one.first <= day][-1]
    year = by_era(day).removeprefix(era.name).partition("年")[0]
    assert typed_day(era.code, year, str(day.month), str(day.day)) == day
    assert typed_day(CALENDAR, str(day.year), str(day.month), str(day.day)) == day


def test_a_day_stands_with_its_weekday() -> None:
    assert in_full(date(2026, 11, 24)) == "2026年11月24日（火）"


@pytest.mark.parametrize(
    ("last", "words", "level"),
    [
        (date(2026, 12, 8), "残14日", "far"),
        (date(2026, 11, 28), "残4日", "far"),
        (date(2026, 11, 27), "▲ 残3日", "near"),
        (date(2026, 11, 24), "▲ 本日まで", "near"),
        (date(2026, 11, 23), "▲ 1日超過", "late"),
    ],
)
def test_what_is_left_of_a_term_is_told_in_words(last: date, words: str, level: str) -> None:
    # 23:30 in Japan is still the 24th there.
    told = left(last, datetime(2026, 11, 24, 14, 30, tzinfo=UTC))
    assert (told.words, told.level) == (words, level)


# As the standard prints them at 2:1, `1` a bar and `0` a space, one module each.
MODULES = {
    "101001101101": "0",
    "110100101011": "1",
    "101100101011": "2",
    "110110010101": "3",
    "101001101011": "4",
    "110100110101": "5",
    "101100110101": "6",
    "101001011011": "7",
    "110100101101": "8",
    "101100101101": "9",
    "100101011011": "-",
    "100101101101": "*",
}


def scanned(width: int, bars: list[tuple[int, int]]) -> str:
    """What a scanner reads: dark and light along a line, then wide and narrow, then characters."""
    line = ["0"] * width
    for x, wide in bars:
        line[x : x + wide] = "1" * wide
    assert line[:QUIET] == line[-QUIET:] == ["0"] * QUIET
    runs = re.findall("1+|0+", "".join(line)[QUIET:-QUIET])
    modules = "".join(one[0] * (2 if len(one) > 1 else 1) for one in runs)
    read = "".join(MODULES[modules[n : n + 12]] for n in range(0, len(modules), 13))
    assert read[0] == read[-1] == "*"
    return read[1:-1]


@given(st.from_regex(r"[0-9-]{1,15}", fullmatch=True))
def test_what_is_drawn_is_read_again(text: str) -> None:
    drawn = code_39(text)
    assert scanned(drawn.width, list(drawn.bars)) == text


def test_the_label_of_a_case_is_scanned_into_the_search(
    office: Office, work: Work, officer: Person
) -> None:
    case = work.begun()
    looks = "SELECT count(*) FROM ledger.events WHERE topic = 'document-viewed'"
    before = office.rows(looks)
    page = officer.get(f"/desk/cases/{case.id}/label").text
    assert office.rows(looks) == before, "it tells of nobody, so it is no look"
    label = page.partition('<div class="case-label">')[2].partition("</div>")[0]
    [width] = re.findall(r'viewBox="0 0 (\d+) ', label)
    bars = [(int(x), int(w)) for x, w in re.findall(r'<rect x="(\d+)" y="0" width="(\d+)"', label)]
    number = scanned(int(width), bars)
    assert number == case.number
    assert number in words_of(label)
    assert traces(page) == [OFFICERS[0]], "who is signed in, and nobody else"
    assert 'class="actions on-screen"' in page, "the main button stands at the right"
    found = officer.post("/desk/search", {"q": number})
    assert (found.status_code, found.headers["location"]) == (303, f"/desk/cases/{case.id}/next")
