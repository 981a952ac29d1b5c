"""The key ring's table. A key that has no row is dead."""

from collections.abc import Collection
from datetime import date
from typing import LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import args_row

from ledger.envelope import KeyRow
from ledger.errors import BrokenWorldError
from ledger.store.connections import Connections

_OF_DAY: LiteralString = """
    SELECT key_id, key_class, day, owner, epoch, wrapped
      FROM ledger.data_keys
     WHERE key_class = %b AND day = %b AND owner IS NULL
"""
_OF_OWNER: LiteralString = """
    SELECT key_id, key_class, day, owner, epoch, wrapped
      FROM ledger.data_keys
     WHERE key_class = %b AND owner = %b
"""
_BY_ID: LiteralString = """
    SELECT key_id, key_class, day, owner, epoch, wrapped
      FROM ledger.data_keys
     WHERE key_id = ANY(%b)
"""
_ADD: LiteralString = """
    INSERT INTO ledger.data_keys (key_id, key_class, day, owner, epoch, wrapped)
    VALUES (%b, %b, %b, %b, %b, %b)
    ON CONFLICT DO NOTHING
"""

# Each round means that another process added the key and a third one destroyed it in between.
_ROUNDS_MAX = 8


class KeyRows:
    """`ledger.crypto.keyring.KeyTable` in PostgreSQL. Thread-safe.

    Every method raises `StoreUnavailableError` when the database cannot be reached.

    Args:
        connections: of the role writer; of a role that only reads, if nothing is added.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def find(self, key_class: str, day: date | None, owner: UUID | None) -> KeyRow | None:
        """The row of the owner's key when `owner` is given, else of that class and day."""
        return self._connections.read(lambda c: _find(c, key_class, day, owner))

    def get(self, ids: Collection[bytes]) -> list[KeyRow]:
        """The rows of these ids; a dead key has none."""
        return self._connections.read(
            lambda c: _cursor(c).execute(_BY_ID, (list(ids),), prepare=True).fetchall()
        )

    def add(self, row: KeyRow) -> KeyRow:
        """Add the row; return the one that stands if another process was first.

        Repeating an addition whose answer was lost is harmless: its own row then stands first.
        """

        def added(connection: psycopg.Connection) -> KeyRow:
            columns = (row.key_id, row.key_class, row.day, row.owner, row.epoch, row.wrapped)
            for _ in range(_ROUNDS_MAX):
                if connection.execute(_ADD, columns, prepare=True).rowcount:
                    return row
                there = _find(connection, row.key_class, row.day, row.owner)
                if there is not None:
                    return there
            raise BrokenWorldError("a data key can be neither added nor found")

        return self._connections.read(added)


def _cursor(connection: psycopg.Connection) -> psycopg.Cursor[KeyRow]:
    return connection.cursor(binary=True, row_factory=args_row(KeyRow))


def _find(
    connection: psycopg.Connection, key_class: str, day: date | None, owner: UUID | None
) -> KeyRow | None:
    cursor = _cursor(connection)
    if owner is not None:
        return cursor.execute(_OF_OWNER, (key_class, owner), prepare=True).fetchone()
    return cursor.execute(_OF_DAY, (key_class, day), prepare=True).fetchone()
