"""The index as far as a run destroys by it: compared with the events themselves.

Whoever holds the projector's login, or the purger's, can delete rows of the index. A record whose
row is gone is kept by no hold and no case, and a link or a stop dies before the records of its
person. So what dies is opened once, and what the index says is believed where nothing is missing.

Source: `docs/reference/event-format.md`, section 5; decision 0119.
"""

from array import array
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from typing_extensions import override

from ledger.crypto.epoch import MasterMissingError
from ledger.errors import IndexDiffersError
from ledger.format.envelope import OpenEvent, StoredFact
from ledger.format.event_reader import raw_principals, speaks_of_a_transfer
from ledger.retention.expiry_queries import ExpiryQueries
from ledger.retention.reasons import PersonIndex
from ledger.streams.streams import Streams

# So many events, and sealed bytes, are held at once.
_EVENTS: Final = 500
_BYTES: Final = 32 * 1024 * 1024
_PREFIX: Final = 8
"""Bytes of a principal key by which a person is noted: nobody else's begins so."""


class CheckedIndex(PersonIndex):
    """Belongs to one thread. Between `begin` and the next one each event is opened once.

    Memory: 16 bytes for each person of each event that is opened.
    """

    def __init__(self, index: PersonIndex, streams: Streams, expiry_queries: ExpiryQueries) -> None:
        self._index = index
        self._streams = streams
        self._expiry_queries = expiry_queries
        self.begin((), is_whole=False)

    def begin(
        self, key_ids: Collection[bytes], *, is_whole: bool, passes_over_lost: bool = False
    ) -> None:
        """From now on compare with the events under these keys, and with the others beside them.

        Nothing is read before the index is asked.

        Args:
            is_whole: with all events that can be opened: what dies hangs on records that live.
            passes_over_lost: what no epoch master opens any more is not compared: nobody can copy
                it either.
        """
        self._keys = key_ids
        self._is_whole = is_whole
        self._passes_over_lost = passes_over_lost
        self._is_begun = False
        self._read_up_to = self._followed = 0
        self._persons = array("Q")
        self._positions = array("q")

    @override
    def wait(self, position: int) -> None:
        """Wait until the index has reached `position`."""
        self._index.wait(position)
        self._followed = max(self._followed, position)

    @override
    def last_days(self, key_ids: Sequence[bytes]) -> dict[bytes, date | None]:
        """As the index tells: what it says too early, `streams_of` refuses when it dies."""
        return self._index.last_days(key_ids)

    @override
    def streams_of(self, principal_keys: Sequence[bytes]) -> Mapping[bytes, Collection[UUID]]:
        """As the index tells, which lacks none of these persons' events that were opened.

        Raises:
            IndexDiffersError: it lacks one.
            CorruptRecordError: an event cannot be opened, so nobody knows of whom it speaks.
        """
        self._catch_up()
        spoken = self._spoken(principal_keys)
        found = self._index.streams_of(principal_keys)
        if self._missing(spoken, found):
            # A rebuild may have switched in between.
            found = self._index.streams_of(principal_keys)
            if missing := self._missing(spoken, found):
                raise IndexDiffersError(min(missing))
        return found

    # -- the events ------------------------------------------------------------------------------

    def _catch_up(self) -> None:
        """Open what was not opened yet."""
        reads = self._streams.reads
        head = reads.head()
        if not self._is_begun:
            self._is_begun = True
            if not self._is_whole:
                self._open_expiring(head)
                self._read_up_to = head
        while self._read_up_to < head:
            facts = reads.facts_after(self._read_up_to, _EVENTS, _BYTES)
            self._note(facts)
            self._read_up_to = facts[-1].position

    def _open_expiring(self, head: int) -> None:
        if not self._keys:
            return
        small, large = self._expiry_queries.positions_to_open(self._keys, _BYTES // _EVENTS)
        # A sealed part has 4 MiB at most.
        for positions, size in ((small, _EVENTS), (large, 8)):
            there = [position for position in positions if position <= head]
            for begin in range(0, len(there), size):
                self._note(self._streams.reads.facts_at(there[begin : begin + size]))

    def _note(self, facts: Sequence[StoredFact]) -> None:
        principal_keys = self._streams.secret.principal_keys
        for event in self._opened([one for one in facts if one.sealed is not None]):
            if event.content is None or not speaks_of_a_transfer(event.header):
                continue
            for key in set(principal_keys(raw_principals(event.content))):
                self._persons.append(_prefix(key))
                self._positions.append(event.position)

    def _opened(self, facts: Sequence[StoredFact]) -> list[OpenEvent]:
        if not self._passes_over_lost:
            return self._streams.unsealed(facts, with_holes=True)
        found: list[OpenEvent] = []
        for one in facts:
            try:
                found += self._streams.unsealed([one], with_holes=True)
            except MasterMissingError:
                continue
        return found

    # -- the comparison --------------------------------------------------------------------------

    def _spoken(self, principal_keys: Sequence[bytes]) -> list[tuple[bytes, int, UUID]]:
        """(person, position, stream) of each event that speaks of one of these."""
        named = {_prefix(key): key for key in principal_keys}
        noted = zip(self._persons, self._positions, strict=True)
        places = [(named[one], position) for one, position in noted if one in named]
        positions = {position for _, position in places if position <= self._followed}
        streams = self._expiry_queries.streams_at(positions) if positions else {}
        return [(key, place, streams[place]) for key, place in places if place in positions]

    def _missing(
        self,
        spoken: Sequence[tuple[bytes, int, UUID]],
        found: Mapping[bytes, Collection[UUID]],
    ) -> set[int]:
        """Positions of events that live, and of which the index does not know the person."""
        known = {key: frozenset(streams) for key, streams in found.items()}
        missing = [one for one in spoken if one[2] not in known.get(one[0], ())]
        if not missing:
            return set()
        # Some may have been destroyed since they were opened, by this very run.
        lives = self._expiry_queries.lives({stream for _, _, stream in missing})
        live_positions = {part.position for parts in lives.values() for part in parts}
        return {position for _, position, _ in missing} & live_positions


def _prefix(key: bytes) -> int:
    return int.from_bytes(key[:_PREFIX], "big")
