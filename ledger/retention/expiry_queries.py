"""What is due, what hangs on it, and until when the rest lives: questions before anything dies.

Each is one statement over whole sets: a day's key may seal a million events. Nothing here writes.
Of the key ring's rows those alone are taken that the ledger made (0120).
A stream *lives* as long as a key has a row under which one of its events is sealed.

Source: `docs/reference/event-format.md`, section 5.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from typing import Any, LiteralString, Protocol, TypeVar, cast
from uuid import UUID

from psycopg.rows import args_row

from ledger.format.envelope import KeyRow
from ledger.format.header import read_header
from ledger.retention.expiry_rows import (
    CaseHead,
    CopyKey,
    DueKey,
    LivePart,
    MonthCount,
    RecordEnd,
    SeriesFacts,
)
from ledger.store.columns import bigints, byteas, uuids
from ledger.store.connections import Connections
from ledger.store.keys import KeyRows
from ledger.store.queries import NAMES_KEY

__all__ = [
    "CaseHead",
    "CopyKey",
    "DueKey",
    "ExpiryQueries",
    "LivePart",
    "MonthCount",
    "RecordEnd",
    "SeriesFacts",
]

T = TypeVar("T")


class _OfKey(Protocol):
    """A row that says something of a key."""

    @property
    def key_id(self) -> bytes: ...


K = TypeVar("K", bound=_OfKey)

# Quarantined items, kept answers and drafts are no events, and counted as such: what the operator
# reads is how much dies.
_DUE: LiteralString = """
    SELECT k.key_id, k.key_class, k.day, k.owner,
           (SELECT count(*) FROM ledger.sealed_parts AS s
             WHERE s.key_id = k.key_id AND s.n = 0)
           + (SELECT count(*) FROM ledger.quarantine AS q WHERE q.key_id = k.key_id)
           + (SELECT count(*) FROM ledger.answers AS a WHERE a.key_id = k.key_id)
           + (SELECT count(*) FROM ledger.form_drafts AS d WHERE d.key_id = k.key_id)
           + (SELECT count(*) FROM ledger.registers AS r WHERE r.key_id = k.key_id)
           + (SELECT count(*) FROM ledger.exports AS e WHERE e.key_id = k.key_id)
           + (SELECT count(*) FROM ledger.bulk_transfers AS b WHERE b.key_id = k.key_id)
           + (SELECT count(*) FROM ledger.officer_names AS n WHERE n.key_id = k.key_id),
           (SELECT count(*) FROM ledger.lookups AS l WHERE l.key_id = k.key_id)
      FROM ledger.data_keys AS k
     WHERE k.day <= %b
     ORDER BY k.day, k.key_class, k.key_id
"""
# One pass over an index that holds nothing but keys: cheaper than a search for each of many. A key
# under which nothing stands is not counted: that it was made tells that somebody was about to seal.
_BY_MONTH: LiteralString = """
    WITH sealed AS MATERIALIZED (
        SELECT s.key_id, count(*) AS events
          FROM ledger.sealed_parts AS s WHERE s.n = 0 GROUP BY s.key_id
         UNION ALL SELECT q.key_id, count(*) FROM ledger.quarantine AS q GROUP BY q.key_id
         UNION ALL SELECT a.key_id, count(*) FROM ledger.answers AS a GROUP BY a.key_id
         UNION ALL
        SELECT d.key_id, count(*) FROM ledger.form_drafts AS d GROUP BY d.key_id
         UNION ALL SELECT r.key_id, count(*) FROM ledger.registers AS r GROUP BY r.key_id
         UNION ALL SELECT e.key_id, count(*) FROM ledger.exports AS e GROUP BY e.key_id
         UNION ALL SELECT b.key_id, count(*) FROM ledger.bulk_transfers AS b GROUP BY b.key_id
         UNION ALL SELECT n.key_id, count(*) FROM ledger.officer_names AS n GROUP BY n.key_id
    ), lives AS (
        SELECT k.key_id, k.key_class, k.day, sealed.events
          FROM sealed CROSS JOIN LATERAL (
               SELECT * FROM ledger.data_keys AS k WHERE k.key_id = sealed.key_id LIMIT 1) AS k
    )
    SELECT key_class, date_trunc('month', day)::date, count(DISTINCT key_id),
           sum(events)::bigint
      FROM lives
     WHERE %b::date IS NULL OR day <= %b::date
     GROUP BY 1, 2 ORDER BY 2 NULLS LAST, 1
