"""The records of one export, written as a table and as lines.

What nobody may know of was read before; if it is another set afterwards, they are written anew.
"""

import re
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import Final
from uuid import UUID

from ledger.exclusions.exclusion import ActiveExclusions
from ledger.exports import tables
from ledger.exports.bag import BagWriter
from ledger.exports.export_request import ExportRequest, RestlessError, UnsignedDestructionError
from ledger.exports.pseudonyms import ExportPseudonyms
from ledger.exports.rows import ExportedRecord, PersonDisplay, is_requested, named_in, row_of
from ledger.exports.table import TABLE
from ledger.exports.tally import Tally
from ledger.format.envelope import OpenEvent, StoredFact
from ledger.format.events import RECORDED_TYPES
from ledger.format.header import read_header
from ledger.format.json import encoded
from ledger.log.log_root import headers
from ledger.streams.streams import Streams

BATCH: Final = 200
"""Records at a time: with 1,000 persons in each, some hundred megabytes at most."""
LEAVES: Final = 10_000
"""Events between two times at which it is told how far the export is."""
_TRIES: Final = 5

# A header is canonical JSON, so its last members are these, and in a text of it a quote has a
# backslash before it.
_END: Final = re.compile(
    rb'"stream":"([0-9a-f-]{36})","type":"([a-z-]+)","v":1,"version":[0-9]+\}\Z'
)
_RECORDED: Final = frozenset(one.encode() for one in RECORDED_TYPES)
_END_BYTES: Final = 160
"""More than those members take."""

Progress = Callable[[int, int], None]
"""Called with how many events were read, of how many."""


def recorded_in(header: bytes) -> UUID | None:
    """The stream of the transfer that an event records first; None: it is another event's header.

    Args:
        header: as it is hashed.

    Raises:
        CorruptRecordError: it is none.
    """
    found = _END.search(header, len(header) - _END_BYTES)
    if found is None:
        read = read_header(header)
        return read.stream if read.type in RECORDED_TYPES else None
    return UUID(hex=found[1].decode()) if found[2] in _RECORDED else None


class RecordReader:
    """The records of one export."""

    def __init__(
        self,
        streams: Streams,
        request: ExportRequest,
        size: int,
        destroyed_keys: frozenset[str],
        on_progress: Progress,
    ) -> None:
        self._streams, self._size, self._destroyed_keys, self._on_progress = (
            streams,
            size,
            destroyed_keys,
            on_progress,
        )
        self._filters = filters = request.filters
        cluster = streams.cluster(filters.person, size) if filters.person else None
        self._persons = PersonDisplay(
            streams.principal_key,
            None if filters.identified else ExportPseudonyms(request.seed).of,
            None if cluster is None else frozenset(cluster.keys),
        )

    def written(self, bag: BagWriter) -> tuple[Tally, bytes]:
        """Write them, until nobody changed meanwhile what may be shown.

        Returns:
            Their counts, and the digest of what is hidden.
        """
        try:
            for _ in range(_TRIES):
                before = self._streams.exclusions.active()
                size, tally = bag.size, self._once(bag, before)
                if self._filters.whole or self._streams.exclusions.active() == before:
                    return tally, before.digest
                bag.size = size
        finally:
            tables.forget()
        raise RestlessError

    def _once(self, bag: BagWriter, hidden: ActiveExclusions) -> Tally:
        tally = Tally()
        with (
            bag.file("records.ndjson") as lines,
            bag.file(TABLE) as table,
            closing(self._records(hidden)) as records,  # whatever ends this, nothing is read on
        ):
            table.write(tables.head())
            for kept in records:
                row = row_of(tally.records + 1, kept, self._persons)
                facts = [one.header.facts for one in kept.events if "basis" in one.header.facts]
                tally.add(row, facts)
                lines.write(encoded(row) + b"\n")
                table.write(tables.table_row(tally.records, kept, self._persons))
        return tally

    def _records(self, hidden: ActiveExclusions) -> Generator[ExportedRecord]:
        """The records that are asked for and may be shown."""
        for streams, read in self._read_ahead():
            for kept in self._exported_records(streams, read):
                if not self._filters.whole and (kept.is_destroyed or self._hides(kept, hidden)):
                    continue
                if is_requested(self._filters, kept, self._persons):
                    self._check_destroyed(kept)
                    yield kept

    def _hides(self, kept: ExportedRecord, hidden: ActiveExclusions) -> bool:
        """Whether the record may not be in the bag.

        Of one person, it is hidden from that one. Of all, it is hidden from one of its persons: its
        headers, which are signed, tell how many they are.
        """
        state, own = kept.state, self._persons.own
        position, entry = state.first_position, state.entry
        marked = entry is not None and entry.order_11 != 0
        if own is not None:
            return hidden.hides(position, own, is_marked=marked)
        if not hidden.distinguishes_persons(position):
            return hidden.hides(position, (), is_marked=marked)
        key_of = self._streams.principal_key
        keys = {key_of(one) for event in kept.events for one in named_in(event)}
        return any(hidden.hides(position, (key,), is_marked=marked) for key in keys)

    def _read_ahead(self) -> Iterator[tuple[Sequence[UUID], list[StoredFact]]]:
        """Streams with their events; while those of some are opened, the next ones are read.

        PostgreSQL works beside us then, and not before and after.
        """
        reads, waiting = (
            self._streams.reads,
            deque[tuple[Sequence[UUID], Future[list[StoredFact]]]](),
        )
        with ThreadPoolExecutor(1, "export-reads") as reader:
            for streams in self._first_events():
                read = reader.submit(reads.facts_of_streams, streams, self._size)
                waiting.append((streams, read))
                if len(waiting) > 1:
                    first, found = waiting.popleft()
                    yield first, found.result()
            for last, found in waiting:
                yield last, found.result()

    def _first_events(self) -> Iterator[Sequence[UUID]]:
        """Streams of transfers in the order of their first events, some at a time."""
        batch: list[UUID] = []
        found = headers(self._streams.reads.connections, self._size)
        for position, header in enumerate(found, 1):
            stream = recorded_in(header)
            if stream is not None:
                batch.append(stream)
            if len(batch) == BATCH or position == self._size:
                yield batch
                batch = []
            if not position % LEAVES or position == self._size:
                self._on_progress(position, self._size)

    def _exported_records(
        self, streams: Sequence[UUID], stored: list[StoredFact]
    ) -> Iterator[ExportedRecord]:
        found: dict[UUID, list[OpenEvent]] = {stream: [] for stream in streams}
        opened, read = self._streams.carried_as_read(streams, self._size, stored)
        raw = {one.position: one.header for one in read}
        for one in opened:
            found[one.header.stream].append(one)
        for events in found.values():
            kept = ExportedRecord.of(events, raw)
            if kept.state.effective_position is not None or self._filters.whole:
                yield kept  # what is being recorded stands only where every event does

    def _check_destroyed(self, kept: ExportedRecord) -> None:
        """A bag with every header must be able to prove that what is gone had to go."""
        if not self._filters.whole:
            return
        for one in kept.events:
            key = one.header.sealed_key
            copied = one.content is not None and one.content.copy is not None
            is_destroyed = (one.content is None or copied) and one.header.copies is None
            if is_destroyed and key is not None and key.hex() not in self._destroyed_keys:
                raise UnsignedDestructionError
