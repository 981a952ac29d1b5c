"""Plans of what will die, and what became of them; whether the clock may be believed.

Expiry is two steps: a plan names the keys beforehand, then they are destroyed. What a plan does not
name does not die, and nothing dies while the clock stands further ahead than the log bears out.

Source: `docs/reference/event-format.md`, section 5.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import assert_never
from uuid import UUID

from ledger.clock import day_in_japan
from ledger.errors import ClockAheadError
from ledger.format.events import ExpiredEvent, ExpiryEvent, ExpiryPlanned, Fact, RecordsExpired

CLOCK_AHEAD_MAX = timedelta(days=2)
"""How far the clock may stand beyond the newest event, and beyond the newest plan."""

WINDOW_DAYS_MAX = 14
KEYS_PER_EVENT_MAX = 32
KEYS_PER_PLAN_MAX = 50_000
"""A plan's sealed part has room for 62,000 ids (4 MiB)."""


@dataclass(frozen=True, slots=True)
class State:
    """A plan.

    Attributes:
        through: it names every key whose day of death is this day or earlier; None once its own
            key is dead.
        keys: ids that it names.
        expired: ids among them that have been destroyed under this plan.
        expiries: (position, instant) of each `records-expired`.
        counts: as counted when it was made.
        was_made: False for what a restore destroyed again without a plan: that a clock was as it
            was then, nobody bore out.
    """

    plan: UUID
    through: date | None
    keys: frozenset[bytes]
    expired: frozenset[bytes]
    expiries: tuple[tuple[int, datetime], ...]
    holds: tuple[UUID, ...]
    cases: tuple[UUID, ...]
    counts: Mapping[str, int]
    confirmed: bool
    planned_at: datetime
    position: int
    version: int
    was_made: bool = True


def evolve(state: State | None, fact: Fact[ExpiryEvent | ExpiredEvent]) -> State:
    """The state after `fact`; a stream whose first event is an expiry is that of a restore."""
    event = fact.event
    if state is None:
        state = State(
            plan=fact.stream,
            through=None,
            keys=frozenset(),
            expired=frozenset(),
            expiries=(),
            holds=(),
            cases=(),
            counts={},
            confirmed=False,
            planned_at=fact.at,
            position=fact.position,
            version=0,
            was_made=not isinstance(event, RecordsExpired),
        )
    state = replace(state, version=fact.version)
    match event:
        case ExpiryPlanned():
            return replace(
                state,
                through=event.through,
                keys=frozenset(event.keys),
                holds=event.holds,
                cases=event.cases,
                counts=event.counts,
                confirmed=event.confirmed,
            )
        case RecordsExpired():
            return replace(
                state,
                expired=state.expired | frozenset(event.keys),
                expiries=(*state.expiries, (fact.position, fact.at)),
            )
        case ExpiredEvent():
            return state
        case _:
            assert_never(event)


def check_clock(
    at: datetime, newest_event: datetime | None, newest_plan: datetime | None, *, confirmed: bool
) -> None:
    """Refuse to plan or to destroy by a clock that the log does not bear out.

    A clock that jumped ahead would make every key due at once. The newest event alone does not
    tell: after a jump the next transfer carries the wrong instant too. A plan is made every day, so
    the plan before bears witness.

    Args:
        newest_event: its instant; None in an empty ledger, in which nothing can die.
        newest_plan: instant of the newest plan before this run; None when there is none.
        confirmed: a person vouches for the clock, as after a long standstill.

    Raises:
        ClockAheadError: the clock stands too far ahead.
    """
    if confirmed:
        return
    known = [instant for instant in (newest_event, newest_plan) if instant is not None]
    for instant in known:
        if at - instant > CLOCK_AHEAD_MAX:
            raise ClockAheadError(instant, at)


def through(at: datetime, window_days: int) -> date:
    """The last day of death that a plan made at `at` names."""
    assert 0 <= window_days <= WINDOW_DAYS_MAX, "a setting within its bounds"
    return day_in_japan(at) + timedelta(days=window_days)


def latest_plan(plans: Iterable[State]) -> State | None:
    """The newest plan that bears witness to the clock; None when there is none."""
    made = (plan for plan in plans if plan.was_made)
    return max(made, key=lambda plan: plan.position, default=None)


def named(plans: Iterable[State], up_to: datetime) -> set[bytes]:
    """The keys that plans made at `upto` or earlier name."""
    return {key for plan in plans if plan.planned_at <= up_to for key in plan.keys}


def in_events(keys: Collection[bytes]) -> list[tuple[bytes, ...]]:
    """The keys, sorted, as many to a `records-expired` as its header holds."""
    ordered = sorted(keys)
    return [
        tuple(ordered[begin : begin + KEYS_PER_EVENT_MAX])
        for begin in range(0, len(ordered), KEYS_PER_EVENT_MAX)
    ]