"""
_UNDATED: LiteralString = """
    SELECT key_id, key_class, day, owner, epoch, wrapped
      FROM ledger.data_keys WHERE day IS NULL ORDER BY key_class, key_id
"""
_OF_SERIES: LiteralString = """
    SELECT key_id, key_class, day, owner, epoch, wrapped
      FROM ledger.data_keys WHERE key_class = 'series' AND owner = ANY(%b)
"""
_ROWS: LiteralString = """
    SELECT key_id, key_class, day, owner, epoch, wrapped
      FROM ledger.data_keys WHERE key_id = ANY(%b) ORDER BY day, key_class, key_id
"""
# Key, parts, events, in this order, each found by a key of its own: LATERAL with OFFSET or LIMIT
# leaves the planner no other. Without statistics it has chosen passes over whole tables. A part
# counts where the event there names its key: anybody with the writer's login can add others.
_PART_OF_EVENT: LiteralString = (
    """
     CROSS JOIN LATERAL (
           SELECT s.partition, s.position, s.key_id, octet_length(s.part) AS bytes
             FROM ledger.sealed_parts AS s
            WHERE s.key_id = k.key_id AND s.n = 0 OFFSET 0) AS s
     CROSS JOIN LATERAL (
           SELECT e.* FROM ledger.events AS e
            WHERE e.notification_id = s.position AND e.partition = s.partition AND """  # noqa: S608 -- literals alone
    + NAMES_KEY
    + """ LIMIT 1) AS e
"""
)
_UNDER: LiteralString = "FROM ledger.data_keys AS k" + _PART_OF_EVENT
_HELD: LiteralString = (
    "SELECT k.key_id, k.day, k.owner, EXISTS (SELECT FROM (SELECT) AS one"  # noqa: S608 -- literals
    + _PART_OF_EVENT
    + """)
      FROM ledger.data_keys AS k
     WHERE k.key_class = 'held' AND k.owner = ANY(%b)
     ORDER BY k.owner, k.key_id
"""
)
_OUTLIVING: LiteralString = (
    "SELECT DISTINCT e.originator_id "  # noqa: S608 -- literals alone
    + _UNDER
    + """
     CROSS JOIN LATERAL (SELECT e.originator_id, e.notification_id OFFSET 0) AS first
     CROSS JOIN LATERAL (
           SELECT FROM (
                  SELECT o.partition, o.notification_id, o.state FROM ledger.events AS o
                   WHERE o.originator_id = first.originator_id
                     AND o.notification_id <> first.notification_id
                     AND o.topic <> 'record-carried-forward'
                  OFFSET 0) AS e
            CROSS JOIN LATERAL (
                  SELECT s.key_id FROM ledger.sealed_parts AS s
                   WHERE s.partition = e.partition AND s.position = e.notification_id AND s.n = 0
                     AND s.key_id <> ALL(%b) AND """
    + NAMES_KEY
    + """
                   LIMIT 1) AS p
            CROSS JOIN LATERAL (
                  SELECT FROM ledger.data_keys AS q
                   WHERE q.key_id = p.key_id AND (q.day IS NULL OR q.day > k.day) LIMIT 1) AS q
            LIMIT 1) AS longer
     WHERE k.key_id = ANY(%b)
