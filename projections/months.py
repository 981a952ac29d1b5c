"""How many transfers are gone, by month of recording: of the whole ledger, exact.

A person's index rows go with the keys, so nobody can tell whose records these were. Which key seals
an event its header says for ever: the tables are a function of the headers, whenever they are made.

A transfer can be read while a key lives that seals the event that recorded it, or a copy of that
event. What was never copied is a count by key and month; what was copied has a row for each living
key, under its own position. The result depends on which events there are and not on their order: so
a batch is counted at once, what it records first, its copies then, and what died last.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString, cast

import psycopg
from psycopg import sql

from ledger.clock import day_in_japan
from ledger.errors import BrokenWorldError
from ledger.format.envelope import Header, OpenEvent
from ledger.format.events import RECORDED_TYPES
from ledger.format.header import read_header
from ledger.store.columns import ArrayColumn, bigints, byteas, texts
from projections.entries import SLOTS

_RECORDED = frozenset(RECORDED_TYPES)

_ADD: LiteralString = """
    INSERT INTO {months} AS m (key_id, month, transfers)
    SELECT * FROM unnest(%b, %b, %b)
        ON CONFLICT (key_id, month) DO UPDATE SET transfers = m.transfers + excluded.transfers
"""
_HEADERS: LiteralString = """
    SELECT notification_id, state FROM ledger.events WHERE notification_id = ANY(%b)
"""
_KNOWN: LiteralString = "SELECT DISTINCT position FROM {carried} WHERE position = ANY(%b)"
_LIVE: LiteralString = "SELECT key_id, month FROM {months} WHERE key_id = ANY(%b)"
_HOLD: LiteralString = """
    INSERT INTO {carried} (position, key_id, month)
    SELECT * FROM unnest(%b, %b, %b) ON CONFLICT DO NOTHING
"""
_LEAVE: LiteralString = """
    UPDATE {months} AS m SET transfers = m.transfers - taken.transfers
      FROM unnest(%b, %b, %b) AS taken (key_id, month, transfers)
     WHERE m.key_id = taken.key_id AND m.month = taken.month
"""
_LEFT: LiteralString = "DELETE FROM {months} WHERE key_id = ANY(%b) AND transfers = 0"
_RETURN: LiteralString = """
    UPDATE {gone} AS g SET transfers = g.transfers - taken.transfers
      FROM unnest(%b, %b) AS taken (month, transfers)
     WHERE g.month = taken.month
"""
_RETURNED: LiteralString = "DELETE FROM {gone} WHERE month = ANY(%b) AND transfers = 0"
# The rows are seen as they were before the statement, so those under dying keys are left out.
_EXPIRE: LiteralString = """
    WITH dying AS (SELECT unnest(%b) AS key_id),
    alone AS (
        DELETE FROM {months} AS m USING dying AS d WHERE m.key_id = d.key_id
        RETURNING m.month, m.transfers
    ), held AS (
        DELETE FROM {carried} AS c USING dying AS d WHERE c.key_id = d.key_id
        RETURNING c.position, c.month
    ), lost AS (
        SELECT month, transfers FROM alone
         UNION ALL
        SELECT last.month, 1 FROM (SELECT DISTINCT position, month FROM held) AS last
         WHERE NOT EXISTS (
               SELECT FROM {carried} AS c
                WHERE c.position = last.position AND c.key_id NOT IN (SELECT key_id FROM dying))
    )
    INSERT INTO {gone} AS g (month, transfers)
    SELECT month, sum(transfers)::bigint FROM lost GROUP BY month
        ON CONFLICT (month) DO UPDATE SET transfers = g.transfers + excluded.transfers
