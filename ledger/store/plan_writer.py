"""Writes a plan: the head first, then events, sealed parts, lookups, duties; in one transaction."""

from collections.abc import Iterable, Sequence
from typing import LiteralString, cast
from uuid import UUID

import psycopg

from ledger.format.envelope import Append, LookupRow, SealedEvent
from ledger.store.columns import ArrayColumn, bigints, byteas, integers, texts, uuids
from ledger.store.event_macs import EventMac
from ledger.store.plan import UNIQUE_KINDS, AppendPlan

# One statement for a small batch. The head moves in it first: the guard of `ledger.events` refuses
# positions beyond the head.
_SMALL: LiteralString = """
    WITH moved AS (
        UPDATE ledger.head SET position = %b RETURNING position
    ), written AS (
        INSERT INTO ledger.events (notification_id, originator_id, originator_version, topic,
                                   state, command, partition, mac)
        SELECT * FROM unnest(%b::bigint[], %b::uuid[], %b::bigint[], %b::text[],
                             %b::bytea[], %b::uuid[], %b::integer[], %b::bytea[])
    )
    INSERT INTO ledger.sealed_parts (partition, position, n, part, key_id)
    SELECT * FROM unnest(%b::integer[], %b::bigint[], %b::integer[], %b::bytea[], %b::bytea[])
"""
_AT_ONCE: LiteralString = """
    SELECT ledger.append_new(%b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b)
"""
_NEXT: LiteralString = """
    SELECT ledger.append_next(%b, %b::bigint, %b, %b, %b, %b::integer, %b, %b, %b)
"""
_HEAD: LiteralString = "UPDATE ledger.head SET position = %b"
_COPY_EVENTS: LiteralString = """
    COPY ledger.events (notification_id, originator_id, originator_version, topic,
                        state, command, partition, mac) FROM STDIN (FORMAT binary)
"""
_EVENT_TYPES = ("int8", "uuid", "int8", "text", "bytea", "uuid", "int4", "bytea")
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


def write(cursor: psycopg.Cursor, plan: AppendPlan, mac: EventMac) -> None:
    """Write the plan's rows; the caller holds the head's lock and commits."""
    parts = _parts(plan)
    if _is_large(plan):
        _write_large(cursor, plan, parts, mac)
    else:
        _write_small(cursor, plan, parts, mac)
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


def _lookups(plan: AppendPlan) -> list[LookupRow]:
    """The plan's rows, those of a unique kind once, under the first key that names them."""
    rows: dict[tuple[str, bytes, UUID, bytes], LookupRow] = {}
    for row in plan.lookups:
        key_id = b"" if row.kind in UNIQUE_KINDS else row.key_id
        rows.setdefault((row.kind, row.key, row.stream, key_id), row)
    return list(rows.values())


def fits_at_once(appends: Sequence[Append]) -> bool:
    """Whether `write_at_once` takes what comes of them: few events, and nothing else."""
    if any(one.lookups or one.duties or one.goes_on or one.condition for one in appends):
        return False
    events = [event for append in appends for event in append.events]
    return len(events) < COPY_EVENTS_MIN and _bytes(events) < COPY_BYTES_MIN


def write_at_once(cursor: psycopg.Cursor, plan: AppendPlan, mac: EventMac) -> int | None:
    """Lock the head, check, write and commit in one round trip, if the whole batch is new.

    Outside a transaction, and only what `fits_at_once`.

    Args:
        plan: made as if nothing stood, after head 0.

    Returns:
        The head that the batch was appended after; None, and nothing is written, when one of its
        commands or streams stands or one of its keys does not live.
    """
    parts = _parts(plan)
    keys = byteas({part[4] for part in parts})
    columns = (*_event_columns(plan, mac)[1:], keys, *_part_columns(parts))
    row = cursor.execute(_AT_ONCE, columns, prepare=True).fetchone()
    assert row is not None, "a function returns a row"
    return cast("int | None", row[0])


def is_next(appends: Sequence[Append]) -> bool:
    """Whether `write_next` takes what comes of them: one sealed event of a stream that stands."""
    append = appends[0]
    if len(appends) != 1 or len(append.events) != 1 or not append.goes_on:
        return False
    [event] = append.events
    is_alone = not (append.lookups or append.duties or append.condition or event.attached)
    return is_alone and event.sealed is not None and len(event.sealed) < COPY_BYTES_MIN


def write_next(cursor: psycopg.Cursor, event: SealedEvent, mac: EventMac) -> int | None:
    """Lock the head, check, write and commit in one round trip, if the event is its stream's next.

    Outside a transaction, and only what `is_next`.

    Returns:
        The head that the event was appended after; None, and nothing is written, when another
        version is next or its key does not live.
    """
    partition, key_id = _partition_key(event)
    columns = (event.stream, event.version, event.type, event.header, event.command)
    row = cursor.execute(
        _NEXT, (*columns, partition, _mac(event, mac), event.sealed, key_id), prepare=True
    ).fetchone()
    assert row is not None, "a function returns a row"
    return cast("int | None", row[0])


def _mac(event: SealedEvent, mac: EventMac) -> bytes:
    return mac(event.stream, event.version, event.type, event.header)


def _is_large(plan: AppendPlan) -> bool:
    return len(plan.events) >= COPY_EVENTS_MIN or _bytes(plan.events) >= COPY_BYTES_MIN


def _bytes(events: Iterable[SealedEvent]) -> int:
    return sum([len(one.sealed or b"") + sum(map(len, one.attached)) for one in events])


def _parts(plan: AppendPlan) -> list[_Part]:
    parts: list[_Part] = []
    for position, event in enumerate(plan.events, plan.head + 1):
        if event.sealed is not None:
            partition, key_id = _partition_key(event)
            parts.append((partition, position, 0, event.sealed, key_id))
            for n, attached in enumerate(event.attached, 1):
                parts.append((partition, position, n, attached, key_id))
    return parts


def _partition_key(event: SealedEvent) -> tuple[int, bytes]:
    assert event.partition is not None, "a sealed event has a partition"
    assert event.key_id is not None, "a sealed event has a key"
    return event.partition, event.key_id


def _write_small(
    cursor: psycopg.Cursor, plan: AppendPlan, parts: list[_Part], mac: EventMac
) -> None:
    columns = (*_event_columns(plan, mac), *_part_columns(parts))
    cursor.execute(_SMALL, (plan.head + len(plan.events), *columns), prepare=True)


def _event_columns(plan: AppendPlan, mac: EventMac) -> tuple[ArrayColumn, ...]:
    events, head = plan.events, plan.head
    return (
        bigints(range(head + 1, head + 1 + len(events))),
        uuids([event.stream for event in events]),
        bigints([event.version for event in events]),
        texts([event.type for event in events]),
        byteas([event.header for event in events]),
        uuids([event.command for event in events]),
        integers([event.partition for event in events]),
        byteas([_mac(event, mac) for event in events]),
    )


def _part_columns(parts: list[_Part]) -> tuple[ArrayColumn, ...]:
    return (
        integers([part[0] for part in parts]),
        bigints([part[1] for part in parts]),
        integers([part[2] for part in parts]),
        byteas([part[3] for part in parts]),
        byteas([part[4] for part in parts]),
    )


def _write_large(
    cursor: psycopg.Cursor, plan: AppendPlan, parts: list[_Part], mac: EventMac
) -> None:
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
                    _mac(event, mac),
                )
            )
    if parts:
        with cursor.copy(_COPY_PARTS) as copy:
            copy.set_types(_PART_TYPES)
            for part in parts:
                copy.write_row(part)
