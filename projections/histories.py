"""A person's history: the index says which streams, the fold in `ledger.streams.history` says what.

Every answer is a function of (person, position): links, entries and facts are all read as of it.
What is gone is counted as of now, and of the whole ledger; and what is excluded under Order 11 now
for the person is in no answer, whatever its position.
"""

import time
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, LiteralString, Protocol, cast
from uuid import UUID

from ledger.errors import ProjectionBehindError
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.format.events import ExpiredEvent, Fact, SeriesEvent, TransferEvent
from ledger.log.epochs import beyond_head
from ledger.series import series
from ledger.store.connections import Connections
from ledger.streams.history import HistoryEntry, entry_of, merge, says_since
from ledger.streams.streams import Cluster, Streams
from ledger.transfers import transfer
from ledger.values import PrincipalRef
from projections.months import destroyed_counts_until

_REACHED: LiteralString = "SELECT position FROM projections.progress WHERE serving"
# By the streams' own index: each has few events, and of the person's streams nearly none moved.
_MOVED: LiteralString = """
    SELECT 1
      FROM unnest(%(streams)s::uuid[]) AS asked (stream)
     CROSS JOIN LATERAL (
           SELECT FROM ledger.events AS e
            WHERE e.originator_id = asked.stream AND e.originator_version > 1
              AND e.notification_id > %(then)s AND e.notification_id <= %(now)s
            LIMIT 1) AS moved
     LIMIT 1
"""
# How long a reader waits for the projection before it is told to ask again.
WAIT_SECONDS = 5.0
POLL_SECONDS = 0.01
PAGE_BYTES_MAX: Final = 16 * 1024 * 1024
"""Sealed bytes of the transfers of one page: a single transfer may have four mebibytes."""
MESSAGES_AT_ONCE: Final = 2_000
"""Messages of a series that are read at once; fewer, where they have more than `PAGE_BYTES_MAX`."""
_Merged = dict[UUID, dict[UUID, HistoryEntry]]
"""Series → stream of the first message of each of its records → that record."""


_Series = series.State | None
KEPT_MAX: Final = 64
"""Series that one look keeps."""
_KEPT: ContextVar[dict[tuple[UUID, int], tuple[_Series, _Series]] | None] = ContextVar(
    "series", default=None
)


@contextmanager
def series_read_once() -> Generator[None]:
    """Within it a series is read once: fifty namesakes may stand in one of very many messages."""
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


class _Lookup(Protocol):
    def __call__(self, principal: PrincipalRef) -> bool: ...


