"""The draft of what is excluded under Order 11, its newest daily event, and a person's transfers.

Source: `docs/reference/event-format.md`, section 6.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import LiteralString, cast
from uuid import UUID

import psycopg
from psycopg.rows import args_row

from ledger.format.envelope import StoredFact
from ledger.format.events import RECORDED_TYPES
from ledger.store.columns import uuids
from ledger.store.connections import Connections

_ROW: LiteralString = "SELECT stream, token, key_id, sealed, number FROM ledger.exclusions"
_NEWEST_WRITING: LiteralString = "SELECT token FROM ledger.exclusions"
_BEGIN: LiteralString = """
    INSERT INTO ledger.exclusions (stream, token, key_id, sealed, number)
    VALUES (%b, %b, %b, %b, %b) ON CONFLICT DO NOTHING
"""
# The token is the guard: whoever writes does so from what stands.
_REPLACE: LiteralString = """
    UPDATE ledger.exclusions SET token = %b, key_id = %b, sealed = %b, number = %b
     WHERE token = %b
"""
NEWEST: LiteralString = """
    SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state,
           (SELECT s.part FROM ledger.sealed_parts AS s
             WHERE s.partition = e.partition AND s.position = e.notification_id AND s.n = 0)
      FROM ledger.events AS e
     WHERE e.topic = 'exclusions-sealed'
     ORDER BY e.notification_id DESC LIMIT 1
"""
SINCE: LiteralString = """
    SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state,
           (SELECT s.part FROM ledger.sealed_parts AS s
             WHERE s.partition = e.partition AND s.position = e.notification_id AND s.n = 0)
      FROM ledger.events AS e
     WHERE e.topic = 'exclusions-sealed' AND e.notification_id > %s
     ORDER BY e.notification_id
"""
NEXT: LiteralString = SINCE + " LIMIT 1"
BEFORE: LiteralString = """
    SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state,
           (SELECT s.part FROM ledger.sealed_parts AS s
             WHERE s.partition = e.partition AND s.position = e.notification_id AND s.n = 0)
      FROM ledger.events AS e
     WHERE e.topic = 'exclusions-sealed' AND e.notification_id < %s
     ORDER BY e.notification_id DESC LIMIT 1
"""
# A copy's row stands at the copy's position, and what it carries at its original's: beyond `as_of`
# it may speak of a transfer that was there.
# A person may come into a transfer by a later correction: the order is that of the transfers, so
# that pages of any size, one after the other, are one and the same list.
_TRANSFERS_OF: LiteralString = """
    SELECT found.stream, first.notification_id, found.chunks
      FROM (SELECT e.originator_id AS stream,
                   array_agg(i.position) FILTER (WHERE e.topic = 'principals-appended') AS chunks
              FROM projections.entries i
              JOIN ledger.events e ON e.notification_id = i.position
             WHERE i.principal_key = ANY(%(keys)s)
               AND (i.position <= %(as_of)s OR e.topic = 'record-carried-forward')
             GROUP BY e.originator_id) AS found
      JOIN ledger.events first
        ON first.originator_id = found.stream AND first.originator_version = 1
     WHERE first.notification_id <= %(as_of)s
     ORDER BY 2
"""
_INDEXED: LiteralString = """
    SELECT principal_key FROM projections.entries WHERE principal_key = ANY(%s)
"""
# A part that lives in the stream of one of them: of the record itself, or of what carries it.
_LIVE: LiteralString = """
    SELECT EXISTS (
           SELECT FROM ledger.events AS first
             JOIN ledger.events AS e ON e.originator_id = first.originator_id
             JOIN ledger.sealed_parts AS s
               ON s.partition = e.partition AND s.position = e.notification_id
            WHERE first.notification_id BETWEEN %s AND %s AND first.topic = ANY(%s))
