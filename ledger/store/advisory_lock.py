"""What one does at a time, whichever process: by an advisory lock, and fenced by a lease.

The lock belongs to a connection that is kept as long as the work lasts: whoever is killed lets go
of it at once, and so does whoever loses the database. Its holder may not notice that: the session
alone was ended, or the process was paused. So whoever takes the lock also takes the lease, a row
with an attempt of its own, and each transaction in which it writes checks that it still has it.
A transaction that has checked ends before the next holder takes the lease; one that comes later
is refused. So the next holder reads everything that stands, and nothing changes under it.
"""

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from typing import LiteralString, Self, TypeVar
from uuid import UUID

import psycopg
from psycopg.pq import TransactionStatus

from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import StoreUnavailableError
from ledger.store.connections import Connections, is_lost, refusal

T = TypeVar("T")

_LOCK: LiteralString = "SELECT pg_try_advisory_lock(%s::bigint)"
_UNLOCK: LiteralString = "SELECT pg_advisory_unlock(%s::bigint)"
# Whoever held it before and has lost its lock may be in the middle of a transaction.
_FREE: LiteralString = "SELECT FROM ledger.leases WHERE number = %s FOR UPDATE NOWAIT"
_TAKE: LiteralString = """
    INSERT INTO ledger.leases (number, attempt) VALUES (%s, %s)
    ON CONFLICT (number) DO UPDATE SET attempt = EXCLUDED.attempt, taken_at = now()
"""
_CHECK: LiteralString = "SELECT FROM ledger.leases WHERE number = %s AND attempt = %s FOR SHARE"
_END: LiteralString = "DELETE FROM ledger.leases WHERE number = %s AND attempt = %s"


class LeaseLostError(Exception):
    """Somebody else has taken over; nothing was changed, and the work must end."""


@dataclass(frozen=True, slots=True)
class Lease:
    """What the holder of a lock shows wherever it writes.

    Attributes:
        number: of the lock.
        attempt: of this holder alone.
    """

    number: int
    attempt: UUID

    def check(self, connection: psycopg.Connection) -> None:
        """Whether it is still held, until the end of the transaction that the connection is in.

        Raises:
            LeaseLostError: it is not.
        """
        is_in_one = connection.info.transaction_status == TransactionStatus.INTRANS
        assert is_in_one, "what is written must be in the same transaction"
        if connection.execute(_CHECK, (self.number, self.attempt)).rowcount != 1:
            raise LeaseLostError

    def fenced(self, connection: psycopg.Connection, work: Callable[[psycopg.Connection], T]) -> T:
        """Do the work in a transaction in which the lease is held.

        Raises:
            LeaseLostError: it is not; nothing was changed.
        """
        with connection.transaction():
            self.check(connection)
            return work(connection)


@contextmanager
def exclusive_lock(connections: Connections, number: int) -> Generator[Lease | None]:
    """Hold the lock of that number until the end of the block; None: somebody else holds it.

    A database that is lost meanwhile is no error of the lock's: who needs it in the block learns
    it there, and what was done by the end is done.

    Args:
        connections: of the role writer or purger.
        number: 64 bits, signed.

    Raises:
        StoreUnavailableError: the database cannot be reached; nothing was begun.
    """
    lease = Lease(number, random_uuid())
    with ExitStack() as kept:
        connection = _locked(connections, lease, kept)
        if connection is None:
            yield None
            return
        try:
            yield lease
        finally:
            if not _is_let_go(connection, lease):
                # The session is gone, and the row would stay where nobody comes next.
                with suppress(StoreUnavailableError):
                    connections.read(lambda c: c.execute(_END, (number, lease.attempt)))


class FencedRows:
    """Rows that one works on at a time: whoever does is given them with the lease.

    Args:
        writer: connections of that role.
    """

    def __init__(self, writer: Connections) -> None:
        self._writer = writer
        self._lease: Lease | None = None

    def check_lease(self) -> None:
        """Whether they are still ours to work on; nothing where they came without a lease.

        Raises:
            LeaseLostError: somebody else has taken over.
        """
        if self._lease is not None:
            self._write(lambda _: None)

    @contextmanager
    def _working(self, number: int, busy: type[Exception]) -> Generator[Self]:
        """These rows, alone: see `exclusive_lock`. What is needed is read inside.

        Raises:
            busy: somebody has the lock already, or took over before the end.
        """
        with exclusive_lock(self._writer, number) as lease:
            if lease is None:
                raise busy
            fenced = copy(self)
            fenced._lease = lease  # noqa: SLF001 -- our own
            try:
                yield fenced
            except LeaseLostError:
                raise busy from None

    def _write(self, work: Callable[[psycopg.Connection], T]) -> T:
        """Change something; once more if an idle connection turns out to be dead.

        Raises:
            LeaseLostError: see `Lease.fenced`.
        """
        lease = self._lease
        return self._writer.read(work if lease is None else lambda c: lease.fenced(c, work))


def _locked(connections: Connections, lease: Lease, kept: ExitStack) -> psycopg.Connection | None:
    """A connection that holds the lock, and that nobody else uses until `kept` is closed."""
    for last_try in (False, True):
        with ExitStack() as taken:
            connection = taken.enter_context(connections.connection())
            try:
                is_taken = _acquire(connection, lease)
            except psycopg.Error as error:
                # An idle connection of a server that restarted looks like this: once more.
                if last_try or not is_lost(connection):
                    refused = refusal(connection, error)
                    connection.close()  # it may have the lock
                    raise refused from None
            else:
                if not is_taken:
                    return None
                kept.push(taken.pop_all())
                return connection
    raise AssertionError("the second try returns or raises")


def _acquire(connection: psycopg.Connection, lease: Lease) -> bool:
    """Whether the connection has the lock and the lease by now, or neither."""
    row = connection.execute(_LOCK, (lease.number,)).fetchone()
    if row is None or not row[0]:
        return False
    try:
        with connection.transaction():
            connection.execute(_FREE, (lease.number,))
            connection.execute(_TAKE, (lease.number, lease.attempt))
    except psycopg.errors.LockNotAvailable:
        connection.execute(_UNLOCK, (lease.number,))
        return False
    return True


def _is_let_go(connection: psycopg.Connection, lease: Lease) -> bool:
    try:
        connection.execute(_END, (lease.number, lease.attempt))
        connection.execute(_UNLOCK, (lease.number,))
    except psycopg.Error:
        # The lock goes with its session, and the session must not be used again with it.
        connection.close()
        return False
    return True