"""
_COMPARE: LiteralString = """
    WITH wanted AS MATERIALIZED (
        SELECT kind, key_id, month, place, transfers FROM projections.counted(%s)
    ), there AS MATERIALIZED (
        SELECT 'months' AS kind, key_id, month, NULL::bigint AS place, transfers FROM {months}
         UNION ALL SELECT 'carried', key_id, month, position, NULL FROM {carried}
         UNION ALL SELECT 'gone', NULL, month, NULL, transfers FROM {gone}
    )
    SELECT 'missing', * FROM (SELECT * FROM wanted EXCEPT SELECT * FROM there) AS other
     UNION ALL
    SELECT 'unexpected', * FROM (SELECT * FROM there EXCEPT SELECT * FROM wanted) AS other
     ORDER BY 1, 2, 4, 5, 3
"""
_STATEMENTS = (
    _ADD,
    _KNOWN,
    _LIVE,
    _HOLD,
    _LEAVE,
    _LEFT,
    _RETURN,
    _RETURNED,
    _EXPIRE,
    _COMPARE,
)
_OF_SLOT: dict[tuple[str, LiteralString], sql.Composed] = {
    (slot, statement): sql.SQL(statement).format(
        months=sql.Identifier("projections", f"months_{slot}"),
        carried=sql.Identifier("projections", f"carried_{slot}"),
        gone=sql.Identifier("projections", f"gone_{slot}"),
    )
    for slot in SLOTS
    for statement in _STATEMENTS
}
_GONE: LiteralString = "SELECT month, transfers FROM projections.gone ORDER BY month"
_GONE_UNTIL: LiteralString = """
    SELECT g.month, g.transfers
      FROM projections.gone AS g
     WHERE g.month <= %s
     ORDER BY g.month
