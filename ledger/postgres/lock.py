"""One lock a database for everything that prepares it."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import psycopg

_KEY: Final = 7_091_726_530_414
"""Key of the advisory lock; any number that no other program uses in this database."""
_POLL_SECONDS: Final = 0.05


@contextmanager
def locked(connection: psycopg.Connection) -> Generator[None, None, None]:
    """Hold the advisory lock of this database; `connection` is in autocommit.

    It is polled: a session that waits inside the lock function holds a snapshot, and CREATE INDEX
    CONCURRENTLY of the one who has the lock would wait for that snapshot for ever.
    """
    while True:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (_KEY,)).fetchone()
        if row is not None and row[0]:
            break
        time.sleep(_POLL_SECONDS)
    try:
        yield
    finally:
        # A broken connection has lost the lock by itself.
        if not connection.broken and not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(%s)", (_KEY,))
