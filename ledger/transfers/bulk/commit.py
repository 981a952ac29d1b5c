"""The commit of a bulk transfer: recorded event, chunks, completion, each in a transaction.

The head is locked for one chunk at a time, so everybody else appends in between. What stands is
told by the stream's version, so whoever goes on after an interruption appends what is missing and
nothing twice; all events bear the command of the first try.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from uuid import UUID

from ledger.errors import (
    ConflictingTransferError,
    CorruptRecordError,
    ExpiredError,
    KeyDestroyedError,
    StoreUnavailableError,
    StreamMovedError,
)
from ledger.format.encoder import parts_of
from ledger.format.envelope import Append, SealedEvent, StoredFact
from ledger.format.event_writer import EventMetadata
from ledger.format.header import read_header
from ledger.policies.context import Context
from ledger.store.append import AppendedBatch
from ledger.streams.event_opener import NO_CHUNKS
from ledger.streams.outcome import RECORDED, RecordOutcome, refused, repeated_in
from ledger.streams.sealer import Sealer
from ledger.streams.streams import Streams
from ledger.transfers import transfer
from ledger.transfers.bulk.background import BackgroundTask
from ledger.transfers.bulk.errors import (
    BulkRunsError,
    ContentDiffersError,
    LinesDifferError,
    PartsMissingError,
)
from ledger.transfers.bulk.outcome import BulkOutcome, outcome_members, stored_outcome, verdict_at
from ledger.transfers.bulk.person_keys import PersonKeys
from ledger.transfers.bulk.preparation import (
    BulkPlan,
    BulkPreparation,
    fingerprint_of,
    plan_of,
    recorded_event,
)
from ledger.transfers.bulk.staging_area import BulkRows, StoredPart, UnderWay
from ledger.transfers.bulk.upload import check_complete, closed, command_of
from ledger.transfers.service import AppendAll
from ledger.values import transfer_of
from ledger.worker import Chunk, Worker

# Somebody who lost the lock may append what it has begun beside us; each round one of us goes on.
_ROUNDS_MAX = 8


class _MovedError(Exception):
    """Somebody else appended to the stream: look again how far it is."""


@dataclass(frozen=True, slots=True)
class _Tail:
    """How far the stream is.

    Attributes:
        headers: of its events, in the order of their versions.
        lines: in the chunks that stand.
    """

    headers: list[bytes]
    lines: int

    @property
    def version(self) -> int:
        """Of the last event."""
        return len(self.headers)


class BulkCommit:
    """Carries out one commit; the caller holds its lock.

    Appends need no lease: there is one plan, so whoever has it appends the same, and a version
    stands once.

    Args:
        rows: as `BulkRows.working` gives them.
    """

    def __init__(
        self,
        streams: Streams,
        sealer: Sealer,
        append: AppendAll,
        rows: BulkRows,
        keying: PersonKeys | None = None,
    ) -> None:
        self._streams = streams
        self._sealer = sealer
        self._append = append
        self._rows = rows
        worker = Worker(sealer.secret, sealer.ledger)
        self._keying = keying or PersonKeys(rows, sealer.secret, worker)
        self._preparing = BulkPreparation(streams, sealer, rows, self._keying)

    def run(self, bulk: UUID, at: datetime) -> BulkOutcome:
        """Record the transfer, or go on where somebody was interrupted; see `BulkTransfers`."""
        one = closed(self._rows, self._rows.find(bulk, at), at)
        if one.state == "committed":
            return stored_outcome(self._streams, one)
        if plan_of(one) is None:
            parts = self._complete_parts(one)
            known = self._known(one, lambda: fingerprint_of(self._rows, one, parts))
            if known is not None:
                return self._done(one, known, at)
            one = self._preparing.prepared(one, parts, at)
            self._rows.check_lease()  # whoever took over may have done it all by now
        plan = plan_of(one)
        assert plan is not None, "it was prepared, and the lease was ours"
        self._rows.forget_parts(one, but=one.command)
        return self._appended(one, plan, at)

    def _complete_parts(self, one: UnderWay) -> list[StoredPart]:
        """The parts, which were whole when the commit began, and are still.

        Raises:
            CorruptRecordError: some were taken away since, or are others.
        """
        parts = self._rows.parts(one)
        try:
            check_complete(one, parts)
        except (PartsMissingError, LinesDifferError, ContentDiffersError):
            self._rows.check_lease()  # else whoever took over has let go of them
            raise CorruptRecordError("the parts of a bulk transfer are not those taken") from None
        return parts

    def give_up(self, bulk: UUID, at: datetime) -> bool:
        """Let go of one of which something is lost; False, and nothing is changed: some stands."""
        one = self._rows.find(bulk, at)
        headers = self._rows.headers(self._stream(one))
        if headers and read_header(headers[0]).command == one.command:
            return False
        self._rows.done(one, "aborted", {}, self._rows.staging_key(at), at)
        return True

    # -- what stands under the key ---------------------------------------------------------------

    def _stream(self, one: UnderWay) -> UUID:
        command = command_of(one)
        return self._streams.secret.transfer_stream(command.source, command.id)

    def _known(self, one: UnderWay, fingerprint: Callable[[], bytes]) -> RecordOutcome | None:
        """What a repeat is answered; None while nothing stands under its key.

        Raises:
            BulkRunsError: the same transfer is being recorded just now.
        """
        stream, command = self._stream(one), command_of(one)
        state = self._streams.transfer_state(stream, None, NO_CHUNKS)
        if state is None:
            return None
        typed = transfer_of(command.data)
        at = one.begun_at  # decides nothing about what stands
        try:
            events = transfer.record(command, typed, state, Context(), at, fingerprint())
        except (ConflictingTransferError, ExpiredError) as refusal:
            return refused(stream, refusal)
        assert not events, "what stands is not recorded again"
        if state.effective_position is None:
            raise BulkRunsError
        return repeated_in(self._streams, stream, state)

    # -- appending -------------------------------------------------------------------------------

    def _appended(self, one: UnderWay, plan: BulkPlan, at: datetime) -> BulkOutcome:
        for _ in range(_ROUNDS_MAX):
            found = self._rows.find(one.bulk, at)
            if found.state == "committed":
                return stored_outcome(self._streams, found)
            self._rows.check_lease()
            try:
                result = self._once(one, plan, at)
            except _MovedError:
                continue
            except CorruptRecordError:
                # Whoever else is at it may be done, and has let go of the pieces.
                if self._rows.find(one.bulk, at).state != "committed":
                    raise
                continue
            if result is not None:
                return result
        raise StoreUnavailableError

    def _once(self, one: UnderWay, plan: BulkPlan, at: datetime) -> BulkOutcome | None:
        """Append what is missing; None when it must be looked again who began.

        Raises:
            _MovedError: somebody else appended meanwhile.
        """
        stream = self._stream(one)
        tail = self._tail(stream)
        if tail.version == 0:
            self._begin(one, stream)
            return None
        if read_header(tail.headers[0]).command != one.command:
            sealed = recorded_event(self._rows, one, stream)
            return self._done(one, self._conflict_outcome(one, sealed), at)
        self._chunks(one, plan, tail, at)
        self._completed(one, plan, at)
        return self._recorded(one, plan, at)

    def _begin(self, one: UnderWay, stream: UUID) -> None:
        """Append the recorded event, unless somebody took the key: the next look tells."""
        sealed = recorded_event(self._rows, one, stream)
        rows = self._preparing.base_rows(one, sealed)
        [result] = self._append([Append((sealed,), rows)])
        if not isinstance(result, AppendedBatch | StreamMovedError):
            self._forget(result, sealed)
            raise result

    def _conflict_outcome(self, one: UnderWay, sealed: SealedEvent) -> RecordOutcome:
        """Somebody took the key (source, id) between the look and the append."""
        stored = StoredFact(1, sealed.stream, 1, sealed.type, sealed.header, sealed.sealed)
        [opened] = self._streams.unsealed([stored])
        assert opened.content is not None, "it was sealed just now"
        fingerprint = opened.content.fingerprint
        assert fingerprint is not None, "a record has a fingerprint"
        known = self._known(one, lambda: fingerprint)
        assert known is not None, "its stream has begun"
        return known

    def _chunks(self, one: UnderWay, plan: BulkPlan, tail: _Tail, at: datetime) -> None:
        """Append the chunks that are missing, one after the other.

        Raises:
            _MovedError: one of them stands already.
            KeyGoneError: the record's time is over; it never took effect.
        """
        if tail.version > plan.chunks:
            return
        key_id = read_header(tail.headers[0]).sealed_key
        assert key_id is not None, "a record is sealed"
        key = self._sealer.keys.open([key_id]).get(key_id)
        if key is None:
            raise KeyDestroyedError(key_id)
        pieces = self._rows.pieces(one, one.command, plan.chunks + 1, tail.version)
        stream, first = self._stream(one), tail.lines

        def chunks() -> Iterator[Chunk]:
            begin = first
            for version, piece in zip(count(tail.version + 1), pieces, strict=False):
                place = EventMetadata(stream, version, at, one.actor, one.command)
                yield Chunk(piece, begin, place, key)
                begin += piece.count(b"\n") + 1

        with BackgroundTask() as background:
            for _, sealed in self._keying.worker.sealed(chunks(), plan.persons - first):
                background.do(partial(self._append_one, sealed))

    def _completed(self, one: UnderWay, plan: BulkPlan, at: datetime) -> None:
        """Append the completion, unless it stands.

        Raises:
            _MovedError: it stands by now.
        """
        stream = self._stream(one)
        tail = self._tail(stream)
        if tail.version > plan.chunks + 1:
            return
        assert tail.version == plan.chunks + 1, "every chunk stands"
        assert tail.lines == plan.persons, "every person stands"
        parts = parts_of(tail.headers, plan.persons)
        place = EventMetadata(stream, tail.version + 1, at, one.actor, one.command)
        self._append_one(self._sealer.seal_completed(place, parts))

    def _append_one(self, sealed: SealedEvent) -> None:
        [result] = self._append([Append((sealed,), goes_on=True)])
        if isinstance(result, StreamMovedError):
            raise _MovedError
        if not isinstance(result, AppendedBatch):
            self._forget(result, sealed)
            raise result

    def _forget(self, refusal: Exception, sealed: SealedEvent) -> None:
        if isinstance(refusal, KeyDestroyedError) and sealed.key_id is not None:
            self._sealer.keys.forget([sealed.key_id])

    def _tail(self, stream: UUID) -> _Tail:
        """How far the stream is, by the writer's own eyes."""
        headers = self._rows.headers(stream)
        return _Tail(headers, sum(read_header(one).lines_count for one in headers))

    # -- the end ---------------------------------------------------------------------------------

    def _recorded(self, one: UnderWay, plan: BulkPlan, at: datetime) -> BulkOutcome:
        events = self._streams.reads.of_command(one.command)
        stream, recorded = events[0]
        outcome = RecordOutcome(
            RECORDED,
            stream,
            events[-1][1],
            verdict_at(self._streams, recorded),
            plan.persons_with_findings,
            plan.lawful,
        )
        result = BulkOutcome(outcome, plan.persons, plan.repeated)
        return self._store_outcome(one, result, recorded, at)

    def _done(self, one: UnderWay, outcome: RecordOutcome, at: datetime) -> BulkOutcome:
        """Nothing was recorded: something stands under the key."""
        state = None
        if outcome.verdict is not None:
            state = self._streams.transfer_state(outcome.transfer, None, NO_CHUNKS)
        recorded = 0 if state is None else state.first_position
        return self._store_outcome(one, BulkOutcome(outcome), recorded, at)

    def _store_outcome(
        self, one: UnderWay, result: BulkOutcome, recorded: int, at: datetime
    ) -> BulkOutcome:
        command = command_of(one)
        members = outcome_members(command.source, command.id, result, recorded)
        self._rows.done(one, "committed", members, self._rows.staging_key(at), at)
        return result
