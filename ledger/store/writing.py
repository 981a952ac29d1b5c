"""Writes a plan: the head first, then events, sealed parts, lookups, duties; in one transaction."""

from typing import LiteralString
from uuid import UUID

import psycopg

from ledger.envelope import LookupRow, SealedEvent
from ledger.store.columns import Column, bigints, byteas, integers, texts, uuids
from ledger.store.plan import UNIQUE_KINDS, Plan

# One statement for a small batch. The head moves in it first: the guard of `ledger.events` refuses
# positions beyond the head.
_SMALL: LiteralString = """
    WITH moved AS (
        UPDATE ledger.head SET position = %b RETURNING position
    ), written AS (
        INSERT INTO ledger.events (notification_id, originator_id, originator_version, topic,
                                   state, command, partition)
        SELECT * FROM unnest(%b::bigint[], %b::uuid[], %b::bigint[], %b::text[],
                             %b::bytea[], %b::uuid[], %b::integer[])
    )
    INSERT INTO ledger.sealed_parts (partition, position, n, part, key_id)
    SELECT * FROM unnest(%b::integer[], %b::bigint[], %b::integer[], %b::bytea[], %b::bytea[])
"""
# The same, if nothing of the batch stands: neither a command nor a stream, and every key lives.
# LATERAL … LIMIT: a plain join under EXISTS is planned as one pass over a whole index, in the hope
# of an early end that never comes; tests/store looks at the plan.
WRITE_IF_NEW: LiteralString = """
    WITH batch AS MATERIALIZED (
        SELECT * FROM unnest(%b::bigint[], %b::uuid[], %b::bigint[], %b::text[],
                             %b::bytea[], %b::uuid[], %b::integer[])
            AS b (position, stream, version, topic, state, command, partition)
    ), standing AS (
        SELECT FROM batch AS b CROSS JOIN LATERAL (
               SELECT FROM ledger.events AS e WHERE e.command = b.command LIMIT 1) AS found
        UNION ALL
        SELECT FROM batch AS b CROSS JOIN LATERAL (
               SELECT FROM ledger.events AS e WHERE e.originator_id = b.stream LIMIT 1) AS found
        UNION ALL
        SELECT FROM unnest(%b::bytea[]) AS asked (key_id)
         WHERE NOT EXISTS (SELECT FROM ledger.data_keys AS k WHERE k.key_id = asked.key_id)
    ), moved AS (
        UPDATE ledger.head SET position = %b
         WHERE NOT EXISTS (SELECT FROM standing)
        RETURNING position
    ), written AS (
        INSERT INTO ledger.events (notification_id, originator_id, originator_version, topic,
                                   state, command, partition)
        SELECT b.* FROM batch AS b WHERE EXISTS (SELECT FROM moved)
    )
    INSERT INTO ledger.sealed_parts (partition, position, n, part, key_id)
    SELECT p.*
      FROM unnest(%b::integer[], %b::bigint[], %b::integer[], %b::bytea[], %b::bytea[])
        AS p (partition, position, n, part, key_id)
     WHERE EXISTS (SELECT FROM moved)
"""
_HEAD: LiteralString = "UPDATE ledger.head SET position = %b"
_COPY_EVENTS: LiteralString = """
    COPY ledger.events (notification_id, originator_id, originator_version, topic,
                        state, command, partition) FROM STDIN (FORMAT binary)
"""
_EVENT_TYPES = ("int8", "uuid", "int8", "text", "bytea", "uuid", "int4")
_COPY_PARTS: LiteralString = """
    COPY ledger.sealed_parts (partition, position, n, part, key_id) FROM STDIN (FORMAT binary)
"""
_PART_TYPES = ("int4", "int8", "int4", "bytea", "bytea")
# The same row again is no conflict: a directive stream names its principal once for all its events.
# A unique kind has one row however many keys name it: a notice's versions of several years.
# The rows that stand are looked for and not run into: one that an expiry deletes at this moment
# still stands, and whoever runs into it waits for that expiry, which waits for the head.
_LOOKUPS: LiteralString = """
    INSERT INTO ledger.lookups (kind, key, stream, key_id)
    SELECT asked.*
      FROM unnest(%b::text[], %b::bytea[], %b::uuid[], %b::bytea[])
        AS asked (kind, key, stream, key_id)
     WHERE NOT EXISTS (
           SELECT FROM ledger.lookups AS l
            WHERE l.kind = asked.kind AND l.key = asked.key AND l.stream = asked.stream
              AND (l.key_id = asked.key_id OR asked.kind = ANY(%b::text[])))
    ON CONFLICT ON CONSTRAINT lookups_place DO NOTHING
"""
# The table refuses a second person who is the first one, whatever the domain says.
_DUTIES: LiteralString = """
    INSERT INTO ledger.duties (subject, step, preparer, approver)
    SELECT * FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[])
"""

