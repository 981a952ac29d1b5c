"""A connection must keep its session: a pooler that lends sessions by transaction is refused.

The ledger holds locks by session, and its connections take a role and settings at their start.
Where each transaction gets whichever session is free (PgBouncer with `pool_mode = transaction` or
`statement`, and others like it), locks are held by nobody who works, and leak.
"""

import time
from typing import Final, LiteralString

import psycopg

from ledger.postgres.errors import PostgresError

_ROUNDS: Final = 20
_PAUSE_SECONDS: Final = 0.0002
"""Others who use the pooler at that moment may hide what one round would show, and in step with us
every round: each waits longer than the one before."""
_PID: LiteralString = "SELECT pg_backend_pid()"


class PoolerError(PostgresError):
    """The connection string leads to a pooler that does not leave a connection its session."""

    def __init__(self) -> None:
        super().__init__(
            "the database is behind a pooler that gives each transaction another session, so "
            "locks would be lost: use a pool of sessions (PgBouncer: pool_mode = session), or "
            "connect to PostgreSQL itself"
        )


def check_sessions(url: str) -> None:
    """Pass when each connection of `url` has a session of its own.

    One connection is idle while another has a transaction. With a session of its own the idle one
    is served by the same process of the server as before, and the other never is.

    Raises:
        PoolerError: two connections share a session, or one does not keep it.
        psycopg.OperationalError: the database cannot be reached.
    """
    with (
        psycopg.connect(url, autocommit=True, prepare_threshold=None) as idle,
        psycopg.connect(url, autocommit=True, prepare_threshold=None) as busy,
    ):
        own = _process(idle)
        for number in range(_ROUNDS):
            time.sleep(number * _PAUSE_SECONDS)
            try:
                with busy.transaction():
                    # Asked first: in a pool of one session the idle one would wait for it.
                    if _process(busy) == own or _process(idle) != own:
                        raise PoolerError
            except psycopg.errors.ProtocolViolation:
                raise PoolerError from None  # a pool of statements refuses transactions


def _process(connection: psycopg.Connection) -> int:
    """The process of the server that answers."""
    row = connection.execute(_PID).fetchone()
    assert row is not None, "a function returns a row"
    return row[0]
