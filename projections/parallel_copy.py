"""A large batch of index rows is written by two connections, and seen as one.

One process of the server sorts rows into a B-tree as fast as one core does; the half with the
higher keys goes by a second one. That half is committed just before the position moves. Whoever
reads asks for rows up to the position, so nobody sees half of anything. A follower that is killed
in between leaves rows beyond the position: the next one runs into them, and deletes them (`clear`).

Where one of the two waits for a lock and who has it, or asked for it before, waits for the other
one, the server sees no deadlock: the other one waits here and not there. So neither waits for long.
"""

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Final, LiteralString

import psycopg

from projections import entries

PARALLEL_MIN: Final = 50_000
"""Rows from which on a second connection is worth it."""

_CLEAR: dict[str, LiteralString] = {
    "a": "DELETE FROM projections.entries_a WHERE position > %s AND position <= %s",
    "b": "DELETE FROM projections.entries_b WHERE position > %s AND position <= %s",
}
_UNHURRIED: LiteralString = "SET synchronous_commit = off"
WAIT: Final = "10s"
"""How long one of the two waits for a lock; then nothing is written, and it is tried again."""
_WAIT: LiteralString = "SELECT set_config('lock_timeout', %s, true)"


@contextmanager
def written(
    connect: Callable[[], psycopg.Connection],
    cursor: psycopg.Cursor[tuple[object, ...]],
    slot: str,
    batch: entries.IndexRows,
) -> Generator[None]:
    """Write the rows into `slot`; at the end of the block one half of many is committed.

    Args:
        connect: a new connection as the projector.
        cursor: inside a transaction that holds the slot's row, and ends with the block.
    """
    second = _second(connect) if len(batch.packed) >= PARALLEL_MIN else None
    if second is None:
        entries.write(cursor, slot, batch)
        yield
        return
    middle = len(batch.packed) // 2
    cursor.execute(_WAIT, (WAIT,))
    with second as connection, ThreadPoolExecutor(1, "half") as thread:
        connection.execute(_UNHURRIED)
        connection.commit()
        other = entries.IndexRows(batch.packed[middle:], ())
        with connection.transaction(), connection.cursor() as other_cursor:
            other_cursor.execute(_WAIT, (WAIT,))
            done = thread.submit(entries.write, other_cursor, slot, other)
            try:
                try:
                    entries.write(cursor, slot, replace(batch, packed=batch.packed[:middle]))
                finally:
                    done.result()
            finally:
                # An error that it holds would hold it in turn, and all the rows, by this frame.
                del done
            yield


def _second(connect: Callable[[], psycopg.Connection]) -> psycopg.Connection | None:
    """A second connection; None where none is to be had: the first one writes all."""
    try:
        return connect()
    except psycopg.OperationalError:
        return None


def clear(cursor: psycopg.Cursor[tuple[object, ...]], slot: str, after: int, up_to: int) -> None:
    """Delete rows that stand beyond the position, inside a transaction that holds the slot's row.

    Args:
        after: the position; upto: the last one that may have such rows.
    """
    cursor.execute(_CLEAR[slot], (after, up_to))
