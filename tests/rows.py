"""Rows that carry a MAC: tables of API keys for tests, and rows that a test has changed."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Final

import psycopg

from api.auth import ApiKeyTable
from api.auth.people import SessionTable
from api.auth.people.sessions import Session
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.crypto.row_macs import RowMac

SECRET: Final = bytes(range(32))
"""The ledger secret of most tests."""


def mac_of(url: str, secret: bytes = SECRET) -> RowMac:
    """The MAC under this secret, of the ledger that is in the database."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT ledger FROM ledger.head").fetchone()
    assert row is not None
    return LedgerSecret(secret, str(row[0])).row_mac


def key_table(url: str, secret: bytes = SECRET) -> ApiKeyTable:
    """The table of keys, with the rights of `url`."""
    return ApiKeyTable(lambda: psycopg.connect(url), mac_of(url, secret))


def move_sessions(
    url: str,
    moved: Callable[[Session], Session],
    handle: bytes | None = None,
    secret: bytes = SECRET,
) -> None:
    """Let sessions be others than they are, all or one, as no process that serves may.

    Args:
        url: of the owner.
    """
    with psycopg.connect(url) as connection:
        table = SessionTable(lambda: nullcontext(connection), mac_of(url, secret))
        rows = connection.execute("SELECT handle FROM ledger.sessions").fetchall()
        for (one,) in rows:
            session = table.find(bytes(one))
            if session is None or handle not in {None, session.handle}:
                continue
            now = moved(session)
            connection.execute(
                "UPDATE ledger.sessions SET begun_at = %s, seen_at = %s, proved_at = %s, mac = %s"
                " WHERE handle = %s",
                (now.begun_at, now.seen_at, now.proved_at, table.mac(now), now.handle),
            )


def older(session: Session, by: timedelta, *, seen: bool = True) -> Session:
    """The session as if it had begun, and maybe been used last, earlier."""
    return replace(
        session,
        begun_at=session.begun_at - by,
        seen_at=session.seen_at - by if seen else session.seen_at,
    )
