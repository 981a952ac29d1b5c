"""Stored events, opened: decoded, the dead ones as living copies carry them."""

from collections.abc import Collection, Iterator, Sequence
from operator import attrgetter
from typing import Final
from uuid import UUID

from ledger.crypto.keyring import KeyRing
from ledger.format.envelope import OpenEvent, StoredFact
from ledger.format.event_reader import fact_of, with_persons, with_verdicts
from ledger.format.events import Event, ExpiredEvent, Fact
from ledger.format.header import read_header
from ledger.store.fact_reader import bare, open_all
from ledger.store.recorder import LedgerRecorder
from ledger.streams.carried_records import COPY, check_copies, is_expired, original_of, with_copies
from ledger.values import PrincipalRef

NO_CHUNKS: Final[Collection[int]] = ()
"""For whoever asks what a transfer is, and not who stands in it."""
CHUNKS_AT_ONCE: Final = 20

AnyFact = Fact[Event | ExpiredEvent]


class EventOpener:
    """Opens events. Thread-safe as far as `reads` and `keys` are."""

    def __init__(self, reads: LedgerRecorder, keys: KeyRing, ledger: str) -> None:
        self.reads = reads
        self.keys = keys
        self.ledger = ledger

    def opened(self, stored: Sequence[StoredFact], *, with_holes: bool = False) -> list[OpenEvent]:
        """The stored events, decoded; without content where the key is dead.

        A copy is checked against its original, wherever that stands.

        Args:
            with_holes: also without content where the part is missing though its key stands; for
                whoever names those by other means (`ledger.retention.destruction_check`).

        Raises:
            CorruptRecordError: a sealed part does not open, is missing though its key stands, or
                is not what a header commits to.
            PositionHoleError: a copy names a position that there is not.
        """
        found = self._open(stored, verify=True, with_holes=with_holes)
        copies = [one for one in found if one.content is not None and one.header.copies is not None]
        if copies:
            headers = {one.position: one.header for one in found}
            missing_positions = {original_of(one.header) for one in copies} - headers.keys()
            elsewhere = self.reads.headers_at(list(missing_positions)) if missing_positions else {}
            headers |= {position: read_header(header) for position, header in elsewhere.items()}
            check_copies(copies, headers)
        return found

    def unsealed(
        self, stored: Sequence[StoredFact], *, with_holes: bool = False
    ) -> list[OpenEvent]:
        """As `opened` with its arguments, but what AES-GCM proves by itself is not proven again.

        The content was sealed for this very event: stream, version and type are bound to it.
        Whether the header commits to it asks `opened`, which the verification of the index uses.
        """
        return self._open(stored, verify=False, with_holes=with_holes)

    def _open(
        self, stored: Sequence[StoredFact], *, verify: bool, with_holes: bool
    ) -> list[OpenEvent]:
        read_again = None if with_holes else self.reads.facts_at
        return open_all(stored, self.keys, self.ledger, verify=verify, read_again=read_again)

    def facts(
        self, streams: Sequence[UUID], up_to: int | None, chunks: Collection[int] | None = None
    ) -> dict[UUID, list[AnyFact]]:
        """The facts of each stream in version order; a stream without facts is absent.

        What was carried forward stands at its original's place, whenever it was carried.

        Args:
            chunks: see `LedgerRecorder.facts_of_streams`; a bulk transfer may have thousands.

        Raises:
            CorruptRecordError: a sealed part does not open, or its header says something else.
        """
        found: dict[UUID, list[AnyFact]] = {}
        for opened in self._read_with_retry(streams, up_to, chunks)[0]:
            found.setdefault(opened.header.stream, []).append(fact_of(opened))
        return found

    def judged(
        self, streams: Sequence[UUID], up_to: int | None, *, with_holes: bool = False
    ) -> list[OpenEvent]:
        """As `carried`, but of a chunk the lines alone that have a verdict of their own.

        Nearly no line has one, so of a bulk transfer of any size little is held at once. A line
        that is left out is empty, so that the others keep their numbers.
        """
        events = self._read_with_retry(streams, up_to, NO_CHUNKS, with_holes=with_holes)[0]
        thinned = map(with_verdicts, self._chunks(streams, up_to, with_holes=with_holes))
        events += (one for one in thinned if one is not None)
        return sorted(events, key=attrgetter("position"))

    def of_persons(
        self, streams: Sequence[UUID], up_to: int | None, persons: Collection[PrincipalRef]
    ) -> list[OpenEvent]:
        """As `carried`, with the lines of these persons alone, as they are written.

        Of a bulk transfer of any size little is held at once.
        """
        events = [
            with_persons(one, persons)
            for one in self._read_with_retry(streams, up_to, NO_CHUNKS)[0]
        ]
        if persons:
            chunks = self._chunks(streams, up_to, with_holes=False)
            events += (with_persons(one, persons) for one in chunks)
        return sorted(events, key=attrgetter("position"))

    def _chunks(
        self, streams: Sequence[UUID], up_to: int | None, *, with_holes: bool
    ) -> Iterator[OpenEvent]:
        """The chunks of bulk transfers, some at once."""
        positions = self.reads.chunks_of_streams(streams, up_to)
        for begin in range(0, len(positions), CHUNKS_AT_ONCE):
            read = self.reads.facts_at(positions[begin : begin + CHUNKS_AT_ONCE])
            yield from self.unsealed(read, with_holes=with_holes)

    def without_chunks(self, streams: Sequence[UUID], up_to: int | None) -> list[OpenEvent]:
        """As `carried`, without the chunks of bulk transfers."""
        return self._read_with_retry(streams, up_to, NO_CHUNKS)[0]

    def carried(
        self, streams: Sequence[UUID], up_to: int | None, *, with_holes: bool = False
    ) -> list[OpenEvent]:
        """The events up to a position, the dead ones as copies carry them; raises as `facts`."""
        return self._read_with_retry(streams, up_to, None, with_holes=with_holes)[0]

    def carried_as_read(
        self, streams: Sequence[UUID], up_to: int | None, read: list[StoredFact] | None = None
    ) -> tuple[list[OpenEvent], list[StoredFact]]:
        """As `carried`, and what was read for it: the same events, and copies.

        Args:
            read: what `facts_of_streams` gave for the same streams and position a while ago;
                if a key died since then, it is read again. None: it is read now.
        """
        if read is not None:
            events, died_meanwhile = self._opened_as_carried(read, up_to, with_holes=False)
            if not died_meanwhile:
                return events, read
        return self._read_with_retry(streams, up_to, None)

    def _read_with_retry(
        self,
        streams: Sequence[UUID],
        up_to: int | None,
        chunks: Collection[int] | None,
        *,
        with_holes: bool = False,
    ) -> tuple[list[OpenEvent], list[StoredFact]]:
        """The events, and what was read; once more if a key died meanwhile."""
        events, read, died_meanwhile = self._carried(streams, up_to, chunks, with_holes=with_holes)
        if died_meanwhile:
            # Between the reading and the opening: a copy may have come in between as well.
            events, read, _ = self._carried(streams, up_to, chunks, with_holes=with_holes)
        return events, read

    def _carried(
        self,
        streams: Sequence[UUID],
        up_to: int | None,
        chunks: Collection[int] | None,
        *,
        with_holes: bool,
    ) -> tuple[list[OpenEvent], list[StoredFact], bool]:
        """The events, what was read, and whether a key died after its part had been read."""
        read = self.reads.facts_of_streams(streams, up_to, chunks)
        events, died_meanwhile = self._opened_as_carried(read, up_to, with_holes=with_holes)
        return events, read, died_meanwhile

    def _opened_as_carried(
        self, read: Sequence[StoredFact], up_to: int | None, *, with_holes: bool
    ) -> tuple[list[OpenEvent], bool]:
        """The events of what was read, and whether a key died after its part had been read."""
        copies = [one for one in read if one.type == COPY]
        stored = [one for one in read if one.type != COPY] if copies else read
        opened = self.unsealed(stored, with_holes=with_holes)
        expired_indexes = [n for n, one in enumerate(opened) if is_expired(one)]
        if copies:
            # Where nothing is dead no copy is read, so none has to be opened.
            live_copies = (
                self.unsealed(copies, with_holes=with_holes)
                if expired_indexes
                else bare(copies, self.ledger)
            )
            events = with_copies(opened, live_copies, up_to)
        else:
            events = opened
        return events, any(stored[n].sealed is not None for n in expired_indexes)

    def facts_of_topics(
        self, topics: Sequence[str], after: int, limit: int | None = None
    ) -> list[AnyFact]:
        """The facts of these types beyond `after`, in position order; at most `limit` of them."""
        stored = self.reads.facts_of_topics(topics, after, limit)
        return [fact_of(one) for one in self.opened(stored)]
