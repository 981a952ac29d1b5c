"""What was appended that may be a reason to keep what is about to die.

What counts: an event of a stream that has an event under a dying key; one of a stream that names
such a stream as its base; and the facts that say anew whose records are kept.

Source: `docs/reference/event-format.md`, section 5.
"""

from collections.abc import Sequence
from typing import LiteralString, cast
from uuid import UUID

import psycopg

from ledger.errors import ExpiryDisturbedError
from ledger.store.columns import texts

# Holds and cases keep; a link may bring a person under a hold.
KEEPING_TOPICS: tuple[str, ...] = ("hold-placed", "identifiers-linked")
# A header is canonical JSON and names its key in clear, so that this can be told once the parts
# are deleted. LATERAL with OFFSET or LIMIT: else it may be planned as a pass over all events.
# A copy keeps nothing of its own stream, but that stream may need its base now.
DISTURBED: LiteralString = """
    WITH moved AS MATERIALIZED (
        SELECT e.originator_id AS stream, bool_or(e.topic <> 'record-carried-forward') AS is_moved
          FROM ledger.events AS e
         WHERE e.notification_id > %b AND e.notification_id <= %b
         GROUP BY 1
    ), concerned AS MATERIALIZED (
        SELECT NULL::uuid AS base, stream FROM moved WHERE is_moved
         UNION
        SELECT encode(l.key, 'hex')::uuid, encode(l.key, 'hex')::uuid
          FROM moved CROSS JOIN LATERAL (
               SELECT l.key FROM ledger.lookups AS l
                WHERE l.kind = 'base' AND l.stream = moved.stream OFFSET 0) AS l
    )
    SELECT concerned.base
      FROM concerned CROSS JOIN LATERAL (
           SELECT FROM ledger.events AS e
            WHERE e.originator_id = concerned.stream
              AND e.partition IS NOT NULL
              AND convert_from(e.state, 'UTF8')::jsonb #>> '{sealed,key}' = ANY(%b)
            LIMIT 1) AS found
     UNION
    SELECT NULL
     WHERE EXISTS (
           SELECT FROM ledger.events AS e
            WHERE e.notification_id > %b AND e.notification_id <= %b
              AND (e.topic = ANY(%b) OR e.topic LIKE 'case-%%'))
"""


def check_appends(
    cursor: psycopg.Cursor, keys: Sequence[bytes], after: int, up_to: int
) -> set[UUID]:
    """Look at the events beyond `after` up to `upto`.

    Returns:
        Streams with an event under these keys that one of them, of another stream, names as base.

    Raises:
        ExpiryDisturbedError: one of them may be another reason to keep what these keys seal.
    """
    if up_to <= after:
        return set()
    hex_keys = texts([key.hex() for key in keys])
    values = (after, up_to, hex_keys, after, up_to, texts(KEEPING_TOPICS))
    rows = cast("list[tuple[UUID | None]]", cursor.execute(DISTURBED, values).fetchall())
    bases = {row[0] for row in rows}
    if None in bases:
        raise ExpiryDisturbedError(after)
    return cast("set[UUID]", bases)
