"""The one loop: next batch in position order, apply, remember the position, one transaction.

The position moves only in the transaction that writes the rows, so a restart is safe anywhere, and
two followers of one slot cannot both apply a batch. A hole in the positions stops the follower.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, LiteralString
from uuid import UUID

import psycopg
from eventsourcing.persistence import Tracking
from psycopg.errors import UniqueViolation

from ledger.crypto.pseudonyms import LedgerSecret
from ledger.errors import BrokenWorldError, StoreUnavailableError
from ledger.format.envelope import OpenEvent
from ledger.format.event_reader import with_verdicts
from ledger.format.events import PrincipalsAppended, TransferCompleted
from projections import days, findings, late_events, months, parallel_copy
from projections.batches import Batches, FactsAfter, Opened
from projections.progress import (
    APPLICATION,
    SlotProgress,
    locked_progress,
    move,
    progress_of,
    serving,
)

_STREAMS_MAX: Final = 1_000
"""Many more than are recorded at the same time; one whose key died midway is never completed."""


class UniformBulk:
    """What one follower has seen. Belongs to one thread."""

    def __init__(self) -> None:
        self._seen: dict[UUID, int] = {}

    def observe(self, events: Iterable[OpenEvent]) -> set[UUID]:
        """The next events; which transfers among them are completed and plain."""
        found: set[UUID] = set()
        for event in events:
            stream, version = event.header.stream, event.header.version
            if event.header.type == PrincipalsAppended.TYPE:
                # The recorded event is the first version, the first chunk the second.
                last = self._seen.pop(stream, 1)
                if version == last + 1 and with_verdicts(event) is None:
                    self._seen[stream] = version
            elif (
                event.header.type == TransferCompleted.TYPE
                and self._seen.pop(stream, 0) == version - 1
            ):
                found.add(stream)
        while len(self._seen) > _STREAMS_MAX:
            del self._seen[next(iter(self._seen))]
        return found


# Enough to amortise the commit. A sealed part of a thousand persons takes many times its bytes once
# it is opened: a batch of large ones ends by their bytes, for flat memory. But the more rows are
# written at once, in the order of their keys, the fewer pages of a large index each one costs.
BATCH_MAX = 2_000
BATCH_BYTES_MAX = 32 * 2**20
POLL_SECONDS = 0.05
# A step costs ten round trips, however little it applies. While much comes in, a longer pause lets
# fewer steps apply it: a fifteenth of the follower's work and its server's.
CROWD_MIN = 50
CROWD_SECONDS = 0.15

# Rows and position are lost together when the server dies, and are made again: no flush is waited
# for, and none delays those of the appends.
_UNHURRIED: LiteralString = "SET synchronous_commit = off"


@dataclass(slots=True)
class Follower:
    """Keeps one slot of the read side in step with the log.

    Attributes:
        connect: a new connection as the projector.
        facts_after: (position, limit, bytes of sealed parts) → stored facts in position order,
            dense; the fact that reaches the bytes is the last one.
        opened: decodes them; unsealing is handed in.
        carried: reads whole streams again, for what a later event says of them; of a chunk those
            lines alone that have a verdict of their own.
        bare: the same without the chunks of bulk transfers.
        slot: the slot to write; None follows whichever serves.
    """

    connect: Callable[[], psycopg.Connection]
    facts_after: FactsAfter
    opened: Opened
    carried: findings.Carried
    bare: findings.Carried
    secret: LedgerSecret
    slot: str | None = None
    batch_max: int = BATCH_MAX
    bytes_max: int = BATCH_BYTES_MAX
    hashes: findings.FindingHashes = field(init=False)
    day_hashes: days.SourceHashes = field(init=False)
    _plain: UniformBulk = field(default_factory=UniformBulk, init=False)
    _batches: Batches = field(init=False)

    def __post_init__(self) -> None:
        self.hashes = findings.FindingHashes(self.secret)
        self.day_hashes = days.SourceHashes(self.secret)
        self._batches = Batches(
            self.facts_after, self.opened, self.secret, self.batch_max, self.bytes_max
        )

    def run(self, stop: threading.Event, wake: threading.Event | None = None) -> None:
        """Follow until `stop` is set; `wake` ends a pause early.

        Raises:
            BrokenWorldError: an invariant does not hold; the process must end.
        """
        connection: psycopg.Connection | None = None
        try:
            while not stop.is_set():
                try:
                    if connection is None or connection.closed:
                        connection = self.connect()
                        connection.execute(_UNHURRIED)
                    count, is_full = self._step(connection)
                except (psycopg.OperationalError, StoreUnavailableError):
                    # The database went away; nothing is half-applied. Poll until it is back.
                    if connection is not None:
                        connection.close()
                    connection, count, is_full = None, 0, False
                    stop.wait(1.0)
                # A batch that was not full has reached the end of the log. Looking again at once
                # would apply the next events one by one: ten round trips and a commit for each.
                if not is_full:
                    (wake or stop).wait(CROWD_SECONDS if count >= CROWD_MIN else POLL_SECONDS)
                    if wake is not None:
                        wake.clear()
        finally:
            if connection is not None:
                connection.close()

    def step(self, connection: psycopg.Connection) -> int:
        """Apply the next batch; return how many events it held."""
        return self._step(connection)[0]

    def _step(self, connection: psycopg.Connection) -> tuple[int, bool]:
        """As `step`, and whether the batch was full: more may be there already."""
        try:
            return self._applied(connection)
        except UniqueViolation:
            # Somebody who wrote by two connections was killed before the position moved.
            slot = self.slot or serving(connection)
            with connection.transaction(), connection.cursor() as cursor:
                reached = locked_progress(cursor, slot).position
                parallel_copy.clear(cursor, slot, reached, reached + self.batch_max)
            return self._applied(connection)

    def _applied(self, connection: psycopg.Connection) -> tuple[int, bool]:
        slot = self.slot or serving(connection)
        before = progress_of(connection, slot)
        connection.rollback()
        read = self._batches.after(before.position)
        if read is None:
            return 0, False
        facts, events, batch = read.facts, read.events, read.rows
        counted = months.counts(events)
        moved = replace(before, tracking=Tracking(APPLICATION, facts[-1].position))
        if before.position == 0:
            moved = SlotProgress(
                moved.tracking,
                self.secret.names_version,
                self.hashes.version,
                has_late_events=True,
                days=self.day_hashes.version,
                marks=self.secret.marks_version,
            )
        added: dict[days.Place, days.Sum] = {}
        if moved.days == self.day_hashes.version:  # else it goes on without, as for findings
            added = days.sums(events, self.day_hashes)
        found = findings.FindingRows()
        if moved.findings == self.hashes.version:  # else without: half a list is a wrong one
            plain = self._plain.observe(events)
            carried = partial(self._carried, plain) if plain else self.carried
            found = findings.changed(connection, slot, events, carried, self.hashes)
        late = late_events.positions(connection, events) if moved.has_late_events else ()
        with connection.transaction(), connection.cursor() as cursor:
            if locked_progress(cursor, slot) != before:
                return 0, False  # another follower was first; the next step begins where it ended
            if moved.names != self.secret.names_version:
                batch = batch.without_names()  # two versions in one slot would find half of them
            if moved.marks == self.secret.marks_version:
                batch = batch.with_marks()
            with parallel_copy.written(self.connect, cursor, slot, batch):
                months.write(cursor, slot, counted)
                findings.write(cursor, slot, found)
                late_events.write(cursor, slot, late)
                days.write(cursor, slot, added, self.day_hashes)
                move(cursor, slot, moved)
        return len(facts), self._batches.goes_on(read)

    def _carried(
        self, plain: AbstractSet[UUID], streams: Sequence[UUID], up_to: int | None
    ) -> list[OpenEvent]:
        """As `carried`: nothing is in the chunks of `plain` that it would read."""
        without = [one for one in streams if one in plain]
        others = [one for one in streams if one not in plain]
        read = self.bare(without, up_to) if without else []
        return read + (self.carried(others, up_to) if others else [])

    def catch_up(self, connection: psycopg.Connection, up_to: int) -> None:
        """Follow until the slot has reached `upto`.

        Raises:
            BrokenWorldError: there are no events up to there.
        """
        reached = progress_of(connection, self.slot or serving(connection)).position
        while reached < up_to:
            before = reached
            self.step(connection)
            # Not the step's own count: another follower of the slot may have been first.
            reached = progress_of(connection, self.slot or serving(connection)).position
            if reached == before:
                raise BrokenWorldError(f"the log ends before position {up_to}")
