"""Kept through which day: against an oracle that only counts days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.policies.retention import (
    deletable_from,
    end,
    from_last_transfer,
    from_record,
    retain_through,
)
from tests.law.building import DAY, REMOVED, transfer

ONE = timedelta(days=1)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def last_day_by_counting(start: date, months: int) -> date:
    """Walks day by day until the period of `months` is over (Civil Code 143)."""
    day, crossed, last = start, 0, start
    while True:
        last, day = day, day + ONE
        crossed += day.month != last.month
        # The corresponding day ends the period the day before; if the month passes without one,
        # the period ends with that month.
        if crossed == months and day.day == start.day:
            return last
        if crossed == months + 1:
            return last


@given(DAYS, st.sampled_from([1, 3, 12, 36]))
def test_a_period_ends_where_counting_the_days_ends(start: date, months: int) -> None:
    assert end(start, months) == last_day_by_counting(start, months)


@pytest.mark.parametrize(
    ("recorded_on", "through"),
    [
        ("2024-04-01", "2027-04-01"),
        ("2024-02-28", "2027-02-28"),
        ("2024-02-29", "2027-02-28"),
        ("2025-02-28", "2028-02-29"),
        ("2024-12-31", "2027-12-31"),
    ],
)
def test_an_ordinary_record_is_kept_three_years_from_the_day_after(
    recorded_on: str, through: str
) -> None:
    assert from_record(date.fromisoformat(recorded_on)) == date.fromisoformat(through)


@given(DAYS)
def test_an_ordinary_record_is_kept_at_least_as_long_as_a_collective_one(day: date) -> None:
    assert from_record(day) >= from_last_transfer("collective", day)
    assert from_last_transfer("collective", day) > from_last_transfer("contract", day)


@given(DAYS, DAYS)
def test_a_later_day_never_ends_earlier(one: date, other: date) -> None:
    first, later = sorted((one, other))
    assert from_record(first) <= from_record(later)
    for method in ("collective", "contract"):
        assert from_last_transfer(method, first) <= from_last_transfer(method, later)


@given(DAYS)
def test_a_record_is_deletable_the_day_after_its_end(day: date) -> None:
    assert deletable_from(day) == day + ONE


def test_an_individual_record_counts_from_its_making_even_before_the_transfer() -> None:
    made = transfer(transferred_on="2024-01-15")
    assert retain_through("individual", made, date(2024, 1, 10)) == date(2027, 1, 10)


def message(**days: object) -> dict[str, object]:
    return {"method": "collective", "series_id": "S", "transferred_on": REMOVED, **days}


def test_a_closing_message_ends_the_series_with_its_last_day() -> None:
    made = transfer(**message(transferred_from="2024-01-15", transferred_to="2024-03-31"))
    assert retain_through("collective", made, DAY) == date(2027, 3, 30)


def test_a_day_added_to_a_series_states_no_end() -> None:
    made = transfer(**message(transferred_on="2024-04-01"))
    assert retain_through("collective", made, DAY) is None


def test_an_open_period_has_no_end() -> None:
    made = transfer(**message(transferred_from="2024-01-15", transferred_to=None))
    assert retain_through("collective", made, DAY) is None


def test_a_record_without_a_day_is_kept_from_its_making() -> None:
    undated = transfer(
        method="contract",
        contract_reference="C-1",
        transferred_on=REMOVED,
        date_not_recorded=True,
        backfill={"source_system": "old", "batch": "1"},
    )
    assert retain_through("contract", undated, DAY) == date(2027, 4, 1)
