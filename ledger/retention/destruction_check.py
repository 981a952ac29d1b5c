"""Whether what was destroyed is gone, and nothing else: parts and keys against `records-expired`.

One that the ledger did not decide on lists nothing here: it is named, and so is what is gone.

Source: `docs/reference/event-format.md`, section 9.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, LiteralString

import psycopg

from ledger.format.header import Prove
from ledger.retention.proved_expiries import unproven
from ledger.store.queries import NAMES_KEY

# Joined by hash, whatever the planner thinks of tables that nobody analysed: the work grows with
# the log and not with its square, and what does not fit into the server's memory goes to its disk.
_SETTINGS: LiteralString = "SET LOCAL enable_nestloop = off; SET LOCAL jit = off"
_ROWS_AT_ONCE = 1_000

# The header says which key sealed an event, and how many documents: it alone is committed to. It is
# canonical JSON, so where it has documents these bytes are in it. Each statement sees one
# moment, and a key, its parts and the event that lists it change in one transaction.
_PARTS: LiteralString = (
    """
    WITH listed AS MATERIALIZED (
        SELECT DISTINCT decode(jsonb_array_elements_text(
                   convert_from(state, 'UTF8')::jsonb -> 'keys'), 'hex') AS key_id
          FROM ledger.events
         WHERE topic = 'records-expired' AND notification_id <> ALL(%(unproven)s)
    ), sealed AS (
        SELECT e.notification_id AS position, e.partition,
               decode(convert_from(e.state, 'UTF8')::jsonb #>> '{sealed,key}', 'hex') AS key_id
          FROM ledger.events AS e
    )
    SELECT CASE WHEN l.key_id IS NOT NULL THEN 'left'
                WHEN s.position IS NULL THEN 'missing' ELSE 'keyless' END, e.position
      FROM sealed AS e
      LEFT JOIN ledger.sealed_parts AS s
        ON s.partition = e.partition AND s.position = e.position AND s.n = 0
      LEFT JOIN listed AS l ON l.key_id = e.key_id
      LEFT JOIN ledger.data_keys AS k ON k.key_id = e.key_id
     WHERE e.key_id IS NOT NULL
       AND CASE WHEN l.key_id IS NULL THEN s.position IS NULL OR k.key_id IS NULL
                ELSE s.position IS NOT NULL END
     UNION
    SELECT 'missing', e.position
      FROM (SELECT notification_id AS position, partition,
                   convert_from(state, 'UTF8')::jsonb AS header
              FROM ledger.events
             WHERE position('"attached":['::bytea IN state) > 0) AS e
      LEFT JOIN (SELECT partition, position, count(*) AS documents
                   FROM ledger.sealed_parts WHERE n > 0 GROUP BY 1, 2) AS s
        ON s.partition = e.partition AND s.position = e.position
      LEFT JOIN listed AS l ON l.key_id = decode(e.header #>> '{sealed,key}', 'hex')
     WHERE l.key_id IS NULL
       AND coalesce(s.documents, 0) < jsonb_array_length(e.header -> 'attached')
     UNION
    SELECT 'left', s.position
      FROM ledger.sealed_parts AS s JOIN listed AS l ON l.key_id = s.key_id
     UNION
    SELECT 'foreign', s.position
      FROM ledger.sealed_parts AS s
      LEFT JOIN ledger.events AS e
        ON e.notification_id = s.position AND e.partition = s.partition AND """  # noqa: S608 -- literals alone
    + NAMES_KEY
    + """
     WHERE CASE WHEN e.state IS NULL OR s.n = 0 THEN e.state IS NULL
                ELSE s.n > coalesce(jsonb_array_length(
                     convert_from(e.state, 'UTF8')::jsonb -> 'attached'), 0) END
     ORDER BY 2
"""
)
_KEYS: LiteralString = """
    WITH listed AS MATERIALIZED (
        SELECT notification_id, decode(jsonb_array_elements_text(
                   convert_from(state, 'UTF8')::jsonb -> 'keys'), 'hex') AS key_id
          FROM ledger.events
         WHERE topic = 'records-expired' AND notification_id <> ALL(%(unproven)s)
    )
    SELECT 'standing', min(l.notification_id)
      FROM listed AS l JOIN ledger.data_keys AS k ON k.key_id = l.key_id
     GROUP BY k.key_id ORDER BY 2
"""
_MEANINGS: Final = {
    "unproven": "this records-expired has no proof: the ledger did not decide on it",
    "keyless": "the key of a sealed part is missing, and no records-expired lists it",
    "missing": "a sealed part is missing, and no records-expired lists its key",
    "foreign": "a sealed part is there that no header names",
    "left": "a sealed part is there, though a records-expired lists its key",
    "standing": "a key is in the ring, though this records-expired lists it",
}


@dataclass(frozen=True, slots=True)
class DestructionFault:
    """What the log does not allow.

    Attributes:
        kind: `missing`, `left`, `keyless`, `foreign` (a sealed part), `standing` (a key),
            `unproven` (an event).
        position: of the event, or of the one whose part it is; of a key, where it is listed first.
    """

    kind: str
    position: int

    @property
    def meaning(self) -> str:
        """The fault in words."""
        return _MEANINGS[self.kind]


def faults(connection: psycopg.Connection, prove: Prove) -> Iterator[DestructionFault]:
    """Every sealed part or key that is missing, left or added, against the log's word.

    And every `records-expired` that is not believed (`ledger.retention.proved_expiries`).

    The rows pass by in portions: it takes no more memory for a longer log.

    Args:
        connection: of any role that may read the write side, outside a transaction.
        prove: `LedgerSecret.expiry_proof`.
    """
    with connection.transaction():
        forged = unproven(connection, prove)
    yield from (DestructionFault("unproven", position) for position in forged)
    for statement in (_PARTS, _KEYS):
        with connection.transaction(), connection.cursor(name="faults") as cursor:
            connection.execute(_SETTINGS)
            cursor.itersize = _ROWS_AT_ONCE
            cursor.execute(statement, {"unproven": forged})
            for kind, position in cursor:
                yield DestructionFault(kind, position)
