"""Headers of events of some types, for a question about who did what, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString, cast
from uuid import UUID

from ledger.store.connections import Connections

# The header is the only place where instant and actor stand. Never a generic plan: only with the
# types known can the planner see that the index on acts, which is of versions from 1, covers them.
HEADERS_BY: LiteralString = """
    SELECT e.notification_id, e.originator_id, e.state
      FROM ledger.events AS e
     CROSS JOIN LATERAL (SELECT convert_from(e.state, 'UTF8')::jsonb AS header OFFSET 0) AS h
     WHERE e.originator_version >= 1
       AND e.topic = ANY(%b) AND e.notification_id > %b AND e.notification_id <= %b
       AND (%b::uuid IS NULL OR e.originator_id = %b::uuid)
       AND h.header ->> 'at' >= %b::text COLLATE "C" AND h.header ->> 'at' < %b::text COLLATE "C"
       AND (%b::text IS NULL OR h.header ->> 'actor' = %b::text)
     ORDER BY e.notification_id
     LIMIT %b
"""


@dataclass(frozen=True, slots=True)
class HeadersAsked:
    """Which headers are asked for; None: whatever it is.

    Attributes:
        instants: from the first one to before the second one, as headers write them.
        stream: of the events.
        actor: who did it.
    """

    topics: Sequence[str]
    instants: tuple[str, str]
    stream: UUID | None = None
    actor: str | None = None


def headers_by(
    connections: Connections, asked: HeadersAsked, after: int, up_to: int, limit: int
) -> list[tuple[int, UUID, bytes]]:
    """(position, stream, header) of the next events, ascending by position.

    Args:
        after, upto: positions; beyond the first one, up to the second one.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    given = (
        *(list(asked.topics), after, up_to, asked.stream, asked.stream),
        *(*asked.instants, asked.actor, asked.actor, limit),
    )
    rows = connections.read(
        lambda c: c.cursor(binary=True).execute(HEADERS_BY, given, prepare=False).fetchall()
    )
    return cast("list[tuple[int, UUID, bytes]]", rows)
