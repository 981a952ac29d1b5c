"""Periods of days, and the statement of which emitters cover which: on what a reply rests.

An exact answer is exact of what was sent. Whether everything was sent, only the emitters know.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class DayPeriod:
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


def merged(periods: Iterable[DayPeriod]) -> tuple[DayPeriod, ...]:
    """The same days as periods that neither overlap nor touch, ascending."""
    found: list[DayPeriod] = []
    for period in sorted(periods):
        # In numbers of days: the day after the calendar's last one is none.
        if found and period.first.toordinal() <= found[-1].last.toordinal() + 1:
            found[-1] = DayPeriod(found[-1].first, max(found[-1].last, period.last))
        else:
            found.append(period)
    return tuple(found)


def without(whole: DayPeriod, covered: Iterable[DayPeriod]) -> tuple[DayPeriod, ...]:
    """The days of `whole` that are not in `covered`, as periods, ascending."""
    gaps: list[DayPeriod] = []
    begin = whole.first
    for period in merged(covered):
        if period.last < begin:
            continue
        if period.first > whole.last:
            break
        if period.first > begin:
            gaps.append(DayPeriod(begin, period.first - _DAY))
        if period.last >= whole.last:
            return tuple(gaps)
        begin = period.last + _DAY
    return (*gaps, DayPeriod(begin, whole.last))


@dataclass(frozen=True, slots=True)
class DeclaredDays:
    """Days that are declared complete.

    Attributes:
        expected_count: as declared of exactly these days; None when no count stands for them.
    """

    period: DayPeriod
    expected_count: int | None = None


def declared_after(
    declared: tuple[DeclaredDays, ...],
    days: DayPeriod,
    expected_count: int | None,
    *,
    complete: bool,
) -> tuple[DeclaredDays, ...]:
    """What is declared once something has the last word about the days of `days`."""
    # Its neighbours too: they may become one with it, or with what is left of a count.
    begin = max(bisect_left(declared, days.first, key=lambda one: one.period.last) - 1, 0)
    end = bisect_right(declared, days.last, key=lambda one: one.period.first) + 1
    near = [part for one in declared[begin:end] for part in _rests(one, days)]
    if complete:
        near.append(DeclaredDays(days, expected_count))
    return (*declared[:begin], *_joined(near), *declared[end:])


def _rests(one: DeclaredDays, days: DayPeriod) -> tuple[DeclaredDays, ...]:
    """What is left of `one` without the days of `days`.

    A count belongs to the very days that it was declared of: a rest of them has none.
    """
    if one.period.last < days.first or days.last < one.period.first:
        return (one,)
    return tuple(DeclaredDays(period) for period in without(one.period, [days]))


def _joined(parts: Iterable[DeclaredDays]) -> tuple[DeclaredDays, ...]:
    """The pieces, ascending; those that touch as one unless a count stands for one of them."""
    found: list[DeclaredDays] = []
    for one in sorted(parts, key=lambda piece: piece.period):
        last = found[-1] if found else None
        counts = (one.expected_count, last.expected_count) if last is not None else (0,)
        if last is not None and counts == (None, None) and _touch(last.period, one.period):
            found[-1] = DeclaredDays(DayPeriod(last.period.first, one.period.last))
        else:
            found.append(one)
    return tuple(found)


def _touch(left: DayPeriod, right: DayPeriod) -> bool:
    return left.last + _DAY == right.first


@dataclass(frozen=True, slots=True)
class Short:
    """A day that was closed, and of which transfers are missing, or may be.

    Attributes:
        lost: how many are known to be missing; None: the ledger holds something else than was
            said, and nobody knows what.
    """

    day: date
    lost: int | None


@dataclass(frozen=True, slots=True)
class Share:
    """What one emitter declared of the days that are asked about.

    Attributes:
        emitter: its id; `name` as officers read it.
        period: the days of which its transfers belong into the ledger, of those asked about.
        gaps: those of them that it has neither declared complete nor closed, ascending.
        short: those that it closed and that are not all there, ascending.
    """

    emitter: str
    name: str
    period: DayPeriod
    gaps: tuple[DayPeriod, ...]
    short: tuple[Short, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether it declared every day, and none is known not to be all there."""
        return not self.gaps and not self.short


@dataclass(frozen=True, slots=True)
class Statement:
    """Which emitters cover the days that are asked about.

    Attributes:
        first_day: None: from the beginning of the ledger.
        shares: of every emitter that belongs to the ledger on one of the days, by id.
        unregistered: records are known to have been sent for which no emitter is registered: no
            declaration speaks of their senders, so nothing is complete.
        is_expected: an emitter is registered, of whatever days: somebody has days to declare.
    """

    first_day: date | None
    last_day: date
    shares: tuple[Share, ...]
    unregistered: bool = False
    is_expected: bool = True

    @property
    def total(self) -> int:
        """How many emitters it speaks of."""
        return len(self.shares)

    @property
    def complete(self) -> int:
        """How many of them declared every day, and none is known not to be all there."""
        return sum(1 for share in self.shares if share.is_complete)

    @property
    def declared(self) -> int:
        """How many of them declared every day, whatever is known of it."""
        return sum(1 for share in self.shares if not share.gaps)

    @property
    def is_complete(self) -> bool:
        """Whether there are emitters, each is complete, and nobody else is known to send."""
        return 0 < self.total == self.complete and not self.unregistered

    @property
    def gaps(self) -> tuple[DayPeriod, ...]:
        """Days that at least one emitter has not declared, as periods, ascending."""
        return merged(gap for share in self.shares for gap in share.gaps)

    @property
    def unowed(self) -> tuple[DayPeriod, ...]:
        """Days that are asked about and of no emitter, as periods, ascending.

        Without a first day, those before the first emitter's are `unowed_through`.
        """
        owed = merged(share.period for share in self.shares)
        first = self.first_day or (owed[0].first if owed else None)
        if first is None or self.last_day < first:
            return ()
        return without(DayPeriod(first, self.last_day), owed)

    @property
    def unowed_through(self) -> date | None:
        """The last day before the first emitter's, where no first day is asked about."""
        if self.first_day is not None:
            return None
        owed = min((share.period.first for share in self.shares), default=None)
        if owed is None:
            return self.last_day
        return None if owed == date.min else owed - _DAY

    @property
    def declared_through(self) -> date | None:
        """The last day that every emitter of that day declared; None: there is none.

        Gaps before it are those of `gaps`.
        """
        owed = merged(share.period for share in self.shares)
        declared = (part.last for period in owed for part in without(period, self.gaps))
        return max(declared, default=None)

    @property
    def lost(self) -> tuple[DayPeriod, ...]:
        """Days of which transfers are known to be missing, as periods, ascending."""
        short = (one for share in self.shares for one in share.short)
        return merged(DayPeriod(one.day, one.day) for one in short if one.lost is not None)

    @property
    def unsettled(self) -> tuple[DayPeriod, ...]:
        """Days on which something else is held than was said, and nobody knows what."""
        short = (one for share in self.shares for one in share.short)
        return merged(DayPeriod(one.day, one.day) for one in short if one.lost is None)
