"""Whether the rows of the log say of themselves what their headers say: columns and versions.

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


def headers_of(connections: Connections, stream: UUID, count: int) -> Sequence[bytes]:
    """The headers of the stream's first `count` events.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    rows = connections.read(
        lambda c: c.cursor(binary=True).execute(_HEADERS, (stream, count)).fetchall()
    )
    return [row[0] for row in rows]
