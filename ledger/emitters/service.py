"""Emitters: registered, renamed, retired; what they declare complete."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from threading import Lock
from typing import Final, cast
from uuid import UUID

from ledger.crypto.pseudonyms import random_stream
from ledger.emitters import daily_close, emitter
from ledger.emitters.daily_close import CloseDay, DayHoldings, day_of
from ledger.emitters.emitter import DeclareCoverage, RegisterEmitter, State
from ledger.emitters.events import MissingTransfer
from ledger.emitters.id_set import TransferKey
from ledger.errors import NotFoundError
from ledger.format.envelope import Append, AppendCondition, LookupRow
from ledger.format.event_writer import EventMetadata
from ledger.format.events import (
    RECORDED_TYPES,
    CoverageDeclared,
    DayClosed,
    EmitterEvent,
    EmitterRegistered,
    ExpiredEvent,
    Fact,
)
from ledger.format.header import read_header
from ledger.store.first_events import first_headers
from ledger.streams.appender import CommandAppender
from ledger.streams.outcome import CommandReceipt
from ledger.streams.sealer import Sealer
from ledger.streams.streams import Streams

KIND: Final = "emitter"
"""Of the lookup rows that find an emitter's stream by its id."""
STEP: Final = 256
"""Events between two positions whose states are remembered: the most that an answer reads anew."""
_TOPICS: Final = (EmitterRegistered.TYPE, CoverageDeclared.TYPE, DayClosed.TYPE)

_States = dict[UUID, State]


@dataclass(frozen=True, slots=True)
class CloseComparison:
    """What a close is compared with, beside the log.

    Attributes:
        held_of: source of an emitter → what the ledger holds of the day, no earlier than the call.
        waiting: keys → those of them that wait among the rejected items.
    """

    held_of: Callable[[str], DayHoldings]
    waiting: Callable[[Sequence[TransferKey]], frozenset[TransferKey]]


