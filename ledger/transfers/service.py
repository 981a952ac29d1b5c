"""Recording transfers: many at once, each decided and refused alone.

The order of a batch: read the contexts as of one position, decide, seal, append in one transaction.
A new key (source, id) is the rule, so nothing is looked up before the append; only what the store
says has moved is read, decided again and appended again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from ledger.clock import day_in_japan
from ledger.commands import RecordTransfer, RepeatTransfer
from ledger.crypto.pseudonyms import random_stream
from ledger.errors import (
    ConflictingTransferError,
    CorruptRecordError,
    ExpiredError,
    KeyDestroyedError,
    LedgerError,
    StoreUnavailableError,
    TooLargeError,
    UnstorableError,
)
from ledger.format.encoder import fingerprint
from ledger.format.envelope import Append, LookupRow, SealedEvent
from ledger.format.event_writer import EventMetadata
from ledger.format.events import RecordedEvent
from ledger.policies.context import Context
from ledger.series import series
from ledger.store.append import AppendedBatch
from ledger.streams.event_opener import NO_CHUNKS
from ledger.streams.outcome import RecordOutcome, recorded, refused, rejected, repeated_in
from ledger.streams.sealer import Sealer
from ledger.streams.streams import Streams
from ledger.transfers import transfer
from ledger.transfers.verdict_inputs import VerdictInputs, question_of
from ledger.values import Transfer, transfer_of

# Somebody else may take a stream between a look and the append; each round one of them wins, so
# more rounds than a handful without any progress mean that something is wrong with the store.
IDLE_ROUNDS_MAX = 8

AppendAll = Callable[[Sequence[Append]], list[AppendedBatch | LedgerError]]


@dataclass(slots=True)
class _Work:
    """One command on its way.

    Attributes:
        index: in the batch.
        state: of its stream, once somebody else was found there.
        event: what is to be appended; `place` where, unless it is a series' message.
        append: its sealed events.
    """

    index: int
    command: RecordTransfer
    typed: Transfer
    stream: UUID
    fingerprint: bytes
    state: transfer.State | None = None
    event: RecordedEvent | None = None
    place: EventMetadata | None = None
    append: Append | None = None


@dataclass(slots=True)
class _OpenSeries:
    """A series as this round leaves it: several messages of one batch may join it.

    Attributes:
        version: of its stream; 0 before its first event.
    """

    stream: UUID
    version: int


class TransferCommands:
    """Decides and appends. One instance a worker thread."""

    def __init__(self, streams: Streams, sealer: Sealer, append: AppendAll) -> None:
        self._streams = streams
        self._sealer = sealer
        self._append = append
        self.judging = VerdictInputs(streams)

    def record(self, commands: Sequence[RecordTransfer], at: datetime) -> list[RecordOutcome]:
        """Record each command's transfer; the outcomes stand in the order of the commands.

        Raises:
            StoreUnavailableError: nothing of the batch is acknowledged.
        """
        outcomes: list[RecordOutcome | None] = [None] * len(commands)
        pending = self._works(commands)
        idle = 0
        while pending:
            left = self._round(pending, outcomes, at)
            idle = idle + 1 if len(left) == len(pending) else 0
            if idle == IDLE_ROUNDS_MAX:
                raise StoreUnavailableError
            pending = left
        return [outcome for outcome in outcomes if outcome is not None]

    def repeats(self, items: Sequence[RepeatTransfer]) -> list[RecordOutcome | None]:
        """What each answers that is recorded with this very data; None of the others.

        The contract may have become stricter since: what was accepted once is not malformed when it
        comes again.
        """
        stream_of = self._streams.secret.transfer_stream
        streams = [stream_of(one.source, one.id) for one in items]
        found = self._streams.transfer_states({*streams}, None, NO_CHUNKS) if streams else {}
        return [
            self._repeat(one, stream, found.get(stream))
            for one, stream in zip(items, streams, strict=True)
        ]

    def _repeat(
        self, one: RepeatTransfer, stream: UUID, state: transfer.State | None
    ) -> RecordOutcome | None:
        if state is None or state.entry is None or state.entry.fingerprint is None:
            return None
        try:
            if fingerprint(one.source, one.id, one.data) != state.entry.fingerprint:
                return None
        except CorruptRecordError:  # no JSON that was ever recorded
            return None
        if one.order_11 not in (0, state.entry.order_11):
            position = state.effective_position or state.first_position
            return refused(stream, transfer.MarkDiffersError(position))
        return repeated_in(self._streams, stream, state)

    def _works(self, commands: Sequence[RecordTransfer]) -> list[_Work]:
        """The commands, each with what can be told from it alone.

        Here and in `_round` the whole batch goes through one stage after the other, not one
        transfer after the other through all of them: the same code runs again and again and finds
        itself and its data in the processor's cache, which saves a fifth of the time.
        """
        typed = [transfer_of(command.data) for command in commands]
        stream_of = self._streams.secret.transfer_stream
        streams = [stream_of(command.source, command.id) for command in commands]
        prints = [fingerprint(command.source, command.id, command.data) for command in commands]
        return [
            _Work(index, *parts)
            for index, parts in enumerate(zip(commands, typed, streams, prints, strict=True))
        ]

    def _round(
        self, pending: list[_Work], outcomes: list[RecordOutcome | None], at: datetime
    ) -> list[_Work]:
        """Decide and append what can go now; return what has to go again."""
        ready, later = self._without_waiting(pending)
        today = day_in_japan(at)
        questions = [question_of(work.command, work.typed, today) for work in ready]
        head, contexts = self.judging.gather(questions)
        open_series: dict[bytes, _OpenSeries] = {}
        for work, context in zip(ready, contexts, strict=True):
            self._decide(work, context, head, at, open_series, outcomes)
        self._seal([work for work in ready if work.place is not None], outcomes)
        sent = [work for work in ready if work.append is not None]
        appends = [work.append for work in sent if work.append is not None]
        results = self._append(appends) if appends else []
        moved: list[_Work] = []
        for work, append, result in zip(sent, appends, results, strict=True):
            if isinstance(result, AppendedBatch) and not result.known:
                outcomes[work.index] = recorded(work.stream, work.event, result.positions[0])
            elif isinstance(result, UnstorableError):
                outcomes[work.index] = rejected(work.stream, result)
            else:  # the stream has moved, or the command is known: look what stands there
                if isinstance(result, KeyDestroyedError):
                    self._sealer.keys.forget(
                        event.key_id for event in append.events if event.key_id
                    )
                moved.append(work)
        known = {work.stream for work in ready}
        self._load_states(moved, [work for work in later if work.stream in known])
        # In the order of the batch: the first of two items with one key is the one that counts.
        return sorted(later + moved, key=lambda work: work.index)

    def _load_states(self, *works: Sequence[_Work]) -> None:
        """Read what stands in the streams of the works."""
        all_works = [work for part in works for work in part]
        streams = {work.stream for work in all_works}
        found = self._streams.transfer_states(streams, None, NO_CHUNKS) if all_works else {}
        for work in all_works:
            work.state = found.get(work.stream)
            work.event = work.place = work.append = None

    def _without_waiting(self, pending: list[_Work]) -> tuple[list[_Work], list[_Work]]:
        """Split off what names another transfer, or the same key, of this very batch.

        What is known to be a repeat waits for nobody: it will not be appended.
        """
        streams: set[UUID] = set()
        ready: list[_Work] = []
        later: list[_Work] = []
        for work in pending:
            is_here = work.stream in streams or self._names_one_of(streams, work)
            if is_here and work.state is None:
                later.append(work)
            else:
                ready.append(work)
            streams.add(work.stream)
        return ready, later

    def _names_one_of(self, streams: set[UUID], work: _Work) -> bool:
        """Whether it names a transfer that may be one of the streams."""
        named, base = work.typed.derived_from, work.typed.base_record
        streams_of, source = self.judging.named_streams, work.command.source
        keys = (*named, base) if base else named
        return any(not streams.isdisjoint(streams_of(source, key)) for key in keys)

    def _decide(
        self,
        work: _Work,
        context: Context,
        head: int,
        at: datetime,
        open_series: dict[bytes, _OpenSeries],
        outcomes: list[RecordOutcome | None],
    ) -> None:
        """Decide what is appended for the work, or its outcome; a series' message is sealed too."""
        command = work.command
        key = None
        joined: _OpenSeries | None = None
        # An old record without a day (backfill) cannot extend a period: it stands alone.
        if work.typed.series_id is not None and work.typed.first_day is not None:
            key = self._streams.series_key(command.source, work.typed.series_id)
            joined = open_series.get(key) or self._series(key)
        try:
            events = transfer.record(command, work.typed, work.state, context, at, work.fingerprint)
        except (ConflictingTransferError, ExpiredError) as refusal:
            outcomes[work.index] = refused(work.stream, refusal)
            return
        if not events:
            outcomes[work.index] = repeated_in(self._streams, work.stream, work.state)
            return
        place = EventMetadata(work.stream, 1, at, command.actor, command.command, head)
        work.event = self._with_notice(events[0], work.typed, joined)
        if joined is None or key is None:
            work.place = place
            return
        try:
            work.append = self._with_series(work, work.event, place, joined, key)
        except TooLargeError as refusal:
            outcomes[work.index] = rejected(work.stream, refusal)
            return
        open_series[key] = joined

    def _series(self, key: bytes) -> _OpenSeries:
        """The series as it is recorded; a new one where there is none."""
        stream = self._streams.find_stream("series", key)
        if stream is None:
            return _OpenSeries(random_stream(), 0)
        return _OpenSeries(stream, self._streams.reads.stream_versions([stream]).get(stream, 0))

    def _seal(self, works: Sequence[_Work], outcomes: list[RecordOutcome | None]) -> None:
        """Seal the records that stand alone, each in an append of its own."""
        decided = [(work.event, work.place) for work in works if work.event and work.place]
        for work, sealed in zip(works, self._sealer.seal_records(decided), strict=True):
            if isinstance(sealed, TooLargeError):
                outcomes[work.index] = rejected(work.stream, sealed)
            else:
                work.append = Append((sealed,), self._base_rows(work, sealed))

    def _with_notice(
        self, event: RecordedEvent, typed: Transfer, joined: _OpenSeries | None
    ) -> RecordedEvent:
        record = event.entry.record
        if typed.notice_id is None and joined is None:
            return event
        position = self.judging.known.position_of(typed, record.verdict.notice_version)
        entry = replace(
            event.entry,
            record=replace(record, notice_position=position),
            series=joined.stream if joined is not None else None,
        )
        return type(event)(entry)

    def _with_series(
        self,
        work: _Work,
        message: RecordedEvent,
        place: EventMetadata,
        joined: _OpenSeries,
        lookup: bytes,
    ) -> Append:
        """The message and what it does to its series, in one append."""
        is_new = joined.version == 0
        added = series.add(work.typed, work.stream, work.command.source, is_first=is_new)
        key = self._sealer.keys.key_for("series", owner=joined.stream)
        events = [self._sealer.seal_record(message, message.entry.record, place, key)]
        for n, event in enumerate(added, joined.version + 1):
            there = replace(place, stream=joined.stream, version=n, judged_at=None)
            events.append(self._sealer.seal(event, there, key))
        joined.version += len(added)
        rows = (LookupRow("series", lookup, joined.stream, key.id),) if is_new else ()
        return Append(tuple(events), rows + self._base_rows(work, events[0]))

    def _base_rows(self, work: _Work, sealed: SealedEvent) -> tuple[LookupRow, ...]:
        if work.typed.base_record is None or sealed.key_id is None:
            return ()
        source = work.command.source
        return self.judging.base_rows(work.typed, source, work.stream, sealed.key_id)