# Measured with headers of 700 and parts of 800 bytes: one statement wins below some 100 events (8
# events: 0.4 against 0.7 ms), COPY above (256: 4 against 7 ms; 1,000: 15 against 27 ms).
COPY_EVENTS_MIN = 100
# Attached documents are megabytes: those are streamed, however few.
COPY_BYTES_MIN = 1 << 20

_Part = tuple[int, int, int, bytes, bytes]


def write(cursor: psycopg.Cursor, plan: Plan) -> None:
    """Write the plan's rows; the caller holds the head's lock and commits."""
    parts = _parts(plan)
    if _is_large(plan, parts):
        _write_large(cursor, plan, parts)
    else:
        _write_small(cursor, plan, parts)
    rows = _lookups(plan)
    if rows:
        columns = (
            texts([row.kind for row in rows]),
            byteas([row.key for row in rows]),
            uuids([row.stream for row in rows]),
            byteas([row.key_id for row in rows]),
            texts(UNIQUE_KINDS),
        )
        cursor.execute(_LOOKUPS, columns, prepare=True)
    if plan.duties:
        duties = (
            uuids([row.subject for row in plan.duties]),
            texts([row.step for row in plan.duties]),
            texts([row.preparer for row in plan.duties]),
            texts([row.approver for row in plan.duties]),
        )
        cursor.execute(_DUTIES, duties, prepare=True)


def _lookups(plan: Plan) -> list[LookupRow]:
    """The plan's rows, those of a unique kind once, under the first key that names them."""
    rows: dict[tuple[str, bytes, UUID, bytes], LookupRow] = {}
    for row in plan.lookups:
        key_id = b"" if row.kind in UNIQUE_KINDS else row.key_id
        rows.setdefault((row.kind, row.key, row.stream, key_id), row)
    return list(rows.values())


def write_if_new(cursor: psycopg.Cursor, plan: Plan) -> bool:
    """Write a small plan's rows if none of its commands and streams stands and all its keys live.

    The plan was made as if nothing stood and has neither lookups nor duties. Returns whether the
    rows are written; if not, nothing is.
    """
    parts = _parts(plan)
    if not parts or _is_large(plan, parts):
        return False
    keys = byteas({part[4] for part in parts})
    head = plan.head + len(plan.events)
    columns = (*_event_columns(plan), keys, head, *_part_columns(parts))
    return cursor.execute(WRITE_IF_NEW, columns, prepare=True).rowcount == len(parts)


def _is_large(plan: Plan, parts: list[_Part]) -> bool:
    size = sum(len(part[3]) for part in parts)
    return len(plan.events) >= COPY_EVENTS_MIN or size >= COPY_BYTES_MIN


def _parts(plan: Plan) -> list[_Part]:
    parts: list[_Part] = []
    for position, event in enumerate(plan.events, plan.head + 1):
        if event.sealed is not None:
            partition, key_id = _place(event)
            parts.append((partition, position, 0, event.sealed, key_id))
            for n, attached in enumerate(event.attached, 1):
                parts.append((partition, position, n, attached, key_id))
    return parts


def _place(event: SealedEvent) -> tuple[int, bytes]:
    assert event.partition is not None, "a sealed event has a partition"
    assert event.key_id is not None, "a sealed event has a key"
    return event.partition, event.key_id


def _write_small(cursor: psycopg.Cursor, plan: Plan, parts: list[_Part]) -> None:
    columns = (*_event_columns(plan), *_part_columns(parts))
    cursor.execute(_SMALL, (plan.head + len(plan.events), *columns), prepare=True)


def _event_columns(plan: Plan) -> tuple[Column, ...]:
    events, head = plan.events, plan.head
    return (
        bigints(range(head + 1, head + 1 + len(events))),
        uuids([event.stream for event in events]),
        bigints([event.version for event in events]),
        texts([event.type for event in events]),
        byteas([event.header for event in events]),
        uuids([event.command for event in events]),
        integers([event.partition for event in events]),
    )


def _part_columns(parts: list[_Part]) -> tuple[Column, ...]:
    return (
        integers([part[0] for part in parts]),
        bigints([part[1] for part in parts]),
        integers([part[2] for part in parts]),
        byteas([part[3] for part in parts]),
        byteas([part[4] for part in parts]),
    )


def _write_large(cursor: psycopg.Cursor, plan: Plan, parts: list[_Part]) -> None:
    cursor.execute(_HEAD, (plan.head + len(plan.events),), prepare=True)
    with cursor.copy(_COPY_EVENTS) as copy:
        copy.set_types(_EVENT_TYPES)
        for position, event in enumerate(plan.events, plan.head + 1):
            copy.write_row(
                (
                    position,
                    event.stream,
                    event.version,
                    event.type,
                    event.header,
                    event.command,
                    event.partition,
                )
            )
    if parts:
        with cursor.copy(_COPY_PARTS) as copy:
            copy.set_types(_PART_TYPES)
            for part in parts:
                copy.write_row(part)
