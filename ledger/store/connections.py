"""Connections of one role: opened when needed, kept when sound, dropped together when one is lost.

Not psycopg's pool, for three reasons: when the database is dead, a caller here learns it at once
and not after a wait; when it is back, the next call connects at once and not after a growing delay;
and there are no background threads in a process that forks or is killed.

A database can also be there and answer nothing (frozen, or its machine is): no time-out of the
network notices that on a socket of this machine. Whoever serves requests calls `close_stalled`
again and
again: it hangs up on what has not answered for too long, which is a lost connection like others,
and until the database answers again nobody waits for it (0078).
"""

import os
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import LiteralString, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus

from ledger.errors import BrokenWorldError, StoreUnavailableError

T = TypeVar("T")

# A weaker synchronous_commit would acknowledge what a crash takes back; a stronger one stays.
# lock_timeout: a wait for the head that is longer than this means that somebody hangs.
# idle_in_transaction: a client that vanished half-way gives the head back after this.
# Plans: one made while a table was small would scan it for ever; every read here is by a key.
WRITER: LiteralString = """
    SELECT set_config('synchronous_commit', 'on', false)
     WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write');
    SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '10s';
    SET enable_seqscan = off;
    SET enable_hashjoin = off;
    SET enable_mergejoin = off;
    SET jit = off
"""
READER: LiteralString = """
    SET default_transaction_read_only = on;
    SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '60s';
    SET enable_seqscan = off;
    SET enable_hashjoin = off;
    SET enable_mergejoin = off;
    SET jit = off
"""
# It deletes as long as it takes; only its wait for the head or for a row is bounded. The planner
# is left alone: what is due may be much of a table, and each statement is planned for its values.
PURGER: LiteralString = """
    SELECT set_config('synchronous_commit', 'on', false)
     WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write');
    SET lock_timeout = '30s';
    SET idle_in_transaction_session_timeout = '10s';
    SET plan_cache_mode = force_custom_plan;
    SET jit = off
"""

# How long a caller waits for a connection that another thread uses.
WAIT_SECONDS = 5.0
# A peer that is gone without a word (TCP only) is noticed within half a minute.
_NETWORK = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}


@dataclass(slots=True, eq=False)
class _Line:
    """A connection, and since when its silence is noticed.

    Attributes:
        wire: its socket under a number of its own: what is hung up is never another one that got
            the number of a connection that was closed meanwhile.
        since: of its present use, by the monotonic clock; 0 when it is idle.
        silent_since: when a look first found it waiting for an answer, and in which use.
    """

    connection: psycopg.Connection
    wire: socket.socket
    since: float = 0.0
    silent_since: tuple[float, float] | None = None

    def close(self) -> None:
        self.connection.close()
        self.wire.close()

    def silence(self, at: float) -> float:
        """Seconds for which every look has found it waiting, within one use."""
        since = self.since
        if not since or self.connection.pgconn.transaction_status != TransactionStatus.ACTIVE:
            self.silent_since = None
            return 0.0
        if self.silent_since is None or self.silent_since[1] != since:
            self.silent_since = (at, since)
        return at - self.silent_since[0]

    def hang_up(self) -> None:
        """Let whoever waits for an answer lose the connection instead."""
        with suppress(OSError):
            self.wire.shutdown(socket.SHUT_RDWR)


