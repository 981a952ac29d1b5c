"""The table of sessions. Every method needs the writer role.

A row carries a MAC over all of it. One whose MAC is wrong is no session: whoever writes to the
database without the ledger secret signs nobody in.

Each raises `StoreUnavailableError` when the database cannot be reached.
"""

import hmac
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, LiteralString, cast

import psycopg

from api.auth import Connect
from api.auth.people.roles import known
from api.auth.people.sessions import LAPSED, Session, SessionLimits, SignedIn
from ledger.crypto.row_macs import RowMac, RowValue
from ledger.errors import StoreUnavailableError

_COLUMNS: Final[LiteralString] = """
    SELECT handle, actor, account, provider_session, roles, begun_at, seen_at, proved_at,
           name_sealed, earlier, mac
      FROM ledger.sessions
"""
_FIND: Final[LiteralString] = _COLUMNS + " WHERE handle = %s"
_ADD: Final[LiteralString] = """
    INSERT INTO ledger.sessions (handle, actor, account, provider_session, roles, begun_at, seen_at,
           proved_at, name_sealed, earlier, mac)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_ACTIVE: Final[LiteralString] = (
    _COLUMNS
    + """
     WHERE seen_at > %s AND begun_at > %s ORDER BY begun_at, actor
"""
)
# Only forward: a request that was slow must not set back what a later one wrote.
_SEEN: Final[LiteralString] = """
    UPDATE ledger.sessions SET seen_at = %s, mac = %s WHERE handle = %s AND seen_at < %s
"""
_END: Final[LiteralString] = "DELETE FROM ledger.sessions WHERE handle = %s"
_END_ENDED: Final[LiteralString] = """
    DELETE FROM ledger.sessions WHERE seen_at <= %s OR begun_at <= %s
"""
_END_OF_ACCOUNT: Final[LiteralString] = """
    DELETE FROM ledger.sessions WHERE account = %s AND begun_at <= %s
"""
# Of a session that no ID token told apart, the account is all that is known.
_END_OF_PROVIDER: Final[LiteralString] = """
    DELETE FROM ledger.sessions
     WHERE (provider_session = %s OR (provider_session IS NULL AND account = %s)) AND begun_at <= %s
"""

_TABLE: Final = "sessions"
"""What the MAC says its row is of."""
_log: Final = logging.getLogger(__name__)

_Row = tuple[
    bytes,
    str,
    bytes,
    bytes | None,
    list[str],
    datetime,
    datetime,
    datetime | None,
    bytes,
    list[str],
    bytes,
]


class SessionTable:
    """Sessions in PostgreSQL.

    Args:
        connect: lends a connection with the writer's rights, and commits at the end.
        mac: of a row, under the ledger secret.
    """

    def __init__(self, connect: Connect, mac: RowMac) -> None:
        self._connect = connect
        self._row_mac = mac

    def find(self, handle: bytes) -> Session | None:
        """The session of that handle, ended ones too."""
        row = self._run(_FIND, (handle,), one=True)
        return None if row is None else self._accepted(row)

    def add(self, session: Session, limits: SessionLimits) -> None:
        """Store a new session, and forget those that ended more than `LAPSED` before."""
        at = session.begun_at - LAPSED
        self._run(_END_ENDED, (at - limits.idle, at - limits.whole))
        values = (
            session.handle,
            session.actor,
            session.account,
            session.provider_session,
            list(session.roles),
            session.begun_at,
            session.seen_at,
            session.proved_at,
            session.name_sealed,
            sorted(session.earlier),
            self.mac(session),
        )
        self._run(_ADD, values)

    def list_active(self, at: datetime, limits: SessionLimits) -> list[SignedIn]:
        """The sessions that go on at `at`, in the order in which they began."""
        try:
            with self._connect() as connection:
                rows = connection.execute(_ACTIVE, (at - limits.idle, at - limits.whole))
                found = [self._accepted(row) for row in cast("list[_Row]", rows.fetchall())]
        except psycopg.OperationalError:
            raise StoreUnavailableError from None
        return [
            SignedIn(one.actor, one.roles, one.begun_at, one.seen_at)
            for one in found
            if one is not None
        ]

    def note_use(self, session: Session, at: datetime) -> None:
        """Remember that the session was used."""
        mac = self.mac(replace(session, seen_at=at))
        self._run(_SEEN, (at, mac, session.handle, at))

    def end(self, handle: bytes) -> None:
        """End one session; nothing when there is none."""
        self._run(_END, (handle,))

    def end_of_account(self, account: bytes, begun_by: datetime) -> None:
        """End the sessions of an account that had begun by then."""
        self._run(_END_OF_ACCOUNT, (account, begun_by))

    def end_of_provider(
        self, provider_session: bytes, account: bytes | None, begun_by: datetime
    ) -> None:
        """End the sessions that came of one session at the provider.

        Args:
            account: whose it was, where that is known; its sessions of which nobody knows from
                which they came end too.
        """
        self._run(_END_OF_PROVIDER, (provider_session, account, begun_by))

    def _run(
        self, statement: LiteralString, values: Sequence[object], *, one: bool = False
    ) -> _Row | None:
        try:
            with self._connect() as connection:
                done = connection.execute(statement, values)
                return cast("_Row | None", done.fetchone()) if one else None
        except psycopg.OperationalError:
            raise StoreUnavailableError from None

    def _accepted(self, row: _Row) -> Session | None:
        session = _session(row)
        if hmac.compare_digest(bytes(row[-1]), self.mac(session)):
            return session
        # The handle opens nothing, and only the cookie makes it.
        _log.warning("session not accepted", extra={"key": session.handle.hex()[:16]})
        return None

    def mac(self, session: Session) -> bytes:
        """The MAC of the session's row."""
        values: tuple[RowValue, ...] = (
            session.handle,
            session.actor,
            session.account,
            session.provider_session,
            sorted(session.roles),
            session.begun_at,
            session.seen_at,
            session.proved_at,
            session.name_sealed,
            sorted(session.earlier),
        )
        return self._row_mac(_TABLE, values)


def _session(row: _Row) -> Session:
    handle, actor, account, provider_session, roles, begun_at, seen_at, proved_at = row[:8]
    return Session(
        handle=bytes(handle),
        actor=actor,
        account=bytes(account),
        provider_session=None if provider_session is None else bytes(provider_session),
        roles=known(roles),
        begun_at=begun_at,
        seen_at=seen_at,
        proved_at=proved_at,
        name_sealed=bytes(row[8]),
        earlier=frozenset(row[9]),
    )
