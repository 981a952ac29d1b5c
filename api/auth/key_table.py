"""The table of API keys.

A row carries a MAC over all of it but the day of the last use. One whose MAC is missing or wrong is
no key: whoever writes to the database without the ledger secret makes none and changes none.
"""

import hmac
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Final, Literal, Protocol, cast

import psycopg
from psycopg.rows import TupleRow

from api.auth.keys import ApiKey
from api.auth.scopes import known
from ledger.crypto.row_macs import RowMac, RowValue
from ledger.errors import StoreUnavailableError

Connect = Callable[[], AbstractContextManager[psycopg.Connection[TupleRow]]]
"""Lends a connection and commits at the end, as `ConnectionPool.connection` does."""

_COLUMNS: Final = (
    "SELECT id, secret_sha256, label, scopes, source_prefix,"
    " created_at, expires_at, revoked_at, last_used_day, owner, revoked_by, dpop_jkt, mac"
    " FROM ledger.api_keys"
)
FIND: Final = _COLUMNS + " WHERE id = %s"
LOCK: Final = FIND + " FOR UPDATE"
LIST: Final = _COLUMNS + " ORDER BY created_at, id"
USED: Final = (
    "UPDATE ledger.api_keys SET last_used_day = %s"
    " WHERE id = %s AND last_used_day IS DISTINCT FROM %s"
)
INSERT: Final = (
    "INSERT INTO ledger.api_keys"
    " (id, secret_sha256, label, scopes, source_prefix, created_at, expires_at, owner,"
    " dpop_jkt, mac) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
REVOKE: Final = (
    "UPDATE ledger.api_keys SET revoked_at = %s, revoked_by = %s, mac = %s WHERE id = %s"
)
CONFIRM: Final = "UPDATE ledger.api_keys SET mac = %s WHERE id = %s"

_TABLE: Final = "api-keys"
"""What the MAC says its row is of."""
_log: Final = logging.getLogger(__name__)


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
    str | None,
    bytes | None,
]

Doubt = Literal["unconfirmed", "altered"]
"""Why a row is no key: it has no MAC, of a version before there were any; or a wrong one."""


class KeyLookup(Protocol):
    """Where keys are looked up."""

    def find(self, key_id: str) -> ApiKey | None:
        """The key of that id, revoked and expired ones too."""
        ...

    def note_use(self, key_id: str, day: date) -> None:
        """Remember that the key was used on `day`."""
        ...


class ApiKeyTable:
    """API keys in PostgreSQL.

    `add`, `confirm` and `doubtful` are for the owner, everything else for the writer role.

    Args:
        mac: of a row, under the ledger secret.
    """

    def __init__(self, connect: Connect, mac: RowMac) -> None:
        self._connect = connect
        self._mac = mac

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
        return None if row is None else self._accepted(cast("_Row", row))

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
            rows = cast("list[_Row]", connection.execute(LIST).fetchall())
        return [key for row in rows if (key := self._accepted(row)) is not None]

    def doubtful(self) -> list[tuple[ApiKey, Doubt]]:
        """The rows that are no keys, oldest first, and why."""
        with self._connect() as connection:
            rows = cast("list[_Row]", connection.execute(LIST).fetchall())
        return [(_key(row), doubt) for row in rows if (doubt := self._doubt(row)) is not None]

    def confirm(self, key_id: str) -> bool:
        """Give a row of before there were MACs its own; False: no such row stands without one.

        Only for somebody who has looked at it: whatever stands there is a key afterwards. A row
        with a wrong MAC stays what it is.
        """
        with self._connect() as connection, connection.transaction():
            row = cast("_Row | None", connection.execute(LOCK, (key_id,)).fetchone())
            if row is None or row[-1] is not None:
                return False
            connection.execute(CONFIRM, (self._mac(_TABLE, _covered(row)), key_id))
            return True

    def add(self, key: ApiKey) -> None:
        """Store a new key."""
        # As the row will be read: neither revoked nor used.
        row: _Row = (
            key.id,
            key.secret_sha256,
            key.label,
            sorted(key.scopes),
            key.source_prefix,
            key.created_at,
            key.expires_at,
            None,
            None,
            key.owner,
            None,
            key.jkt,
            None,
        )
        with self._connect() as connection:
            mac = self._mac(_TABLE, _covered(row))
            connection.execute(INSERT, (*row[:7], key.owner, key.jkt, mac))

    def revoke(self, key_id: str, at: datetime, by: str | None = None) -> datetime | None:
        """Revoke a key and return since when it is; None when there is no such key.

        Args:
            by: the actor who does it on the pages; None: the owner of the database, by the command.
                Of a key that is revoked already nothing changes.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        try:
            with self._connect() as connection, connection.transaction():
                row = cast("_Row | None", connection.execute(LOCK, (key_id,)).fetchone())
                if row is None:
                    return None
                if row[7] is not None:
                    return row[7]
                revoked: _Row = (*row[:7], at, row[8], row[9], by, *row[11:])
                # What was no key gets no MAC by being revoked.
                is_key = self._doubt(row) is None
                mac = self._mac(_TABLE, _covered(revoked)) if is_key else row[-1]
                connection.execute(REVOKE, (at, by, mac, key_id))
        except psycopg.OperationalError:
            raise StoreUnavailableError from None
        return at

    def _accepted(self, row: _Row) -> ApiKey | None:
        doubt = self._doubt(row)
        if doubt is not None:
            _log.warning("API key not accepted", extra={"key": row[0], "error": doubt})
            return None
        return _key(row)

    def _doubt(self, row: _Row) -> Doubt | None:
        mac = row[-1]
        if mac is None:
            return "unconfirmed"
        if hmac.compare_digest(bytes(mac), self._mac(_TABLE, _covered(row))):
            return None
        return "altered"


def _covered(row: _Row) -> tuple[RowValue, ...]:
    """What the MAC covers: everything but the day of the last use, on which nothing depends.

    A thumbprint stands at the end, where there is one: rows of before it keep their MACs.
    """
    key_id, secret_sha256, label, scopes, prefix, created_at, expires_at, revoked_at = row[:8]
    return (
        key_id,
        bytes(secret_sha256),
        label,
        sorted(scopes),
        prefix,
        created_at,
        expires_at,
        revoked_at,
        row[9],
        row[10],
        *(() if row[11] is None else (row[11],)),
    )


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
        jkt=row[11],
    )
