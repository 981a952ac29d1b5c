"""Whether emitters are heard of, and who sends without being one: signs of life, not facts.

Nothing here is an event: it tells who operates what to look after, now.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from ledger.clock import JAPAN, day_in_japan
from ledger.emitters.coverage import DayPeriod, without
from ledger.emitters.emitter import State
from ledger.emitters.sources import is_within


@dataclass(frozen=True, slots=True)
class AcceptedSource:
    """A source from which transfers were accepted.

    Attributes:
        source: the prefix that the sender's key is bound to.
        first_at, last_at: of the acceptances, to the minute.
    """

    source: str
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class LastContact:
    """When an emitter was heard of.

    Attributes:
        beat_at: of its last heartbeat; `accepted_at` of the last transfer accepted from it.
        late: it stands today, and both are longer ago than allowed.
    """

    beat_at: datetime | None
    accepted_at: datetime | None
    late: bool


def last_contact(
    emitter: State,
    beats: Mapping[UUID, datetime],
    accepted: Iterable[AcceptedSource],
    at: datetime,
    hours_max: float,
) -> LastContact:
    """When the emitter was heard of, and whether that is more than `hours_max` before `at`.

    One that was never heard of is late that long after its registration, or its first day.
    """
    registration = emitter.registration
    beat = beats.get(emitter.stream)
    sent = max(
        (one.last_at for one in accepted if is_within(one.source, registration.source)),
        default=None,
    )
    began = max(emitter.known_at, datetime.combine(registration.since, time(), JAPAN))
    newest = max(began, beat or began, sent or began)
    late = emitter.is_active_on(day_in_japan(at)) and at - newest > timedelta(hours=hours_max)
    return LastContact(beat, sent, late)


def strangers(
    emitters: Iterable[State], accepted: Iterable[AcceptedSource]
) -> tuple[AcceptedSource, ...]:
    """The sources whose transfers no emitter stands for on the first or on the last day of them.

    No declaration speaks of them, so every statement of completeness is silent about them.
    """
    known = list(emitters)

    def has_one(source: str, at: datetime) -> bool:
        day = day_in_japan(at)
        return any(
            one.is_active_on(day) and is_within(source, one.registration.source) for one in known
        )

    return tuple(
        one
        for one in accepted
        if not (has_one(one.source, one.first_at) and has_one(one.source, one.last_at))
    )


Span = tuple[str, DayPeriod]
"""A source, and days."""
CountsOf = Callable[[Sequence[Span]], Mapping[tuple[str, date], int]]
"""Of spans: (source, day) → transfers held of the source and what lies below it."""


def sends_unregistered(
    emitters: Sequence[State],
    accepted: Iterable[AcceptedSource],
    counts_of: CountsOf,
    period: tuple[date | None, date],
    at: datetime,
) -> bool:
    """Whether records are known to have been sent by `at` for which no emitter is registered.

    That is a source among `strangers`, whatever the days of its records; or records of a day of
    `period` on which no emitter of their source stands, as before its registration. Which days
    these are is not told: what was sent of one day may be one record that is hidden (Order 11).

    Args:
        emitters: those that a statement speaks of; without any there is nothing to break.
        period: the first day (None: all) and the last one.
    """
    if not emitters:
        return False
    # When it last sent before `at` is not known, if it has sent since: then `at` is taken.
    by_then = [replace(one, last_at=min(one.last_at, at)) for one in accepted if one.first_at <= at]
    if strangers(emitters, by_then):
        return True
    first, last = period[0] or date.min, period[1]
    if last < first:
        return False
    spans = list(_outside(emitters, DayPeriod(first, last)))
    if not spans:
        return False
    held = counts_of(spans)
    return any(
        not _is_covered(emitters, source, day, held) for (source, day), n in held.items() if n
    )


def _outside(emitters: Sequence[State], period: DayPeriod) -> Iterator[Span]:
    """The days of `period` that are not an emitter's own, with what others below have of them."""
    for one in emitters:
        registration = one.registration
        until = max(registration.until or date.max, registration.since)
        below = {
            other.registration.source
            for other in emitters
            if is_within(other.registration.source, registration.source)
        }
        for days in without(period, [DayPeriod(registration.since, until)]):
            yield from ((source, days) for source in below)


def _is_covered(
    emitters: Sequence[State], source: str, day: date, held: Mapping[tuple[str, date], int]
) -> bool:
    """Whether the emitters that stand on the day stand for all that is held of the source."""
    active_sources = [one.registration.source for one in emitters if one.is_active_on(day)]
    if any(is_within(source, one) for one in active_sources):
        return True
    # Sources of one day lie neither below nor above each other, so nothing is counted twice.
    below = sum(held.get((one, day), 0) for one in active_sources if is_within(one, source))
    return held[source, day] <= below
