"""The transfers that a late cause may touch, out of the index, in the order of the log.

A transfer that was recorded behind a cause was judged with it in view, unless its recording is one
of the index's belated events (`projections.belated`). So the transfers of a cause are those
that were recorded before it, and those few: the database reads as many as are asked for, however
many the cause touches. An index without belated events gives all that it touches, whenever
recorded.
"""

from functools import cached_property
from typing import LiteralString
from uuid import UUID

from ledger.store.connections import Connections

_HAS_LATE_EVENTS: LiteralString = "SELECT belated FROM projections.progress WHERE serving"
# The first part ends once it has enough: of what an index row names first in its stream, the row's
# position is the transfer's own. The second one is of rows that are not first, or came too late.
_BY_PERSON: LiteralString = """
    (SELECT DISTINCT e.originator_id, i.position
       FROM projections.entries AS i
       JOIN ledger.events AS e
         ON e.notification_id = i.position AND e.originator_version = 1
      WHERE i.principal_key = ANY(%(key)s)
        AND i.position > %(after)s AND i.position < %(cause)s
      ORDER BY i.position LIMIT %(limit)s)
     UNION
    (SELECT DISTINCT first.originator_id, first.notification_id
       FROM projections.belated AS b
       JOIN projections.entries AS i
         ON i.position = b.position AND i.principal_key = ANY(%(key)s)
       JOIN ledger.events AS e ON e.notification_id = b.position
       JOIN ledger.events AS first
         ON first.originator_id = e.originator_id AND first.originator_version = 1
      WHERE first.notification_id > %(after)s
        AND (first.notification_id < %(cause)s OR EXISTS (
             SELECT FROM projections.belated AS l WHERE l.position = first.notification_id))
      ORDER BY first.notification_id LIMIT %(limit)s)
     ORDER BY 2 LIMIT %(limit)s
"""
_BY_NOTICE: LiteralString = """
    (SELECT e.originator_id, i.position
       FROM projections.reliances AS i
       JOIN ledger.events AS e
         ON e.notification_id = i.position AND e.originator_version = 1
      WHERE i.notice_key = %(key)s AND i.position > %(after)s AND i.position < %(cause)s
      ORDER BY i.position LIMIT %(limit)s)
     UNION
    (SELECT DISTINCT first.originator_id, first.notification_id
       FROM projections.belated AS b
       JOIN projections.reliances AS i ON i.position = b.position AND i.notice_key = %(key)s
       JOIN ledger.events AS e ON e.notification_id = b.position
       JOIN ledger.events AS first
         ON first.originator_id = e.originator_id AND first.originator_version = 1
      WHERE first.notification_id > %(after)s
        AND (first.notification_id < %(cause)s OR EXISTS (
             SELECT FROM projections.belated AS l WHERE l.position = first.notification_id))
      ORDER BY first.notification_id LIMIT %(limit)s)
     ORDER BY 2 LIMIT %(limit)s
"""
_ALL_BY_PERSON: LiteralString = """
    SELECT found.stream, first.notification_id
      FROM (SELECT DISTINCT e.originator_id AS stream
              FROM projections.entries i
              JOIN ledger.events e ON e.notification_id = i.position
             WHERE i.principal_key = ANY(%(key)s)) AS found
      JOIN ledger.events first
        ON first.originator_id = found.stream AND first.originator_version = 1
     WHERE first.notification_id > %(after)s
     ORDER BY 2
     LIMIT %(limit)s
"""
_ALL_BY_NOTICE: LiteralString = """
    SELECT found.stream, first.notification_id
      FROM (SELECT DISTINCT e.originator_id AS stream
              FROM projections.reliances i
              JOIN ledger.events e ON e.notification_id = i.position
             WHERE i.notice_key = %(key)s) AS found
      JOIN ledger.events first
        ON first.originator_id = found.stream AND first.originator_version = 1
     WHERE first.notification_id > %(after)s
     ORDER BY 2
     LIMIT %(limit)s
"""

Candidate = tuple[UUID, int]
"""The stream of a transfer, and where it was recorded."""


class CandidateReader:
    """Reads them as far as the index has followed. One instance a page.

    Each method gives the first `limit` transfers that were recorded after `after`: all of those
    that the cause at the position `cause` touches and that did not know of it, and maybe others
    that it touches.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def of_persons(self, keys: list[UUID], cause: int, after: int, limit: int) -> list[Candidate]:
        """Transfers in which somebody with one of these principal keys ever stood."""
        return self._select((_BY_PERSON, _ALL_BY_PERSON), keys, (cause, after, limit))

    def of_notice(self, key: UUID, cause: int, after: int, limit: int) -> list[Candidate]:
        """Transfers that ever relied on the notice of this key."""
        return self._select((_BY_NOTICE, _ALL_BY_NOTICE), key, (cause, after, limit))

    @cached_property
    def _has_late_events(self) -> bool:
        """Whether the index has them; then the one that takes its place has them as well."""
        row = self._connections.read(lambda c: c.execute(_HAS_LATE_EVENTS, prepare=True).fetchone())
        return row is not None and bool(row[0])

    def _select(
        self,
        statements: tuple[LiteralString, LiteralString],
        key: UUID | list[UUID],
        place: tuple[int, int, int],
    ) -> list[Candidate]:
        cause, after, limit = place
        values = {"key": key, "cause": cause, "after": after, "limit": limit}
        known, whole = statements

        statement = known if self._has_late_events else whole
        rows = self._connections.read(lambda c: c.execute(statement, values).fetchall())
        return [(row[0], row[1]) for row in rows]
