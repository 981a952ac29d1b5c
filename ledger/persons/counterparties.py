"""The register: notices, and holds on what would otherwise be destroyed."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast
from uuid import UUID

from ledger.cases.refusals import StaleVersionError
from ledger.commands import PlaceHold, PublishNotice, ReleaseHold, WithdrawNotice
from ledger.crypto.pseudonyms import random_stream
from ledger.errors import ExpiredError, NotFoundError
from ledger.format.envelope import Append, LookupRow
from ledger.format.events import (
    ExpiredEvent,
    Fact,
    HoldEvent,
    HoldPlaced,
    HoldReleased,
    NoticeEvent,
)
from ledger.holds import hold
from ledger.holds.hold import State as Hold
from ledger.notices import notice
from ledger.streams.appender import CommandAppender, metadata_of
from ledger.streams.outcome import CommandReceipt
from ledger.streams.sealer import Sealer
from ledger.streams.streams import AnyFact, Streams
from ledger.transfers.verdict_inputs import VerdictInputs

HOLD_TOPICS = (HoldPlaced.TYPE, HoldReleased.TYPE)


class CounterpartyRegister:
    """Decides and appends what is kept in the register."""

    def __init__(
        self, streams: Streams, sealer: Sealer, judging: VerdictInputs, appending: CommandAppender
    ) -> None:
        self._streams = streams
        self._sealer = sealer
        self._judging = judging
        self._appending = appending

    # -- notices ---------------------------------------------------------------------------------

    def publish(self, command: PublishNotice | WithdrawNotice, at: datetime) -> CommandReceipt:
        """Publish a notice version, an amendment or a filing; or withdraw a notice.

        Raises:
            MalformedError, AlreadyStandsError, DoesNotStandError, UnlawfulChangesError: see
                `ledger.notices.notice`.
            StaleVersionError: something was published or withdrawn since the caller looked.
        """

        def attempt() -> Append:
            notices = self._judging.notices()
            state = notices.by_id(command.notice_id)
            stream = notices.streams.get(command.notice_id)
            if command.expected_version not in (None, state.version if state else 0):
                raise StaleVersionError
            event: NoticeEvent
            if isinstance(command, PublishNotice):
                event = notice.publish(command, state)
            else:
                event = notice.withdraw(command, state)
            owner = stream or random_stream()
            key = self._sealer.register_key(at)
            place = metadata_of(command, owner, state.version + 1 if state else 1, at)
            row = LookupRow("notice", self._streams.notice_key(command.notice_id), owner, key.id)
            rows = () if stream is not None else (row,)
            return Append((self._sealer.seal(event, place, key),), rows)

        return self._appending.appended(command.command, attempt)

    def notices(self) -> list[notice.State]:
        """All notices, in the order of their first publication."""
        return list(self._judging.notices().states.values())

    # -- holds -----------------------------------------------------------------------------------

    def hold(self, command: PlaceHold, at: datetime) -> CommandReceipt:
        """Place a hold; the receipt names its stream, by which it is released.

        Raises:
            MalformedError, AlreadyStandsError: see `ledger.holds.hold`.
            NotFoundError, ExpiredError: the transfer to hold is unknown, or its content is gone.
        """
        stream = random_stream()

        def attempt() -> Append:
            event = hold.place(command, self.holds())
            if command.transfer is not None:
                self._check_there(command.transfer)
            place = metadata_of(command, stream, 1, at)
            return Append((self._sealer.seal(event, place, self._sealer.register_key(at)),))

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

    def holds(self) -> list[Hold]:
        """All holds whose key lives, released ones too, in the order in which they were placed."""
        return _states(self._streams.facts_of_topics(HOLD_TOPICS, 0))


def _states(facts: Iterable[AnyFact]) -> list[Hold]:
    """The holds among streams of whatever kind, in the order of their first events."""
    states: dict[UUID, Hold] = {}
    for fact in facts:
        if isinstance(fact.event, HoldPlaced | HoldReleased | ExpiredEvent):
            typed = cast("Fact[HoldEvent | ExpiredEvent]", fact)
            state = hold.evolve(states.get(fact.stream), typed)
            if state is not None:
                states[fact.stream] = state
    return list(states.values())
