"""The table of API keys."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Final, Protocol, cast

import psycopg
from psycopg.rows import TupleRow

from api.auth.keys import ApiKey
from api.auth.scopes import known
from ledger.errors import StoreUnavailableError

Connect = Callable[[], AbstractContextManager[psycopg.Connection[TupleRow]]]
"""Lends a connection and commits at the end, as `ConnectionPool.connection` does."""

_COLUMNS: Final = (
    "SELECT id, secret_sha256, label, scopes, source_prefix,"
    " created_at, expires_at, revoked_at, last_used_day, owner, revoked_by FROM ledger.api_keys"
)
FIND: Final = _COLUMNS + " WHERE id = %s"
LIST: Final = _COLUMNS + " ORDER BY created_at, id"
USED: Final = (
    "UPDATE ledger.api_keys SET last_used_day = %s"
    " WHERE id = %s AND last_used_day IS DISTINCT FROM %s"
)
INSERT: Final = (
    "INSERT INTO ledger.api_keys"
    " (id, secret_sha256, label, scopes, source_prefix, created_at, expires_at, owner)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)
REVOKE: Final = (
    "UPDATE ledger.api_keys SET revoked_at = coalesce(revoked_at, %s),"
    " revoked_by = CASE WHEN revoked_at IS NULL THEN %s ELSE revoked_by END WHERE id = %s"
    " RETURNING revoked_at"
)

_Row = tuple[
    str,
    bytes,
    str,
    list[str],
    str | None,
    datetime,
    datetime,
    datetime | None,
    date | None,
    str | None,
    str | None,
]


class Keys(Protocol):
    """Where the door looks keys up."""

    def find(self, key_id: str) -> ApiKey | None:
        """The key of that id, revoked and expired ones too."""
        ...

    def note_use(self, key_id: str, day: date) -> None:
        """Remember that the key was used on `day`."""
        ...


class KeyTable:
    """API keys in PostgreSQL. `add` needs the owner, everything else the writer role."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def find(self, key_id: str) -> ApiKey | None:
        """The key of that id, revoked and expired ones too.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        try:
            with self._connect() as connection:
                row = connection.execute(FIND, (key_id,)).fetchone()
        except psycopg.OperationalError:
            raise StoreUnavailableError from None
        return None if row is None else _key(cast("_Row", row))

    def note_use(self, key_id: str, day: date) -> None:
        """Remember that the key was used on `day`.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        try:
            with self._connect() as connection:
                connection.execute(USED, (day, key_id, day))
        except psycopg.OperationalError:
            raise StoreUnavailableError from None

    def all(self) -> list[ApiKey]:
        """Every key there ever was, oldest first."""
        with self._connect() as connection:
            return [_key(cast("_Row", row)) for row in connection.execute(LIST)]

    def add(self, key: ApiKey) -> None:
        """Store a new key."""
        with self._connect() as connection:
            connection.execute(
                INSERT,
                (
                    key.id,
                    key.secret_sha256,
                    key.label,
                    sorted(key.scopes),
                    key.source_prefix,
                    key.created_at,
                    key.expires_at,
                    key.owner,
                ),
            )

    def revoke(self, key_id: str, at: datetime, by: str | None = None) -> datetime | None:
        """Revoke a key and return since when it is; None when there is no such key.

        Args:
            by: the actor who does it on the pages; None: the owner of the database, by the command.
                Of a key that is revoked already nothing changes.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        try:
            with self._connect() as connection:
                row = connection.execute(REVOKE, (at, by, key_id)).fetchone()
        except psycopg.OperationalError:
            raise StoreUnavailableError from None
        return None if row is None else cast("datetime", row[0])


def _key(row: _Row) -> ApiKey:
    key_id, secret_sha256, label, scopes, prefix, created_at, expires_at, revoked_at, day = row[:9]
    return ApiKey(
        id=key_id,
        secret_sha256=bytes(secret_sha256),
        label=label,
        scopes=known(set(scopes)),
        source_prefix=prefix,
        created_at=created_at,
        expires_at=expires_at,
        revoked_at=revoked_at,
        last_used_day=day,
        owner=row[9],
        revoked_by=row[10],
    )
