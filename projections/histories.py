"""A person's history: the index says which streams, the fold in `ledger.history` says what.

Every answer is a function of (person, position): links, entries and facts are all read as of it.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import LiteralString, Protocol, cast
from uuid import UUID

from ledger.errors import PositionBeyondHeadError, ProjectionBehindError
from ledger.events import Expired, Fact, TransferEvent
from ledger.history import (
    ExpiredEntry,
    HistoryEntry,
    as_far_as_shown,
    entry_of,
    is_left_out,
    merge,
)
from ledger.store.connections import Connections
from ledger.streams import Cluster, Streams
from ledger.values import PrincipalRef

_REACHED: LiteralString = "SELECT position FROM projections.progress WHERE serving"
# A person may come into a transfer by a later correction: the order is that of the transfers, so
# that pages of any size, one after the other, are one and the same list.
_STREAMS: LiteralString = """
    SELECT found.stream, first.notification_id
      FROM (SELECT DISTINCT e.originator_id AS stream
              FROM projections.entries i
              JOIN ledger.events e ON e.notification_id = i.position
             WHERE i.principal_key = ANY(%s) AND i.position <= %s) AS found
      JOIN ledger.events first
        ON first.originator_id = found.stream AND first.originator_version = 1
     ORDER BY 2
"""
# How long a reader waits for the projection before it is told to ask again.
WAIT_SECONDS = 5.0
POLL_SECONDS = 0.01


class _Lookup(Protocol):
    def __call__(self, principal: PrincipalRef) -> bool: ...


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a history, oldest first.

    Attributes:
        as_of: the position of the answer.
        cursor: give it back to get the next page; None on the last one.
        expired: month (`2026-11`) → transfers whose content is gone.
        names: the names the person took later, oldest first.
    """

    as_of: int
    person: Cluster
    names: tuple[str, ...]
    entries: tuple[HistoryEntry, ...]
    expired: dict[str, int]
    cursor: int | None


