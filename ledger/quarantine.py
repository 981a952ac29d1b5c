"""Rejected items, kept sealed until somebody repairs or discards them.

Nothing that an emitter sent is lost because a pipeline was wrong. An item that is sent again is
kept once and counted. Discarding takes two persons; the table itself refuses one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString, cast
from uuid import UUID

import psycopg

from ledger.codec.json import canonical, parse
from ledger.crypto.blobs import open_blob, seal_blob
from ledger.crypto.keyring import KeyRing
from ledger.crypto.pseudonyms import LedgerSecret, random_stream
from ledger.errors import Defect, NotFoundError, SeparationOfDutiesError
from ledger.lifetimes import quarantine_day
from ledger.store.connections import Connections
from ledger.values import Json

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
PAGE_MAX = 100

_KEEP: LiteralString = """
    INSERT INTO ledger.quarantine (id, content_key, received_at, key_id, sealed, codes)
    VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (content_key) DO UPDATE SET attempts = quarantine.attempts + 1
    RETURNING id
"""
_OPEN: LiteralString = """
    SELECT id, received_at, key_id, sealed, attempts, state, proposed_by
      FROM ledger.quarantine
     WHERE state IN ('open', 'discard_proposed') AND (received_at, id) > (%s, %s)
     ORDER BY received_at, id LIMIT %s
"""
_ONE: LiteralString = """
    SELECT id, received_at, key_id, sealed, attempts, state, proposed_by
      FROM ledger.quarantine
     WHERE id = %s AND state IN ('open', 'discard_proposed')
"""
_REPAIRED: LiteralString = """
    UPDATE ledger.quarantine SET state = 'repaired', resolved_by = %s, position = %s, sealed = NULL
     WHERE id = %s AND state IN ('open', 'discard_proposed')
"""
_PROPOSE: LiteralString = """
    UPDATE ledger.quarantine SET state = 'discard_proposed', proposed_by = %s
     WHERE id = %s AND state = 'open'
"""
_DISCARD: LiteralString = """
    UPDATE ledger.quarantine SET state = 'discarded', resolved_by = %s, sealed = NULL
     WHERE id = %s AND state = 'discard_proposed' AND proposed_by <> %s
"""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rejected item.

    Attributes:
        item: as it came in; None once its key is dead.
        defects: what was wrong with it.
        attempts: how often it was sent.
        state: `open` or `discard_proposed`.
    """

    id: UUID
    received_at: datetime
    item: Json
    defects: tuple[Defect, ...]
    attempts: int
    state: str
    proposed_by: str | None


class Quarantine:
    """Keeps, lists, repairs and discards. Thread-safe."""

    def __init__(self, connections: Connections, keys: KeyRing, secret: LedgerSecret) -> None:
        self._connections = connections
        self._keys = keys
        self._secret = secret

    def keep(self, item: Json, defects: Sequence[Defect], at: datetime) -> UUID:
        """Keep a rejected item; return its id, the first one's when it is kept already."""
        key = self._keys.key_for("quarantine", day=quarantine_day(at))
        rejected = random_stream()
        plain = canonical(
            {
                "item": item,
                "defects": [
                    {"pointer": d.pointer, "code": d.code, "detail": d.detail} for d in defects
                ],
            }
        )
        content_key = self._secret.lookup_key("quarantine", canonical(item))
        sealed = seal_blob(key, "quarantine", rejected, plain)
        codes = sorted({defect.code for defect in defects})
        with self._connections.connection() as connection:
            row = connection.execute(
                _KEEP, (rejected, content_key, at, key.id, sealed, codes)
            ).fetchone()
        return cast("UUID", row[0]) if row is not None else rejected

    def page(self, after: tuple[datetime, UUID] | None, limit: int) -> list[Rejected]:
        """Items that wait, oldest first, beyond `after` (received_at, id)."""
        begin = after or (_BEGINNING, UUID(int=0))
        with self._connections.connection() as connection:
            rows = connection.execute(_OPEN, (*begin, min(limit, PAGE_MAX))).fetchall()
        return [self._rejected(row) for row in rows]

    def one(self, rejected: UUID) -> Rejected:
        """The waiting item of that id.

        Raises:
            NotFoundError: no such item waits.
        """
        with self._connections.connection() as connection:
            row = connection.execute(_ONE, (rejected,)).fetchone()
        if row is None:
            raise NotFoundError
        return self._rejected(row)

    def _rejected(self, row: tuple[object, ...]) -> Rejected:
        rejected, received_at, key_id, sealed, attempts, state, proposed_by = row
        key = self._keys.open([cast("bytes", key_id)]).get(cast("bytes", key_id))
        item: Json = None
        defects: tuple[Defect, ...] = ()
        if key is not None and sealed is not None:
            plain = open_blob(key, "quarantine", cast("UUID", rejected), cast("bytes", sealed))
            content = cast("dict[str, Json]", parse(plain))
            item = content["item"]
            defects = tuple(
                Defect(one["pointer"], one["code"], one["detail"])
                for one in cast("list[dict[str, str]]", content["defects"])
            )
        return Rejected(
            cast("UUID", rejected),
            cast("datetime", received_at),
            item,
            defects,
            cast("int", attempts),
            cast("str", state),
            cast("str | None", proposed_by),
        )

    def repaired(self, rejected: UUID, actor: str, position: int) -> None:
        """The item was recorded in a repaired form at `position`; its content is let go."""
        with self._connections.connection() as connection:
            connection.execute(_REPAIRED, (actor, position, rejected))

    def discard(self, rejected: UUID, actor: str) -> str:
        """Propose to discard the item, or, as a second person, discard it.

        Returns the state: `discard_proposed` or `discarded`.

        Raises:
            NotFoundError: no such item waits.
            SeparationOfDutiesError: the same person asked twice.
        """
        with self._connections.connection() as connection:
            if _changed(connection, _PROPOSE, (actor, rejected)):
                return "discard_proposed"
            if _changed(connection, _DISCARD, (actor, rejected, actor)):
                return "discarded"
        if self.one(rejected).state == "discard_proposed":
            raise SeparationOfDutiesError
        raise NotFoundError


def _changed(
    connection: psycopg.Connection[tuple[object, ...]],
    statement: LiteralString,
    values: tuple[object, ...],
) -> bool:
    return connection.execute(statement, values).rowcount == 1
