"""What one does at a time, whichever process: by an advisory lock of the database.

The lock belongs to a connection that is kept as long as the work lasts: whoever is killed lets go
of it at once, and so does whoever loses the database.
"""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import LiteralString

import psycopg

from ledger.store.connections import Connections, is_lost, refusal

_LOCK: LiteralString = "SELECT pg_try_advisory_lock(%s::bigint)"
_UNLOCK: LiteralString = "SELECT pg_advisory_unlock(%s::bigint)"


@contextmanager
def alone(connections: Connections, number: int) -> Generator[bool]:
    """Hold the lock of that number until the end of the block; False: somebody else holds it.

    A database that is lost meanwhile is no error of the lock's: who needs it in the block learns
    it there, and what was done by the end is done.

    Args:
        number: 64 bits, signed.

    Raises:
        StoreUnavailableError: the database cannot be reached; nothing was begun.
    """
    with ExitStack() as kept:
        connection = _taken(connections, number, kept)
        if connection is None:
            yield False
            return
        try:
            yield True
        finally:
            _let_go(connection, number)


def _taken(connections: Connections, number: int, kept: ExitStack) -> psycopg.Connection | None:
    """A connection that holds the lock, and that nobody else uses until `kept` is closed."""
    for last_try in (False, True):
        with ExitStack() as taken:
            connection = taken.enter_context(connections.connection())
            try:
                row = connection.execute(_LOCK, (number,)).fetchone()
            except psycopg.Error as error:
                # An idle connection of a server that restarted looks like this: once more.
                if last_try or not is_lost(connection):
                    raise refusal(connection, error) from None
            else:
                if row is None or not row[0]:
                    return None
                kept.push(taken.pop_all())
                return connection
    raise AssertionError("the second try returns or raises")


def _let_go(connection: psycopg.Connection, number: int) -> None:
    try:
        connection.execute(_UNLOCK, (number,))
    except psycopg.Error:
        # The lock goes with its session, and the session must not be used again with it.
        connection.close()