"""
)
_DEPENDED_ON: LiteralString = (
    "SELECT DISTINCT e.originator_id, l.stream "  # noqa: S608 -- literals alone
    + _UNDER
    + """
     CROSS JOIN LATERAL (
           SELECT l.stream FROM ledger.lookups AS l
            WHERE l.kind = 'base' AND l.key = uuid_send(e.originator_id) OFFSET 0) AS l
     WHERE k.key_id = ANY(%b)
"""
)
_TAKING_FROM: LiteralString = """
    SELECT DISTINCT asked.base, l.stream
      FROM unnest(%b::uuid[]) AS asked (base)
     CROSS JOIN LATERAL (
           SELECT l.stream FROM ledger.lookups AS l
            WHERE l.kind = 'base' AND l.key = uuid_send(asked.base) OFFSET 0) AS l
"""
# UNION passes over what was found before: records may name each other.
_LEADING_TO: LiteralString = (
    "WITH RECURSIVE named (base, stream) AS (("  # noqa: S608 -- literals alone
    + _DEPENDED_ON
    + """)
     UNION
    SELECT n.stream, l.stream
      FROM named AS n CROSS JOIN LATERAL (
           SELECT l.stream FROM ledger.lookups AS l
            WHERE l.kind = 'base' AND l.key = uuid_send(n.stream) OFFSET 0) AS l
    )
    SELECT base, stream FROM named
"""
)
# Of each event under a key: its own stream, and those that name it as base.
_TIES: LiteralString = (
    "SELECT DISTINCT k.key_id, tied.key_id "  # noqa: S608 -- literals alone
    + _UNDER
    + """
     CROSS JOIN LATERAL (
           SELECT e.originator_id AS stream
            UNION ALL
           SELECT l.stream FROM ledger.lookups AS l
            WHERE l.kind = 'base' AND l.key = uuid_send(e.originator_id) OFFSET 0) AS near
     CROSS JOIN LATERAL (
           SELECT s.key_id FROM (
                  SELECT o.partition, o.notification_id, o.state FROM ledger.events AS o
                   WHERE o.originator_id = near.stream OFFSET 0) AS e
            CROSS JOIN LATERAL (
                  SELECT s.key_id FROM ledger.sealed_parts AS s
                   WHERE s.partition = e.partition AND s.position = e.notification_id AND s.n = 0
                     AND s.key_id = ANY(%b) AND """
    + NAMES_KEY
    + """
                   LIMIT 1) AS s) AS tied
     WHERE k.key_id = ANY(%b) AND tied.key_id <> k.key_id
"""
)
_SEALED_UNDER: LiteralString = (
    """
    SELECT DISTINCT e.originator_id, s.key_id
      FROM (SELECT * FROM ledger.events WHERE originator_id = ANY(%b) OFFSET 0) AS e
     CROSS JOIN LATERAL (
           SELECT s.key_id FROM ledger.sealed_parts AS s
            WHERE s.partition = e.partition AND s.position = e.notification_id AND s.n = 0
              AND s.key_id = ANY(%b) AND """  # noqa: S608 -- literals alone
    + NAMES_KEY
    + """
            LIMIT 1) AS s
"""
)
# The ring names the cases that live: their types have no index, and the log is long.
_CASES: LiteralString = """
    SELECT k.key_id, k.owner, last.originator_version, last.topic
      FROM ledger.data_keys AS k
     CROSS JOIN LATERAL (
           SELECT e.originator_version, e.topic FROM ledger.events AS e
            WHERE e.originator_id = k.owner
            ORDER BY e.originator_version DESC LIMIT 1) AS last
     WHERE k.key_class = 'case' AND k.owner IS NOT NULL
