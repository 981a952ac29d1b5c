"""Events that a late notice, stop or link may touch although they stand behind it.

A verdict knows all causes up to its `judged_at`. Of what was recorded behind a cause nearly
everything knew it, so the work list of late causes (`ledger.transfers.causes`) looks only at what
was recorded before it, and at these rows: events that speak of a transfer after it was recorded,
and those recorded behind a cause that their verdict had not seen. Headers say all of it.
"""

from collections.abc import Iterator, Sequence
from typing import Final, LiteralString, cast

import psycopg
from psycopg import sql

from ledger.format.envelope import Header, OpenEvent
from ledger.format.events import CAUSE_TYPES, RECORDED_TYPES
from ledger.store.columns import bigints
from projections.entries import SLOTS, speaks_of_a_transfer

_RECORDED: Final = frozenset(RECORDED_TYPES)
_CAUSES: Final = frozenset(CAUSE_TYPES)

# The types as `events_cause` names them: only so does the planner see that the index covers them.
_LAST_CAUSE: LiteralString = """
    SELECT notification_id FROM ledger.events
     WHERE topic IN ('directive-received', 'directive-lifted', 'identifiers-linked',
                     'identifiers-unlinked', 'notice-published', 'notice-withdrawn')
       AND notification_id > %b AND notification_id < %b
     ORDER BY notification_id DESC
     LIMIT 1
"""
_PUT: LiteralString = "INSERT INTO {belated} (position) SELECT * FROM unnest(%b)"
_SCAN: LiteralString = "SELECT position FROM {belated} WHERE position > %s AND position <= %s"
_OF_SLOT: Final[dict[tuple[str, LiteralString], sql.Composed]] = {
    (slot, statement): sql.SQL(statement).format(
        belated=sql.Identifier("projections", f"belated_{slot}")
    )
    for slot in SLOTS
    for statement in (_PUT, _SCAN)
}


def positions(connection: psycopg.Connection, events: Sequence[OpenEvent]) -> tuple[int, ...]:
    """Where the belated events of a batch stand, rising.

    Args:
        connection: of a role that may read the write side's events.
        events: dense; whichever causes stand before them are in the log.
    """
    begin = events[0].position
    unseen = [_judged_at(one.header) for one in events if _is_recorded(one.header)]
    last = 0
    if unseen and min(unseen) < begin - 1:
        row = connection.execute(_LAST_CAUSE, (min(unseen), begin), binary=True).fetchone()
        connection.rollback()
        last = 0 if row is None else cast("int", row[0])
    found: list[int] = []
    for event in events:
        header = event.header
        if header.type in _CAUSES:
            last = event.position
        elif _is_recorded(header):
            if _judged_at(header) < last:
                found.append(event.position)
        elif header.version > 1 and speaks_of_a_transfer(header):
            found.append(event.position)
    return tuple(found)


def write(cursor: psycopg.Cursor[tuple[object, ...]], slot: str, found: Sequence[int]) -> None:
    """Write the rows into `slot`, inside the caller's transaction."""
    if found:
        cursor.execute(_OF_SLOT[slot, _PUT], (bigints(found),))


def compare(
    connection: psycopg.Connection, slot: str, events: Sequence[OpenEvent]
) -> Iterator[tuple[str, int]]:
    """(`missing` or `unexpected`, position) of a stretch of the log that the slot has reached."""
    expected = set(positions(connection, events))
    there = set(scan(connection, slot, events[0].position - 1, events[-1].position))
    connection.rollback()
    yield from (("missing", one) for one in sorted(expected - there))
    yield from (("unexpected", one) for one in sorted(there - expected))


def scan(connection: psycopg.Connection, slot: str, after: int, up_to: int) -> list[int]:
    """The rows beyond `after` up to `upto`."""
    rows = connection.execute(_OF_SLOT[slot, _SCAN], (after, up_to)).fetchall()
    return [cast("int", row[0]) for row in rows]


def _is_recorded(header: Header) -> bool:
    return header.version == 1 and header.type in _RECORDED


def _judged_at(header: Header) -> int:
    """Up to where its verdict saw causes; 0 where it says nothing, so that any cause is unseen."""
    return header.judged_at or 0
