"""The key ring's table. A key that has no row is dead."""

from collections.abc import Collection
from datetime import date
from typing import LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import args_row

from ledger.errors import BrokenWorldError
from ledger.format.envelope import KeyRow
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
# The old bytes are the guard: whoever wraps anew, or moves the day, does so from what stands.
_REPLACE: LiteralString = """
    UPDATE ledger.data_keys SET day = %b, epoch = %b, wrapped = %b
     WHERE key_id = %b AND wrapped = %b
"""
_OF_OTHER_EPOCHS: LiteralString = """
    SELECT key_id, key_class, day, owner, epoch, wrapped
      FROM ledger.data_keys
     WHERE key_id > %b AND epoch <> %b
     ORDER BY key_id LIMIT %b
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
                # Of class held one owner has several: which one stands the id alone tells.
                there = _cursor(connection).execute(_BY_ID, ([row.key_id],)).fetchone()
                there = there or _find(connection, row.key_class, row.day, row.owner)
                if there is not None:
                    return there
            raise BrokenWorldError("a data key can be neither added nor found")

        return self._connections.read(added)

    def replace(self, old: KeyRow, new: KeyRow) -> bool:
        """Put `new`, the same key with another day or epoch, in the place of `old`.

        Needs the role purger. False: `old` no longer stands, so nothing was changed.

        Raises:
            ValueError: the rows are of different keys.
            BrokenWorldError: the day of that key does not move there.
        """
        if (old.key_id, old.key_class, old.owner) != (new.key_id, new.key_class, new.owner):
            raise ValueError("a key is replaced by itself only")

        def replaced(connection: psycopg.Connection) -> bool:
            columns = (new.day, new.epoch, new.wrapped, old.key_id, old.wrapped)
            if connection.execute(_REPLACE, columns).rowcount:
                return True
            # The answer of a first try may have been lost.
            return _cursor(connection).execute(_BY_ID, ([new.key_id],)).fetchone() == new

        return self._connections.read(replaced)

    def of_other_epochs(self, epoch: str, after: bytes, limit: int) -> list[KeyRow]:
        """The next rows beyond the id `after` that another master than `epoch` wraps, by id."""
        return self._connections.read(
            lambda c: _cursor(c).execute(_OF_OTHER_EPOCHS, (after, epoch, limit)).fetchall()
        )


def _cursor(connection: psycopg.Connection) -> psycopg.Cursor[KeyRow]:
    return connection.cursor(binary=True, row_factory=args_row(KeyRow))


def _find(
    connection: psycopg.Connection, key_class: str, day: date | None, owner: UUID | None
) -> KeyRow | None:
    cursor = _cursor(connection)
    if owner is not None:
        return cursor.execute(_OF_OWNER, (key_class, owner), prepare=True).fetchone()
    return cursor.execute(_OF_DAY, (key_class, day), prepare=True).fetchone()