"""
_LIVES: LiteralString = (
    """
    SELECT e.originator_id, e.notification_id, e.originator_version, e.topic,
           k.key_id, k.key_class, k.day, k.owner
      FROM (SELECT * FROM ledger.events WHERE originator_id = ANY(%b) OFFSET 0) AS e
     CROSS JOIN LATERAL (
           SELECT s.key_id FROM ledger.sealed_parts AS s
            WHERE s.partition = e.partition AND s.position = e.notification_id AND s.n = 0 AND """  # noqa: S608 -- literals alone
    + NAMES_KEY
    + """
            LIMIT 1) AS s
     CROSS JOIN LATERAL (
           SELECT * FROM ledger.data_keys AS k WHERE k.key_id = s.key_id LIMIT 1) AS k
     ORDER BY e.notification_id
"""
)
# What dies under keys, and what else lives of the same streams. A page of the small ones is as
# large as one of the large ones (4 MiB at most).
_OPENED: LiteralString = (
    "WITH dying AS MATERIALIZED (SELECT e.notification_id, e.originator_id, s.bytes "  # noqa: S608 -- literals alone
    + _UNDER
    + """
             WHERE k.key_id = ANY(%b)
    ), living AS (
        SELECT * FROM dying
         UNION
        SELECT e.notification_id, e.originator_id, s.bytes
          FROM (SELECT DISTINCT originator_id FROM dying) AS d
         CROSS JOIN LATERAL (
               SELECT e.* FROM ledger.events AS e
                WHERE e.originator_id = d.originator_id OFFSET 0) AS e
         CROSS JOIN LATERAL (
               SELECT octet_length(s.part) AS bytes FROM ledger.sealed_parts AS s
                WHERE s.partition = e.partition AND s.position = e.notification_id AND s.n = 0
                  AND """
    + NAMES_KEY
    + """
                LIMIT 1) AS s
    )
    SELECT array_agg(notification_id ORDER BY notification_id) FILTER (WHERE bytes <= %b),
           array_agg(notification_id ORDER BY notification_id) FILTER (WHERE bytes > %b)
      FROM living
"""
)
_STREAMS_AT: LiteralString = """
    SELECT notification_id, originator_id FROM ledger.events WHERE notification_id = ANY(%b)
"""
_NEWEST: LiteralString = "SELECT state FROM ledger.events ORDER BY notification_id DESC LIMIT 1"
_NEWEST_OF: LiteralString = """
    SELECT asked.stream, last.state
      FROM unnest(%b::uuid[]) AS asked (stream)
     CROSS JOIN LATERAL (
           SELECT e.state FROM ledger.events AS e
            WHERE e.originator_id = asked.stream
            ORDER BY e.originator_version DESC LIMIT 1) AS last
"""
# Read from the text of the header, which is canonical JSON: these members stand in it once.
_SERIES: LiteralString = (
    """
    SELECT h.facts ->> 'retain_through', h.facts ->> 'recorded_on', h.facts ->> 'duty', max(h.at),
           count(*)
"""
    + _UNDER
    + """
     CROSS JOIN LATERAL (SELECT convert_from(e.state, 'UTF8')::jsonb AS whole OFFSET 0) AS j
     CROSS JOIN LATERAL (SELECT j.whole -> 'facts' AS facts, j.whole ->> 'at' AS at) AS h
     WHERE k.key_id = %b
     GROUP BY 1, 2, 3
