"""The append: many commands in one transaction, each refused or recorded alone.

The order inside the transaction is the store's promise (event format, section 7):
(1) lock the head row; (2) look up commands, versions, lookups and keys of the whole batch;
(3) plan; (4) write; (5) commit. The lock orders all appends of all processes, so positions are
dense and in commit order, and a reader that pages `position > cursor` passes over nothing.

A small batch of new streams, as nearly every one is, does all five in one round trip
(`ledger.append_new`), and so does the next chunk of a bulk transfer (`ledger.append_next`): the
head is then locked while the server works, and not while this process waits for its turn to go on.

No pipeline (it hangs on large inserts), no NOTIFY (it serialises commits anew), no blind retry:
when a commit's answer is lost, the command ids tell what became of it.
"""

import logging
import time
from collections.abc import Sequence
from typing import Final, LiteralString
from uuid import UUID

import psycopg
from psycopg.errors import CheckViolation, UniqueViolation

from ledger.errors import BrokenWorldError, LedgerError, StoreUnavailableError, UnstorableError
from ledger.format.envelope import Append
from ledger.store.batch_state import load_batch_state, lock_head
from ledger.store.connections import Connections, has_hung_up, is_lost, pause, refusal
from ledger.store.event_macs import EventMac
from ledger.store.plan import AppendedBatch, BatchState, check_shape, planned
from ledger.store.plan_writer import fits_at_once, is_next, write, write_at_once, write_next

__all__ = ["AppendedBatch", "Appender"]

log: Final = logging.getLogger(__name__)

_COMMIT: LiteralString = "COMMIT"
_ENSURE_PARTITION: LiteralString = "SELECT ledger.ensure_partition(%s)"

# Longer than the 10 s after which the server gives up a transaction whose client vanished: only
# then is the head free and the outcome certain.
SETTLE_SECONDS = 30.0
# Partitions are dropped once a day; each round means that it happened just now.
_PARTITION_ROUNDS_MAX = 8


class _LostError(Exception):
    """The connection was lost before COMMIT was sent: nothing is stored."""


class _UnknownError(Exception):
    """The connection was lost after COMMIT was sent: these commands may be stored or not."""

    def __init__(self, commands: set[UUID]) -> None:
        super().__init__()
        self.commands = commands


class _PartitionDroppedError(Exception):
    """A partition was empty and dropped since it was last seen; nothing is stored."""


class _RowRefusedError(Exception):
    """The database does not take a row of the batch; nothing is stored."""

    def __init__(self, error: psycopg.Error) -> None:
        super().__init__()
        self.sqlstate = error.sqlstate
        self.constraint = error.diag.constraint_name