"""
_HEADER: LiteralString = "SELECT state FROM ledger.events WHERE notification_id = %s"

Row = tuple[str, str, bytes | None, str, int | None, int | None]
"""`missing` or `unexpected`, table, key id, month, position, number of transfers."""


@dataclass(frozen=True, slots=True)
class MonthCounts:
    """What a batch of events changes.

    Attributes:
        recorded: (key id, month) → transfers recorded in that month under the key.
        copies: (position of the event that recorded a transfer, key id of its copy).
        destroyed_keys: ids of the keys that died.
    """

    recorded: Mapping[tuple[bytes, str], int]
    copies: frozenset[tuple[int, bytes]]
    destroyed_keys: frozenset[bytes]


def month_of(at: datetime) -> str:
    """The month of an instant in Japan: `2026-11`."""
    return day_in_japan(at).isoformat()[:7]


def counts(events: Iterable[OpenEvent]) -> MonthCounts:
    """What `events` say; their headers are enough."""
    recorded: Counter[tuple[bytes, str]] = Counter()
    copies: set[tuple[int, bytes]] = set()
    destroyed_keys: set[bytes] = set()
    for event in events:
        header = event.header
        if header.type in _RECORDED:
            recorded[_key_of(header), month_of(header.at)] += 1
        elif header.copies is not None and header.copies.version == 1:
            copies.add((header.copies.position, _key_of(header)))
        else:
            destroyed_keys.update(header.keys)
    return MonthCounts(recorded, frozenset(copies), frozenset(destroyed_keys))


def write(cursor: psycopg.Cursor[tuple[object, ...]], slot: str, batch: MonthCounts) -> None:
    """Write what a batch changes into `slot`, inside the caller's transaction.

    Needs the batches in the order of the log, each once.

    Raises:
        BrokenWorldError: the tables do not hold what the batches before have written.
    """
    if batch.recorded:
        cursor.execute(_OF_SLOT[slot, _ADD], _by_key(batch.recorded))
    if batch.copies:
        _hold(cursor, slot, sorted(batch.copies))
    if batch.destroyed_keys:
        cursor.execute(_OF_SLOT[slot, _EXPIRE], (byteas(sorted(batch.destroyed_keys)),))


def _hold(
    cursor: psycopg.Cursor[tuple[object, ...]], slot: str, copies: list[tuple[int, bytes]]
) -> None:
    """Give each copied transfer its rows; at its first copy it leaves the count that it was in.

    That is the count of its key, or that of what is gone: a copy may have been on its way when the
    last key died.
    """
    originals = _originals(cursor, {position for position, _ in copies})
    known = _select(cursor, _OF_SLOT[slot, _KNOWN], bigints(sorted(originals)))
    first = originals.keys() - {position for (position,) in known}
    keys = byteas(sorted({originals[position][0] for position in first}))
    live_keys = set(_select(cursor, _OF_SLOT[slot, _LIVE], keys))
    alone = [position for position in first if originals[position] in live_keys]
    rows = [(position, key) for position, key in copies if position in originals]
    rows += [(position, originals[position][0]) for position in alone]
    held = (
        bigints([position for position, _ in rows]),
        byteas([key for _, key in rows]),
        texts([originals[position][1] for position, _ in rows]),
    )
    cursor.execute(_OF_SLOT[slot, _HOLD], held)
    if alone:
        leaving = Counter(originals[position] for position in alone)
        _changed(cursor.execute(_OF_SLOT[slot, _LEAVE], _by_key(leaving)), len(leaving))
        cursor.execute(_OF_SLOT[slot, _LEFT], (keys,))
    returning = Counter(originals[position][1] for position in first.difference(alone))
    if returning:
        months, numbers = texts(list(returning)), bigints(list(returning.values()))
        _changed(cursor.execute(_OF_SLOT[slot, _RETURN], (months, numbers)), len(returning))
        cursor.execute(_OF_SLOT[slot, _RETURNED], (months,))


def _originals(
    cursor: psycopg.Cursor[tuple[object, ...]], positions: set[int]
) -> dict[int, tuple[bytes, str]]:
    """Position of each event there that recorded a transfer → its key id and month."""
    found: dict[int, tuple[bytes, str]] = {}
    for position, state in _select(cursor, _HEADERS, bigints(sorted(positions))):
        header = read_header(cast("bytes", state))
        if header.type in _RECORDED:
            found[cast("int", position)] = (_key_of(header), month_of(header.at))
    return found


def _select(
    cursor: psycopg.Cursor[tuple[object, ...]],
    statement: LiteralString | sql.Composed,
    values: ArrayColumn,
) -> list[tuple[object, ...]]:
    return cursor.execute(statement, (values,)).fetchall()


def _changed(cursor: psycopg.Cursor[tuple[object, ...]], count: int) -> None:
    if cursor.rowcount != count:
        raise BrokenWorldError("the counts by month do not hold what was carried forward")


def _by_key(
    numbers: Mapping[tuple[bytes, str], int],
) -> tuple[ArrayColumn, ArrayColumn, ArrayColumn]:
    rows = list(numbers.items())
    return (
        byteas([key for (key, _), _ in rows]),
        texts([month for (_, month), _ in rows]),
        bigints([number for _, number in rows]),
    )


def _key_of(header: Header) -> bytes:
    assert header.sealed_key is not None, "the codec refuses a record that is not sealed"
    return header.sealed_key


def destroyed_counts(connection: psycopg.Connection) -> dict[str, int]:
    """Month of recording → transfers of the ledger that nothing opens any more."""
    return dict(_pairs(connection.execute(_GONE)))


def destroyed_counts_until(connection: psycopg.Connection, position: int) -> dict[str, int]:
    """The same for the months up to that in which `position` was recorded.

    As of now: what has died since that position is in it.
    """
    row = connection.execute(_HEADER, (position,)).fetchone()
    if row is None:
        return {}
    month = month_of(read_header(row[0]).at)
    return dict(_pairs(connection.execute(_GONE_UNTIL, (month,))))


def _pairs(cursor: psycopg.Cursor[tuple[object, ...]]) -> list[tuple[str, int]]:
    return cast("list[tuple[str, int]]", cursor.fetchall())


def compare(connection: psycopg.Connection, slot: str, position: int) -> list[Row]:
    """How the tables of a slot that stands at `position` differ from what the headers say.

    Reads every header. Requires a transaction in which the slot does not move.
    """
    cursor = connection.execute(_OF_SLOT[slot, _COMPARE], (position,))
    return cast("list[Row]", cursor.fetchall())