"""
)
_STREAMS_UNDER: LiteralString = (
    "SELECT DISTINCT e.originator_id, k.key_id " + _UNDER + "WHERE k.key_id = ANY(%b)"
)
_REGISTER: LiteralString = (
    "SELECT DISTINCT k.key_id, e.topic, e.originator_id " + _UNDER + "WHERE k.key_id = ANY(%b)"
)


class ExpiryQueries:
    """Answers as of now, each question by itself. Thread-safe.

    Every method raises `StoreUnavailableError` when the database cannot be reached.

    Args:
        connections: of the role reader.
        keys: the key ring's table.
    """

    def __init__(self, connections: Connections, keys: KeyRows) -> None:
        self._connections = connections
        self._keys = keys

    def due(self, up_to: date) -> list[DueKey]:
        """The keys whose day is `upto` or earlier, by day, class and id."""
        return self._believed(self._rows(_DUE, (up_to,), DueKey))

    def counts_by_month(self, up_to: date | None = None) -> list[MonthCount]:
        """How much dies when, by month and class; None: of everything that lives.

        Keys under which nothing is sealed are not counted.
        """
        return self._rows(_BY_MONTH, (up_to, up_to), MonthCount)

    def undated(self) -> list[KeyRow]:
        """The rows of objects' keys that have no day."""
        return self._believed(self._rows(_UNDATED, (), KeyRow))

    def rows(self, key_ids: Collection[bytes]) -> list[KeyRow]:
        """The rows of these keys; a dead one has none."""
        return self._believed(self._rows(_ROWS, (byteas(key_ids),), KeyRow))

    def series_rows(self, owners: Collection[UUID]) -> dict[UUID, KeyRow]:
        """Owner → the row of its key, of those that are series or once had no end."""
        rows = self._believed(self._rows(_OF_SERIES, (uuids(owners),), KeyRow))
        return {row.owner: row for row in rows if row.owner is not None}

    def outliving(self, key_ids: Collection[bytes]) -> set[UUID]:
        """The streams with an event under these keys whose other events live longer than it.

        Copies do not count: what one copies is not prolonged by it once more.
        """
        keys = byteas(key_ids)
        return self._streams(_OUTLIVING, (keys, keys))

    def depended_on(self, key_ids: Collection[bytes]) -> list[tuple[UUID, UUID]]:
        """(stream with an event under these keys, stream that names it as base), each pair once."""
        return cast("list[tuple[UUID, UUID]]", self._ask(_DEPENDED_ON, (byteas(key_ids),)))

    def taking_from(self, bases: Collection[UUID]) -> list[tuple[UUID, UUID]]:
        """(one of these, stream that names it as base), each pair once."""
        return cast("list[tuple[UUID, UUID]]", self._ask(_TAKING_FROM, (uuids(bases),)))

    def leading_to(self, key_ids: Collection[bytes]) -> list[tuple[UUID, UUID]]:
        """As `depended_on`, with those that name the second of a pair, and so on."""
        return cast("list[tuple[UUID, UUID]]", self._ask(_LEADING_TO, (byteas(key_ids),)))

    def ties(self, key_ids: Collection[bytes]) -> list[tuple[bytes, bytes]]:
        """(key, another one of these under which there is more of a stream or of a dependant)."""
        keys = byteas(key_ids)
        return cast("list[tuple[bytes, bytes]]", self._ask(_TIES, (keys, keys)))

    def sealed_under(
        self, key_ids: Collection[bytes], among: Collection[UUID]
    ) -> set[tuple[UUID, bytes]]:
        """(stream, key) of those streams of `among` that have an event under one of these keys."""
        rows = self._ask(_SEALED_UNDER, (uuids(among), byteas(key_ids)))
        return set(cast("list[tuple[UUID, bytes]]", rows))

    def streams_under(self, key_ids: Collection[bytes]) -> set[tuple[UUID, bytes]]:
        """(stream, key) of all streams with an event under one of these keys."""
        rows = self._ask(_STREAMS_UNDER, (byteas(key_ids),))
        return set(cast("list[tuple[UUID, bytes]]", rows))

    def copy_keys(self, owners: Collection[UUID]) -> list[CopyKey]:
        """The keys of copies that these holds and cases own, by owner and id."""
        return self._believed(self._rows(_HELD, (uuids(owners),), CopyKey))

    def cases(self) -> list[CaseHead]:
        """Of each case whose key lives and that has an event, the newest one."""
        rows = self._rows(_CASES, (), _case_head)
        live_ids = self._keys.find_live([key_id for key_id, _ in rows])
        return [head for key_id, head in rows if key_id in live_ids]

    def lives(self, streams: Collection[UUID]) -> dict[UUID, list[LivePart]]:
        """The events of each stream that can be opened, by position; a dead stream is absent."""
        found: dict[UUID, list[LivePart]] = {}
        for stream, part in self._rows(_LIVES, (uuids(streams),), _live_part):
            found.setdefault(stream, []).append(part)
        return found

    def positions_to_open(
        self, key_ids: Collection[bytes], bytes_max: int
    ) -> tuple[list[int], list[int]]:
        """Positions of the events that can be opened of streams with an event under these keys.

        Rising: those of at most `bytes_max` sealed bytes, then the larger ones.
        """
        [row] = self._ask(_OPENED, (byteas(key_ids), bytes_max, bytes_max))
        small, large = cast("tuple[list[int] | None, list[int] | None]", row)
        return small or [], large or []

    def streams_at(self, positions: Collection[int]) -> dict[int, UUID]:
        """The streams of the events at these positions."""
        rows = self._ask(_STREAMS_AT, (bigints(positions),))
        return dict(cast("list[tuple[int, UUID]]", rows))

    def newest_event_at(self) -> datetime | None:
        """The instant of the newest event; None in an empty ledger."""
        rows = self._ask(_NEWEST, ())
        return read_header(cast("bytes", rows[0][0])).at if rows else None

    def newest_at(self, streams: Collection[UUID]) -> dict[UUID, datetime]:
        """The instant of the newest event of each stream; a stream without events is absent."""
        rows = cast("list[tuple[UUID, bytes]]", self._ask(_NEWEST_OF, (uuids(streams),)))
        return {stream: read_header(header).at for stream, header in rows}

    def series_facts(self, key_id: bytes) -> SeriesFacts:
        """What the headers of the events under this key say."""
        raw_rows = self._ask(_SERIES, (key_id,))
        rows = cast("list[tuple[str | None, str | None, str, str, int]]", raw_rows)
        ends = {
            RecordEnd(_day(end), date.fromisoformat(recorded_on), duty)
            for end, recorded_on, duty, _, _ in rows
            if recorded_on  # then it says the duty too
        }
        newest = max((at for *_, at, _ in rows), default=None)
        return SeriesFacts(
            frozenset(ends),
            None if newest is None else datetime.fromisoformat(newest),
            sum(count for *_, count in rows),
        )

    def register_events(self, key_ids: Collection[bytes]) -> list[tuple[bytes, str, UUID]]:
        """(key, type, stream) of the events under these keys, each once.

        A register's key does not die while it seals a hold that stands, a plan that is not yet
        carried out, or a notice that is not withdrawn: which of them do, the caller finds out.
        """
        rows = self._ask(_REGISTER, (byteas(key_ids),))
        return cast("list[tuple[bytes, str, UUID]]", rows)

    def _believed(self, rows: Sequence[K]) -> list[K]:
        live_ids = self._keys.find_live([row.key_id for row in rows])
        return [row for row in rows if row.key_id in live_ids]

    def _streams(self, statement: LiteralString, values: Sequence[object]) -> set[UUID]:
        return {cast("UUID", row[0]) for row in self._ask(statement, values)}

    def _ask(self, statement: LiteralString, values: Sequence[object]) -> list[tuple[object, ...]]:
        return self._rows(statement, values, lambda *columns: columns)

    def _rows(
        self, statement: LiteralString, values: Sequence[object], made: Callable[..., T]
    ) -> list[T]:
        return self._connections.read(
            lambda c: (
                c.cursor(binary=True, row_factory=args_row(made))
                .execute(statement, values, prepare=True)
                .fetchall()
            )
        )


def _case_head(key_id: bytes, *columns: Any) -> tuple[bytes, CaseHead]:  # noqa: ANN401 -- as they are selected
    return key_id, CaseHead(*columns)


def _live_part(stream: UUID, *columns: Any) -> tuple[UUID, LivePart]:  # noqa: ANN401 -- as they are selected
    return stream, LivePart(*columns)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
