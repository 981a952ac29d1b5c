"""Whether the rows of the log say of themselves what their headers say: columns and versions.

And whether what two persons did is of an event.

Source: `docs/reference/event-format.md`, section 1.
"""

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

import psycopg

from ledger.store.connections import Connections

# Stream, version and type are compared where an event is opened; here what no reader looks at.
_OTHER: LiteralString = """
    SELECT min(notification_id)
      FROM (SELECT notification_id, originator_version,
                   command::text = convert_from(state, 'UTF8')::jsonb ->> 'command' AS is_its_own,
                   row_number() OVER (PARTITION BY originator_id ORDER BY notification_id) AS nth
              FROM ledger.events) AS e
     WHERE NOT is_its_own OR nth <> originator_version
"""
# A step names the version of the event that it is written with (`ledger.cases.service`).
_DUTIES: LiteralString = """
    SELECT d.subject, count(*)
      FROM ledger.duties AS d
     WHERE split_part(d.step, '/', 1) IN ('approve', 'mistake')
       AND NOT EXISTS (
           SELECT FROM ledger.events AS e
            WHERE e.originator_id = d.subject
              AND e.originator_version::text = split_part(d.step, '/', 2)
              AND CASE split_part(d.step, '/', 1)
                       WHEN 'approve' THEN e.topic = 'case-approved'
                       ELSE e.topic IN ('case-entered-in-error', 'case-resumed') END)
     GROUP BY d.subject ORDER BY d.subject
"""
_HEADERS: LiteralString = """
    SELECT state FROM ledger.events WHERE originator_id = %b AND originator_version <= %b
     ORDER BY originator_version
"""


def first_disorder(connection: psycopg.Connection) -> int | None:
    """The first position whose row is not its header's; None: there is none.

    It has another command, or another version than the order of its stream says.

    Args:
        connection: of any role that may read the write side.

    Raises:
        psycopg.DataError: a header is no JSON; whoever reads it names it.
    """
    row = connection.execute(_OTHER).fetchone()
    return None if row is None else row[0]


def unexplained_duties(connections: Connections) -> list[tuple[UUID, int]]:
    """Subjects of rows of `ledger.duties` that no event was written with, and how many rows.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    return connections.read(lambda c: c.execute(_DUTIES).fetchall())


def headers_of(connections: Connections, stream: UUID, count: int) -> Sequence[bytes]:
    """The headers of the stream's first `count` events.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    rows = connections.read(
        lambda c: c.cursor(binary=True).execute(_HEADERS, (stream, count)).fetchall()
    )
    return [row[0] for row in rows]
