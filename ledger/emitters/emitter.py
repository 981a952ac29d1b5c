"""The systems that send transfers, and what they declared complete. One stream an emitter."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain
from typing import assert_never
from uuid import UUID

from ledger.clock import day_in_japan
from ledger.emitters.coverage import (
    DayPeriod,
    DeclaredDays,
    Share,
    Short,
    Statement,
    declared_after,
    merged,
    without,
)
from ledger.emitters.daily_close import DailyClose, after, close_of, without_days
from ledger.emitters.events import Registration
from ledger.emitters.sources import is_within
from ledger.errors import Defect, DoesNotStandError, MalformedError, NotFoundError
from ledger.format.events import (
    CoverageDeclared,
    DayClosed,
    EmitterEvent,
    EmitterRegistered,
    ExpiredEvent,
    Fact,
)

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RegisterEmitter:
    """Describe an emitter: for the first time, under another name, or with its last day."""

    command: UUID
    actor: str
    registration: Registration


@dataclass(frozen=True, slots=True)
class DeclareCoverage:
    """Declare the days from `first_day` to `last_day`; the last word about a day counts.

    Attributes:
        emitter: its id.
        complete: False takes back what was declared of these days.
        expected_count: transfers of these days, when the emitter counts them.
    """

    command: UUID
    actor: str
    emitter: str
    first_day: date
    last_day: date
    complete: bool = True
    expected_count: int | None = None


@dataclass(frozen=True, slots=True)
class State:
    """An emitter.

    Attributes:
        known_at: when it was registered first.
        registered_at: when it was last registered as `registration` says.
        position: of its newest event.
        declared: days declared complete, ascending; none overlap.
        closes: the last close of each day that was closed, ascending.
    """

    stream: UUID
    registration: Registration
    known_at: datetime
    registered_at: datetime
    position: int
    version: int
    declared: tuple[DeclaredDays, ...] = ()
    closes: tuple[DailyClose, ...] = ()

    @property
    def id(self) -> str:
        """The code by which the operator names it."""
        return self.registration.id

    @property
    def covered(self) -> tuple[DayPeriod, ...]:
        """The days declared complete, or closed, as periods that neither overlap nor touch."""
        closed = (DayPeriod(one.day, one.day) for one in self.closes)
        return merged(chain((one.period for one in self.declared), closed))

    def close_of(self, day: date) -> DailyClose | None:
        """The close of a day, if it was closed."""
        return close_of(self.closes, day)

    def is_active_on(self, day: date) -> bool:
        """Whether transfers of `day` belong into the ledger."""
        until = self.registration.until
        return self.registration.since <= day and (until is None or day <= until)


def evolve(state: State | None, fact: Fact[EmitterEvent | ExpiredEvent]) -> State | None:
    """The state after `fact`.

    An event whose key is dead tells nothing any more: its days count as not declared.
    """
    event = fact.event
    match event:
        case EmitterRegistered():
            known = _at(state, fact, event.registration)
            return replace(known, registration=event.registration, registered_at=fact.at)
        case CoverageDeclared():
            known = _at(state, fact, event.registration)
            closes = known.closes
            if not event.complete:  # what is taken back is closed no longer
                closes = without_days(closes, event.first_day, event.last_day)
            declared = _declared_after(known.declared, event)
            return replace(known, declared=declared, closes=closes)
        case DayClosed():
            known = _at(state, fact, event.registration)
            return replace(known, closes=after(known.closes, event, fact.position))
        case ExpiredEvent():
            if state is None:
                return None
            return replace(state, position=fact.position, version=fact.version)
        case _:
            assert_never(event)


def _at(state: State | None, fact: Fact[EmitterEvent | ExpiredEvent], first: Registration) -> State:
    if state is None:
        return State(fact.stream, first, fact.at, fact.at, fact.position, fact.version)
    return replace(state, position=fact.position, version=fact.version)


def _declared_after(
    declared: tuple[DeclaredDays, ...], event: CoverageDeclared
) -> tuple[DeclaredDays, ...]:
    days = DayPeriod(event.first_day, event.last_day)
    return declared_after(declared, days, event.expected_count, complete=event.complete)


def register(
    command: RegisterEmitter, state: State | None, emitters: Iterable[State], at: datetime
) -> EmitterRegistered | None:
    """Return the event of the registration; None when it says what stands already.

    In a later year than the newest registration the same words make a new event: its key lives
    as many years longer.

    Args:
        state: the emitter of that id; None: there is none yet.
        emitters: all that are known.

    Raises:
        MalformedError: its last day comes before its first one, or the source is another's on one
            of its days.
    """
    registration = command.registration
    if registration.until is not None and registration.until < registration.since:
        detail = "the last day comes before the first one"
        raise MalformedError((Defect("/until", "PERIOD_REVERSED", detail),))
    others = (one.registration for one in emitters if one.id != registration.id)
    if any(_collide(registration, other) for other in others):
        detail = "another emitter has this source, one below it or one above it, on the same days"
        raise MalformedError((Defect("/source", "SOURCE_TAKEN", detail),))
    if state is not None and state.registration == registration:
        years = (day_in_japan(state.registered_at).year, day_in_japan(at).year)
        if years[0] == years[1]:
            return None
    return EmitterRegistered(registration)


def _collide(a: Registration, b: Registration) -> bool:
    """Whether a transfer could be both emitters'."""
    ends = (a.until or date.max, b.until or date.max)
    if max(a.since, b.since) > min(ends):
        return False
    return is_within(a.source, b.source) or is_within(b.source, a.source)


