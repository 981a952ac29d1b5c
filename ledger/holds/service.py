"""Places holds, releases them and gives them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from ledger.commands import PlaceHold, ReleaseHold
from ledger.crypto.pseudonyms import random_stream
from ledger.errors import ExpiredError, NotFoundError
from ledger.format.envelope import Append, AppendCondition
from ledger.format.events import (
    ExpiredEvent,
    Fact,
    HoldEvent,
    HoldPlaced,
    HoldReleased,
    RecordsExpired,
)
from ledger.holds import hold
from ledger.streams.appender import CommandAppender, metadata_of
from ledger.streams.outcome import CommandReceipt
from ledger.streams.sealer import Sealer
from ledger.streams.streams import AnyFact, Streams

# What is held is there, and not held already.
_RESTS_ON: Final = (HoldPlaced.TYPE, RecordsExpired.TYPE)


class HoldCommands:
    """Decides and appends holds, and reads them."""

    def __init__(self, streams: Streams, sealer: Sealer, appending: CommandAppender) -> None:
        self._streams = streams
        self._sealer = sealer
        self._appending = appending

    def place(self, command: PlaceHold, at: datetime) -> CommandReceipt:
        """Place a hold; the receipt names its stream, by which it is released.

        Raises:
            MalformedError, AlreadyActiveError: see `ledger.holds.hold`.
            NotFoundError, ExpiredError: the transfer to hold is unknown, or its content is gone.
        """
        stream = random_stream()

        def attempt() -> Append:
            head = self._streams.reads.head()
            event = hold.place(command, self.all())
            if event.transfer is not None:
                self._check_there(event.transfer)
            place = metadata_of(command, stream, 1, at)
            sealed = self._sealer.seal(event, place, self._sealer.register_key(at))
            return Append((sealed,), condition=AppendCondition(head, _RESTS_ON))

        return self._appending.appended(command.command, attempt)

    def _check_there(self, transfer: UUID) -> None:
        state = self._streams.transfer_state(transfer)
        if state is None or state.effective_position is None:
            raise NotFoundError
        if state.entry is None or state.record is None:
            raise ExpiredError(state.first_position)

    def release(self, command: ReleaseHold, at: datetime) -> CommandReceipt:
        """End a hold.

        Raises:
            NotFoundError, DoesNotStandError: see `ledger.holds.hold`.
        """

        def attempt() -> Append:
            facts = self._streams.facts([command.hold], None).get(command.hold, [])
            [state] = _states(facts) or [None]
            event = hold.release(command, state)
            assert state is not None, "a release was decided, so there is a hold"
            place = metadata_of(command, command.hold, state.version + 1, at)
            return Append((self._sealer.seal(event, place, self._sealer.register_key(at)),))

        return self._appending.appended(command.command, attempt)

    def all(self) -> list[hold.State]:
        """All holds whose key lives, released ones too, in the order in which they were placed."""
        return _states(self._streams.facts_of_topics(hold.TOPICS, 0))


def _states(facts: Iterable[AnyFact]) -> list[hold.State]:
    """The holds among streams of whatever kind, in the order of their first events."""
    states: dict[UUID, hold.State] = {}
    for fact in facts:
        if isinstance(fact.event, HoldPlaced | HoldReleased | ExpiredEvent):
            typed = cast("Fact[HoldEvent | ExpiredEvent]", fact)
            state = hold.evolve(states.get(fact.stream), typed)
            if state is not None:
                states[fact.stream] = state
    return list(states.values())
