"""Whether emitters are heard of, and who sends without being one: signs of life, not facts.

Nothing here is an event: it tells who operates what to look after, now.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from ledger.clock import JAPAN, day_in_japan
from ledger.emitter import State
from ledger.sources import is_within


@dataclass(frozen=True, slots=True)
class Accepted:
    """A source from which transfers were accepted.

    Attributes:
        source: the prefix that the sender's key is bound to.
        first_at, last_at: of the acceptances, to the minute.
    """

    source: str
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """When an emitter was heard of.

    Attributes:
        beat_at: of its last heartbeat; `accepted_at` of the last transfer accepted from it.
        late: it stands today, and both are longer ago than allowed.
    """

    beat_at: datetime | None
    accepted_at: datetime | None
    late: bool


def heard(
    emitter: State,
    beats: Mapping[UUID, datetime],
    accepted: Iterable[Accepted],
    at: datetime,
    hours_max: float,
) -> Heard:
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
    late = emitter.stands_on(day_in_japan(at)) and at - newest > timedelta(hours=hours_max)
    return Heard(beat, sent, late)


def strangers(emitters: Iterable[State], accepted: Iterable[Accepted]) -> tuple[Accepted, ...]:
    """The sources whose transfers no emitter stands for on the first or on the last day of them.

    No declaration speaks of them, so every statement of completeness is silent about them.
    """
    known = list(emitters)

    def has_one(source: str, at: datetime) -> bool:
        day = day_in_japan(at)
        return any(
            one.stands_on(day) and is_within(source, one.registration.source) for one in known
        )

    return tuple(
        one
        for one in accepted
        if not (has_one(one.source, one.first_at) and has_one(one.source, one.last_at))
    )
