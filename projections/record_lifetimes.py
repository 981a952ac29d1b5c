"""How long the records of a person last: what a link or a stop is needed for.

A link and a stop stand under a key of their own that dies when the last record of either end does.

Source: `docs/reference/event-format.md`, section 5.
"""

from collections.abc import Collection
from datetime import date
from typing import LiteralString, cast
from uuid import UUID

import psycopg

from ledger.store.columns import byteas, uuids
from ledger.store.queries import NAMES_KEY

# A record lives as long as any event of its stream can be opened: a correction under a later key
# keeps the whole transfer. LATERAL with OFFSET or LIMIT: each row is found by a key of its own,
# whatever the statistics say.
_LAST_DAYS: LiteralString = (
    """
    SELECT named.key_id, bool_or(k.day IS NULL), max(k.day)
      FROM (SELECT DISTINCT l.key_id, encode(l.key, 'hex')::uuid AS principal
              FROM ledger.lookups AS l
             WHERE l.key_id = ANY(%b) AND l.kind IN ('link', 'directive')) AS named
     CROSS JOIN LATERAL (
           SELECT DISTINCT e.originator_id AS stream
             FROM (SELECT i.position FROM projections.entries AS i
                    WHERE i.principal_key = named.principal OFFSET 0) AS i
            CROSS JOIN LATERAL (
                  SELECT e.originator_id FROM ledger.events AS e
                   WHERE e.notification_id = i.position LIMIT 1) AS e) AS record
     CROSS JOIN LATERAL (
           SELECT e.partition, e.notification_id, e.state FROM ledger.events AS e
            WHERE e.originator_id = record.stream OFFSET 0) AS e
     CROSS JOIN LATERAL (
           SELECT s.key_id FROM ledger.sealed_parts AS s
            WHERE s.partition = e.partition AND s.position = e.notification_id AND s.n = 0 AND """  # noqa: S608 -- literals alone
    + NAMES_KEY
    + """
            LIMIT 1) AS s
     CROSS JOIN LATERAL (
           SELECT k.day FROM ledger.data_keys AS k WHERE k.key_id = s.key_id LIMIT 1) AS k
     GROUP BY named.key_id
"""
)
_STREAMS: LiteralString = """
    SELECT DISTINCT i.principal_key, e.originator_id
      FROM (SELECT i.principal_key, i.position FROM projections.entries AS i
             WHERE i.principal_key = ANY(%b) OFFSET 0) AS i
     CROSS JOIN LATERAL (
           SELECT e.originator_id FROM ledger.events AS e
            WHERE e.notification_id = i.position LIMIT 1) AS e
"""


def last_days(
    connection: psycopg.Connection, key_ids: Collection[bytes]
) -> dict[bytes, date | None]:
    """When the last record of the persons dies whom links and directives under these keys name.

    As far as the index has followed the log: wait for it first.

    Returns:
        Key id → the latest day of death; None when one of the records has no day yet. A key is
        absent when no record of its persons lives.
    """
    cursor = connection.cursor(binary=True).execute(_LAST_DAYS, (byteas(key_ids),), prepare=True)
    rows = cast("list[tuple[bytes, bool, date | None]]", cursor.fetchall())
    return {key_id: None if is_open else day for key_id, is_open, day in rows}


def streams_of(
    connection: psycopg.Connection, principal_keys: Collection[bytes]
) -> dict[bytes, list[UUID]]:
    """Of each of these persons, the streams with an event that speaks of it, as far as indexed.

    Of whom nothing speaks, there is no member.
    """
    keys = uuids([UUID(bytes=key) for key in principal_keys])
    cursor = connection.cursor(binary=True).execute(_STREAMS, (keys,), prepare=True)
    found: dict[bytes, list[UUID]] = {}
    for principal, stream in cast("list[tuple[UUID, UUID]]", cursor.fetchall()):
        found.setdefault(principal.bytes, []).append(stream)
    return found
