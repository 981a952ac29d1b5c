"""What the tables tell that a journal, or a backup's manifest, can be compared with."""

from collections.abc import Collection
from typing import LiteralString
from uuid import UUID

import psycopg

from ledger.crypto.row_macs import RowMac
from ledger.format.header import event_hash
from ledger.merkle import Frontier, leaf_hash
from ledger.retention.journal_file import Head
from ledger.store.keys import live_rows

# No data key has this id, so the row dies with none.
_NO_KEY = bytes(32)
_ROWS_AT_ONCE = 10_000

_NAME: LiteralString = "SELECT ledger FROM ledger.head"
_HEAD: LiteralString = """
    SELECT head.position, events.state FROM ledger.head
      LEFT JOIN ledger.events ON events.notification_id = head.position
"""
_HEADER: LiteralString = "SELECT state FROM ledger.events WHERE notification_id = %s"
_HEADERS: LiteralString = """
    SELECT state FROM ledger.events WHERE notification_id <= %s ORDER BY notification_id
"""
_JOURNAL: LiteralString = "SELECT stream FROM ledger.lookups WHERE kind = 'journal'"
_LEAVE: LiteralString = """
    INSERT INTO ledger.lookups (kind, key, stream, key_id)
    SELECT 'journal', %s, %s, %s
     WHERE NOT EXISTS (SELECT FROM ledger.lookups WHERE kind = 'journal')
    ON CONFLICT DO NOTHING
"""
_KEYED: LiteralString = "SELECT FROM ledger.lookups WHERE kind = 'journal-keyed' AND key = %s"
_LEAVE_KEYED: LiteralString = """
    INSERT INTO ledger.lookups (kind, key, stream, key_id) VALUES ('journal-keyed', %s, %s, %s)
    ON CONFLICT DO NOTHING
"""


def head_of(connection: psycopg.Connection) -> Head:
    """The last event; position 0 and no hash in an empty ledger."""
    row = connection.execute(_HEAD).fetchone()
    if row is None or row[1] is None:
        return Head(0, b"")
    return Head(row[0], event_hash(row[1]))


def event_hash_at(connection: psycopg.Connection, position: int) -> bytes | None:
    """Hash of the event at `position`; None beyond the end of the log."""
    row = connection.execute(_HEADER, (position,)).fetchone()
    return None if row is None else event_hash(row[0])


def frontier_up_to(connection: psycopg.Connection, position: int) -> Frontier:
    """The tree over the first `position` events; as many as there are if there are fewer.

    The events pass by in portions, so it takes no more memory for a longer log.
    """
    with connection.transaction(), connection.cursor(name="frontier") as cursor:
        cursor.itersize = _ROWS_AT_ONCE
        cursor.execute(_HEADERS, (position,))
        return Frontier().appended(leaf_hash(event_hash(state)) for (state,) in cursor)


def find_live_keys(
    connection: psycopg.Connection, ids: Collection[bytes], mac: RowMac
) -> set[bytes]:
    """Those among `ids` that are in the key ring; see `live_rows`."""
    return {row.key_id for row in live_rows(connection, ids, mac)}


def ledger_name(connection: psycopg.Connection) -> str | None:
    """Name of the ledger in this database; None before its first start."""
    row = connection.execute(_NAME).fetchone()
    return None if row is None else row[0]


def journal_id(connection: psycopg.Connection) -> UUID | None:
    """Id of the erasure journal that belongs to this database; None: of none yet."""
    row = connection.execute(_JOURNAL).fetchone()
    return None if row is None else row[0]


def journal_is_keyed(connection: psycopg.Connection, id: UUID) -> bool:  # noqa: A002 -- the word of the file
    """Whether the journal of this id has had lines with keyed check sums."""
    return connection.execute(_KEYED, (id.bytes,)).fetchone() is not None


def leave_journal_keyed(connection: psycopg.Connection, id: UUID) -> None:  # noqa: A002 -- the word of the file
    """Let the database know that the journal of this id has lines with keyed check sums.

    Args:
        connection: of the role writer.
    """
    connection.execute(_LEAVE_KEYED, (id.bytes, id, _NO_KEY))


def leave_journal_id(connection: psycopg.Connection, id: UUID) -> None:  # noqa: A002 -- the word of the file
    """Let the database know its journal; what it knows already stays.

    Args:
        connection: of the role writer.
    """
    connection.execute(_LEAVE, (id.bytes, id, _NO_KEY))
