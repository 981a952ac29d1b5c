"""The clock of the fictional year: from day to day, never back, never ahead."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from api.demo.past import DemoCalendar
from ledger.clock import day_in_japan, now

BEGIN = date(2022, 10, 1)


def test_a_day_is_turned_to_and_time_goes_on_in_it() -> None:
    calendar = DemoCalendar(BEGIN)
    assert day_in_japan(calendar()) == BEGIN
    calendar.turn(BEGIN + timedelta(days=40))
    told = calendar()
    assert day_in_japan(told) == BEGIN + timedelta(days=40)
    assert calendar() >= told
    assert told.microsecond % 1_000 == 0


@given(st.lists(st.dates(date(2022, 1, 1), date(2090, 1, 1)), max_size=12))
def test_whatever_it_is_turned_to_it_goes_neither_back_nor_beyond_the_real_time(
    days: list[date],
) -> None:
    calendar = DemoCalendar(BEGIN)
    before = calendar()
    for day in days:
        today = day_in_japan(now())
        calendar.turn(day)
        told = calendar()
        assert before <= told <= now()
        assert day_in_japan(told) >= min(day, today)
        before = told
