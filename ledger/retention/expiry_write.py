"""The expiry: keys, what they seal and the rows that find it go in one transaction, or not at all.

The order inside the transaction lets appends go on while a million parts are deleted: the head is
locked last, for moments. (1) lock the key rows; (2) find what they seal; (3) delete index rows,
parts, drafts, lookups and keys; (4) ask whether anything happened, since the reasons to keep were
read, that may be such a reason; (5) lock the head and ask the same of the rest: where a base is to
be copied first, the head is given back meanwhile; (6) append each `records-expired`, commit. A
commit's lost answer is settled by the command id.

A run is alone: each of its transactions first checks that nobody else has taken over.

Source: `docs/reference/event-format.md`, section 5.
"""

import time
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, LiteralString, Protocol, cast
from uuid import UUID

import psycopg

from ledger.clock import day_in_japan
from ledger.errors import BrokenWorldError, ExpiryDisturbedError, StoreUnavailableError
from ledger.format.envelope import KeyRow, SealedEvent
from ledger.format.header import read_header
from ledger.retention import chunked_delete
from ledger.store import concurrent_appends
from ledger.store.advisory_lock import Lease, exclusive_lock
from ledger.store.append import SETTLE_SECONDS
from ledger.store.batch_state import lock_head
from ledger.store.columns import byteas
from ledger.store.connections import Connections, is_lost, pause, refusal
from ledger.store.event_macs import EventMac
from ledger.store.keys import replace_key

RUN_LOCK: Final = 7_091_726_530_416
"""Key of the advisory lock of a run; any number that no other program uses in this database."""

KEYS_MAX = 32  # as many as the header of one `records-expired` lists

Forget = Callable[[psycopg.Cursor, Sequence[int], Sequence[bytes]], int]
"""Deletes the index rows of these positions, rising, and of these keys; how many."""
Seal = Callable[[Mapping[str, int]], SealedEvent]
"""Makes the `records-expired` from what is deleted: `events`, `lookups`, `keys` → number."""
BeforeCommit = Callable[[], None]
"""Is called just before the commit, while the head is locked; raising stops it."""


class AppendCheck(Protocol):
    """Looks at what came since the caller looked for reasons to keep."""

    def __call__(self, bases: Collection[UUID], position: int, *, is_locked: bool) -> int:
        """Copy what is missing of these streams; return how many copies.

        Args:
            bases: with an event under the keys that die, and named as base by what came.
            position: up to which it came.
            is_locked: the head is, for moments: nothing can be appended, so nothing is.

        Raises:
            ExpiryDisturbedError: one of the keys may not die.
        """
        ...


def refuse_bases(bases: Collection[UUID], position: int, *, is_locked: bool) -> int:
    """Whatever is named as base by what came keeps the keys."""
    del is_locked
    if bases:
        raise ExpiryDisturbedError(position)
    return 0