class Connections:
    """At most `size_max` connections with the same rights and settings. Thread-safe.

    Args:
        url: connection string of one role; may hold a password, so it is never printed.
        settings: `WRITER`, `READER` or `PURGER`.
    """

    def __init__(self, url: str, settings: LiteralString, size_max: int = 10) -> None:
        self._url = make_conninfo("", **{**_NETWORK, **conninfo_to_dict(url)})
        self._settings: LiteralString = settings
        self._idle: deque[_Line] = deque()
        self._lines: set[_Line] = set()
        self._is_monitored = False
        self.is_silent = False
        """Whether the database answers nothing; nobody waits for it then."""
        self._free = BoundedSemaphore(size_max)
        self._closed = False

    @contextmanager
    def connection(self) -> Generator[psycopg.Connection]:
        """A connection in autocommit mode, for this caller alone.

        What is left of a transaction at the end is rolled back.

        Raises:
            StoreUnavailableError: the database cannot be reached or answers nothing, all
                connections are in use, or `close` was called.
        """
        if self._closed or self.is_silent or not self._free.acquire(timeout=WAIT_SECONDS):
            raise StoreUnavailableError
        try:
            line = self._acquire_line()
            line.since = time.monotonic()
            try:
                yield line.connection
            finally:
                self._give_back(line)
        finally:
            self._free.release()

    def close_stalled(self, seconds_max: float) -> int:
        """Hang up on every connection that has waited longer for an answer; how many those are.

        To be called again and again, by one thread. Once one is hung up the database `is_silent`,
        until a look finds that it answers.
        """
        self._is_monitored = True
        if self.is_silent:
            self.is_silent = not self._answers()
        at = time.monotonic()
        hung_up = 0
        for line in tuple(self._lines):
            if line.silence(at) >= seconds_max:
                self.is_silent = True
                line.hang_up()
                hung_up += 1
        return hung_up

    def _answers(self) -> bool:
        # Who is let in has met the postmaster and a process of its own: both go on.
        try:
            psycopg.connect(self._url, autocommit=True).close()
        except psycopg.Error:
            return False
        return True

    def read(self, work: Callable[[psycopg.Connection], T]) -> T:
        """Run `work`, which only reads; once more if an idle connection turns out to be dead.

        Raises:
            StoreUnavailableError: the database cannot be reached or does not answer.
        """
        for last_try in (False, True):
            with self.connection() as connection:
                try:
                    return work(connection)
                except psycopg.Error as error:
                    if last_try or not is_lost(connection):
                        raise refusal(connection, error) from None
        raise AssertionError("the second try returns or raises")

    def close(self) -> None:
        """Close what is idle now, and what is in use when its owner gives it back; for good."""
        self._closed = True
        self._drop_idle()

    def _drop_idle(self) -> None:
        with suppress(IndexError):
            while True:
                self._drop(self._idle.pop())

    def _drop(self, line: _Line) -> None:
        self._lines.discard(line)
        line.close()

    def _acquire_line(self) -> _Line:
        try:
            return self._idle.pop()
        except IndexError:
            pass
        if self.is_silent:
            raise StoreUnavailableError
        try:
            connection = psycopg.connect(self._url, autocommit=True)
        except psycopg.Error as error:
            # A time-out, and not a refusal: the next one would wait as long. The look ends it.
            if self._is_monitored and isinstance(error, psycopg.errors.ConnectionTimeout):
                self.is_silent = True
            raise StoreUnavailableError from None
        line = _Line(connection, socket.socket(fileno=os.dup(connection.fileno())))
        self._lines.add(line)
        line.since = time.monotonic()
        try:
            connection.execute(self._settings)
        except psycopg.Error as error:
            self._drop(line)
            raise refusal(connection, error) from None
        return line

    def _give_back(self, line: _Line) -> None:
        connection = line.connection
        # Asked first: psycopg takes a lock and makes a generator also for a rollback of nothing.
        if connection.pgconn.transaction_status != TransactionStatus.IDLE:
            with suppress(psycopg.Error):
                connection.rollback()
        line.since = 0.0
        if is_lost(connection):
            # The server restarted or went away: its other connections are dead too.
            self._drop(line)
            self._drop_idle()
            return
        self._idle.append(line)
        if self._closed:
            self._drop_idle()


def is_lost(connection: psycopg.Connection) -> bool:
    """Whether the connection is of no more use."""
    return connection.closed


def has_hung_up(connection: psycopg.Connection) -> bool:
    """Whether the server has closed an idle connection, as one that restarts or dies does.

    Who asks before sending knows that nothing was done; afterwards it would be unknown.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    while poll.poll(0):
        try:
            connection.pgconn.consume_input()
        except psycopg.Error:
            break
    return connection.closed


def refusal(connection: psycopg.Connection, error: psycopg.Error) -> Exception:
    """What a database error means to a caller; its text is dropped, for it may quote values."""
    if is_lost(connection) or isinstance(
        error,
        psycopg.OperationalError | psycopg.InterfaceError | psycopg.errors.ReadOnlySqlTransaction,
    ):
        return StoreUnavailableError()
    constraint = error.diag.constraint_name
    return BrokenWorldError(f"the database refused: SQLSTATE {error.sqlstate}, {constraint}")


def pause(attempt: int) -> None:
    """Wait before attempt number `attempt` (1, 2, …) to reach the database again."""
    time.sleep(min(0.02 * 2**attempt, 0.5))