class KnownEmitters:
    """All emitters as of any position. It remembers what it read. Thread-safe; one a process.

    A dozen emitters that declare each day make thousands of events a year, and every reply asks.
    What is remembered outlives the keys of its events until the process ends; it names no person.
    """

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._lock = Lock()
        self._marks: list[tuple[int, _States]] = [(0, {})]
        self._newest: tuple[int, _States] = self._marks[0]

    def at(self, up_to: int | None) -> list[State]:
        """All emitters as of a position (None: as they stand), in the order of registration.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        with self._lock:
            position, states = self._start(up_to)
            states = dict(states)
            while True:
                facts = self._streams.facts_of_topics(_TOPICS, position, STEP)
                for fact in facts:
                    if up_to is not None and fact.position > up_to:
                        return list(states.values())
                    typed = cast("Fact[EmitterEvent | ExpiredEvent]", fact)
                    state = emitter.evolve(states.get(fact.stream), typed)
                    if state is not None:
                        states[fact.stream] = state
                    position = fact.position
                self._remember(position, states, is_step=len(facts) == STEP)
                if len(facts) < STEP:
                    return list(states.values())

    def _start(self, up_to: int | None) -> tuple[int, _States]:
        """What is remembered of the last position that is not beyond `upto`."""
        if up_to is None or up_to >= self._newest[0]:
            return self._newest
        return next(mark for mark in reversed(self._marks) if mark[0] <= up_to)

    def _remember(self, position: int, states: _States, *, is_step: bool) -> None:
        if is_step and position > self._marks[-1][0]:
            self._marks.append((position, dict(states)))
        if position > self._newest[0]:
            self._newest = (position, dict(states))


class _UnchangedError(Exception):
    """The command decides nothing, for what it asks for stands. It never leaves this file.

    Attributes:
        receipt: where.
    """

    def __init__(self, state: State, position: int | None = None) -> None:
        super().__init__("what is asked for stands")
        self.receipt = CommandReceipt(state.stream, position or state.position, known=True)


class Emitters:
    """Decides and appends what becomes of emitters. One random stream an emitter."""

    def __init__(
        self, streams: Streams, sealer: Sealer, appending: CommandAppender, known: KnownEmitters
    ) -> None:
        self._streams = streams
        self._sealer = sealer
        self._appending = appending
        self._known = known

    def register(self, command: RegisterEmitter, at: datetime) -> CommandReceipt:
        """Register an emitter, or describe a known one anew; a repeat appends nothing.

        Raises:
            MalformedError: see `ledger.emitters.emitter.register`.
        """

        def attempt() -> Append:
            # All of them, for the source may be another's.
            head = self._streams.reads.head()
            known = self._known.at(None)
            state = next((one for one in known if one.id == command.registration.id), None)
            event = emitter.register(command, state, known, at)
            if event is None:
                assert state is not None, "only what stands is repeated"
                raise _UnchangedError(state)
            append = self._append(command, event, state, at)
            return replace(append, condition=AppendCondition(head, (EmitterRegistered.TYPE,)))

        return self._appended(command.command, attempt)

    def declare(self, command: DeclareCoverage, at: datetime) -> CommandReceipt:
        """Declare days complete, or take that back; a repeat appends nothing.

        Raises:
            NotFoundError, MalformedError: see `ledger.emitters.emitter.declare`.
        """

        def attempt() -> Append:
            state = self.get(command.emitter)
            event = emitter.declare(command, state, at)
            if event is None:
                assert state is not None, "only what stands is repeated"
                raise _UnchangedError(state)
            return self._append(command, event, state, at)

        return self._appended(command.command, attempt)

    def close(self, command: CloseDay, compared: CloseComparison, at: datetime) -> CommandReceipt:
        """Close a day; the same once more appends nothing while nothing else came of it.

        Raises:
            NotFoundError, MalformedError: see `ledger.emitters.daily_close`.
            ProjectionBehindError: what `held_of` raises.
        """

        def attempt() -> Append:
            state = self.get(command.emitter)
            if state is None:
                raise NotFoundError
            daily_close.check(command, state.registration, at)
            held = compared.held_of(state.registration.source)
            named = unrecorded(self._streams, command.day, command.ids, held.as_of, compared)
            current_close = state.close_of(command.day)
            event = daily_close.close(command, current_close, state.registration, held, named)
            if event is None:
                assert current_close is not None, "only what stands is repeated"
                raise _UnchangedError(state, current_close.position)
            return self._append(command, event, state, at)

        return self._appended(command.command, attempt)

    def get(self, emitter_id: str) -> State | None:
        """The emitter of that id as it stands; None when there is none."""
        return next((one for one in self._known.at(None) if one.id == emitter_id), None)

    def all(self, up_to: int | None) -> list[State]:
        """All emitters as of a position (None: as they stand), in the order of registration."""
        return self._known.at(up_to)

    def _append(
        self,
        command: RegisterEmitter | DeclareCoverage | CloseDay,
        event: EmitterEvent,
        state: State | None,
        at: datetime,
    ) -> Append:
        stream = state.stream if state is not None else random_stream()
        version = state.version + 1 if state is not None else 1
        key = self._sealer.register_key(at)
        place = EventMetadata(stream, version, at, command.actor, command.command)
        # Two that register one id at the same moment: the second finds the first one's stream.
        found_by = self._streams.secret.lookup_key(KIND, event.registration.id.encode())
        row = LookupRow(KIND, found_by, stream, key.id)
        return Append((self._sealer.seal(event, place, key),), () if state is not None else (row,))

    def _appended(self, command: UUID, attempt: Callable[[], Append]) -> CommandReceipt:
        try:
            return self._appending.appended(command, attempt)
        except _UnchangedError as standing:
            return standing.receipt


def unrecorded(
    streams: Streams, day: date, ids: Sequence[TransferKey], up_to: int, compared: CloseComparison
) -> tuple[MissingTransfer, ...]:
    """Those of the ids that are not recorded as transfers of that day, up to a position.

    Looked up by the keyed streams of the log itself: what is destroyed was recorded all the same.
    """
    stream_of = streams.secret.transfer_stream
    keys_by_stream = {stream_of(*key): key for key in ids}
    found = first_headers(streams.reads.connections, list(keys_by_stream), up_to)
    headers = {keys_by_stream[stream]: read_header(header) for stream, header in found.items()}
    recorded = {
        key: day_of(one.facts) for key, one in headers.items() if one.type in RECORDED_TYPES
    }
    other_keys = [key for key in ids if key not in recorded]
    waiting = compared.waiting(other_keys) if other_keys else frozenset[TransferKey]()
    return daily_close.named_of(ids, day, recorded, waiting)