class Appender:
    """Appends. Thread-safe; each call uses a connection of its own for its time.

    Args:
        connections: of the role writer.
        mac: `LedgerSecret.event_mac`.
        settle_seconds: how long an outcome that became unknown is asked for.
    """

    def __init__(
        self, connections: Connections, mac: EventMac, settle_seconds: float = SETTLE_SECONDS
    ) -> None:
        self._connections = connections
        self._mac = mac
        self._settle_seconds = settle_seconds
        self._partitions: set[int] = set()

    def append(self, appends: Sequence[Append]) -> list[AppendedBatch | LedgerError]:
        """Append all that can be appended; the results stand in the order of `appends`.

        Returns:
            For each append: `AppendedBatch`, or the refusal of that append alone:
            `StreamMovedError` (a version or a unique lookup is taken, or what it rests on changed),
            `KeyDestroyedError` (its data key died meanwhile), `UnstorableError` (the database does
            not take it).

        Raises:
            StoreUnavailableError: the database cannot be reached, or a row that no append explains
                is in the way. Nothing is acknowledged; what was stored in spite of it is found by
                the command ids when the same appends come again.
            ValueError: an append without events, or of several commands.
            BrokenWorldError: the database refused what it must take.
        """
        for append in appends:
            check_shape(append)
        return self._settled(appends) if appends else []

    def _settled(self, appends: Sequence[Append]) -> list[AppendedBatch | LedgerError]:
        """Try until the outcome is certain.

        Trying again is safe at any point: the head's lock waits for the end of the transaction that
        was cut off, and what it committed is then found by its command ids.
        """
        deadline = time.monotonic() + self._settle_seconds
        unsettled: set[UUID] = set()
        attempt = 0
        while True:
            attempt += 1
            try:
                with self._connections.connection() as connection:
                    self._ensure_partitions(connection, appends)
                    return self._once(connection, appends, unsettled)
            except _RowRefusedError as error:
                return self._apart(appends, error)
            except _PartitionDroppedError:
                if attempt == _PARTITION_ROUNDS_MAX:
                    raise BrokenWorldError("a partition is gone whenever it is made") from None
                continue
            except _UnknownError as unknown:
                if not unsettled:
                    deadline = time.monotonic() + self._settle_seconds
                unsettled = unknown.commands
            except _LostError:
                # An idle connection of a server that restarted looks like this: once more.
                if not unsettled and attempt > 1:
                    raise StoreUnavailableError from None
            except StoreUnavailableError:
                # A database that answers nothing tells no outcome: whoever asks again is told.
                if not unsettled or self._connections.is_silent:
                    raise
            if time.monotonic() > deadline:
                raise StoreUnavailableError
            pause(attempt)

    def _apart(
        self, appends: Sequence[Append], error: _RowRefusedError
    ) -> list[AppendedBatch | LedgerError]:
        """Halve the batch until what the database does not take stands alone.

        Nothing is unsettled: who is refused a row has seen that nothing of the batch stands.
        """
        if len(appends) == 1:
            if error.sqlstate == UniqueViolation.sqlstate:
                # What stands was looked up under the head's lock, so no append explains it.
                log.error(
                    "a row that no event explains is in the way of an append: see `ledger fsck`",
                    extra={"constraint": error.constraint},
                )
                raise StoreUnavailableError
            return [UnstorableError(error.sqlstate or "", error.constraint)]
        half = len(appends) // 2
        return [*self._settled(appends[:half]), *self._settled(appends[half:])]

    def _once(
        self, connection: psycopg.Connection, appends: Sequence[Append], unsettled: set[UUID]
    ) -> list[AppendedBatch | LedgerError]:
        cursor = connection.cursor(binary=True)
        if not unsettled:  # else somebody must look first what stands
            results = self._at_once(connection, cursor, appends)
            if results is not None:
                return results
        try:
            head = lock_head(connection)  # (1)
            state = load_batch_state(cursor, appends, head)  # (2)
            plan = planned(appends, state, unsettled)  # (3)
            if not plan.events:
                cursor.execute(_COMMIT)
                return plan.results
            write(cursor, plan, self._mac)  # (4)
        except psycopg.Error as error:
            raise self._explained(connection, error) from None
        try:
            cursor.execute(_COMMIT)  # (5)
        except psycopg.Error as error:
            if is_lost(connection):
                raise _UnknownError(plan.commands) from None
            raise self._explained(connection, error) from None
        if cursor.statusmessage != _COMMIT:
            raise BrokenWorldError("the database rolled back what it was told to commit")
        return plan.results

    def _at_once(
        self,
        connection: psycopg.Connection,
        cursor: psycopg.Cursor,
        appends: Sequence[Append],
    ) -> list[AppendedBatch | LedgerError] | None:
        """(1) to (5) in one round trip; None, and nothing was written, where that cannot be."""
        first, goes_on = appends[0].events[0], is_next(appends)
        if not goes_on and not fits_at_once(appends):
            return None
        state = BatchState(0, versions={first.stream: first.version - 1} if goes_on else {})
        plan = planned(appends, state, set())
        if any(isinstance(one, LedgerError) for one in plan.results):
            return None
        if has_hung_up(connection):
            raise _LostError
        try:
            if goes_on:
                head = write_next(cursor, first, self._mac)
            else:
                head = write_at_once(cursor, plan, self._mac)
        except psycopg.Error as error:
            if is_lost(connection):
                raise _UnknownError(plan.commands) from None
            raise self._explained(connection, error) from None
        if head is None:
            return None
        return [_after(head, one) for one in plan.results]

    def _explained(self, connection: psycopg.Connection, error: psycopg.Error) -> Exception:
        if is_lost(connection):
            return _LostError()
        if isinstance(error, psycopg.DataError | psycopg.IntegrityError):
            if isinstance(error, CheckViolation) and error.diag.constraint_name is None:
                # No constraint of ours: there is no partition for the row. It was empty and of a
                # past quarter, so it was dropped. Look for all of them again.
                self._partitions.clear()
                return _PartitionDroppedError()
            return _RowRefusedError(error)
        return refusal(connection, error)

    def _ensure_partitions(self, connection: psycopg.Connection, appends: Sequence[Append]) -> None:
        """Make missing partitions, each in a transaction of its own and before the head's lock."""
        partitions = {event.partition for append in appends for event in append.events}
        for partition in partitions - self._partitions:
            if partition is None:
                continue
            try:
                connection.execute(_ENSURE_PARTITION, (partition,))
            except psycopg.Error as error:
                raise self._explained(connection, error) from None
            self._partitions.add(partition)


def _after(head: int, planned_at: AppendedBatch | LedgerError) -> AppendedBatch | LedgerError:
    """The result with the positions it has after `head`, instead of after 0."""
    if isinstance(planned_at, LedgerError):
        return planned_at
    return AppendedBatch(tuple([head + one for one in planned_at.positions]), planned_at.known)
