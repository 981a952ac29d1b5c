"""Rows of bulk transfers under way: what they are made of, and the statements."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, Literal, LiteralString
from uuid import UUID

import orjson
import psycopg

from ledger.crypto.blobs import open_blob, seal_blob
from ledger.crypto.keys import DataKey
from ledger.errors import StoreUnavailableError
from ledger.values import Json

_PURPOSE: Final = "bulk-told"
_LOCKS: Final = b"ppl/bulk-lock/1\x00"
_BEGINNING: Final = b"ppl/bulk-begin/1\x00"

State = Literal["uploading", "committing", "committed", "aborted"]
BulkMembers = Mapping[str, Json]
Row = tuple[
    UUID, UUID, str, datetime, datetime, State, int, int, bytes, bytes | None, int, int
]  # fmt: skip

# A row whose key is past its day is as good as gone; a record whose period is open has none.
_COLUMNS: LiteralString = """
    SELECT b.bulk, b.command, b.actor, b.begun_at, b.changed_at, b.state, b.lines, b.parts,
           b.key_id, b.told,
           (SELECT count(*) FROM ledger.bulk_parts AS p WHERE p.bulk = b.bulk),
           (SELECT coalesce(sum(p.lines), 0)::bigint
              FROM ledger.bulk_parts AS p WHERE p.bulk = b.bulk)
      FROM ledger.bulk_transfers AS b
     WHERE EXISTS (SELECT FROM ledger.data_keys AS k
                    WHERE k.key_id = b.key_id AND (k.day IS NULL OR k.day > %(today)s))
"""
FIND: LiteralString = _COLUMNS + " AND b.bulk = %(bulk)s"
OPEN: LiteralString = _COLUMNS + " AND b.state = 'committing' ORDER BY b.begun_at, b.bulk"
UNDER_WAY: LiteralString = (
    _COLUMNS + " AND b.state IN ('uploading', 'committing') ORDER BY b.begun_at, b.bulk"
)
# When one that is committed was accepted is not known any more: then it counts from its beginning.
PENDING: LiteralString = """
    SELECT EXISTS (
        SELECT FROM ledger.bulk_transfers
         WHERE (state = 'committing' AND changed_at <= %(at)s)
            OR (state = 'committed' AND begun_at <= %(at)s AND changed_at > %(at)s
                AND changed_at <= coalesce(%(until)s::timestamptz, 'infinity')))
"""
INSERT: LiteralString = """
    INSERT INTO ledger.bulk_transfers (bulk, command, actor, begun_at, changed_at, state, lines,
                                       parts, key_id, told)
    VALUES (%(bulk)s, %(command)s, %(actor)s, %(at)s, %(at)s, 'uploading', %(lines)s, %(parts)s,
            %(key_id)s, %(told)s)
    ON CONFLICT (bulk) DO NOTHING
"""
# Whoever else of the same actor begins meanwhile waits: none is counted twice or passed over.
LOCK_ACTOR: LiteralString = "SELECT pg_advisory_xact_lock(%(lock)s)"
OPEN_OF: LiteralString = """
    SELECT b.bulk FROM ledger.bulk_transfers AS b
      JOIN ledger.data_keys AS k ON k.key_id = b.key_id AND k.day > %(today)s
     WHERE b.state = 'uploading' AND b.actor = %(actor)s AND b.bulk <> %(bulk)s
     ORDER BY b.begun_at, b.bulk
"""
# From one state to the next, by whoever is first. What stays in its state keeps its instant: that
# of a commit that has begun is when it was accepted (`PENDING`).
MOVE: LiteralString = """
    UPDATE ledger.bulk_transfers
       SET state = %(state)s, key_id = %(key_id)s,
           changed_at = CASE WHEN state = %(state)s THEN changed_at
                             ELSE greatest(changed_at, %(at)s) END,
           told = %(told)s
     WHERE bulk = %(bulk)s AND state = %(before)s
"""
# The row is locked: no part comes in beside a commit that has begun, or an abort.
LOCK_ROW: LiteralString = """
    SELECT state FROM ledger.bulk_transfers WHERE bulk = %(bulk)s FOR UPDATE
