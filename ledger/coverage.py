"""Periods of days, and the statement of which emitters cover which: on what a reply rests.

An exact answer is exact of what was sent. Whether everything was sent, only the emitters know.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days in Japan from `first` to `last`, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        """Refuse a period without a day.

        Raises:
            ValueError: it ends before it begins.
        """
        if self.last < self.first:
            raise ValueError("a period ends before it begins")


def merged(periods: Iterable[Period]) -> tuple[Period, ...]:
    """The same days as periods that neither overlap nor touch, ascending."""
    found: list[Period] = []
    for period in sorted(periods):
        # In numbers of days: the day after the calendar's last one is none.
        if found and period.first.toordinal() <= found[-1].last.toordinal() + 1:
            found[-1] = Period(found[-1].first, max(found[-1].last, period.last))
        else:
            found.append(period)
    return tuple(found)


def without(whole: Period, covered: Iterable[Period]) -> tuple[Period, ...]:
    """The days of `whole` that are not in `covered`, as periods, ascending."""
    gaps: list[Period] = []
    begin = whole.first
    for period in merged(covered):
        if period.last < begin:
            continue
        if period.first > whole.last:
            break
        if period.first > begin:
            gaps.append(Period(begin, period.first - _DAY))
        if period.last >= whole.last:
            return tuple(gaps)
        begin = period.last + _DAY
    return (*gaps, Period(begin, whole.last))


@dataclass(frozen=True, slots=True)
class Share:
    """What one emitter declared of the days that are asked about.

    Attributes:
        emitter: its id; `name` as officers read it.
        period: the days of which its transfers belong into the ledger, of those asked about.
        gaps: those of them that it has not declared complete, ascending.
    """

    emitter: str
    name: str
    period: Period
    gaps: tuple[Period, ...]

    @property
    def is_complete(self) -> bool:
        """Whether it declared every day."""
        return not self.gaps


@dataclass(frozen=True, slots=True)
class Statement:
    """Which emitters cover the days that are asked about.

    Attributes:
        first_day: None: from the beginning of the ledger.
        shares: of every emitter that belongs to the ledger on one of the days, by id.
    """

    first_day: date | None
    last_day: date
    shares: tuple[Share, ...]

    @property
    def total(self) -> int:
        """How many emitters it speaks of."""
        return len(self.shares)

    @property
    def complete(self) -> int:
        """How many of them declared every day."""
        return sum(1 for share in self.shares if share.is_complete)

    @property
    def is_complete(self) -> bool:
        """Whether there are emitters, and each declared every day."""
        return 0 < self.total == self.complete

    @property
    def gaps(self) -> tuple[Period, ...]:
        """Days that at least one emitter has not declared, as periods, ascending."""
        return merged(gap for share in self.shares for gap in share.gaps)
