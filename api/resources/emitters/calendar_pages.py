"""The days of a month as one emitter declared them: a calendar to look at, and runs to read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from api.web.coverage import DayStanding
from ledger.emitters.coverage import DayPeriod
from ledger.emitters.daily_close import Standing
from ledger.emitters.emitter import DeclaredDays, State

DayState = Literal[
    "declared", "matched", "late", "surplus", "short", "differs", "missing", "outside", "to-come"
]
_CLOSED: Final[dict[Standing, DayState]] = {
    "match": "matched",
    "late": "late",
    "surplus": "surplus",
    "gap": "short",
    "differs": "differs",
}

CELL: Final = 40
"""Side of a day in the calendar, in units of the picture."""
_DAY: Final = timedelta(days=1)
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Cell:
    """A day in the picture; `x` and `y` are its upper left corner."""

    day: date
    state: DayState
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Run:
    """Days that follow one another and are in the same state."""

    first: date
    last: date
    state: DayState

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class EmitterCalendar:
    """A month of one emitter.

    Attributes:
        height: of the picture, whose rows are weeks from Sunday on.
        counts: what it counted, of all periods that touch the month, whole.
        short: days of the month that were closed and of which transfers are known to be missing.
    """

    cells: tuple[Cell, ...]
    height: int
    runs: tuple[Run, ...]
    counts: tuple[DeclaredDays, ...]
    short: tuple[DayStanding, ...] = ()


def calendar_of(
    state: State, month: date, today: date, standings: Sequence[DayStanding] = ()
) -> EmitterCalendar:
    """The month that begins on `month`; `today` and later days are not over.

    Args:
        standings: how days of the month stand.
    """
    days = list(_days(month))
    closed: dict[date, DayState] = {
        one.day: _CLOSED[one.state] for one in standings if one.state in _CLOSED
    }
    covered = state.covered
    states: list[tuple[date, DayState]] = [
        (day, closed.get(day) or _state_of(day, state, covered, today)) for day in days
    ]
    before = _place_in_week(month)
    cells = tuple(
        Cell(day, one, (before + n) % _WEEK * CELL, (before + n) // _WEEK * CELL)
        for n, (day, one) in enumerate(states)
    )
    runs: list[Run] = []
    for day, one in states:
        follows = bool(runs) and runs[-1].state == one
        runs.append(Run(runs.pop().first if follows else day, day, one))
    counts = tuple(
        one
        for one in state.declared
        if one.expected_count is not None
        and one.period.first <= days[-1]
        and one.period.last >= days[0]
    )
    short = tuple(sorted((one for one in standings if one.lost), key=lambda one: one.day))
    return EmitterCalendar(cells, cells[-1].y + CELL, tuple(runs), counts, short)


def _days(month: date) -> Iterator[date]:
    day = month
    while day.month == month.month:
        yield day
        day += _DAY


def _place_in_week(day: date) -> int:
    """0 on a Sunday, 6 on a Saturday."""
    return day.isoweekday() % _WEEK


def _state_of(day: date, state: State, covered: Sequence[DayPeriod], today: date) -> DayState:
    if not state.stands_on(day):
        return "outside"
    if any(one.first <= day <= one.last for one in covered):
        return "declared"
    return "missing" if day < today else "to-come"


def month_before(month: date) -> date:
    """The first day of the month before the one that begins on `month`."""
    return (month - _DAY).replace(day=1)


def month_after(month: date) -> date:
    """The first day of the month after it."""
    return (month + timedelta(days=31)).replace(day=1)