"""


@dataclass(frozen=True, slots=True)
class DraftRow:
    """The draft as it is stored.

    Attributes:
        stream: of the daily events.
        token: another one at each writing.
        sealed: nonce ‖ ciphertext ‖ tag, of one size whatever it holds.
        number: of this writing, one more than of the one before, and authenticated with what is
            sealed; 0: written before drafts had numbers.
    """

    stream: UUID
    token: UUID
    key_id: bytes
    sealed: bytes
    number: int


@dataclass(frozen=True, slots=True)
class PersonPositions:
    """Where the index names a person.

    Attributes:
        transfers: stream → position of its first event, ascending.
        chunks: positions of the chunks of bulk transfers with a line of the person.
    """

    transfers: dict[UUID, int]
    chunks: frozenset[int]


class ExclusionRows:
    """Reads the draft, and writes it. Thread-safe.

    Every method raises `StoreUnavailableError` when the database cannot be reached.

    Args:
        connections: of the role reader, or writer for who writes.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def read(self) -> DraftRow | None:
        """The draft; None before its first writing."""
        return self._connections.read(
            lambda c: (
                c.cursor(binary=True, row_factory=args_row(DraftRow))
                .execute(_ROW, prepare=True)
                .fetchone()
            )
        )

    def token(self) -> UUID | None:
        """The token of the draft alone; None before its first writing."""
        row = self._connections.read(lambda c: c.execute(_NEWEST_WRITING, prepare=True).fetchone())
        return None if row is None else cast("UUID", row[0])

    def put(self, row: DraftRow, before: DraftRow | None) -> bool:
        """Write the draft in the place of `before` (None: there was none).

        Returns:
            False when something else stands there by now: nothing was written.
        """

        def written(connection: psycopg.Connection) -> bool:
            if before is None:
                values = (row.stream, row.token, row.key_id, row.sealed, row.number)
                done = connection.execute(_BEGIN, values).rowcount
            else:
                values = (row.token, row.key_id, row.sealed, row.number, before.token)
                done = connection.execute(_REPLACE, values).rowcount
            if done:
                return True
            # The answer of a first try may have been lost.
            found = connection.cursor(binary=True).execute(_ROW).fetchone()
            return found is not None and found[1] == row.token

        return self._connections.read(written)

    def newest(self) -> StoredFact | None:
        """The newest daily event; None when there is none."""
        return self._connections.read(
            lambda c: (
                c.cursor(binary=True, row_factory=args_row(StoredFact))
                .execute(NEWEST, prepare=True)
                .fetchone()
            )
        )

    def since(self, position: int) -> list[StoredFact]:
        """The daily events beyond a position, oldest first."""
        return self._connections.read(
            lambda c: (
                c.cursor(binary=True, row_factory=args_row(StoredFact))
                .execute(SINCE, (position,), prepare=True)
                .fetchall()
            )
        )

    def next_after(self, position: int) -> StoredFact | None:
        """The first daily event beyond a position; None when there is none."""
        return self._one(NEXT, position)

    def newest_before(self, position: int) -> StoredFact | None:
        """The last daily event before a position; None when there is none."""
        return self._one(BEFORE, position)

    def _one(self, statement: LiteralString, position: int) -> StoredFact | None:
        return self._connections.read(
            lambda c: (
                c.cursor(binary=True, row_factory=args_row(StoredFact))
                .execute(statement, (position,), prepare=True)
                .fetchone()
            )
        )

    def transfers_of(self, keys: Sequence[bytes], as_of: int) -> dict[UUID, int]:
        """Transfers that the index names for a person → where each is recorded, ascending.

        Whether their content says so as of the position, the fold tells; excluded ones are here.

        Args:
            keys: the person's principal keys.
        """
        return self.positions_of(keys, as_of).transfers

    def positions_of(self, keys: Sequence[bytes], as_of: int) -> PersonPositions:
        """As `transfers_of`, and in which chunks of bulk transfers the person stands."""
        values = {"keys": [UUID(bytes=key) for key in keys], "as_of": as_of}
        rows = self._connections.read(
            lambda c: c.execute(_TRANSFERS_OF, values, prepare=True).fetchall()
        )
        read = cast("list[tuple[UUID, int, list[int] | None]]", rows)
        chunks = (position for _, _, found in read for position in found or ())
        return PersonPositions({stream: first for stream, first, _ in read}, frozenset(chunks))

    def indexed(self, keys: Collection[UUID]) -> set[UUID]:
        """Those of the keys that a row of the index has."""
        if not keys:
            return set()
        values = (uuids(keys),)
        rows = self._connections.read(
            lambda c: c.execute(_INDEXED, values, prepare=True).fetchall()
        )
        return {row[0] for row in cast("list[tuple[UUID]]", rows)}

    def is_live(self, first: int, last: int) -> bool:
        """Whether anything of a transfer that was recorded between two positions is still there."""
        values = (first, last, [*RECORDED_TYPES])
        row = self._connections.read(lambda c: c.execute(_LIVE, values).fetchone())
        return row is not None and bool(row[0])
