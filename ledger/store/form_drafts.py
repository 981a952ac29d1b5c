"""Forms that somebody has begun to fill in, sealed: what was typed outlives a session, not a month.

Source: event format, section 5 (class draft).
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Final, LiteralString, cast
from uuid import UUID

import psycopg

from ledger.clock import day_in_japan
from ledger.crypto.blobs import open_blob, seal_blob
from ledger.crypto.keyring import KeyRing
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.errors import BrokenWorldError
from ledger.lifetimes import draft_day
from ledger.store.connections import Connections

_log: Final = logging.getLogger(__name__)

DRAFT_BYTES_MAX: Final = 7 * 1024 * 1024
"""Whatever a form may hold: it has 1 MiB, and a character of one byte takes up to six as JSON."""
_PURPOSE: Final = "form-draft"

# The newest wins: two windows of one person share a draft.
_KEEP: LiteralString = """
    INSERT INTO ledger.form_drafts (place, kept_at, key_id, sealed)
    VALUES (%(place)b, %(at)b, %(key_id)b, %(sealed)b)
    ON CONFLICT (place) DO UPDATE
       SET kept_at = EXCLUDED.kept_at, key_id = EXCLUDED.key_id, sealed = EXCLUDED.sealed
"""
# A row whose key is past its day is as good as gone.
_ROW: LiteralString = """
    SELECT d.kept_at, d.key_id, d.sealed FROM ledger.form_drafts AS d
     WHERE d.place = %b AND EXISTS (
           SELECT FROM ledger.data_keys AS k WHERE k.key_id = d.key_id AND k.day > %b)
"""
_FORGET: LiteralString = "DELETE FROM ledger.form_drafts WHERE place = %b"


@dataclass(frozen=True, slots=True)
class FormDraft:
    """What somebody had typed, and when it was kept."""

    content: bytes
    kept_at: datetime


class FormDrafts:
    """Drafts by who types and in which form. Thread-safe.

    Every method raises `StoreUnavailableError` when the database cannot be reached.

    Args:
        connections: of the role writer.
    """

    def __init__(self, connections: Connections, keys: KeyRing, secret: LedgerSecret) -> None:
        self._connections = connections
        self._keys = keys
        self._secret = secret

    def keep(self, actor: str, form: str, content: bytes, at: datetime) -> None:
        """Keep what was typed in place of what was kept before.

        Requires at most `DRAFT_BYTES_MAX` bytes.

        Raises:
            MastersUnavailableError: the epoch masters cannot be reached.
        """
        if len(content) > DRAFT_BYTES_MAX:
            raise ValueError("a draft is longer than any form")
        place = self._row_key(actor, form)
        key = self._keys.key_for("draft", day=draft_day(at))
        sealed = seal_blob(key, _PURPOSE, UUID(bytes=place), content)
        row = {"place": place, "at": at, "key_id": key.id, "sealed": sealed}

        def store_row(connection: psycopg.Connection) -> None:
            connection.cursor(binary=True).execute(_KEEP, row)

        # Once more after a lost connection: the same row again.
        self._connections.read(store_row)

    def find(self, actor: str, form: str, at: datetime) -> FormDraft | None:
        """What was kept; None when nothing is, its key is dead, or somebody spoilt it.

        Raises:
            MastersUnavailableError: it cannot be opened.
        """
        place = self._row_key(actor, form)

        def select_draft(connection: psycopg.Connection) -> tuple[datetime, bytes, bytes] | None:
            cursor = connection.cursor(binary=True)
            row = cursor.execute(_ROW, (place, day_in_japan(at))).fetchone()
            return cast("tuple[datetime, bytes, bytes] | None", row)

        row = self._connections.read(select_draft)
        if row is None:
            return None
        kept_at, key_id, sealed = row
        try:
            key = self._keys.open([bytes(key_id)]).get(bytes(key_id))
            if key is None:
                return None
            content = open_blob(key, _PURPOSE, UUID(bytes=place), bytes(sealed))
        except BrokenWorldError:
            # Without its place: a line that points at a form of Order 11 would tell of it.
            _log.error("a draft does not open")
            return None
        return FormDraft(content, kept_at)

    def forget(self, actor: str, form: str) -> None:
        """Forget what was kept; nothing when nothing is."""
        place = self._row_key(actor, form)
        self._connections.read(lambda connection: connection.execute(_FORGET, (place,)))

    def _row_key(self, actor: str, form: str) -> bytes:
        return self._secret.lookup_key("form-draft", actor.encode(), form.encode())