"""
TAKE_PART: LiteralString = """
    INSERT INTO ledger.bulk_parts AS p (bulk, number, upload, lines, sealed)
    VALUES (%(bulk)s, %(number)s, %(upload)s, %(lines)s, %(sealed)s)
    ON CONFLICT (bulk, number) DO UPDATE
       SET upload = EXCLUDED.upload, lines = EXCLUDED.lines, sealed = EXCLUDED.sealed
"""
OTHER_UPLOAD: LiteralString = """
    SELECT upload FROM ledger.bulk_parts WHERE bulk = %(bulk)s AND number = %(number)s
"""
OTHER_LINES: LiteralString = """
    SELECT coalesce(sum(lines), 0)::bigint FROM ledger.bulk_parts
     WHERE bulk = %(bulk)s AND number <> %(number)s
"""
PARTS: LiteralString = """
    SELECT number, upload, lines, sealed FROM ledger.bulk_parts WHERE bulk = %s ORDER BY number
"""
OTHER_PART: LiteralString = """
    SELECT number, upload, lines, sealed FROM ledger.bulk_parts
     WHERE bulk = %s AND NOT upload = ANY(%s) ORDER BY number LIMIT 1
"""
NUMBERS: LiteralString = "SELECT number FROM ledger.bulk_parts WHERE bulk = %s ORDER BY number"
# Nobody is told of a piece before a later commit says that the part, or the plan, is there whole:
# that one is waited for, and with it all that was written before. A server that crashed in between
# has lost some, though it may be back before anybody notices: so that one counts them (`COUNT`).
PUT: LiteralString = """
    WITH unhurried AS (SELECT set_config('synchronous_commit', 'off', true))
    INSERT INTO ledger.bulk_pieces (bulk, upload, number, sealed)
    SELECT bulk, %b, %b, %b FROM ledger.bulk_transfers, unhurried WHERE bulk = %b
    ON CONFLICT (bulk, upload, number) DO NOTHING
"""
COUNT: LiteralString = """
    SELECT count(*) FROM ledger.bulk_pieces WHERE bulk = %s AND upload = %s AND number < %s
"""
PIECE: LiteralString = """
    SELECT sealed FROM ledger.bulk_pieces WHERE bulk = %s AND upload = %s AND number = %s
"""
CLEAR: LiteralString = "DELETE FROM ledger.bulk_pieces WHERE bulk = %s AND upload = %s"
CLEAR_OTHERS: LiteralString = "DELETE FROM ledger.bulk_pieces WHERE bulk = %s AND upload <> %s"
CLEAR_ALL: LiteralString = "DELETE FROM ledger.bulk_pieces WHERE bulk = %s"
CLEAR_PARTS: LiteralString = "DELETE FROM ledger.bulk_parts WHERE bulk = %s"
# Headers alone: with what is sealed, a million persons are some hundred megabytes.
HEADERS: LiteralString = """
    SELECT state FROM ledger.events WHERE originator_id = %s ORDER BY originator_version
"""

# The lease alone would also tell of somebody who was killed.
HELD: LiteralString = """
    SELECT e.taken_at FROM ledger.leases AS e
     WHERE e.number = %s
       AND EXISTS (SELECT FROM pg_locks AS l
                    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                      AND l.database = (
                          SELECT oid FROM pg_database WHERE datname = current_database())
                      AND l.classid::bigint << 32 | l.objid::bigint = e.number)
"""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """One bulk transfer as it stands.

    Attributes:
        command: of every event of its commit.
        actor: who began it.
        lines, parts: as announced.
        members: the transfer without its persons, and how its commit stands; empty once aborted.
        parts_there, lines_there: what has come in.
    """

    bulk: UUID
    command: UUID
    actor: str
    begun_at: datetime
    changed_at: datetime
    state: State
    lines: int
    parts: int
    key: DataKey
    members: BulkMembers
    parts_there: int
    lines_there: int


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A part that is there whole.

    Attributes:
        number: from 1.
        upload: under which its pieces stand.
        lines: persons, also those who are in it twice.
        sha256: of its content, as it was before compression.
        size: of its persons as JSON, in bytes, without what stands between them.
        pieces: how many.
    """

    number: int
    upload: UUID
    lines: int
    sha256: bytes
    size: int
    pieces: int