class Histories:
    """Reads histories. Thread-safe."""

    def __init__(self, connections: Connections, streams: Streams) -> None:
        self._connections = connections
        self._streams = streams

    def reached(self) -> int:
        """How far the serving projection has followed the log."""
        row = self._connections.read(lambda c: c.execute(_REACHED, prepare=True).fetchone())
        return int(row[0]) if row is not None else 0

    def wait(self, position: int, seconds: float = WAIT_SECONDS) -> int:
        """Wait until the projection has reached `position`; return how far it is.

        Raises:
            PositionBeyondHeadError: the log has no such position.
            ProjectionBehindError: it was not reached in time.
        """
        reached = self.reached()
        if reached >= position:
            return reached
        head = self._streams.reads.head()
        if position > head:
            raise PositionBeyondHeadError(position, head)
        deadline = time.monotonic() + seconds
        while (reached := self.reached()) < position:
            if time.monotonic() > deadline:
                raise ProjectionBehindError(position, reached)
            time.sleep(POLL_SECONDS)
        return reached

    def page(
        self, principals: Sequence[PrincipalRef], as_of: int, cursor: int | None, limit: int
    ) -> Page:
        """The entries of the person that `principals` name, as of a position that was reached.

        Args:
            principals: identifiers of one person; linked identifiers are found.
            cursor: from the page before.
            limit: transfers a page.
        """
        person = self._streams.cluster(principals, as_of)
        found = self._found(person, as_of)
        after = -1 if cursor is None else cursor
        rest = [stream for stream, position in found.items() if position > after]
        shown, expired = self._shown(rest, found, person, as_of, limit)
        more = len(shown) > limit
        entries = shown[:limit]
        last = found[entries[-1].transfer] if more else None
        names = [
            name
            for state in self._streams.directives(person, as_of)
            for name in sorted(state.names)
        ]
        return Page(
            as_of,
            person,
            tuple(name for _, name in sorted(names)),
            tuple(entries),
            _by_month(one for at, one in expired if last is None or at <= last),
            last,
        )

    def _shown(
        self,
        rest: Sequence[UUID],
        found: dict[UUID, int],
        person: Cluster,
        as_of: int,
        limit: int,
    ) -> tuple[list[HistoryEntry], list[tuple[int, ExpiredEntry]]]:
        """Entries until one more than `limit` is there: pages are cut after exclusion (Order 11).

        Cut before it, an empty page or its cursor would tell that a record was left out, and where.
        """
        entries: list[HistoryEntry] = []
        expired: list[tuple[int, ExpiredEntry]] = []
        every = set(found)
        for begin in range(0, len(rest), limit + 1):
            for one in self._entries(rest[begin : begin + limit + 1], every, person, as_of):
                if isinstance(one, ExpiredEntry):
                    expired.append((found[one.transfer], one))
                else:
                    entries.append(one)
            if len(entries) > limit:
                break
        return entries, expired

    def _found(self, person: Cluster, as_of: int) -> dict[UUID, int]:
        keys = [UUID(bytes=key) for key in person.keys]
        rows = self._connections.read(
            lambda c: c.execute(_STREAMS, (keys, as_of), prepare=True).fetchall()
        )
        return {row[0]: row[1] for row in rows}

    def _entries(
        self, chosen: Sequence[UUID], all_streams: set[UUID], person: Cluster, as_of: int
    ) -> list[HistoryEntry | ExpiredEntry]:
        own = self._own(person)
        facts = self._streams.facts(chosen, as_of)
        entries: list[HistoryEntry | ExpiredEntry] = []
        series: dict[UUID, dict[UUID, HistoryEntry]] = {}
        for stream in chosen:
            entry = self._entry(facts.get(stream, []), own)
            if isinstance(entry, ExpiredEntry) or (
                entry is not None and entry.entry.series is None
            ):
                entries.append(entry)
            elif entry is not None and entry.entry.series is not None:
                # Shown once, under its first message; a long series is read once a page.
                key = entry.entry.series
                if key not in series:
                    series[key] = self._merged(key, all_streams, own, as_of)
                if entry.transfer in series[key]:
                    entries.append(series[key][entry.transfer])
        return entries

    def _entry(
        self, facts: Sequence[Fact[object]], own: _Lookup
    ) -> HistoryEntry | ExpiredEntry | None:
        return entry_of(_typed(facts), own)

    def _merged(
        self, series: UUID, all_streams: set[UUID], own: _Lookup, as_of: int
    ) -> dict[UUID, HistoryEntry]:
        """The records that the person's messages of the series form, by their first message."""
        # A message stands one position before the event by which it joins: `all_streams` says what
        # is there as of the position, the whole series only which of it are messages.
        state = self._streams.series_state(series)
        assert state is not None, "a message and its series are appended together"
        whole = self._streams.series_state(series, as_of)
        members = [stream for stream in state.messages if stream in all_streams]
        found = self._streams.facts(members, as_of)
        entries = [
            one
            for one in (self._entry(facts, own) for facts in found.values())
            if isinstance(one, HistoryEntry)
        ]
        if any(is_left_out(_typed(facts), own) for facts in found.values()):
            # A message is left out (Order 11): the series is what the others say, and no day of
            # the one left out may be told.
            whole = as_far_as_shown(whole, entries)
        return {merged.transfer: merged for merged in merge(entries, whole)}

    def _own(self, person: Cluster) -> _Lookup:
        known = {(ref.scheme, ref.id) for ref in person.refs}
        normal = self._streams.normal

        def own(principal: PrincipalRef) -> bool:
            # Most identifiers arrive in their normal form: look first, normalise only then.
            if (principal.scheme, principal.id) in known:
                return True
            ref = normal(principal)
            return (ref.scheme, ref.id) in known

        return own


def _typed(facts: Sequence[Fact[object]]) -> Sequence[Fact[TransferEvent | Expired]]:
    return cast("Sequence[Fact[TransferEvent | Expired]]", facts)


def _by_month(expired: Iterable[ExpiredEntry]) -> dict[str, int]:
    """Month of recording → how many."""
    counts: dict[str, int] = {}
    for one in expired:
        month = one.recorded_at.strftime("%Y-%m")
        counts[month] = counts.get(month, 0) + 1
    return counts
