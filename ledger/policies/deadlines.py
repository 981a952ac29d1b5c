"""The clocks of a request (Act Art. 38, 39; Civil Code 4, 140-143; the published procedure).

Days are days in Japan. A period of days or weeks does not count the day it starts from (Civil Code
140); no statutory period here is moved by a holiday, for none asks the person to act on its last
day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ledger.law.adulthood import MAJORITIES
from ledger.law.holidays import is_public_holiday
from ledger.law.procedure.targets import DayTarget, Targets
from ledger.law.procedure.version import Procedure
from ledger.policies.retention import end

_DAY = timedelta(days=1)
_TWO_WEEKS = timedelta(weeks=2)
_SATURDAY = 5

Closed = tuple[tuple[int, int], ...]


def two_weeks_end(arrived_on: date) -> date:
    """The last day of the two weeks before which nobody may sue (Act Art. 39(1))."""
    return arrived_on + _TWO_WEEKS


def suit_possible_from(arrived_on: date, refused_on: date | None = None) -> date:
    """The first day on which a suit is possible: after the two weeks, or from an earlier refusal.

    Source: Act Art. 39(1) and its proviso; guideline 3-8-9: 1 April gives 16 April.
    """
    after = two_weeks_end(arrived_on) + _DAY
    return after if refused_on is None else min(refused_on, after)


def valid_through(issued_on: date, months: int) -> date:
    """The last day on which a paper is not older than `months`; the day of issue not counted."""
    return end(issued_on + _DAY, months)


def is_valid(issued_on: date, months: int, reference_day: date) -> bool:
    """Whether the paper is of age on `reference_day`; no paper is before its day of issue."""
    return issued_on <= reference_day <= valid_through(issued_on, months)


def correction_due_on(sent_on: date, procedure: Procedure) -> date:
    """The last day for a correction that a letter of `sent_on` asks for."""
    due = sent_on + timedelta(days=procedure.correction_on(sent_on).days)
    if procedure.readings.correction_moves_off_holidays:
        return next_business_day(due, procedure.targets.closed)
    return due


def adult_from(birth_date: date) -> date:
    """The day on which a person becomes an adult.

    The first day on which the age in force is reached. A year of age is complete at the end of the
    day before the birthday, so who was born on 29 February is a year older from 1 March in a common
    year (Act No. 50 of 1902; Civil Code 143).
    """
    reached = (max(_birthday(birth_date, one.years), one.since) for one in MAJORITIES)
    return min(reached)


def is_minor(birth_date: date, on: date) -> bool:
    """Whether a person of that birth date is a minor on that day."""
    return on < adult_from(birth_date)


def _birthday(birth_date: date, years: int) -> date:
    try:
        return birth_date.replace(year=birth_date.year + years)
    except ValueError:
        return date(birth_date.year + years, 3, 1)


def is_business_day(day: date, closed: Closed) -> bool:
    """Whether the desk works: no weekend, no public holiday, no closed day of its own."""
    if day.weekday() >= _SATURDAY or (day.month, day.day) in closed:
        return False
    return not is_public_holiday(day)


def next_business_day(day: date, closed: Closed) -> date:
    """`day` itself when the desk works on it, else the next day on which it does."""
    while not is_business_day(day, closed):
        day += _DAY
    return day


def target_day(start: date, target: DayTarget, closed: Closed) -> date:
    """The last day of a handling time that starts on `start`, that day not counted."""
    if target.counted == "calendar":
        return start + timedelta(days=target.days)
    day = start
    for _ in range(target.days):
        day = next_business_day(day + _DAY, closed)
    return day


@dataclass(frozen=True, slots=True)
class CaseDays:
    """The days of a case that start a clock; None when it has not come to that.

    Attributes:
        arrived_on: the day on which the request reached the desk, or is deemed to (39(2)).
        complete_on: the day on which papers and form were found complete.
        correction_sent_on: of the latest correction letter.
        refused_on: of a refusal that was sent.
        approved_on: of the decision that waits for the post.
    """

    arrived_on: date
    complete_on: date | None = None
    correction_sent_on: date | None = None
    refused_on: date | None = None
    approved_on: date | None = None


def clocks(days: CaseDays, procedure: Procedure) -> Mapping[str, date]:
    """Every clock that has started, by name, with its last day (`…_from`: its first).

    `two_weeks_end`, `suit_possible_from` and `correction_due_on` are those of the law and of the
    procedure; the others are the operator's own targets.
    """
    targets = procedure.targets
    found = {
        "two_weeks_end": two_weeks_end(days.arrived_on),
        "suit_possible_from": suit_possible_from(days.arrived_on, days.refused_on),
    }
    if days.correction_sent_on is not None:
        found["correction_due_on"] = correction_due_on(days.correction_sent_on, procedure)
    for name, start, target in _targets(days, targets):
        if start is not None:
            found[name] = target_day(start, target, targets.closed)
    return found


def _targets(days: CaseDays, targets: Targets) -> tuple[tuple[str, date | None, DayTarget], ...]:
    return (
        ("acknowledge", days.arrived_on, targets.acknowledge),
        ("completeness", days.arrived_on, targets.completeness),
        ("interim", days.arrived_on, targets.interim),
        ("hard_stop", days.arrived_on, targets.hard_stop),
        ("decision", days.complete_on, targets.decision),
        ("dispatch", days.approved_on, targets.dispatch),
    )
