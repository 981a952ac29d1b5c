"""Everything hashed again from the database (fsck): events, what is sealed, tree, checkpoint.

Each event's header, its sealed part under the key that lives, its commitments and documents;
whether what both tell is the same; what was destroyed; the order of streams; then leaves, tiles and
the signed checkpoint. What is wrong at the lowest position is named first.

Source: `docs/reference/event-format.md`, section 9; RFC 6962.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

import psycopg

from ledger.errors import CorruptRecordError, PositionHoleError
from ledger.format.envelope import OpenEvent, StoredFact
from ledger.format.header import Prove, event_hash
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.hashes import leaf_hash, mth
from ledger.merkle.tiles import Tile
from ledger.retention.destruction_check import DestructionFault as Destroyed
from ledger.retention.destruction_check import faults
from ledger.store.connections import Connections, refusal
from ledger.store.recorder import LedgerRecorder
from ledger.store.row_consistency import first_disorder, headers_of
from projections.log.event_check import LogFault, first_fault

_EVENTS: Final = 1_000
_BYTES: Final = 8 * 1024 * 1024
"""How much is read at once: it takes no more memory for a longer log."""

Opened = Callable[[Sequence[StoredFact]], Sequence[OpenEvent]]
OnEvent = Callable[[OpenEvent], object]


@dataclass(frozen=True, slots=True)
class StoredTree:
    """What the ledger is compared with.

    Attributes:
        checkpoint: the last one that was signed.
        read: the content of a tile.
    """

    checkpoint: Checkpoint
    read: Callable[[Tile], bytes]


@dataclass(frozen=True, slots=True)
class FullCheckResult:
    """What an examination found.

    Attributes:
        events: how many were read.
        faults: none when all is as it was recorded and signed. The first one is what is wrong at
            the lowest position; what has no position (a tile, a checkpoint) follows.
    """

    events: int
    faults: tuple[LogFault, ...]


def examined(
    reads: LedgerRecorder,
    reader: Connections,
    opened: Opened,
    on_event: OnEvent,
    tree: StoredTree | None,
    prove: Prove,
) -> FullCheckResult:
    """Read the whole ledger once and compare it with itself and with its tree.

    Args:
        reader: of any role that may read the write side.
        opened: stored → opened events, all commitments verified (`Streams.opened`).
        on_event: opened → what the event says, header and sealed part together (`Streams.heard`).
        tree: None where the log is not signed.
        prove: `LedgerSecret.expiry_proof`.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    events = _Events(reads, reader, opened, on_event)
    leaves = events.leaves()
    of_tree = None if tree is None else first_fault(tree.checkpoint, leaves, tree.read)
    for _ in leaves:
        pass  # what is not signed yet, or lies behind the first difference
    # Of several at one position the first one is named: a hash says more than a contradiction.
    all_faults = (events.fault, of_tree, _of_rows(reader, prove), events.contradiction)
    found = [one for one in all_faults if one is not None]
    placed = [one for one in found if one.position is not None]
    first = sorted(placed, key=lambda one: one.position or 0)[:1]
    return FullCheckResult(
        events.position, (*first, *(one for one in found if one.position is None))
    )


@dataclass(slots=True)
class _Events:
    """One pass over all events.

    Attributes:
        position: of the last one that was read.
        fault: the first one; later ones are not looked for.
        contradiction: the first event of which header and sealed part tell different things. Where
            nothing is signed, nothing else tells that a header was written anew.
    """

    reads: LedgerRecorder
    reader: Connections
    opened: Opened
    on_event: OnEvent
    position: int = 0
    fault: LogFault | None = field(default=None)
    contradiction: LogFault | None = field(default=None)

    def leaves(self) -> Iterator[bytes]:
        """Leaf hashes of the bytes as they lie there, whatever they are."""
        while facts := self._next():
            if self.fault is None:
                self._check_batch(facts)
            self.position = facts[-1].position
            yield from (leaf_hash(event_hash(one.header)) for one in facts)
        head = self.reads.head()
        if self.position < head:
            self._note(self.position + 1, "the event is missing, though later ones were recorded")

    def _next(self) -> Sequence[StoredFact]:
        try:
            return self.reads.facts_after(self.position, _EVENTS, _BYTES)
        except PositionHoleError:
            return self._before_the_hole()

    def _before_the_hole(self) -> Sequence[StoredFact]:
        """The facts that follow without a hole: as many as can be asked for at once."""
        dense, broken, found = 0, _EVENTS, list[StoredFact]()
        while broken - dense > 1:
            middle = (dense + broken) // 2
            try:
                found, dense = self.reads.facts_after(self.position, middle, _BYTES), middle
            except PositionHoleError:
                broken = middle
        return found

    def _check_batch(self, facts: Sequence[StoredFact]) -> None:
        try:
            self._check(facts)
        except CorruptRecordError:
            # Together is fast; one by one tells which is the first.
            for one in facts:
                try:
                    self._check([one])
                except CorruptRecordError as error:
                    self._note(one.position, _without_position(error))
                    return

    def _check(self, facts: Sequence[StoredFact]) -> None:
        for one in self.opened(facts):
            if one.content is not None and one.header.attached:
                there = [
                    (sha256(document).digest(), len(document))
                    for document in self.reads.attached(one.position)
                ]
                if there != list(one.header.attached):
                    raise CorruptRecordError("a document is not the one that the header names")
            if (parts := one.header.parts) is not None:
                headers = headers_of(self.reader, one.header.stream, parts.count)
                if mth(map(event_hash, headers)) != parts.root:
                    raise CorruptRecordError("its parts are not the ones that it binds")
            self._hear(one)

    def _hear(self, event: OpenEvent) -> None:
        if self.contradiction is not None:
            return
        try:
            self.on_event(event)
        except CorruptRecordError as error:
            text = f"the event at position {event.position}: {_without_position(error)}"
            self.contradiction = LogFault(event.position, None, text)

    def _note(self, position: int, text: str) -> None:
        if self.fault is None:
            self.fault = LogFault(position, None, f"the event at position {position}: {text}")


def _of_rows(reader: Connections, prove: Prove) -> LogFault | None:
    """What is missing or left against the log's word, and rows that say other than headers."""
    with reader.connection() as connection:
        try:
            found = [(one.position, one.meaning) for one in _first(faults(connection, prove))]
            position = first_disorder(connection)
        except psycopg.DataError:
            return None  # a header that is no JSON: it was named where events are read
        except psycopg.Error as error:
            raise refusal(connection, error) from None
    if position is not None:
        found.append((position, "its row says another command or version than its header"))
    if not found:
        return None
    position, meaning = min(found)
    return LogFault(position, None, f"the event at position {position}: {meaning}")


def _first(found: Iterable[Destroyed]) -> Sequence[Destroyed]:
    """The one at the lowest position: they come in the order of two questions."""
    lowest = min(found, key=lambda one: one.position, default=None)
    return () if lowest is None else (lowest,)


def _without_position(error: CorruptRecordError) -> str:
    return str(error).removeprefix(f"position {error.position}: ")
