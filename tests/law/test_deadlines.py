"""The clocks of a request, beside slow and obvious ways to count them."""

from calendar import monthrange
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ledger.law.holidays import is_public_holiday
from ledger.law.procedure.targets import YEAR_END, DayTarget
from ledger.policies.deadlines import (
    CaseDays,
    adult_from,
    clocks,
    correction_due_on,
    is_business_day,
    is_minor,
    is_valid,
    next_business_day,
    suit_possible_from,
    target_day,
    two_weeks_end,
    valid_through,
)
from ledger.policies.retention import (
    deletable_from,
    end,
    from_record,
    retain_through,
)
from tests.law.building import DAY as TODAY
from tests.law.building import REMOVED, transfer
from tests.law.papers import PUBLISHED_2022, read_with
from tests.matrix import every

DAY = timedelta(days=1)
days = st.dates(date(2000, 1, 1), date(2100, 12, 31))


def slow_end(issued_on: date, months: int) -> date:
    """Walks day by day to the corresponding day, or to the end of a month that has none."""
    year, month = divmod(issued_on.year * 12 + issued_on.month - 1 + months, 12)
    day = issued_on
    while (day.year, day.month) != (year, month + 1):
        day += DAY
    # The first day after the issue is counted; what corresponds to it in the last month ends it.
    first = issued_on + DAY
    if first.day == 1:
        return date(year, month + 1, monthrange(year, month + 1)[1])
    while day.day != issued_on.day and (day + DAY).month == month + 1:
        day += DAY
    return day


@given(days, st.integers(1, 60))
def test_a_paper_is_valid_through_the_corresponding_day(issued_on: date, months: int) -> None:
    assert valid_through(issued_on, months) == slow_end(issued_on, months)


def test_a_paper_is_not_valid_before_it_was_issued() -> None:
    assert is_valid(date(2026, 11, 24), 3, date(2026, 11, 24))
    assert not is_valid(date(2026, 11, 25), 3, date(2026, 11, 24))


def test_a_suit_is_possible_after_two_weeks_or_from_an_earlier_refusal() -> None:
    arrived = date(2026, 4, 1)
    assert (two_weeks_end(arrived), suit_possible_from(arrived)) == (
        date(2026, 4, 15),
        date(2026, 4, 16),
    )
    assert suit_possible_from(arrived, date(2026, 4, 4)) == date(2026, 4, 4)
    assert suit_possible_from(arrived, date(2026, 5, 1)) == date(2026, 4, 16)


@every(
    "born, adult",
    [
        (date(2008, 6, 15), date(2026, 6, 15)),
        (date(2008, 2, 29), date(2026, 3, 1)),
        (date(1990, 6, 1), date(2010, 6, 1)),
        # The age fell from 20 to 18 on 2022-04-01: who was 18 or 19 became an adult on that day.
        (date(2002, 4, 1), date(2022, 4, 1)),
        (date(2002, 4, 2), date(2022, 4, 1)),
        (date(2004, 4, 1), date(2022, 4, 1)),
        (date(2004, 4, 2), date(2022, 4, 2)),
        (date(2000, 2, 29), date(2020, 2, 29)),
    ],
)
def test_a_person_is_an_adult_from_the_day_the_law_of_the_time_says(
    born: date, adult: date
) -> None:
    assert adult_from(born) == adult
    assert is_minor(born, adult - DAY)
    assert not is_minor(born, adult)


# The days that the Cabinet Office announced (内閣府「国民の祝日について」).
ANNOUNCED = {
    2026: "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-20 08-11 09-21 09-22"
    " 09-23 10-12 11-03 11-23",
    2027: "01-01 01-11 02-11 02-23 03-21 03-22 04-29 05-03 05-04 05-05 07-19 08-11 09-20 09-23"
    " 10-11 11-03 11-23",
}


@every("year", ANNOUNCED)
def test_the_public_holidays_of_a_year_are_the_announced_ones(year: int) -> None:
    expected = {date.fromisoformat(f"{year}-{day}") for day in ANNOUNCED[year].split()}
    whole = (date(year, 1, 1) + timedelta(days=n) for n in range(365))
    assert {day for day in whole if is_public_holiday(day)} == expected


