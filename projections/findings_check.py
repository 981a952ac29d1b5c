"""The findings of a slot against all transfers, folded anew: nothing is taken from what follows.

Rows change when something happens to their transfer, so those of a stretch of the log are compared
as of one moment, with the position that the slot has reached at it.
"""

from collections.abc import Iterator, Sequence
from typing import Final, LiteralString, cast
from uuid import UUID

import psycopg
from psycopg import sql

from ledger.format.envelope import OpenEvent
from ledger.format.events import RECORDED_TYPES
from projections.entries import SLOTS
from projections.findings import Carried, FindingHashes, FindingRow, found_in, read

_RECORDED: Final = frozenset(RECORDED_TYPES)
_ROWS: LiteralString = """
    SELECT position, code, standing, is_unlawful, mark, sources
      FROM {findings} WHERE position > %s AND position <= %s
"""
_KEYS: LiteralString = "SELECT key_id, position FROM {keys} WHERE position > %s AND position <= %s"
_REACHED: LiteralString = "SELECT position FROM projections.progress WHERE slot = %s"
_OF_SLOT: Final[dict[tuple[str, LiteralString], sql.Composed]] = {
    (slot, statement): sql.SQL(statement).format(
        findings=sql.Identifier("projections", f"findings_{slot}"),
        keys=sql.Identifier("projections", f"findings_keys_{slot}"),
    )
    for slot in SLOTS
    for statement in (_ROWS, _KEYS)
}

Different = tuple[str, str, str, int]
"""`missing`, `unexpected` or `different`; table; code (`all` of a transfer's row) or key id; where
the transfer was recorded."""


def differing(
    connection: psycopg.Connection,
    slot: str,
    events: Sequence[OpenEvent],
    carried: Carried,
    hashes: FindingHashes,
) -> Iterator[Different]:
    """How the rows of the transfers that a stretch of the log records differ from what they say.

    Args:
        events: of the stretch, dense; the slot has reached them.
    """
    after, up_to = events[0].position - 1, events[-1].position
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reached = cast("tuple[int]", connection.execute(_REACHED, (slot,)).fetchone())[0]
        rows, keys = _there(connection, slot, after, up_to)
    streams: list[UUID] = [one.header.stream for one in events if one.header.type in _RECORDED]
    wanted = found_in(read(streams, carried, reached), hashes)
    yield from _told(
        {(one.position, one.code): one for one in wanted.rows},
        {(one.position, one.code): one for one in rows},
    )
    for kind, some in (
        ("missing", set(wanted.keys) - keys),
        ("unexpected", keys - set(wanted.keys)),
    ):
        yield from ((kind, "findings_keys", key.hex(), position) for key, position in sorted(some))


def beyond(connection: psycopg.Connection, slot: str, reached: int, last: int) -> list[Different]:
    """Rows of transfers beyond the position that the slot has reached."""
    rows, keys = _there(connection, slot, reached, last)
    found = [("unexpected", "findings", one.code or "all", one.position) for one in sorted(rows)]
    return found + [("unexpected", "findings_keys", key.hex(), at) for key, at in sorted(keys)]


def _there(
    connection: psycopg.Connection, slot: str, after: int, up_to: int
) -> tuple[list[FindingRow], set[tuple[bytes, int]]]:
    found = connection.execute(_OF_SLOT[slot, _ROWS], (after, up_to)).fetchall()
    rows = [
        FindingRow(
            position, code, standing, unlawful, mark.bytes, tuple(key.bytes for key in sources)
        )
        for position, code, standing, unlawful, mark, sources in cast(
            "list[tuple[int, str, int, bool, UUID, list[UUID]]]", found
        )
    ]
    keys = connection.execute(_OF_SLOT[slot, _KEYS], (after, up_to)).fetchall()
    return rows, {(bytes(cast("bytes", key)), cast("int", at)) for key, at in keys}


def _told(
    wanted: dict[tuple[int, str], FindingRow], there: dict[tuple[int, str], FindingRow]
) -> Iterator[Different]:
    for place in sorted(wanted.keys() | there.keys()):
        if wanted.get(place) == there.get(place):
            continue
        kind = "different"
        if place not in there:
            kind = "missing"
        elif place not in wanted:
            kind = "unexpected"
        yield kind, "findings", place[1] or "all", place[0]
