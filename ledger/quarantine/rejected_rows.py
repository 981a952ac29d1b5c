"""What became of rejected items, and by whom: believed by a MAC alone (decision 0113).

Whoever may write to the table, and does not hold the ledger secret, proposes nothing in anybody's
name and settles nothing that is believed. A settled item without a MAC is of before there was one:
a trigger lets none come to be. One that was proposed for discarding then waits as if nobody had.
"""

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, LiteralString, cast
from uuid import UUID

import psycopg
from psycopg.rows import args_row

from ledger.crypto.row_macs import RowMac, RowValue
from ledger.store.connections import Connections

_SELECTED: Final[LiteralString] = (
    "SELECT id, content_key, received_at, key_id, codes, restricted, item_key, state, proposed_by,"
    " resolved_by, position, mac, sealed, attempts FROM "
)
SELECTED: Final[LiteralString] = _SELECTED + "ledger.quarantine "
"""Rows as `RejectedRow`; what is selected follows."""

BYTES_MAX: Final = 16 * 1024 * 1024
"""Sealed bytes that are read at once, or one item."""

WAITING: Final = ("open", "discard_proposed")
_ROWS_MAX: Final = 500
_TABLE: Final = "quarantine"
"""What the MAC says its row is of."""

ONE: Final[LiteralString] = SELECTED + "WHERE id = %s AND state IN ('open', 'discard_proposed')"
_LOCK: Final[LiteralString] = ONE + " FOR UPDATE"
# A settled item lets its content go; one that is proposed for discarding has it.
_PUT: LiteralString = """
    UPDATE ledger.quarantine
       SET state = %(state)s, proposed_by = %(proposed_by)s, resolved_by = %(resolved_by)s,
           position = %(position)s, mac = %(mac)s,
           sealed = CASE WHEN %(state)s = 'discard_proposed' THEN sealed END
     WHERE id = %(id)s
"""


def bounded(where: LiteralString, order: LiteralString) -> LiteralString:
    """The first rows where that is so, in that order; more: how many, how many sealed bytes."""
    return f"""
    {_SELECTED} (
        SELECT *, sum(octet_length(sealed)) OVER (ORDER BY {order}) AS so_far FROM (
            SELECT * FROM ledger.quarantine WHERE {where} ORDER BY {order} LIMIT %s
        ) AS first
    ) AS summed
     WHERE so_far IS NULL OR so_far <= %s OR so_far = octet_length(sealed) ORDER BY {order}
"""  # noqa: S608 -- literals alone


_EVERY: Final[LiteralString] = bounded("id > %s", "id")
_OF_IDS: Final[LiteralString] = bounded(
    "id = ANY(%s) AND state IN ('open', 'discard_proposed')", "received_at, id"
)
_UNREADABLE: Final[LiteralString] = """
    SELECT EXISTS (SELECT FROM ledger.quarantine
                    WHERE state IN ('open', 'discard_proposed') AND unreadable
                      AND received_at <= coalesce(%s::timestamptz, 'infinity'))
"""
# Kept before there was the flag: what is not marked for certain was read.
_UNFLAGGED: Final[LiteralString] = """
    SELECT id FROM ledger.quarantine
     WHERE state IN ('open', 'discard_proposed') AND unreadable IS NULL
       AND restricted IS NOT FALSE AND received_at <= coalesce(%s::timestamptz, 'infinity')
     ORDER BY id
"""
# Not those that were sent with a mark under Order 11.
_LISTED: Final[LiteralString] = """
    SELECT id, received_at, key_id, coalesce(octet_length(sealed), 0) FROM ledger.quarantine
     WHERE state IN ('open', 'discard_proposed') AND restricted IS NOT TRUE
     ORDER BY received_at, id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row as it is stored, whoever wrote it.

    Attributes:
        state: `open`, `discard_proposed`, `discarded` or `repaired`.
        mac: None: nobody did anything yet, or it was settled before rows had MACs.
        sealed: None once it is settled.
    """

    id: UUID
    content_key: bytes
    received_at: datetime
    key_id: bytes
    codes: list[str]
    restricted: bool | None
    item_key: bytes | None
    state: str
    proposed_by: str | None
    resolved_by: str | None
    position: int | None
    mac: bytes | None
    sealed: bytes | None
    attempts: int

    @property
    def values(self) -> tuple[RowValue, ...]:
        """What the MAC is taken over: all but the MAC, the attempts and the content."""
        return (
            self.id.bytes,
            self.content_key,
            self.received_at,
            self.key_id,
            self.codes,
            None if self.restricted is None else str(self.restricted).lower(),
            self.item_key,
            self.state,
            self.proposed_by,
            self.resolved_by,
            None if self.position is None else str(self.position),
        )


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """What an item that waits is told apart by without its content; `size` is of sealed bytes."""

    id: UUID
    received_at: datetime
    key_id: bytes
    size: int


