"""Verify: the read side against a full scan of the events."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, starmap
from typing import Any, Final, LiteralString, cast
from uuid import UUID

import psycopg
from psycopg import sql

from ledger.crypto.pseudonyms import LedgerSecret
from ledger.format.envelope import OpenEvent
from ledger.format.events import RECORDED_TYPES
from projections import days, entries, findings, late_events, months
from projections.entries import SLOTS
from projections.findings import Carried, FindingHashes, FindingRow, read, rows_of_streams
from projections.follower import BATCH_BYTES_MAX, FactsAfter, Opened
from projections.progress import SlotProgress, progress_of, serving

_RECORDED: Final = frozenset(RECORDED_TYPES)
_ROWS: LiteralString = """
    SELECT position, code, standing, is_unlawful, mark, sources
      FROM {findings} WHERE position > %s AND position <= %s
"""
_KEYS: LiteralString = "SELECT key_id, position FROM {keys} WHERE position > %s AND position <= %s"
_REACHED: LiteralString = "SELECT position FROM projections.progress WHERE slot = %s"
_OF_SLOT: Final[dict[tuple[str, LiteralString], sql.Composed]] = {
    (slot, statement): sql.SQL(statement).format(
        findings=sql.Identifier("projections", f"findings_{slot}"),
        keys=sql.Identifier("projections", f"findings_keys_{slot}"),
    )
    for slot in SLOTS
    for statement in (_ROWS, _KEYS)
}

Different = tuple[str, str, str, int]
"""`missing`, `unexpected` or `different`; table; code (`all` of a transfer's row) or key id; where
the transfer was recorded."""


def compare_findings(
    connection: psycopg.Connection,
    slot: str,
    events: Sequence[OpenEvent],
    carried: Carried,
    hashes: FindingHashes,
) -> Iterator[Different]:
    """How the rows of the transfers that a stretch of the log records differ from what they say.

    Args:
        events: of the stretch, dense; the slot has reached them.
    """
    after, up_to = events[0].position - 1, events[-1].position
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reached = cast("tuple[int]", connection.execute(_REACHED, (slot,)).fetchone())[0]
        rows, keys = _there(connection, slot, after, up_to)
    streams: list[UUID] = [one.header.stream for one in events if one.header.type in _RECORDED]
    expected = rows_of_streams(read(streams, carried, reached), hashes)
    yield from _row_differences(
        {(one.position, one.code): one for one in expected.rows},
        {(one.position, one.code): one for one in rows},
    )
    for kind, some in (
        ("missing", set(expected.keys) - keys),
        ("unexpected", keys - set(expected.keys)),
    ):
        yield from ((kind, "findings_keys", key.hex(), position) for key, position in sorted(some))


def beyond(connection: psycopg.Connection, slot: str, reached: int, last: int) -> list[Different]:
    """Rows of transfers beyond the position that the slot has reached."""
    rows, keys = _there(connection, slot, reached, last)
    found = [("unexpected", "findings", one.code or "all", one.position) for one in sorted(rows)]
    return found + [("unexpected", "findings_keys", key.hex(), at) for key, at in sorted(keys)]


def _there(
    connection: psycopg.Connection, slot: str, after: int, up_to: int
) -> tuple[list[FindingRow], set[tuple[bytes, int]]]:
    found = connection.execute(_OF_SLOT[slot, _ROWS], (after, up_to)).fetchall()
    rows = [
        FindingRow(
            position, code, status, unlawful, mark.bytes, tuple(key.bytes for key in sources)
        )
        for position, code, status, unlawful, mark, sources in cast(
            "list[tuple[int, str, int, bool, UUID, list[UUID]]]", found
        )
    ]
    keys = connection.execute(_OF_SLOT[slot, _KEYS], (after, up_to)).fetchall()
    return rows, {(bytes(cast("bytes", key)), cast("int", at)) for key, at in keys}


def _row_differences(
    expected: dict[tuple[int, str], FindingRow], there: dict[tuple[int, str], FindingRow]
) -> Iterator[Different]:
    for place in sorted(expected.keys() | there.keys()):
        if expected.get(place) == there.get(place):
            continue
        kind = "different"
        if place not in there:
            kind = "missing"
        elif place not in expected:
            kind = "unexpected"
        yield kind, "findings", place[1] or "all", place[0]


_Row = entries.Pair | entries.Named

_SCAN: dict[tuple[str, str], LiteralString] = {
    ("a", "entries"): "SELECT principal_key, position, name_key FROM projections.entries_a"
    " WHERE position > %s AND position <= %s",
    ("b", "entries"): "SELECT principal_key, position, name_key FROM projections.entries_b"
    " WHERE position > %s AND position <= %s",
    ("a", "namings"): "SELECT principal_key, position, name_key FROM projections.namings_a"
    " WHERE position > %s AND position <= %s",
    ("a", "reliances"): "SELECT notice_key, position FROM projections.reliances_a"
    " WHERE position > %s AND position <= %s",
    ("b", "namings"): "SELECT principal_key, position, name_key FROM projections.namings_b"
    " WHERE position > %s AND position <= %s",
    ("b", "reliances"): "SELECT notice_key, position FROM projections.reliances_b"
    " WHERE position > %s AND position <= %s",
}

VERIFY_BATCH = 2_000
_LAST = 2**62
_POLLS = 10
_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class IndexDifference:
    """A row that is missing or should not be there, or says something else.

    Attributes:
        key: a keyed hash; of counts by month: key id, month, number; of findings: a code; of
            belated events: `event`.
        position: of the row; of the counts by month: up to which was counted.
    """

    table: str
    kind: str
    key: str
    position: int


@dataclass(frozen=True, slots=True)
class Log:
    """How the events are read: see `Follower`."""

    facts_after: FactsAfter
    opened: Opened
    carried: findings.Carried


def differences(
    connection: psycopg.Connection,
    log: Log,
    secret: LedgerSecret,
    progress: Callable[[int], None] = lambda _position: None,
    bytes_max: int = BATCH_BYTES_MAX,
) -> Iterator[IndexDifference]:
    """Compare the serving slot with a full scan of the events, and name every difference.

    Flat in memory: it goes through the log in batches of `VERIFY_BATCH` events, or of `bytes_max`
    of sealed parts.
    """
    slot = serving(connection)
    of_slot = progress_of(connection, slot)
    reached, version = of_slot.position, of_slot.findings
    has_names = of_slot.names == secret.names_version
    if reached and not has_names:
        yield IndexDifference("names", "outdated", of_slot.names or "none", reached)
    hashes = findings.FindingHashes(secret)
    if reached and version != hashes.version:
        yield IndexDifference("findings", "outdated", version or "none", reached)
    if reached and not of_slot.has_late_events:
        yield IndexDifference("belated", "outdated", "none", reached)
    if reached and of_slot.marks != secret.marks_version:
        yield IndexDifference("marks", "outdated", of_slot.marks or "none", reached)
    compared_days = _Days.start(connection, slot, log, secret)
    if reached and compared_days is None:
        yield IndexDifference("days", "outdated", of_slot.days or "none", reached)
    position = 0
    while position < reached:
        facts = log.facts_after(position, min(VERIFY_BATCH, reached - position), bytes_max)
        up_to = facts[-1].position
        events = log.opened(facts)
        expected = _expected(events, secret, of_slot)
        part = _Part(connection, slot, position, up_to, has_names)
        yield from chain(
            part.compared("entries", expected.entries),
            part.compared("namings", expected.namings),
            part.compared("reliances", expected.reliances),
        )
        if version == hashes.version:
            compared = compare_findings(connection, slot, events, log.carried, hashes)
            yield from starmap(_difference, compared)
        if of_slot.has_late_events:
            late = late_events.compare(connection, slot, events)
            yield from (IndexDifference("belated", kind, "event", place) for kind, place in late)
        if compared_days is not None:
            compared_days.add(events)
        position = up_to
        progress(position)
    if compared_days is not None:
        yield from compared_days.compare(log)
    yield from _beyond(connection, slot)
    yield from _miscounted(connection, slot)


def compare_entries(
    connection: psycopg.Connection, events: Sequence[OpenEvent], secret: LedgerSecret
) -> Iterator[IndexDifference]:
    """How the rows of persons differ from what a stretch of the log says, as far as it is followed.

    Args:
        events: of the stretch, dense.
    """
    slot = serving(connection)
    reached = progress_of(connection, slot)
    followed = [one for one in events if one.position <= reached.position]
    if not followed:
        return
    has_names = reached.names == secret.names_version
    expected = _expected(followed, secret, reached)
    after, up_to = followed[0].position - 1, followed[-1].position
    yield from _Part(connection, slot, after, up_to, has_names).compared(
        "entries", expected.entries
    )


def _expected(
    events: Sequence[OpenEvent], secret: LedgerSecret, progress: SlotProgress
) -> entries.IndexRows:
    """The rows of events in a slot that may have no names or no marks, or others."""
    rows = entries.rows(events, secret)
    if progress.names != secret.names_version:
        rows = rows.without_names()
    return rows.with_marks() if progress.marks == secret.marks_version else rows


@dataclass(slots=True)
class _Days:
    """The sums of days, as they stood at one moment of the slot, and as the events say them.

    Attributes:
        reached: the slot's position at that moment; position: up to where events were added.
        oldest: rows of days up to it are not compared: their records may have been destroyed.
    """

    there: Mapping[days.Place, days.Sum]
    reached: int
    oldest: date
    hashes: days.SourceHashes
    expected: dict[days.Place, days.Sum] = field(default_factory=dict[days.Place, days.Sum])
    destroyed: set[date] = field(default_factory=set[date])
    position: int = 0

    @classmethod
    def start(
        cls, connection: psycopg.Connection, slot: str, log: "Log", secret: LedgerSecret
    ) -> "_Days | None":
        """None when the slot has no days, or those of another version."""
        hashes = days.SourceHashes(secret)
        if progress_of(connection, slot).days != hashes.version:
            return None
        reached = progress_of(connection, slot).position
        last = log.opened(log.facts_after(reached - 1, 1, BATCH_BYTES_MAX))
        oldest = days.oldest_day(last[0])
        while True:
            there = days.scan(connection, slot, oldest)
            seen, reached = reached, progress_of(connection, slot).position
            if seen == reached:  # the follower writes the position with the rows: none came between
                return cls(there, reached, oldest, hashes)

    def add(self, events: Sequence[OpenEvent]) -> None:
        """What the next events say, as far as the slot had reached."""
        own = [one for one in events if one.position <= self.reached]
        self.position = events[-1].position
        self.destroyed |= days.destroyed(own)
        for place, one in days.sums(own, self.hashes).items():
            if place[1] > self.oldest:
                self.expected.setdefault(place, days.Sum()).add(one)

    def compare(self, log: "Log") -> Iterator[IndexDifference]:
        """The rows that are other ones, once all events up to the slot's position are added."""
        while self.position < self.reached:
            count = min(VERIFY_BATCH, self.reached - self.position)
            self.add(log.opened(log.facts_after(self.position, count, BATCH_BYTES_MAX)))
        for kind, (source, day) in days.compare(self.expected, self.there, self.hashes):
            if day in self.destroyed:
                continue
            yield IndexDifference("days", kind, f"{source.hex()} {day.isoformat()}", self.reached)


def _beyond(connection: psycopg.Connection, slot: str) -> list[IndexDifference]:
    """Rows that stand beyond the slot's own position, and stay there.

    Those of a large batch stand there for a moment before the position moves (`parallel_copy`).
    """
    found = _beyond_now(connection, slot)
    for _ in range(_POLLS):
        if not found:
            break
        time.sleep(_POLL_SECONDS)
        there = set(_beyond_now(connection, slot))
        found = [one for one in found if one in there]
    return found


def _beyond_now(connection: psycopg.Connection, slot: str) -> list[IndexDifference]:
    """Both as of one moment: the position moves meanwhile."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reached = progress_of(connection, slot).position
        found = [
            IndexDifference(table, "unexpected", row[0].hex, row[1])
            for table in ("entries", "namings", "reliances")
            for row in connection.execute(_SCAN[slot, table], (reached, _LAST))
        ]
        found += starmap(_difference, beyond(connection, slot, reached, _LAST))
        further = late_events.scan(connection, slot, reached, _LAST)
        found += [IndexDifference("belated", "unexpected", "event", place) for place in further]
    return found


def _difference(kind: str, table: str, key: str, position: int) -> "IndexDifference":
    return IndexDifference(table, kind, key, position)


def _miscounted(connection: psycopg.Connection, slot: str) -> Iterator[IndexDifference]:
    """How the counts by month differ, all as of one moment."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        reached = progress_of(connection, slot).position
        rows = months.compare(connection, slot, reached)
    for kind, table, key_id, month, position, transfers in rows:
        parts = (key_id.hex() if key_id else "", month, "" if transfers is None else str(transfers))
        yield IndexDifference(table, kind, " ".join(filter(None, parts)), position or reached)


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows of a stretch of the log, in one slot.

    Attributes:
        has_names: whether names are compared; those of another version are of no use to anybody.
    """

    connection: psycopg.Connection
    slot: str
    after: int
    up_to: int
    has_names: bool

    def compared(self, table: str, expected: Sequence[_Row]) -> Iterator[IndexDifference]:
        cursor = self.connection.execute(_SCAN[self.slot, table], (self.after, self.up_to))
        there = {self._plain(row) for row in cursor}
        self.connection.rollback()
        if table == "namings" and not self.has_names:
            return
        for row in sorted(set(expected) - there, key=str):
            yield IndexDifference(table, "missing", row[0].hex(), row[1])
        for row in sorted(there - set(expected), key=str):
            yield IndexDifference(table, "unexpected", row[0].hex(), row[1])

    def _plain(self, row: tuple[Any, ...]) -> _Row:
        """The row as `projections.entries` makes it."""
        key, position, *names = row
        name_bytes = [name.bytes if name is not None and self.has_names else None for name in names]
        return cast("_Row", (key.bytes, position, *name_bytes))
