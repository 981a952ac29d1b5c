"""One collective record (一括, Rule 19(2) proviso): the messages of one `series_id` of one source.

A message with `transferred_on` adds a day; one with a closing `transferred_to` closes the series;
one with an open period opens it (again). The period ends with the last transfer, inclusive.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from ledger.events import Expired, Fact, SeriesClosed, SeriesEvent, SeriesExtended, SeriesOpened
from ledger.policies.context import SeriesDays
from ledger.values import Transfer


@dataclass(frozen=True, slots=True)
class State:
    """The series so far.

    Attributes:
        first: the transfer under whose key the record is shown; None once the key is dead.
        open: True while more transfers are to come.
    """

    first: UUID | None
    messages: tuple[UUID, ...]
    first_day: date | None
    last_day: date | None
    open: bool
    version: int


def evolve(state: State | None, fact: Fact[SeriesEvent | Expired]) -> State | None:
    """The state after `fact`."""
    event = fact.event
    match event:
        case SeriesOpened():
            return State(
                event.transfer,
                (event.transfer,),
                event.first_day,
                None,
                open=True,
                version=fact.version,
            )
        case SeriesExtended():
            assert state is not None, "a series is opened first"
            return replace(
                state,
                messages=_with(state.messages, event.transfer),
                last_day=_later(state.last_day, event.last_day),
                open=state.open or event.last_day is None,
                version=fact.version,
            )
        case SeriesClosed():
            assert state is not None, "a series is opened first"
            return replace(
                state,
                messages=_with(state.messages, event.transfer),
                last_day=_later(state.last_day, event.last_day),
                open=False,
                version=fact.version,
            )
        case Expired():
            return state
        case _:
            assert_never(event)


def _with(messages: tuple[UUID, ...], transfer: UUID) -> tuple[UUID, ...]:
    return messages if transfer in messages else (*messages, transfer)


def _later(one: date | None, other: date | None) -> date | None:
    return max((day for day in (one, other) if day is not None), default=None)


def fold(state: State | None, facts: Iterable[Fact[SeriesEvent | Expired]]) -> State | None:
    """The state after `facts`."""
    for fact in facts:
        state = evolve(state, fact)
    return state


def add(
    state: State | None, transfer: Transfer, stream: UUID, source: str
) -> tuple[SeriesEvent, ...]:
    """Return the events by which the message `stream` joins its series.

    Requires: the transfer has a `series_id` and at least a first day.
    """
    assert transfer.series_id is not None, "the transfer belongs to a series"
    first_day = transfer.first_day
    assert first_day is not None, "a message of a series has a day"
    events: list[SeriesEvent] = []
    if state is None:
        events.append(
            SeriesOpened(
                source, transfer.series_id, stream, transfer.direction, transfer.method, first_day
            )
        )
    if transfer.transferred_to is not None:
        events.append(SeriesClosed(stream, transfer.transferred_to))
    elif transfer.transferred_on is not None:
        events.append(SeriesExtended(stream, transfer.transferred_on))
    elif state is not None:
        events.append(SeriesExtended(stream, None))
    return tuple(events)


def move(state: State, transfer: Transfer, stream: UUID) -> tuple[SeriesEvent, ...]:
    """Return the events by which the corrected message `stream` moves its series; often none.

    The end of the series only moves on: a day that proves too late keeps the record longer.
    """
    if transfer.transferred_to is not None:
        ends, event = transfer.transferred_to, SeriesClosed(stream, transfer.transferred_to)
    elif transfer.transferred_on is not None:
        ends, event = transfer.transferred_on, SeriesExtended(stream, transfer.transferred_on)
    else:
        return ()
    closes = isinstance(event, SeriesClosed) and state.open
    return (event,) if closes or state.last_day is None or ends > state.last_day else ()


def days(state: State | None) -> SeriesDays | None:
    """What a verdict needs to know of the series before the message."""
    return None if state is None else SeriesDays(state.last_day, state.open)
