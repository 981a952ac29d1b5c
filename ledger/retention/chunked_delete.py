"""Sealed parts go piece by piece: whoever appends meanwhile must not wait for the disk.

A commit flushes what stands before it in PostgreSQL's log. A million parts deleted at once write
more than a gigabyte there, as fast as a processor can; each append then waited for the disk to take
it, up to a second. So each piece is flushed by ourselves before the next, and as long as a piece
took, the disk is left to others. All of it stays in the caller's one transaction.
"""

import time
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import LiteralString, cast

import psycopg

from ledger.store.columns import ArrayColumn, bigints
from ledger.store.connections import Connections
from ledger.store.queries import NAMES_KEY

# About 700 kB of log: a page that is changed first after a checkpoint goes there as a whole.
PIECE_MAX = 500
# Attached documents make a piece long; pieces get smaller then.
PIECE_SECONDS_MAX = 0.02
# A disk that hangs is not waited for twice.
PAUSE_SECONDS_MAX = 0.1

# Only of parts whose key the event there names: others are deleted with the key, and tell of no
# event that dies.
_PLACES: LiteralString = (
    """
    SELECT s.partition, array_agg(s.position ORDER BY s.position)
      FROM (SELECT partition, position, key_id FROM ledger.sealed_parts
             WHERE key_id = ANY(%b) AND n = 0 OFFSET 0) AS s
     CROSS JOIN LATERAL (
           SELECT FROM ledger.events AS e
            WHERE e.notification_id = s.position AND e.partition = s.partition AND """  # noqa: S608 -- literals alone
    + NAMES_KEY
    + """ LIMIT 1) AS e
     GROUP BY s.partition
"""
)
DELETE_PIECE: LiteralString = """
    DELETE FROM ledger.sealed_parts
     WHERE partition = %b AND position = ANY(%b) AND key_id = ANY(%b)
"""
_DELETE_SEALED: LiteralString = "DELETE FROM ledger.sealed_parts WHERE key_id = ANY(%b)"
# A transaction of its own that writes nothing but this is flushed at its commit, and all before it.
_FLUSH: LiteralString = "SELECT pg_logical_emit_message(true, 'provision-ledger', '')"

Places = Mapping[int, Sequence[int]]
"""Partition → positions of the events with a sealed part in it, rising."""


def locate(cursor: psycopg.Cursor, keys: ArrayColumn) -> Places:
    """Where what these keys seal stands."""
    rows = cursor.execute(_PLACES, (keys,)).fetchall()
    return dict(cast("list[tuple[int, list[int]]]", rows))


def positions(found: Places) -> list[int]:
    """All positions, rising."""
    return sorted(chain.from_iterable(found.values()))


def delete(
    cursor: psycopg.Cursor, connections: Connections, found: Places, keys: ArrayColumn
) -> None:
    """Delete what these keys seal, in the cursor's transaction.

    Args:
        connections: of the same role; one of them flushes.
        found: where it stands. What joined these keys since goes too.

    Raises:
        StoreUnavailableError: there is no connection to flush with.
    """
    if sum(map(len, found.values())) > PIECE_MAX:
        with connections.connection() as other:
            for partition, there in found.items():
                delete_chunks(cursor, other, partition, there, keys)
    cursor.execute(_DELETE_SEALED, (keys,))


def delete_chunks(
    cursor: psycopg.Cursor,
    other: psycopg.Connection,
    partition: int,
    there: Sequence[int],
    keys: ArrayColumn,
) -> int:
    """Delete what these keys seal at these positions of one partition; return how many rows.

    Args:
        other: flushes after each piece; no transaction is open there.
    """
    begin, size, count = 0, PIECE_MAX, 0
    while begin < len(there):
        started = time.monotonic()
        piece = there[begin : begin + size]
        count += cursor.execute(DELETE_PIECE, (partition, bigints(piece), keys)).rowcount
        begin += len(piece)
        is_long = time.monotonic() - started > PIECE_SECONDS_MAX
        size = max(size // 2, 1) if is_long else min(size * 2, PIECE_MAX)
        other.execute(_FLUSH)
        time.sleep(min(time.monotonic() - started, PAUSE_SECONDS_MAX))
    return count
