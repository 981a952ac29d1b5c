"""The first events of streams: whether a transfer is recorded, and what its header says of it."""

from collections.abc import Sequence
from typing import LiteralString, cast
from uuid import UUID

from ledger.store.connections import Connections

# OFFSET 0: by the streams' own index, however many are asked for.
_FIRST_EVENTS: LiteralString = """
    SELECT e.originator_id, e.state
      FROM (SELECT originator_id, state, notification_id FROM ledger.events
             WHERE originator_id = ANY(%b) AND originator_version = 1 OFFSET 0) AS e
     WHERE e.notification_id <= %b
"""


def first_headers(
    connections: Connections, streams: Sequence[UUID], up_to: int
) -> dict[UUID, bytes]:
    """Stream → header of its first event up to a position; none where there is none.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    values = (list(streams), up_to)
    rows = connections.read(
        lambda c: c.cursor(binary=True).execute(_FIRST_EVENTS, values, prepare=True).fetchall()
    )
    return dict(cast("list[tuple[UUID, bytes]]", rows))
