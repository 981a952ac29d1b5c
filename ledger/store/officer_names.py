"""What colleagues call whoever acts at the desk, sealed: beside the ledger, never in it.

Source: event format, section 5 (class draft, with a day of its own).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, LiteralString, cast
from uuid import UUID

import psycopg

from ledger.clock import day_in_japan
from ledger.crypto.blobs import open_blob, seal_blob
from ledger.crypto.keyring import KeyRing
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.store.connections import Connections
from ledger.store.staged_rows import live_rows

MEMBERS_BYTES_MAX: Final = 1_024
ROWS_MAX: Final = 5_000
"""So many are read at once, those who signed in last: more people than work at any desk."""
_PURPOSE: Final = "officer-name"

_KEEP: LiteralString = """
    INSERT INTO ledger.officer_names (place, signed_in_at, key_id, sealed)
    VALUES (%(place)b, %(at)b, %(key_id)b, %(sealed)b)
    ON CONFLICT (place) DO UPDATE
       SET signed_in_at = EXCLUDED.signed_in_at, key_id = EXCLUDED.key_id,
           sealed = EXCLUDED.sealed
     WHERE officer_names.signed_in_at <= EXCLUDED.signed_in_at
"""
# A row whose key is past its day is as good as gone.
_ALL: LiteralString = """
    SELECT n.place, n.signed_in_at, n.key_id, n.sealed FROM ledger.officer_names AS n
     WHERE EXISTS (
           SELECT FROM ledger.data_keys AS k WHERE k.key_id = n.key_id AND k.day > %b)
     ORDER BY n.signed_in_at DESC, n.place LIMIT %b
"""
_FORGET: LiteralString = "DELETE FROM ledger.officer_names WHERE place = %b"
_FORGET_BEFORE: LiteralString = "DELETE FROM ledger.officer_names WHERE signed_in_at < %b"


@dataclass(frozen=True, slots=True)
class StoredOfficer:
    """What is kept of one person.

    Attributes:
        content: what was sealed, as whoever keeps it writes it.
        signed_in_at: of the sign-in that it comes from.
    """

    content: bytes
    signed_in_at: datetime


class OfficerNames:
    """Keeps what colleagues call people, by actor. Thread-safe.

    Every method raises `StoreUnavailableError` when the database cannot be reached.

    Args:
        connections: of the role writer.
    """

    def __init__(self, connections: Connections, keys: KeyRing, secret: LedgerSecret) -> None:
        self._connections = connections
        self._keys = keys
        self._secret = secret

    def keep(self, actor: str, content: bytes, at: datetime, expires_on: date) -> None:
        """Keep it in place of what an earlier sign-in told.

        Requires at most `MEMBERS_BYTES_MAX` bytes.

        Raises:
            MastersUnavailableError: the epoch masters cannot be reached.
        """
        if len(content) > MEMBERS_BYTES_MAX:
            raise ValueError("it is longer than any name with its roles")
        place = self._row_key(actor)
        key = self._keys.key_for("draft", day=expires_on)
        sealed = seal_blob(key, _PURPOSE, UUID(bytes=place), content)
        row = {"place": place, "at": at, "key_id": key.id, "sealed": sealed}

        def store_row(connection: psycopg.Connection) -> None:
            connection.cursor(binary=True).execute(_KEEP, row)

        # Once more after a lost connection: the same row again.
        self._connections.read(store_row)

    def all(self, at: datetime) -> list[StoredOfficer]:
        """What is kept, of whoever signed in last first; what has a dead key is left out.

        Raises:
            MastersUnavailableError, CorruptRecordError: it cannot be opened.
        """

        def select_rows(
            connection: psycopg.Connection,
        ) -> list[tuple[bytes, datetime, bytes, bytes]]:
            cursor = connection.cursor(binary=True)
            rows = cursor.execute(_ALL, (day_in_japan(at), ROWS_MAX)).fetchall()
            return cast("list[tuple[bytes, datetime, bytes, bytes]]", rows)

        rows = self._connections.read(select_rows)
        return [
            StoredOfficer(
                open_blob(key, _PURPOSE, UUID(bytes=bytes(place)), bytes(sealed)), signed_in_at
            )
            for (place, signed_in_at, _, sealed), key in live_rows(
                self._keys, rows, lambda row: row[2]
            )
        ]

    def forget(self, actor: str) -> bool:
        """Forget what is kept of somebody; whether there was anything."""
        place = self._row_key(actor)
        return self._deleted(_FORGET, place) > 0

    def forget_before(self, at: datetime) -> int:
        """Forget whoever has not signed in since then; how many."""
        return self._deleted(_FORGET_BEFORE, at)

    def _deleted(self, statement: LiteralString, which: bytes | datetime) -> int:
        def deleted(connection: psycopg.Connection) -> int:
            return connection.execute(statement, (which,)).rowcount

        return self._connections.read(deleted)

    def _row_key(self, actor: str) -> bytes:
        return self._secret.lookup_key(_PURPOSE, actor.encode())
