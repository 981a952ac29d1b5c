"""How the sending systems cover a period: for the API's endpoint and for the pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from api.auth import Caller
from api.problems.refusals import as_of_beyond
from api.web.items import MARKING
from api.web.services import Services
from ledger.clock import day_in_japan
from ledger.emitters.coverage import Statement
from ledger.emitters.daily_close import DAYS_MAX, DayStatus, day_status
from ledger.emitters.emitter import State, coverage_of
from ledger.emitters.liveness import AcceptedSource, LastContact, last_contact, strangers
from ledger.log.epochs import beyond_head
from ledger.service import Ledger
from projections.senders import Senders

_SHARED_STATUS: Final[dict[DayStatus, DayStatus]] = {"late": "match", "surplus": "match"}
"""That the ledger holds more than was said may be one hidden record: it is told to who may mark."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EmitterDay:
    """How one day of an emitter stands.

    Attributes:
        lost: how many are known to be missing; 0 where the day is not closed, or nothing is.
    """

    day: date
    state: DayStatus
    lost: int = 0


@dataclass(frozen=True, slots=True)
class CoverageView:
    """What is told about coverage.

    Attributes:
        position: as of which `statement` is made.
        contacts: the emitters to be told of, each with when it was heard of.
        quarantine: how many rejected items wait.
        held: (source, day) → transfers held, of the days that may be closed; empty for who may not
            know of all records.
    """

    statement: Statement
    position: int
    contacts: Sequence[tuple[State, LastContact]]
    strangers: Sequence[AcceptedSource]
    quarantine: int
    held: Mapping[tuple[str, date], int] | None = None


def may_name_senders(caller: Caller) -> bool:
    """Whether somebody is told which sources send unregistered.

    All that such a source sent may be one hidden record (Order 11), so it is told to who may know
    of it, and to those who would have to register the source.
    """
    return any(caller.may(scope) for scope in (MARKING, "admin:config", "quarantine:write"))


def days_of(
    state: State, view: CoverageView, first: date, last: date, today: date
) -> list[EmitterDay]:
    """How the days from `first` to `last` stand that are over and the emitter's, the newest first.

    As of now, not as of the position of the statement.
    """
    source, covered = state.registration.source, state.covered
    found: list[EmitterDay] = []
    for number in range(min(last, today - _DAY).toordinal(), first.toordinal() - 1, -1):
        day = date.fromordinal(number)
        if state.is_active_on(day):
            close = state.close_of(day)
            is_declared = any(one.first <= day <= one.last for one in covered)
            held = None if view.held is None else _stored_count(view.held, source, day, today)
            status = day_status(day, today, close, is_declared=is_declared, held=held)
            status = _SHARED_STATUS.get(status, status) if view.held is None else status
            found.append(EmitterDay(day, status, 0 if close is None else close.lost))
    return found


def _stored_count(
    held: Mapping[tuple[str, date], int], source: str, day: date, today: date
) -> int | None:
    """How many of a day; None for a day of which not all can be counted any more."""
    return held.get((source, day), 0) if day >= today - DAYS_MAX * _DAY else None


def view_coverage(
    ledger: Ledger,
    services: Services,
    at: datetime,
    period: tuple[date | None, date],
    as_of: int | None,
    *,
    includes_hidden: bool,
) -> CoverageView:
    """How the emitters cover a period, and who of them is heard of.

    Args:
        period: its first day (None: from the start) and its last one, which is over.
        as_of: the position of the statement; None: as of now.
        includes_hidden: whether rejected items that were sent with a mark under Order 11 are
            counted.

    Raises:
        AsOfBeyondHeadError: the log has not grown so far.
    """
    head = ledger.streams.reads.head()
    if as_of is not None and as_of > head:
        raise as_of_beyond(beyond_head(ledger.streams, as_of, head))
    first, last = period
    position = head if as_of is None else as_of
    emitters = ledger.emitters(position)
    unregistered = Senders(services.heartbeats, services.days).unregistered(emitters, period, at)
    statement = replace(coverage_of(emitters, first, last), unregistered=unregistered)
    known = ledger.emitters()
    beats, accepted = services.heartbeats.beats(), services.heartbeats.sources()
    hours = services.settings.emitter_late_hours
    concerned = {share.emitter for share in statement.shares}
    today = day_in_japan(at)
    sources = [one.registration.source for one in known if one.closes]
    held = services.days.counts(sources, today - DAYS_MAX * _DAY) if includes_hidden else None
    return CoverageView(
        statement,
        position,
        [
            (one, last_contact(one, beats, accepted, at, hours))
            for one in sorted(known, key=lambda one: one.id)
            if one.id in concerned or one.is_active_on(today)
        ],
        strangers(known, accepted),
        services.quarantine.waiting(includes_hidden=includes_hidden),
        held,
    )
