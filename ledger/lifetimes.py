"""Days of death: when a data key of each class dies. Days are days in Japan.

A key dies at the beginning of its day of death. No function returns a day that is nearer than what
the law or the setting demands.

Source: `docs/reference/event-format.md`, section 5; Act Art. 22, 29(2), 30(4).
"""

from datetime import date, datetime, timedelta
from functools import lru_cache

from ledger.clock import day_in_japan
from ledger.policies.retention import deletable_from

RECORD_DAYS_MIN = 30
NO_DUTY_YEARS = 3
EXCLUSION_YEARS = 3
CASE_YEARS = 3
ACCESS_YEARS = 3
REGISTER_YEARS = 10
QUARANTINE_DAYS = 90
STAGING_DAYS = 7
DRAFT_DAYS = 30


def record_day(retain_through: date, at: datetime) -> date:
    """Of a record: the day after its period, but 30 days after its event at the earliest."""
    return max(deletable_from(retain_through), _earliest_day(at))


def no_duty_day(recorded_on: date, at: datetime, years: int = NO_DUTY_YEARS) -> date:
    """Of a log without a duty: `recorded_on` + 3 years, 30 days after its event at the earliest.

    Without the second bound a log carried over from another system would be dead when it is born.
    """
    return max(years_after(recorded_on, years), _earliest_day(at))


def exclusion_day(at: datetime, years: int = EXCLUSION_YEARS) -> date:
    """Of the exclusions of the month of `at`: the month's end + 3 years."""
    day = day_in_japan(at)
    return _month_end(day.year + years, day.month)


def access_day(at: datetime, years: int = ACCESS_YEARS) -> date:
    """Of the looks and exports of the month of `at`: the end of its year + 3, by month.

    One key a month and one day a year do not go together in a ring that names a key by its day, so
    the month counts back from the year's end: December's key dies on 31 December, January's on
    1 January after it, February's on the 2nd and so on.
    """
    day = day_in_japan(at)
    return date(day.year + years, 12, 31) + timedelta(days=day.month % 12)


def register_day(at: datetime, years: int = REGISTER_YEARS) -> date:
    """Of the register (notices, emitters, coverage, holds, plans) of the year of `at`."""
    return date(day_in_japan(at).year + years, 12, 31)


def case_day(closed_on: date, years: int = CASE_YEARS) -> date:
    """Of a closed case."""
    return years_after(closed_on, years)


def held_day(released_on: date) -> date:
    """Of what was held for a hold or a case: the day after its release or closing."""
    return released_on + timedelta(days=1)


def series_day(last_retain_through: date | None) -> date | None:
    """Of a series: the day after the end of its last period; None while it is open."""
    return None if last_retain_through is None else deletable_from(last_retain_through)


def quarantine_day(at: datetime) -> date:
    """Of rejected items."""
    return day_in_japan(at) + timedelta(days=QUARANTINE_DAYS)


def staging_day(at: datetime) -> date:
    """Of parts of a bulk upload that is not yet committed."""
    return day_in_japan(at) + timedelta(days=STAGING_DAYS)


def draft_day(at: datetime) -> date:
    """Of an officer's drafts."""
    return day_in_japan(at) + timedelta(days=DRAFT_DAYS)


def officer_day(at: datetime, days: int) -> date:
    """Of what colleagues call somebody who signed in at `at`."""
    return day_in_japan(at) + timedelta(days=days)


def years_after(day: date, years: int) -> date:
    """The corresponding day; 1 March for a 29 February that the year does not have."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


@lru_cache(maxsize=64)
def _earliest_day(at: datetime) -> date:
    # Remembered, because all that is appended together has one instant.
    return day_in_japan(at) + timedelta(days=RECORD_DAYS_MIN)


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
