"""Index rows of expired events go with them: in the same transaction, and out of both slots."""

from collections.abc import Iterator, Sequence
from typing import LiteralString, cast

import psycopg

from ledger.errors import BrokenWorldError, ProjectionBehindError
from ledger.store.columns import bigints, byteas
from projections.rebuild import REBUILD_LOCK

# A chunk ends where the next position is this far off, so that a chunk's range is dense, and at
# this many: the set of its positions stays small for the server.
GAP_MAX = 10_000
CHUNK_MAX = 10_000

_TRY_LOCK: LiteralString = "SELECT pg_try_advisory_xact_lock_shared(%b::bigint)"
_REACHED: LiteralString = "SELECT position FROM projections.progress WHERE serving"
# The range finds the blocks (BRIN); `+ 0` keeps the set from being searched there one by one.
DELETE: tuple[LiteralString, ...] = (
    """
    DELETE FROM projections.entries_a
     WHERE position BETWEEN %b AND %b AND position + 0 = ANY(%b)
    """,
    """
    DELETE FROM projections.entries_b
     WHERE position BETWEEN %b AND %b AND position + 0 = ANY(%b)
    """,
    """
    DELETE FROM projections.reliances_a
     WHERE position BETWEEN %b AND %b AND position + 0 = ANY(%b)
    """,
    """
    DELETE FROM projections.reliances_b
     WHERE position BETWEEN %b AND %b AND position + 0 = ANY(%b)
    """,
    """
    DELETE FROM projections.namings_a
     WHERE position BETWEEN %b AND %b AND position + 0 = ANY(%b)
    """,
    """
    DELETE FROM projections.namings_b
     WHERE position BETWEEN %b AND %b AND position + 0 = ANY(%b)
    """,
)
# The findings of a transfer of which any event dies. Whatever lives on of it, in copies, is looked
# at anew when the follower comes to the event that lists the keys.
DELETE_FINDINGS: tuple[LiteralString, ...] = (
    """
    DELETE FROM projections.findings_a AS f
     USING projections.findings_keys_a AS k WHERE k.key_id = ANY(%b) AND f.position = k.position
    """,
    """
    DELETE FROM projections.findings_b AS f
     USING projections.findings_keys_b AS k WHERE k.key_id = ANY(%b) AND f.position = k.position
    """,
)


def forget(cursor: psycopg.Cursor, positions: Sequence[int], keys: Sequence[bytes] = ()) -> int:
    """Delete the rows of these positions, inside the cursor's transaction; return how many.

    Needs the role purger. No rebuild begins until that transaction ends.

    Args:
        positions: rising.
        keys: ids of the keys that die, under which the events there are sealed.

    Raises:
        ProjectionBehindError: a rebuild runs, or the serving slot has not reached the last of them:
            their rows would be written later.
    """
    if not positions:
        return 0
    last = positions[-1]
    locked = _one(cursor.execute(_TRY_LOCK, (REBUILD_LOCK,)))
    reached = cast("int", _one(cursor.execute(_REACHED)))
    if not locked or reached < last:
        raise ProjectionBehindError(last, reached)
    count = 0
    for chunk in chunks(positions):
        values = (chunk[0], chunk[-1], bigints(chunk))
        for statement in DELETE:
            count += cursor.execute(statement, values).rowcount
    for statement in DELETE_FINDINGS:
        count += cursor.execute(statement, (byteas(keys),)).rowcount
    return count


def chunks(positions: Sequence[int]) -> Iterator[Sequence[int]]:
    """The positions, in order, cut where a gap is wide or a chunk is full."""
    begin = 0
    for index in range(1, len(positions) + 1):
        is_last = index == len(positions)
        if (
            is_last
            or index - begin == CHUNK_MAX
            or positions[index] - positions[index - 1] > GAP_MAX
        ):
            yield positions[begin:index]
            begin = index


def _one(cursor: psycopg.Cursor) -> object:
    row = cast("tuple[object] | None", cursor.fetchone())
    if row is None:
        raise BrokenWorldError("the read side has no slot that serves")
    return row[0]