_BEGIN: LiteralString = "BEGIN ISOLATION LEVEL READ COMMITTED"
_COMMIT: LiteralString = "COMMIT"
# NOWAIT: whoever holds one of them is another expiry, or moves its day.
_KEYS: LiteralString = """
    SELECT day FROM ledger.data_keys WHERE key_id = ANY(%b) ORDER BY key_id FOR UPDATE NOWAIT
"""
_DELETE_OTHERS: tuple[LiteralString, ...] = (
    "DELETE FROM ledger.quarantine WHERE key_id = ANY(%b)",
    "DELETE FROM ledger.answers WHERE key_id = ANY(%b)",
    "DELETE FROM ledger.form_drafts WHERE key_id = ANY(%b)",
    "DELETE FROM ledger.registers WHERE key_id = ANY(%b)",
    "DELETE FROM ledger.exports WHERE key_id = ANY(%b)",
    "DELETE FROM ledger.bulk_transfers WHERE key_id = ANY(%b)",
    "DELETE FROM ledger.officer_names WHERE key_id = ANY(%b)",
)
_DELETE_LOOKUPS: LiteralString = "DELETE FROM ledger.lookups WHERE key_id = ANY(%b)"
_DELETE_KEYS: LiteralString = "DELETE FROM ledger.data_keys WHERE key_id = ANY(%b)"
_CHECK_LOOKUPS: LiteralString = "SET CONSTRAINTS ledger.lookups_go_with_keys IMMEDIATE"
_HEAD: LiteralString = "SELECT position FROM ledger.head"
_LOCK_HEAD: LiteralString = "SELECT position FROM ledger.head FOR UPDATE"
_SAVEPOINT: LiteralString = "SAVEPOINT before_the_head"
_UNLOCK: LiteralString = "ROLLBACK TO SAVEPOINT before_the_head"
_VERSION: LiteralString = """
    SELECT coalesce(max(originator_version), 0) FROM ledger.events WHERE originator_id = %b
"""
_MOVE_HEAD: LiteralString = "UPDATE ledger.head SET position = %b"
_APPEND: LiteralString = """
    INSERT INTO ledger.events (notification_id, originator_id, originator_version, topic,
                               state, command, partition, mac)
    VALUES (%b, %b, %b, %b, %b, %b, NULL, %b)
"""
_OF_COMMAND: LiteralString = "SELECT notification_id FROM ledger.events WHERE command = %b"
_DROP_PARTITIONS: LiteralString = "SELECT ledger.drop_empty_partitions(%b)"


@dataclass(frozen=True, slots=True)
class DestroyedKeys:
    """What was destroyed.

    Attributes:
        position: of the `records-expired`.
        events: sealed events, quarantined items, kept answers and drafts that are gone.
        lookups: rows that found a stream.
        index_rows: rows of the read side.
        keys: ids of the keys, sorted.
    """

    position: int
    events: int
    lookups: int
    index_rows: int
    keys: tuple[bytes, ...]


class _NotStartedError(Exception):
    """The connection was lost before anything was asked of it."""


class _UnknownError(Exception):
    """The connection was lost after COMMIT was sent.

    Attributes:
        command: of an event that stands if the commit was carried out.
        expired: what is destroyed then.
    """

    def __init__(self, command: UUID, expired: list[DestroyedKeys]) -> None:
        super().__init__()
        self.command = command
        self.expired = expired


@dataclass(frozen=True, slots=True)
class ExpiryBatch:
    """One `records-expired`.

    Attributes:
        keys: ids, 1 to 32, each due on the day of the event.
        seal: is called once in the transaction, before the head is locked. The version that it
            gives the event must be the next of its stream.
    """

    keys: Sequence[bytes]
    seal: Seal


@dataclass(frozen=True, slots=True)
class _ExpiryRequest:
    batches: Sequence[ExpiryBatch]
    checked: int
    before_commit: BeforeCommit | None
    check: AppendCheck


