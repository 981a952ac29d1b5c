"""What stands in the database, as far as a batch touches it: one look for the whole batch."""

from collections.abc import Sequence
from typing import LiteralString, cast
from uuid import UUID

import psycopg

from ledger.errors import BrokenWorldError
from ledger.format.envelope import Append, AppendCondition
from ledger.store.columns import byteas, texts, uuids
from ledger.store.plan import UNIQUE_KINDS, BatchState

# Two statements in one message: the lock is the transaction's first act, and its statement has
# no snapshot that the next one would inherit (READ COMMITTED), so what the last holder of the lock
# committed is seen by every check below.
_BEGIN: LiteralString = """
    BEGIN ISOLATION LEVEL READ COMMITTED;
    SELECT position FROM ledger.head FOR UPDATE
"""
_COMMAND, _STREAM, _LOOKUP, _EXPIRED = 1, 2, 3, 4
# One row a finding: (what, uuid, number). A batch of new transfers finds nothing at all.
ACTIVE: LiteralString = """
    SELECT 1, e.command, e.notification_id
      FROM unnest(%b::uuid[]) AS asked (command)
      JOIN ledger.events AS e ON e.command = asked.command
    UNION ALL
    SELECT 2, asked.stream, last.originator_version
      FROM unnest(%b::uuid[]) AS asked (stream)
     CROSS JOIN LATERAL (
           SELECT e.originator_version
             FROM ledger.events AS e
            WHERE e.originator_id = asked.stream
            ORDER BY e.originator_version DESC
            LIMIT 1) AS last
    UNION ALL
    SELECT 3, l.stream, asked.place
      FROM unnest(%b::text[], %b::bytea[]) WITH ORDINALITY AS asked (kind, key, place)
      JOIN ledger.lookups AS l ON l.kind = asked.kind AND l.key = asked.key
    UNION ALL
    SELECT 4, NULL, asked.place
      FROM unnest(%b::bytea[]) WITH ORDINALITY AS asked (key_id, place)
     WHERE NOT EXISTS (SELECT FROM ledger.data_keys AS k WHERE k.key_id = asked.key_id)
"""
# Positions behind what somebody has just read: few, whatever their types.
_NEWEST: LiteralString = """
    SELECT topic, max(notification_id)
      FROM ledger.events
     WHERE notification_id > %b AND topic = ANY(%b)
     GROUP BY topic
"""


def lock_head(connection: psycopg.Connection) -> int:
    """Begin a transaction, lock the head row to its end, and return the last position.

    Raises:
        BrokenWorldError: the database holds no ledger.
    """
    cursor = connection.execute(_BEGIN)  # in text: only the simple protocol takes two at once
    cursor.nextset()
    row = cursor.fetchone()
    if row is None:
        raise BrokenWorldError("the database holds no ledger: its head row is missing")
    return cast("int", row[0])


def load_batch_state(cursor: psycopg.Cursor, appends: Sequence[Append], head: int) -> BatchState:
    """Look up the commands, streams, unique lookups and data keys of the batch."""
    # What goes on is known by its stream's version; its command may have thousands of events.
    command_ids = {append.events[0].command for append in appends if not append.goes_on}
    streams: set[UUID] = set()
    key_ids: set[bytes] = set()
    unique: set[tuple[str, bytes]] = set()
    for append in appends:
        for event in append.events:
            streams.add(event.stream)
            if event.key_id is not None:
                key_ids.add(event.key_id)
        for row in append.lookups:
            key_ids.add(row.key_id)
            if row.kind in UNIQUE_KINDS:
                unique.add((row.kind, row.key))
    places, keys = list(unique), list(key_ids)
    cursor.execute(
        ACTIVE,
        (
            uuids(command_ids),
            uuids(streams),
            texts([kind for kind, _ in places]),
            byteas([key for _, key in places]),
            byteas(keys),
        ),
        prepare=True,
    )
    commands: dict[UUID, list[int]] = {}
    versions: dict[UUID, int] = {}
    lookups: dict[tuple[str, bytes], UUID] = {}
    expired_keys: set[bytes] = set()
    for what, found, number in cast("list[tuple[int, UUID, int]]", cursor.fetchall()):
        if what == _COMMAND:
            commands.setdefault(found, []).append(number)
        elif what == _STREAM:
            versions[found] = number
        elif what == _LOOKUP:
            lookups[places[number - 1]] = found
        else:
            expired_keys.add(keys[number - 1])
    return BatchState(
        head,
        {command: tuple(sorted(positions)) for command, positions in commands.items()},
        versions,
        lookups,
        frozenset(expired_keys),
        _newest(cursor, [one.condition for one in appends if one.condition is not None]),
    )


def _newest(cursor: psycopg.Cursor, conditions: Sequence[AppendCondition]) -> dict[str, int]:
    if not conditions:
        return {}
    types = {name for one in conditions for name in one.types}
    cursor.execute(_NEWEST, (min(one.since for one in conditions), texts(types)), prepare=True)
    return dict(cast("list[tuple[str, int]]", cursor.fetchall()))