@dataclass(frozen=True, slots=True)
class _HistoryQuery:
    """Whose history, as of which position, without what.

    Attributes:
        found: stream → position of its first event, after exclusion, ascending.
        chunks: of bulk transfers, those in which the person stands.
        keys: principal keys of all identifiers of the person.
        places: as `found`, with what is excluded.
        apart: messages of others that say nothing of the end of their series.
        is_reply: whether what no reply tells is left out of the data; it may have mebibytes.
    """

    found: dict[UUID, int]
    chunks: frozenset[int]
    own: _Lookup
    as_of: int
    excluded: ActiveExclusions
    keys: tuple[bytes, ...]
    places: dict[UUID, int]
    apart: Collection[UUID]
    is_reply: bool

    def hides_marked(self, position: int) -> bool:
        """Whether an emitter's mark hides from the person what was recorded there."""
        return self.excluded.hides(position, self.keys, is_marked=True)


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A part of a history, oldest first.

    Attributes:
        as_of: the position of the answer.
        cursor: position of the last transfer here, from which the next page goes on with the same
            `as_of`; None on the last page.
        expired: month of recording (`2026-11`) → transfers of the whole ledger, whosever they were,
            whose content is gone by now; months up to that of the event at `as_of`.
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
            raise beyond_head(self._streams, position, head)
        deadline = time.monotonic() + seconds
        while (reached := self.reached()) < position:
            if time.monotonic() > deadline:
                raise ProjectionBehindError(position, reached)
            time.sleep(POLL_SECONDS)
        return reached

    def page(
        self,
        principals: Sequence[PrincipalRef],
        as_of: int,
        cursor: int | None,
        limit: int,
        excluded: ActiveExclusions | None = None,
    ) -> HistoryPage:
        """The entries of the person that `principals` name, as of a position that was reached.

        Args:
            principals: identifiers of one person; linked identifiers are found.
            cursor: from the page before.
            limit: transfers a page; it ends before them, but not before its first transfer, where
                they have more bytes than `PAGE_BYTES_MAX`.
            excluded: what to leave out, as of a reply that was made; None: what is excluded now.
        """
        person, query = self._query(principals, as_of, excluded)
        found = query.found
        after = -1 if cursor is None else cursor
        streams = [stream for stream, position in found.items() if position > after]
        entries, more = self._page_entries(streams, query, limit)
        last = found[entries[-1].transfer] if more else None
        return HistoryPage(
            as_of,
            person,
            self._names(person, as_of),
            tuple(entries),
            self._connections.read(lambda c: destroyed_counts_until(c, as_of)),
            last,
        )

    def all_entries(
        self,
        principals: Sequence[PrincipalRef],
        as_of: int,
        at_once: int,
        excluded: ActiveExclusions | None = None,
        apart: Collection[UUID] = (),
    ) -> tuple[list[HistoryEntry], tuple[str, ...]]:
        """All entries of the person, as of a position that was reached, and the names taken later.

        The entries of all pages of `page`, of a person that is looked up once, without the records
        that they were made of (`derived_from`).

        Args:
            at_once: transfers whose content is read at once; fewer, where they have more bytes than
                `PAGE_BYTES_MAX`.
            apart: messages of others that say nothing of the end of their series.
        """
        person, query = self._query(principals, as_of, excluded, apart, is_reply=True)
        entries: list[HistoryEntry] = []
        merged: _Merged = {}
        for chosen, _ in self._portions(list(query.found), query, at_once):
            entries += self._entries(chosen, query, merged)
        return entries, self._names(person, as_of)

    def is_unchanged(self, principals: Sequence[PrincipalRef], then: int, now: int) -> bool:
        """Whether the person's transfers are the same at both positions, and nothing befell any.

        False says only that something happened there, perhaps nothing that is shown. What befell a
        series is not looked at.

        Args:
            then, now: positions that were reached, ascending.
        """
        before, after = (self._streams.cluster(principals, one) for one in (then, now))
        if sorted(before.keys) != sorted(after.keys):
            return False
        found, later = (
            self._streams.exclusions.rows.transfers_of(before.keys, p) for p in (then, now)
        )
        if found.keys() != later.keys():
            return False
        values = {"streams": list(found), "then": then, "now": now}
        row = self._connections.read(lambda c: c.execute(_MOVED, values, prepare=True).fetchone())
        return row is None

    def has_changed(
        self, principals: Sequence[PrincipalRef], streams: Sequence[UUID], then: int
    ) -> bool:
        """Whether anything was said since of the person in these transfers, which were theirs then.

        Args:
            then: a position that was reached.
        """
        person = self._streams.cluster(principals, then)
        chunks = self._streams.exclusions.rows.positions_of(person.keys, then).chunks or None
        own = self._own(person)
        for begin in range(0, len(streams), MESSAGES_AT_ONCE):
            block = streams[begin : begin + MESSAGES_AT_ONCE]
            facts = self._streams.facts(block, None, chunks)
            if any(says_since(_transfer_facts(facts.get(one, [])), own, then) for one in block):
                return True
        return False

    def _query(
        self,
        principals: Sequence[PrincipalRef],
        as_of: int,
        excluded: ActiveExclusions | None,
        apart: Collection[UUID] = (),
        *,
        is_reply: bool = False,
    ) -> tuple[Cluster, _HistoryQuery]:
        """The person and the query; `excluded` as of `page`, `apart` of `all_entries`."""
        hidden = self._streams.exclusions.active() if excluded is None else excluded
        person = self._streams.cluster(principals, as_of)
        places = self._streams.exclusions.rows.positions_of(person.keys, as_of)
        # What is excluded is left out before any of it is read.
        found = {
            stream: position
            for stream, position in places.transfers.items()
            if not hidden.covers(position, person.keys)
        }
        return person, _HistoryQuery(
            found,
            places.chunks,
            self._own(person),
            as_of,
            hidden,
            person.keys,
            places.transfers,
            apart,
            is_reply,
        )

    def _names(self, person: Cluster, as_of: int) -> tuple[str, ...]:
        """The names that the person took later, oldest first."""
        directives = self._streams.directives(person, as_of)
        names = [name for state in directives.values() for name in sorted(state.names)]
        return tuple(name for _, name in sorted(names))

    def _page_entries(
        self, streams: Sequence[UUID], query: _HistoryQuery, limit: int
    ) -> tuple[list[HistoryEntry], bool]:
        """The entries of a page, and whether there are more: pages are cut after exclusion.

        Cut before it, by their number or their bytes, an empty page or its cursor would tell that a
        record was left out, and where (Order 11).
        """
        entries: list[HistoryEntry] = []
        total = 0
        merged: _Merged = {}
        for chosen, sizes in self._portions(streams, query, limit + 1):
            for entry in self._entries(chosen, query, merged):
                total += sizes.get(entry.transfer, 0)
                if entries and (len(entries) == limit or total > PAGE_BYTES_MAX):
                    return entries, True
                entries.append(entry)
        return entries, False

    def _portions(
        self, streams: Sequence[UUID], query: _HistoryQuery, count: int
    ) -> Iterator[tuple[list[UUID], dict[UUID, int]]]:
        """Streams to be read at once, `count` and `PAGE_BYTES_MAX` at most, and their bytes."""
        unmarked = self._unmarked(streams, query)
        while block := list(islice(unmarked, count)):
            sizes = self._streams.reads.sizes_of_streams(block, query.as_of, query.chunks)
            portion: list[UUID] = []
            total = 0
            for stream in block:
                total += sizes.get(stream, 0)
                if portion and total > PAGE_BYTES_MAX:
                    yield portion, sizes
                    portion, total = [], sizes.get(stream, 0)
                portion.append(stream)
            yield portion, sizes

    def _unmarked(self, streams: Sequence[UUID], query: _HistoryQuery) -> Iterator[UUID]:
        """Those that no mark hides from the person: left out before any of it is read, too."""
        for begin in range(0, len(streams), MESSAGES_AT_ONCE):
            block = streams[begin : begin + MESSAGES_AT_ONCE]
            marked = self._streams.marked(block)
            for one in block:
                if one not in marked or not query.hides_marked(query.found[one]):
                    yield one

    def _entries(
        self, chosen: Sequence[UUID], query: _HistoryQuery, merged: _Merged
    ) -> list[HistoryEntry]:
        # Of a person without a bulk transfer the shorter question is asked.
        facts = self._streams.facts(chosen, query.as_of, query.chunks or None)
        entries: list[HistoryEntry] = []
        for stream in chosen:
            entry = _entry(facts.get(stream, []), query)
            if entry is None:
                continue
            key = entry.entry.series
            if key is None:
                entries.append(entry)
                continue
            # Shown once, under its first message; a long series is read once a page.
            if key not in merged:
                merged[key] = self._merged_of(key, query)
            if entry.transfer in merged[key]:
                entries.append(merged[key][entry.transfer])
        return entries

    def _merged_of(self, key: UUID, query: _HistoryQuery) -> dict[UUID, HistoryEntry]:
        """The records that the person's messages of the series form, by their first message."""
        # A message stands one position before the event by which it joins: `asked.found` says what
        # is there as of the position, the whole series only which of it are messages.
        state, whole = self._series_states(key, query.as_of)
        # A message may be carried forward and outlive the series; then it says itself which it is.
        named = query.places.keys()
        if state is not None:
            named &= set(state.messages)
        entries: list[HistoryEntry] = []
        hidden = set(named)
        for chosen, _ in self._portions(list(named & query.found.keys()), query, MESSAGES_AT_ONCE):
            found = self._streams.facts(chosen, query.as_of)
            made = (_entry(facts, query) for facts in found.values())
            entries += [one for one in made if one is not None and one.entry.series == key]
            hidden -= {one for one, facts in found.items() if not _is_hidden(facts, query)}
        if whole is not None:
            whole = series.without(whole, hidden.union(query.apart))
        return {merged.transfer: merged for merged in merge(entries, whole)}

    def _series_states(self, key: UUID, as_of: int) -> tuple[_Series, _Series]:
        """The series by now, and as of the position."""
        kept = _KEPT.get()
        if kept is not None and (found := kept.get((key, as_of))) is not None:
            return found
        events = self._streams.facts([key], None).get(key, [])
        facts = cast("list[Fact[SeriesEvent | ExpiredEvent]]", events)
        state = series.fold(None, facts)
        found = state, series.fold(None, (one for one in facts if one.position <= as_of))
        if kept is not None and len(kept) < KEPT_MAX:
            kept[key, as_of] = found
        return found

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


def _entry(facts: Sequence[Fact[object]], query: _HistoryQuery) -> HistoryEntry | None:
    entry = entry_of(_transfer_facts(facts), query.own, query.hides_marked)
    if entry is None or not query.is_reply or "derived_from" not in entry.record.data:
        return entry
    data = {name: one for name, one in entry.record.data.items() if name != "derived_from"}
    return replace(entry, record=replace(entry.record, data=data))


def _transfer_facts(facts: Sequence[Fact[object]]) -> Sequence[Fact[TransferEvent | ExpiredEvent]]:
    return cast("Sequence[Fact[TransferEvent | ExpiredEvent]]", facts)


def _is_hidden(facts: Sequence[Fact[object]], query: _HistoryQuery) -> bool:
    """Whether its emitter's mark hides the transfer from the person."""
    state = transfer.fold(None, _transfer_facts(facts))
    if state is None or state.entry is None or state.entry.order_11 == 0:
        return False
    return query.hides_marked(state.first_position)
