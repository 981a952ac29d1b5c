"""Days as registers write them: read in one way, or not at all."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from api.resources.registers.days import ALL, COMPACT, day_of
from tests.matrix import every


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