class ExpiryWriter:
    """Destroys what is due, and moves the days of objects' keys. Thread-safe.

    Every method raises `StoreUnavailableError` when the database cannot be reached.

    Args:
        connections: of the role purger.
        forget: `projections.expired_rows.forget`.
        mac: `LedgerSecret.event_mac`.
        settle_seconds: how long an outcome that became unknown is asked for.
    """

    def __init__(
        self,
        connections: Connections,
        forget: Forget,
        mac: EventMac,
        settle_seconds: float = SETTLE_SECONDS,
    ) -> None:
        self._connections = connections
        self._mac = mac
        self._forget = forget
        self._settle_seconds = settle_seconds
        self._lease: Lease | None = None

    @contextmanager
    def exclusive_run(self) -> Generator[bool]:
        """Run until the end of the block; False: somebody else runs.

        One thread at a time. What another run does after it has taken over is not destroyed by
        this one beside it: `expire` raises `LeaseLostError` then.
        """
        with exclusive_lock(self._connections, RUN_LOCK) as lease:
            self._lease = lease
            try:
                yield lease is not None
            finally:
                self._lease = None

    def expire(
        self,
        batches: Sequence[ExpiryBatch],
        checked: int,
        before_commit: BeforeCommit | None = None,
        check: AppendCheck = refuse_bases,
    ) -> list[DestroyedKeys]:
        """Destroy these keys and all they seal, and append the events that say so: all or nothing.

        The caller has looked for reasons to keep as of `checked` and found none.

        Args:
            batches: one or more, of which none has a key of another.
            checked: a position that the log has reached.
            check: is asked about what was appended since, in the transaction.

        Raises:
            ExpiryDisturbedError: a key is not there, not due or in somebody else's hand; what was
                appended since `checked` may keep what dies; an event's stream moved. Look again.
            LeaseLostError: another run has taken over, see `exclusive_run`. Nothing died.
            ProjectionBehindError: from `forget`. Nothing died.
            StoreUnavailableError: also when the outcome could not be learnt in time. Dead keys tell
                the next look that it had happened.
        """
        ordered = [replace(one, keys=tuple(sorted(set(one.keys)))) for one in batches]
        if not ordered or not all(0 < len(one.keys) <= KEYS_MAX for one in ordered):
            raise ValueError(f"an expiry destroys 1 to {KEYS_MAX} keys")
        request = _ExpiryRequest(ordered, checked, before_commit, check)
        try:
            try:
                return self._tried(request)
            except _NotStartedError:
                # An idle connection of a server that restarted looks like this: once more.
                return self._tried(request)
        except _NotStartedError:
            raise StoreUnavailableError from None
        except _UnknownError as unknown:
            return self._settled(unknown)

    def move_day(self, old: KeyRow, new: KeyRow) -> bool:
        """Give the key of an object the day of `new`; False when `old` no longer stands.

        It needs no lease: it compares what it changes.

        Raises:
            BrokenWorldError: the day of that key does not move there.
        """
        return replace_key(self._connections, old, new)

    def drop_empty_partitions(self, before: int) -> list[int]:
        """Drop the partitions of quarters before `before` that hold nothing; return which.

        Quarters are numbered as in `DataKey.partition`. What somebody reads or writes for longer
        than a second at this moment stays until the next time: then the list is empty.
        """
        with self._connections.connection() as connection:
            try:
                rows = connection.execute(_DROP_PARTITIONS, (before,)).fetchall()
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                return []
            except psycopg.Error as error:
                raise refusal(connection, error) from None
        return [cast("int", row[0]) for row in rows]

    def _tried(self, request: _ExpiryRequest) -> list[DestroyedKeys]:
        with self._connections.connection() as connection:
            cursor = connection.cursor(binary=True)
            try:
                cursor.execute(_BEGIN)
            except psycopg.Error as error:
                if is_lost(connection):
                    raise _NotStartedError from None
                raise refusal(connection, error) from None
            return self._once(cursor, request)

    def _once(self, cursor: psycopg.Cursor, request: _ExpiryRequest) -> list[DestroyedKeys]:
        connection = cursor.connection
        try:
            expired, command = self._done(cursor, request)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            raise ExpiryDisturbedError(request.checked) from None
        except psycopg.Error as error:
            raise refusal(connection, error) from None
        if request.before_commit is not None:
            request.before_commit()
        try:
            cursor.execute(_COMMIT)
        except psycopg.Error as error:
            if is_lost(connection):
                raise _UnknownError(command, expired) from None
            raise refusal(connection, error) from None
        if cursor.statusmessage != _COMMIT:
            raise BrokenWorldError("the database rolled back what it was told to commit")
        return expired

    def _done(
        self, cursor: psycopg.Cursor, request: _ExpiryRequest
    ) -> tuple[list[DestroyedKeys], UUID]:
        """Everything but the commit."""
        if self._lease is not None:
            self._lease.check(cursor.connection)
        keys = [key for one in request.batches for key in one.keys]
        days = cast("list[date | None]", _column(cursor, _KEYS, byteas(keys)))  # (1)
        if len(days) != len(keys):
            raise ExpiryDisturbedError(request.checked)
        sealed = [self._deleted(cursor, one, request.checked) for one in request.batches]
        # That each lookup went with its key is asked now, and not while the head is locked.
        cursor.execute(_CHECK_LOOKUPS)
        today = day_in_japan(min(read_header(event.header).at for _, event in sealed))
        if any(day is None or day > today for day in days):
            raise ExpiryDisturbedError(request.checked)
        head = _locked_head(cursor, keys, request)
        cursor.execute(_MOVE_HEAD, (head + len(sealed),))  # (6)
        expired: list[DestroyedKeys] = []
        for position, (destroyed, event) in enumerate(sealed, head + 1):
            if _column(cursor, _VERSION, event.stream) != [event.version - 1]:
                raise ExpiryDisturbedError(request.checked)
            place = (event.stream, event.version, event.type, event.header)
            cursor.execute(_APPEND, (position, *place, event.command, self._mac(*place)))
            expired.append(replace(destroyed, position=position))
        return expired, sealed[0][1].command

    def _deleted(
        self, cursor: psycopg.Cursor, batch: ExpiryBatch, checked: int
    ) -> tuple[DestroyedKeys, SealedEvent]:
        """Delete the keys and all they seal; the event that says so, not yet at its position."""
        keys = byteas(batch.keys)
        places = chunked_delete.locate(cursor, keys)  # (2)
        positions = chunked_delete.positions(places)
        if positions and positions[-1] > checked:
            raise ExpiryDisturbedError(checked)
        index_rows = self._forget(cursor, positions, batch.keys) if positions else 0  # (3)
        chunked_delete.delete(cursor, self._connections, places, keys)
        other_rows = sum(cursor.execute(one, (keys,)).rowcount for one in _DELETE_OTHERS)
        lookups = cursor.execute(_DELETE_LOOKUPS, (keys,)).rowcount
        cursor.execute(_DELETE_KEYS, (keys,))
        events = len(positions) + other_rows
        event = batch.seal({"events": events, "lookups": lookups, "keys": len(batch.keys)})
        if read_header(event.header).keys != batch.keys or event.sealed is not None:
            raise ValueError("the event lists the keys that die, and seals nothing")
        return DestroyedKeys(0, events, lookups, index_rows, tuple(batch.keys)), event

    def _settled(self, unknown: _UnknownError) -> list[DestroyedKeys]:
        """Find out whether the commit was carried out.

        The lock of the head waits for the end of the transaction that was cut off.
        """
        deadline = time.monotonic() + self._settle_seconds
        attempt = 0
        while True:
            attempt += 1
            try:
                is_committed = self._is_committed(unknown.command)
            except StoreUnavailableError:
                if time.monotonic() > deadline:
                    raise
                pause(attempt)
                continue
            if not is_committed:
                raise StoreUnavailableError
            return unknown.expired

    def _is_committed(self, command: UUID) -> bool:
        with self._connections.connection() as connection:
            try:
                lock_head(connection)
                row = connection.execute(_OF_COMMAND, (command,)).fetchone()
            except psycopg.Error as error:
                raise refusal(connection, error) from None
        return row is not None


def _locked_head(cursor: psycopg.Cursor, keys: Sequence[bytes], request: _ExpiryRequest) -> int:
    """Lock the head when nothing up to it keeps the keys; its position."""
    checked = request.checked
    while True:
        seen = cast("int", _column(cursor, _HEAD)[0])
        bases = concurrent_appends.check_appends(cursor, keys, checked, seen)  # (4)
        made = request.check(bases, seen, is_locked=False) if seen > checked else 0
        checked = seen
        if made:
            continue
        cursor.execute(_SAVEPOINT)
        head = cast("int", _column(cursor, _LOCK_HEAD)[0])  # (5)
        bases = concurrent_appends.check_appends(cursor, keys, checked, head)
        if head == checked or not request.check(bases, head, is_locked=True):
            return head
        cursor.execute(_UNLOCK)


def _column(cursor: psycopg.Cursor, statement: LiteralString, *values: object) -> list[object]:
    return [row[0] for row in cursor.execute(statement, values).fetchall()]
