"""The ledger: one method a command; the only door to the store for those who write."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from ledger import access, correction, directive, link, notice, series, transfer
from ledger.application.judging import Gathered, Question
from ledger.application.outcome import Outcome, Receipt
from ledger.application.recording import AppendAll, Recording
from ledger.application.sealing import Sealer
from ledger.clock import day_in_japan
from ledger.commands import (
    CorrectTransfer,
    LiftDirective,
    LinkIdentifiers,
    PublishNotice,
    ReceiveDirective,
    ReclassifyTransfer,
    RecordTransfer,
    RenamePrincipal,
    RetractTransfer,
    UnlinkIdentifiers,
    ViewHistory,
    WithdrawNotice,
)
from ledger.crypto.pseudonyms import random_stream
from ledger.drafts import Place
from ledger.envelope import Append, LookupRow, SealedEvent
from ledger.errors import (
    KeyGoneError,
    NotFoundError,
    StoreUnavailableError,
    StreamMovedError,
    TooManyIdentifiersError,
)
from ledger.events import DirectiveEvent, LinkEvent, NoticeEvent
from ledger.policies.context import TransferVerdict
from ledger.policies.duty import judge
from ledger.store.append import Appended
from ledger.streams import CLUSTER_MAX, Streams
from ledger.values import CheckedTransfer, Json, Transfer, transfer_of

Check = Callable[[object, date], CheckedTransfer]
Command = (
    CorrectTransfer
    | ReclassifyTransfer
    | RetractTransfer
    | LinkIdentifiers
    | UnlinkIdentifiers
    | ReceiveDirective
    | LiftDirective
    | RenamePrincipal
    | PublishNotice
    | WithdrawNotice
    | ViewHistory
)

# Each retry means that somebody else appended to the same stream in between.
RETRIES_MAX = 8


class Ledger:
    """Decides, seals and appends. Synchronous; one instance a worker thread.

    Every method raises `StoreUnavailableError` when the database cannot be reached: nothing was
    acknowledged then, and the same command may be sent again.
    """

    def __init__(self, streams: Streams, sealer: Sealer, append: AppendAll, check: Check) -> None:
        self.streams = streams
        self._sealer = sealer
        self._append = append
        self._check = check
        self._recording = Recording(streams, sealer, append)

    # -- transfers -------------------------------------------------------------------------------

    def record(self, commands: Sequence[RecordTransfer], at: datetime) -> list[Outcome]:
        """Record transfers, each alone; an outcome for each, in the order of the commands."""
        return self._recording.record(commands, at)

    def judge(
        self, data: CheckedTransfer, source: str, at: datetime
    ) -> tuple[int, TransferVerdict]:
        """The verdict that `record` would reach now, and as of which position; stores nothing."""
        typed = transfer_of(data)
        recorded_on = typed.recorded_on or day_in_japan(at)
        question = Question(typed, source, recorded_on)
        head, [gathered] = self._recording.judging.gather([question])
        return head, judge(typed, gathered.context, recorded_on)

    def correct(self, command: CorrectTransfer | ReclassifyTransfer, at: datetime) -> Receipt:
        """Correct or reclassify a recorded transfer.

        Raises:
            NotFoundError, AlreadyRetractedError, ExpiredError: it takes no correction.
            MalformedError: the transfer would not be well-formed after the change.
            NothingToChangeError: it would be the same.
        """

        def attempt() -> Append:
            # One reading for the content and the version: what somebody else appends in between
            # is noticed by the version, and the changes are laid over it anew.
            state = self.streams.transfer_state(command.transfer)
            head, gathered, data = self._asked_again(state, command.changes, at)
            event = correction.correct(command, state, data, gathered.context)
            assert state is not None, "a correction was decided, so there is a transfer"
            assert state.entry is not None, "a correction was decided, so its key lives"
            position = self._recording.judging.known.position_of(
                transfer_of(data), event.record.verdict.notice_version
            )
            event = replace(event, record=replace(event.record, notice_position=position))
            place = self._place(command, command.transfer, state.version + 1, at, head)
            key = self._sealer.record_key(event.record, event.lines, place, state.entry.series)
            sealed = self._sealer.seal_record(event, event.record, place, key)
            return Append((sealed, *self._moved(state.entry.series, transfer_of(data), place)))

        return self._appended(attempt)

    def _moved(self, series_of: UUID | None, typed: Transfer, place: Place) -> list[SealedEvent]:
        """What the corrected message does to its series, sealed."""
        state = self.streams.series_state(series_of) if series_of is not None else None
        if series_of is None or state is None:
            return []
        key = self._sealer.keys.key_for("series", owner=series_of)
        there = replace(place, stream=series_of, version=state.version + 1, judged_at=None)
        moves = series.move(state, typed, place.stream)
        return [self._sealer.seal(event, there, key) for event in moves]

    def _asked_again(
        self, state: transfer.State | None, changes: Mapping[str, Json], at: datetime
    ) -> tuple[int, Gathered, CheckedTransfer]:
        data = self._check(correction.changed_data(state, changes), day_in_japan(at))
        assert state is not None, "what has changed data is recorded"
        assert state.entry is not None, "what has changed data has not expired"
        assert state.record is not None, "what has changed data has not expired"
        typed = transfer_of(data)
        recorded_on = typed.recorded_on or state.record.recorded_on
        question = Question(typed, state.entry.source, recorded_on)
        head, [gathered] = self._recording.judging.gather([question])
        return head, gathered, data

    def retract(self, command: RetractTransfer, at: datetime) -> Receipt:
        """Retract a recorded transfer.

        Raises:
            NotFoundError, AlreadyRetractedError, ExpiredError: there is nothing to retract.
        """

        def attempt() -> Append:
            state = self.streams.transfer_state(command.transfer)
            event = correction.retract(command, state)
            assert state is not None, "a retraction was decided, so there is a transfer"
            assert state.entry is not None, "a retraction was decided, so its key lives"
            assert state.record is not None, "a retraction was decided, so its key lives"
            place = self._place(command, command.transfer, state.version + 1, at)
            key = self._sealer.record_key(state.record, state.lines, place, state.entry.series)
            return Append((self._sealer.seal(event, place, key),))

        return self._appended(attempt)

    def check_unmarked(self, stream: UUID) -> None:
        """Refuse a transfer that is marked under Order 11, as if it were not there.

        Raises:
            NotFoundError: it is marked.
        """
        state = self.streams.transfer_state(stream)
        if state is not None and state.entry is not None and state.entry.order_11:
            raise NotFoundError

    # -- persons ---------------------------------------------------------------------------------

    def link(self, command: LinkIdentifiers | UnlinkIdentifiers, at: datetime) -> Receipt:
        """Link two identifiers, or take the link away.

        Raises:
            MalformedError, AlreadyStandsError, DoesNotStandError: see `ledger.link`.
            TooManyIdentifiersError: more than `CLUSTER_MAX` would be one person.
        """

        def attempt() -> Append:
            pair = self.streams.pair_key(command.a, command.b)
            stream = self.streams.found("pair", pair)
            state = self.streams.link_state(stream) if stream is not None else None
            event: LinkEvent
            if isinstance(command, LinkIdentifiers):
                event = link.link(command, state)
                person = self.streams.cluster((command.a, command.b), None)
                if len(person.keys) > CLUSTER_MAX:
                    raise TooManyIdentifiersError
            else:
                event = link.unlink(command, state)
            version = state.version + 1 if state is not None else 1
            owner = stream or random_stream()
            key = self._sealer.keys.key_for("link", owner=owner)
            place = self._place(command, owner, version, at)
            rows: tuple[LookupRow, ...] = ()
            if stream is None:
                ends = (self.streams.principal_key(end) for end in (command.a, command.b))
                rows = (
                    LookupRow("pair", pair, owner, key.id),
                    *(LookupRow("link", end, owner, key.id) for end in ends),
                )
            return Append((self._sealer.seal(event, place, key),), rows)

        return self._appended(attempt)

    def direct(
        self, command: ReceiveDirective | LiftDirective | RenamePrincipal, at: datetime
    ) -> Receipt:
        """A principal's stop, its lifting, or a new name.

        Raises:
            AlreadyStandsError, DoesNotStandError: see `ledger.directive`.
        """

        def attempt() -> Append:
            principal_key = self.streams.principal_key(command.principal)
            stream = self.streams.found("directive", principal_key)
            state = self.streams.directive_state(stream) if stream is not None else None
            event: DirectiveEvent
            match command:
                case ReceiveDirective():
                    event = directive.receive(command, state)
                case LiftDirective():
                    event = directive.lift(command, state)
                case RenamePrincipal():
                    event = directive.rename(command, state)
            owner = stream or random_stream()
            key = self._sealer.keys.key_for("directive", owner=owner)
            version = state.version + 1 if state is not None else 1
            place = self._place(command, owner, version, at)
            rows = (LookupRow("directive", principal_key, owner, key.id),) if stream is None else ()
            return Append((self._sealer.seal(event, place, key),), rows)

        return self._appended(attempt)

    # -- notices and looks -----------------------------------------------------------------------

    def publish(self, command: PublishNotice | WithdrawNotice, at: datetime) -> Receipt:
        """Publish a notice version, an amendment or a filing; or withdraw a notice.

        Raises:
            MalformedError, AlreadyStandsError, DoesNotStandError: see `ledger.notice`.
        """

        def attempt() -> Append:
            notices = self._recording.judging.notices()
            state = notices.by_id(command.notice_id)
            stream = notices.streams.get(command.notice_id)
            event: NoticeEvent
            if isinstance(command, PublishNotice):
                event = notice.publish(command, state)
            else:
                event = notice.withdraw(command, state)
            owner = stream or random_stream()
            key = self._sealer.register_key(at)
            place = self._place(command, owner, state.version + 1 if state else 1, at)
            row = LookupRow("notice", self.streams.notice_key(command.notice_id), owner, key.id)
            rows = () if stream is not None else (row,)
            return Append((self._sealer.seal(event, place, key),), rows)

        return self._appended(attempt)

    def notices(self) -> list[notice.State]:
        """All notices, in the order of their first publication."""
        return list(self._recording.judging.notices().states.values())

    def view(self, command: ViewHistory, at: datetime) -> Receipt:
        """Put on record that somebody looked at a history."""

        def attempt() -> Append:
            place = self._place(command, random_stream(), 1, at)
            event = access.view(command)
            return Append((self._sealer.seal(event, place, self._sealer.access_key(at)),))

        return self._appended(attempt)

    # -- appending -------------------------------------------------------------------------------

    def _place(
        self, command: Command, stream: UUID, version: int, at: datetime, judged: int | None = None
    ) -> Place:
        return Place(stream, version, at, command.actor, command.command, judged)

    def _appended(self, attempt: Callable[[], Append]) -> Receipt:
        """Append what `attempt` decides; decide again when the stream has moved in between."""
        for _ in range(RETRIES_MAX):
            append = attempt()
            [result] = self._append([append])
            if isinstance(result, Appended):
                return Receipt(append.events[0].stream, result.positions[0], result.known)
            if isinstance(result, KeyGoneError):
                self._sealer.keys.forget(event.key_id for event in append.events if event.key_id)
            elif not isinstance(result, StreamMovedError):
                raise result
        raise StoreUnavailableError