def rows_of(
    connections: Connections, statement: LiteralString, values: Sequence[object]
) -> list[RejectedRow]:
    """The rows that a statement selects.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    return connections.read(
        lambda c: c.cursor(row_factory=args_row(RejectedRow)).execute(statement, values).fetchall()
    )


def oldest_waiting(connections: Connections, count: int) -> list[WaitingRow]:
    """So many of the oldest items that wait and have no flag of a mark under Order 11.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    return connections.read(
        lambda c: c.cursor(row_factory=args_row(WaitingRow)).execute(_LISTED, (count,)).fetchall()
    )


def is_unreadable_waiting(connections: Connections, until: datetime | None) -> bool:
    """Whether an item waits of which part could not be read, as far as rows have the flag.

    Args:
        until: of those that were received by then; None: of all.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    row = connections.read(lambda c: c.execute(_UNREADABLE, (until,)).fetchone())
    return row is not None and bool(row[0])


def unflagged(connections: Connections, until: datetime | None) -> list[UUID]:
    """Items that wait, may be marked, and were kept before there was that flag.

    Args:
        until: as above.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    rows = connections.read(lambda c: c.execute(_UNFLAGGED, (until,)).fetchall())
    return [cast("UUID", row[0]) for row in rows]


def waiting_rows(connections: Connections, ids: Sequence[UUID]) -> dict[UUID, RejectedRow]:
    """The oldest of those items, up to `BYTES_MAX`, as far as they wait still.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    found = rows_of(connections, _OF_IDS, ([*ids], len(ids), BYTES_MAX))
    return {one.id: one for one in found}


def mac_of(row: RejectedRow, mac: RowMac) -> bytes:
    """The MAC that the row should have, 32 bytes."""
    return mac(_TABLE, row.values)


def is_altered(row: RejectedRow, mac: RowMac) -> bool:
    """Whether the row says what became of the item, and nobody with the secret said so."""
    if row.mac is None or row.state == "open":
        return False
    return not hmac.compare_digest(row.mac, mac_of(row, mac))


def is_settled(row: RejectedRow, mac: RowMac) -> bool:
    """Whether the item was settled, and by those who are named."""
    return row.state not in WAITING and not is_altered(row, mac)


def believed(row: RejectedRow, mac: RowMac) -> RejectedRow:
    """A row that waits; as open, where its MAC does not say who proposed to discard it."""
    if row.state == "open" or (row.mac is not None and not is_altered(row, mac)):
        return row
    return replace(row, state="open", proposed_by=None)


def locked(connection: psycopg.Connection, rejected: UUID, mac: RowMac) -> RejectedRow | None:
    """The row of an item that waits, believed and locked until the transaction ends."""
    cursor = connection.cursor(row_factory=args_row(RejectedRow))
    row = cursor.execute(_LOCK, (rejected,)).fetchone()
    return None if row is None else believed(row, mac)


def put(connection: psycopg.Connection, row: RejectedRow, mac: RowMac) -> None:
    """Write what became of an item, whose row is locked, with its MAC."""
    values = {
        "id": row.id,
        "state": row.state,
        "proposed_by": row.proposed_by,
        "resolved_by": row.resolved_by,
        "position": row.position,
        "mac": mac_of(row, mac),
    }
    connection.execute(_PUT, values)


def every(connections: Connections) -> Iterator[RejectedRow]:
    """Every row that there is, some hundred at a time, or fewer that are large.

    Args:
        connections: of any role that may read the table.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    last = UUID(int=0)
    while rows := rows_of(connections, _EVERY, (last, _ROWS_MAX, BYTES_MAX)):
        yield from rows
        last = rows[-1].id
