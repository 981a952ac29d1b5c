"""What benchmarks look up in the database between two measures."""

import time
from typing import Final, LiteralString

import psycopg

_CATCH_UP_SECONDS: Final = 120.0
_HEAD: LiteralString = "SELECT position FROM ledger.head"
_LAG: LiteralString = """
    SELECT h.position - p.position
      FROM ledger.head AS h, projections.progress AS p
     WHERE p.serving
"""
_EVENT_BYTES: LiteralString = """
    SELECT coalesce(avg(octet_length(e.state) + octet_length(s.part)), 0)::integer
      FROM ledger.events AS e
      JOIN ledger.sealed_parts AS s
        ON s.partition = e.partition AND s.position = e.notification_id AND s.n = 0
"""

_WAL: LiteralString = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint"


class BehindError(Exception):
    """The follower does not keep up; what it has left to do would be measured too."""


def head(url: str) -> int:
    """The last position."""
    return one_number(url, _HEAD)


def wal_bytes(url: str) -> int:
    """Bytes that the whole server has written to its log so far; a difference tells something."""
    return one_number(url, _WAL)


def one_number(url: str, statement: LiteralString, *asked: object) -> int:
    """What a statement with one row of one number answers."""
    with psycopg.connect(url) as connection:
        return _number(connection, statement, *asked)


def event_bytes(url: str) -> int:
    """Mean bytes of a sealed event: header and sealed part."""
    return one_number(url, _EVENT_BYTES)


def caught_up(url: str) -> None:
    """Wait for the follower: what one measure leaves to be done must not disturb the next one.

    Raises:
        BehindError: it takes too long.
    """
    deadline = time.monotonic() + _CATCH_UP_SECONDS
    with psycopg.connect(url, autocommit=True) as connection:
        while _number(connection, _LAG):
            if time.monotonic() > deadline:
                raise BehindError
            time.sleep(0.02)


def _number(connection: psycopg.Connection, statement: LiteralString, *asked: object) -> int:
    row = connection.execute(statement, asked).fetchone()
    assert row is not None, "the statement has one row"
    return int(row[0])
