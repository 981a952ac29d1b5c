"""One collective record (一括, Rule 19(2) proviso): the messages of one `series_id` of one source.

A message with `transferred_on` adds a day; one with a closing `transferred_to` closes the series;
one with an open period opens it (again). What a message said last replaces what it said before, and
a message that is retracted says nothing, so the series' days are those of the messages that stand.
The period ends with the last transfer, inclusive.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from ledger.format.events import (
    ExpiredEvent,
    Fact,
    SeriesClosed,
    SeriesEvent,
    SeriesExtended,
    SeriesOpened,
)
from ledger.values import Transfer


@dataclass(frozen=True, slots=True)
class SeriesMessage:
    """What one message says of the series.

    Attributes:
        last_day: the day it adds; None when it adds none.
        open: True: more is to come; False: nothing is; None: it leaves that as it was.
    """

    last_day: date | None = None
    open: bool | None = None


OPENS = SeriesMessage(open=True)
NOTHING = SeriesMessage()


@dataclass(frozen=True, slots=True)
class State:
    """The series so far.

    Attributes:
        first: the transfer under whose key the record is shown; None once the key is dead.
        messages: every message that ever joined, also one that says nothing any more.
        open: True while more transfers are to come.
        statements: what each message says, in the order in which they joined.
    """

    first: UUID | None
    messages: tuple[UUID, ...]
    first_day: date | None
    last_day: date | None
    open: bool
    version: int
    statements: Mapping[UUID, SeriesMessage] = field(default_factory=dict[UUID, SeriesMessage])

    @property
    def is_active(self) -> bool:
        """Whether any message still says something: a series without one is open for nothing."""
        return any(statement != NOTHING for statement in self.statements.values())


def fold(state: State | None, facts: Iterable[Fact[SeriesEvent | ExpiredEvent]]) -> State | None:
    """The state after `facts`."""
    statements = dict(state.statements) if state is not None else {}
    version = 0
    for fact in facts:
        event = fact.event
        match event:
            case SeriesOpened():
                statements = {event.transfer: OPENS}
                state = State(
                    event.transfer, (), event.first_day, None, open=True, version=fact.version
                )
            case SeriesExtended() | SeriesClosed():
                assert state is not None, "a series is opened first"
                statements[event.transfer] = _statement_of(
                    event, statements.get(event.transfer, NOTHING)
                )
            case ExpiredEvent():
                continue
            case _:
                assert_never(event)
        version = fact.version
    return state if state is None or not version else _with_statements(state, statements, version)


def _statement_of(event: SeriesExtended | SeriesClosed, before: SeriesMessage) -> SeriesMessage:
    if isinstance(event, SeriesClosed):
        return SeriesMessage(event.last_day, open=False)
    if event.last_day is not None:
        return SeriesMessage(event.last_day)
    # Without a day it takes back the day that the message said before; else the period is open.
    return OPENS if before.last_day is None else NOTHING


def _with_statements(state: State, statements: Mapping[UUID, SeriesMessage], version: int) -> State:
    """The state in which the messages say `statements`."""
    days = [one.last_day for one in statements.values() if one.last_day is not None]
    switches = [one.open for one in statements.values() if one.open is not None]
    return replace(
        state,
        messages=tuple(statements),
        last_day=max(days, default=None),
        open=switches[-1] if switches else True,
        version=version,
        statements=statements,
    )


def add(
    transfer: Transfer, stream: UUID, source: str, *, is_first: bool
) -> tuple[SeriesEvent, ...]:
    """Return the events by which the message `stream` joins its series.

    Requires: the transfer has a `series_id` and at least a first day.
    """
    assert transfer.series_id is not None, "the transfer belongs to a series"
    first_day = transfer.first_day
    assert first_day is not None, "a message of a series has a day"
    events: list[SeriesEvent] = []
    if is_first:
        events.append(
            SeriesOpened(
                source, transfer.series_id, stream, transfer.direction, transfer.method, first_day
            )
        )
    if transfer.transferred_to is not None:
        events.append(SeriesClosed(stream, transfer.transferred_to))
    elif transfer.transferred_on is not None:
        events.append(SeriesExtended(stream, transfer.transferred_on))
    elif not is_first:
        events.append(SeriesExtended(stream, None))
    return tuple(events)


def move(state: State, transfer: Transfer, stream: UUID) -> tuple[SeriesEvent, ...]:
    """Return the events by which the corrected message `stream` moves its series; often none.

    They depend on what this message says and said alone, so that they tell of no other.
    """
    before = state.statements.get(stream, NOTHING)
    if transfer.transferred_to is not None:
        after = SeriesMessage(transfer.transferred_to, open=False)
        events: tuple[SeriesEvent, ...] = (SeriesClosed(stream, transfer.transferred_to),)
    elif transfer.transferred_on is not None:
        after = SeriesMessage(transfer.transferred_on)
        events = (SeriesExtended(stream, transfer.transferred_on),)
    elif transfer.first_day is not None:
        after = OPENS
        taken_back = () if before.last_day is None else (SeriesExtended(stream, None),)
        events = (*taken_back, SeriesExtended(stream, None))
    else:  # an old record without a day
        return leave(state, stream)
    return () if after == before else events


def leave(state: State, stream: UUID) -> tuple[SeriesEvent, ...]:
    """Return the events by which the message `stream` says nothing of its series any more."""
    before = state.statements.get(stream, NOTHING)
    if before == NOTHING:
        return ()
    if before.last_day is not None:
        return (SeriesExtended(stream, None),)
    assert state.first_day is not None, "a series whose key lives has a first day"
    # Only a day can be taken back, so an open period says one first.
    return (SeriesExtended(stream, state.first_day), SeriesExtended(stream, None))


def without(state: State, messages: Collection[UUID]) -> State:
    """The series as its other messages say: of one person, without those hidden from that person.

    Whoever sees that a series ended, and no message that ended it, knows that one is hidden.
    """
    statements = {one: words for one, words in state.statements.items() if one not in messages}
    return replace(_with_statements(state, statements, state.version), messages=state.messages)