@every(
    "day, is_holiday",
    [
        (date(2019, 5, 1), True),
        (date(2019, 10, 22), True),
        (date(2020, 7, 24), True),
        (date(2020, 10, 12), False),
        (date(2021, 8, 9), True),
        (date(1948, 7, 19), False),
        (date(1, 1, 1), False),
        (date(9999, 12, 31), False),
    ],
)
def test_days_that_a_special_act_moved_and_days_without_an_act_are_known(
    day: date,
    is_holiday: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    assert is_public_holiday(day) is is_holiday


@given(days, st.integers(1, 15))
def test_a_target_in_business_days_counts_each_of_them_once(start: date, count: int) -> None:
    end = target_day(start, DayTarget(count, "business"), YEAR_END)
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    worked = [
        day
        for day in between
        if day.isoweekday() < 6
        and not is_public_holiday(day)
        and (day.month, day.day) not in YEAR_END
    ]
    assert len(worked) == count
    assert worked[-1] == end


def test_a_target_over_the_year_end_waits_for_the_office_to_open() -> None:
    # 2026-12-28 is a Monday; the office opens again on Monday 4 January.
    assert target_day(date(2026, 12, 25), DayTarget(2, "business"), YEAR_END) == date(2027, 1, 4)
    assert target_day(date(2026, 12, 25), DayTarget(2, "business"), ()) == date(2026, 12, 29)
    assert target_day(date(2026, 12, 25), DayTarget(2, "calendar"), YEAR_END) == date(2026, 12, 27)
    assert next_business_day(date(2026, 12, 28), YEAR_END) == date(2026, 12, 28)
    assert is_business_day(date(2026, 12, 29), ())
    assert not is_business_day(date(2026, 12, 29), YEAR_END)


def test_a_correction_falls_due_after_the_days_of_the_procedure() -> None:
    assert correction_due_on(date(2026, 11, 24), PUBLISHED_2022) == date(2026, 12, 24)
    sent = date(2026, 12, 1)
    assert correction_due_on(sent, PUBLISHED_2022) == date(2026, 12, 31)
    moving = read_with(correction_moves_off_holidays=True)
    assert correction_due_on(sent, moving) == date(2027, 1, 4)


def test_a_clock_runs_from_the_day_that_starts_it_and_only_then() -> None:
    arrived = CaseDays(date(2026, 4, 1))
    assert clocks(arrived, PUBLISHED_2022) == {
        "two_weeks_end": date(2026, 4, 15),
        "suit_possible_from": date(2026, 4, 16),
        "acknowledge": date(2026, 4, 6),
        "completeness": date(2026, 4, 8),
        "interim": date(2026, 4, 15),
        "hard_stop": date(2026, 5, 1),
    }
    later = CaseDays(
        arrived_on=date(2026, 4, 1),
        complete_on=date(2026, 4, 7),
        correction_sent_on=date(2026, 4, 2),
        refused_on=date(2026, 4, 10),
        approved_on=date(2026, 4, 28),
    )
    assert dict(clocks(later, PUBLISHED_2022)) == dict(clocks(arrived, PUBLISHED_2022)) | {
        "suit_possible_from": date(2026, 4, 10),
        "correction_due_on": date(2026, 5, 2),
        "decision": date(2026, 4, 21),
        # 29 April is a holiday.
        "dispatch": date(2026, 5, 1),
    }


# -- kept through which day: against an oracle that only counts days -------------------------------

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def last_day_by_counting(start: date, months: int) -> date:
    """Walks day by day until the period of `months` is over (Civil Code 143)."""
    day, crossed, last = start, 0, start
    while True:
        last, day = day, day + DAY
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


@every(
    "recorded_on, through",
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
def test_a_record_is_deletable_the_day_after_its_end(day: date) -> None:
    assert deletable_from(day) == day + DAY


def test_an_individual_record_counts_from_its_making_even_before_the_transfer() -> None:
    made = transfer(transferred_on="2024-01-15")
    assert retain_through("individual", made, date(2024, 1, 10)) == date(2027, 1, 10)
    # Over before the transfer: the reading `made_beforehand`.
    assert retain_through("individual", made, date(1, 1, 1)) == date(4, 1, 1)


def message(**days: object) -> dict[str, object]:
    return {"method": "collective", "series_id": "S", "transferred_on": REMOVED, **days}


def test_a_closing_message_ends_the_series_with_its_last_day() -> None:
    made = transfer(**message(transferred_from="2024-01-15", transferred_to="2024-03-31"))
    assert retain_through("collective", made, TODAY) == date(2027, 3, 30)


def test_a_day_added_to_a_series_states_no_end() -> None:
    made = transfer(**message(transferred_on="2024-04-01"))
    assert retain_through("collective", made, TODAY) is None


def test_an_open_period_has_no_end() -> None:
    made = transfer(**message(transferred_from="2024-01-15", transferred_to=None))
    assert retain_through("collective", made, TODAY) is None


def test_a_record_without_a_day_is_kept_from_its_making() -> None:
    undated = transfer(
        method="contract",
        contract_reference="C-1",
        transferred_on=REMOVED,
        date_not_recorded=True,
        backfill={"source_system": "old", "batch": "1"},
    )
    assert retain_through("contract", undated, TODAY) == date(2027, 4, 1)