def declare(command: DeclareCoverage, state: State | None, at: datetime) -> CoverageDeclared | None:
    """Return the event of the declaration; None when the days stand declared like this already.

    Raises:
        NotFoundError: there is no such emitter.
        MalformedError: the period is reversed, is not over yet, or is not the emitter's; a count
            goes with what is taken back.
    """
    if state is None:
        raise NotFoundError
    if defects := _defects(command, state.registration, day_in_japan(at)):
        raise MalformedError(tuple(defects))
    event = CoverageDeclared(
        state.registration,
        command.first_day,
        command.last_day,
        command.complete,
        command.expected_count,
    )
    return None if _declared_after(state.declared, event) == state.declared else event


def _defects(command: DeclareCoverage, emitter: Registration, today: date) -> list[Defect]:
    defects: list[Defect] = []
    if command.last_day < command.first_day:
        defects.append(Defect("/to", "PERIOD_REVERSED", "the period ends before it begins"))
    if command.last_day >= today:
        detail = "only days that are over in Japan can be declared"
        defects.append(Defect("/to", "COVERAGE_NOT_OVER", detail))
    elif emitter.until is not None and command.last_day > emitter.until:
        detail = f"the emitter's last day is {emitter.until}"
        defects.append(Defect("/to", "COVERAGE_AFTER_UNTIL", detail))
    if command.first_day < emitter.since:
        detail = f"the emitter's first day is {emitter.since}"
        defects.append(Defect("/from", "COVERAGE_BEFORE_SINCE", detail))
    if command.expected_count is not None and not command.complete:
        detail = "days that are taken back have no count"
        defects.append(Defect("/expected_count", "COVERAGE_COUNT_OF_NOTHING", detail))
    return defects


def check_active(state: State | None, at: datetime) -> State:
    """The emitter, if it is one today or will be.

    Raises:
        NotFoundError: there is no such emitter.
        DoesNotStandError: its last day is over.
    """
    if state is None:
        raise NotFoundError
    until = state.registration.until
    if until is not None and until < day_in_japan(at):
        raise DoesNotStandError
    return state


def coverage_of(emitters: Iterable[State], first_day: date | None, last_day: date) -> Statement:
    """Which emitters cover the days from `first_day` (None: their beginning) to `last_day`.

    Whether others send, too, their declarations do not tell: `ledger.emitters.liveness` does.
    """
    known = tuple(emitters)
    shares = (_share(one, first_day, last_day) for one in known)
    found = sorted((one for one in shares if one is not None), key=lambda one: one.emitter)
    return Statement(first_day, last_day, tuple(found), is_expected=bool(known))


def coverage_at_search(
    emitters: Iterable[State], first_day: date | None, last_day: date | None, searched_on: date
) -> Statement:
    """The statement for a reply: it ends the day before the search at the latest.

    The day of the search is not over, so nobody can have declared it.

    Args:
        emitters: as of the position of the search.
        first_day, last_day: of the period asked for; None: all of it.
    """
    over = searched_on - _DAY
    return coverage_of(emitters, first_day, over if last_day is None else min(last_day, over))


def _share(state: State, first_day: date | None, last_day: date) -> Share | None:
    """What it covers; None when it does not belong to the ledger on any of the days."""
    registration = state.registration
    first = max(registration.since, first_day or registration.since)
    last = min(registration.until or last_day, last_day)
    if last < first:
        return None
    period = DayPeriod(first, last)
    short = tuple(
        Short(one.day, one.lost or None)
        for one in state.closes
        if one.is_short and first <= one.day <= last
    )
    return Share(state.id, registration.name, period, without(period, state.covered), short)
