"""Whether something was appended that may be a reason to keep what is about to die.

What counts: an event of a stream that has an event under a dying key; one of a stream that names
such a stream as its base; and the facts that say anew whose records are kept.

Source: `docs/reference/event-format.md`, section 5.
"""

from collections.abc import Sequence
from typing import LiteralString

import psycopg

from ledger.errors import ExpiryDisturbedError
from ledger.store.columns import texts

# Holds and cases keep; a link may bring a person under a hold.
KEEPING_TOPICS: tuple[str, ...] = ("hold-placed", "identifiers-linked")
# A header is canonical JSON and names its key in clear, so that this can be told once the parts
# are deleted. LATERAL with OFFSET or LIMIT: else it may be planned as a pass over all events.
DISTURBED: LiteralString = """
    WITH moved AS MATERIALIZED (
        SELECT DISTINCT e.originator_id AS stream
          FROM ledger.events AS e
         WHERE e.notification_id > %b AND e.notification_id <= %b
    ), concerned AS MATERIALIZED (
        SELECT stream FROM moved
         UNION
        SELECT encode(l.key, 'hex')::uuid
          FROM moved CROSS JOIN LATERAL (
               SELECT l.key FROM ledger.lookups AS l
                WHERE l.kind = 'base' AND l.stream = moved.stream OFFSET 0) AS l
    )
    SELECT EXISTS (
           SELECT FROM concerned CROSS JOIN LATERAL (
                  SELECT FROM ledger.events AS e
                   WHERE e.originator_id = concerned.stream
                     AND e.partition IS NOT NULL
                     AND convert_from(e.state, 'UTF8')::jsonb #>> '{sealed,key}' = ANY(%b)
                   LIMIT 1) AS found)
        OR EXISTS (
           SELECT FROM ledger.events AS e
            WHERE e.notification_id > %b AND e.notification_id <= %b
              AND (e.topic = ANY(%b) OR e.topic LIKE 'case-%%'))
"""


def check_appends(cursor: psycopg.Cursor, keys: Sequence[bytes], after: int, up_to: int) -> None:
    """Look at the events beyond `after` up to `upto`.

    Raises:
        ExpiryDisturbedError: one of them may be a reason to keep what these keys seal.
    """
    if up_to <= after:
        return
    hex_keys = texts([key.hex() for key in keys])
    values = (after, up_to, hex_keys, after, up_to, texts(KEEPING_TOPICS))
    row = cursor.execute(DISTURBED, values).fetchone()
    if row is None or row[0]:
        raise ExpiryDisturbedError(after)