def seal_members(key: DataKey, bulk: UUID, members: BulkMembers) -> bytes:
    """What is told of a bulk transfer, sealed."""
    return seal_blob(key, _PURPOSE, bulk, orjson.dumps(members))


def opened(row: Row, key: DataKey) -> UnderWay:
    """The bulk transfer of a row of `FIND`.

    Raises:
        CorruptRecordError: it does not open.
    """
    (
        bulk,
        command,
        actor,
        begun_at,
        changed_at,
        state,
        lines,
        parts,
        _,
        sealed_members,
        there,
        so_far,
    ) = row
    members: BulkMembers = {}
    if sealed_members is not None:
        members = orjson.loads(open_blob(key, _PURPOSE, bulk, bytes(sealed_members)))
    times = begun_at.astimezone(UTC), changed_at.astimezone(UTC)
    return UnderWay(bulk, command, actor, *times, state, lines, parts, key, members, there, so_far)


def sealed_part(key: DataKey, bulk: UUID, part: StoredPart) -> bytes:
    """What is told of a part, sealed: of one with few persons its hash would confirm a guess."""
    members = {"sha256": part.sha256.hex(), "size": part.size, "pieces": part.pieces}
    return seal_blob(key, _part_purpose(part.number), bulk, orjson.dumps(members))


def opened_part(key: DataKey, bulk: UUID, row: tuple[int, UUID, int, bytes]) -> StoredPart:
    """The part of a row of `PARTS`.

    Raises:
        CorruptRecordError: it does not open.
    """
    number, upload, lines, sealed = row
    members = orjson.loads(open_blob(key, _part_purpose(number), bulk, bytes(sealed)))
    sha256 = bytes.fromhex(members["sha256"])
    return StoredPart(number, upload, lines, sha256, members["size"], members["pieces"])


def _part_purpose(number: int) -> str:
    return f"bulk-part-{number}"


class TooManyLinesError(Exception):
    """The parts would hold more lines together than were announced."""


class TooManyStartedError(Exception):
    """The actor has as many uploads under way as one may have.

    Attributes:
        begun: their ids, the oldest first.
    """

    def __init__(self, begun: list[UUID]) -> None:
        super().__init__("too many uploads")
        self.begun = begun


def insert(
    connection: psycopg.Connection, row: Mapping[str, object], begun_max: int | None
) -> None:
    """Begin a bulk transfer; nothing when it was begun.

    Raises:
        TooManyBegunError: its actor has `begun_max` others under way.
    """
    with connection.transaction():
        connection.execute(LOCK_ACTOR, row)
        found = connection.execute(OPEN_OF, row).fetchall()
        if begun_max is not None and len(found) >= begun_max:
            raise TooManyStartedError([one[0] for one in found])
        connection.execute(INSERT, row)


def bulk_lock(bulk: UUID) -> int:
    """The number of a commit's lock: 64 bits that no register's and no export's id gives."""
    return _lock(_LOCKS + bulk.bytes)


def actor_lock(actor: str) -> int:
    """The number of the lock of whoever begins one for the actor."""
    return _lock(_BEGINNING + bytes.fromhex(actor))


def _lock(of: bytes) -> int:
    return int.from_bytes(sha256(of).digest()[:8], "big", signed=True)


def moved(
    one: UnderWay, state: State, members: BulkMembers, key: DataKey, at: datetime
) -> dict[str, object]:
    """What `MOVE` is given."""
    return {
        "bulk": one.bulk,
        "before": one.state,
        "state": state,
        "key_id": key.id,
        "told": None if state == "aborted" else seal_members(key, one.bulk, members),
        "at": at,
    }


def check_pieces(connection: psycopg.Connection, bulk: UUID, upload: UUID, pieces: int) -> None:
    """Whether the pieces are there, in the transaction that says so.

    Raises:
        StoreUnavailableError: the server crashed after it had taken them, and has lost some.
    """
    row = connection.execute(COUNT, (bulk, upload, pieces)).fetchone()
    if row != (pieces,):
        raise StoreUnavailableError


def piece_purpose(upload: UUID, number: int) -> str:
    """What a piece is sealed for: none can be put in another one's place."""
    return f"bulk-piece-{upload.hex}-{number}"
