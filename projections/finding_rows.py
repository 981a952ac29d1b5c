"""Rows of transfers with findings, as one who asks may know of them, newest first.

What is hidden under Order 11 is left out here, before anything is counted or cut.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from typing import Final, LiteralString, NamedTuple, cast
from uuid import UUID

import psycopg

from ledger.errors import LedgerError
from ledger.exclusions.exclusion import NOTHING, ActiveExclusions
from ledger.store.connections import Connections
from ledger.streams.streams import Streams
from projections.findings import (
    ALL,
    OPEN,
    OTHER,
    SETTLED,
    FindingHashes,
    FindingRow,
    rows_of_state,
)

TO_HANDLE: Final = "open"
HANDLED: Final = "settled"
_BEGIN: Final = 2**62

# Each kind is a range of the index by itself, so a rare one is found as fast as a common one.
LISTED: LiteralString = """
    SELECT one.position, one.mark, e.originator_id,
           (SELECT p.position FROM projections.progress AS p WHERE p.serving)
      FROM (SELECT found.position, found.mark
              FROM unnest(%(standings)s::smallint[], %(unlawfuls)s::boolean[])
                   AS kind (standing, is_unlawful)
             CROSS JOIN LATERAL (
                   SELECT f.position, f.mark
                     FROM projections.findings AS f
                    WHERE f.code = %(code)s AND f.standing = kind.standing
                      AND f.is_unlawful = kind.is_unlawful AND f.position < %(before)s
                      AND (%(source)s::uuid IS NULL OR f.sources @> ARRAY[%(source)s::uuid])
                    ORDER BY f.position DESC LIMIT %(limit)s) AS found
             ORDER BY found.position DESC LIMIT %(limit)s) AS one
      JOIN ledger.events AS e ON e.notification_id = one.position
     ORDER BY one.position DESC
"""
# A transfer's own row comes behind those of its codes.
OPEN_ROWS: LiteralString = """
    SELECT f.position, f.code, f.is_unlawful, f.mark
      FROM projections.findings AS f
     WHERE f.standing = 2 AND (f.position, f.code) < (%(position)s, %(code)s)
     ORDER BY f.position DESC, f.code DESC LIMIT %(limit)s
"""
# Transfers with findings at positions where a line may be hidden and another one not (Order 11).
PARTED: LiteralString = """
    SELECT f.position, f.mark, e.originator_id,
           (SELECT p.position FROM projections.progress AS p WHERE p.serving)
      FROM unnest(%(firsts)s::bigint[], %(lasts)s::bigint[]) AS span (first, last)
      JOIN projections.findings AS f
        ON f.position BETWEEN span.first AND span.last
      JOIN ledger.events AS e ON e.notification_id = f.position
     WHERE f.code = '' AND f.position < %(before)s
     ORDER BY f.position DESC LIMIT %(limit)s
"""
_VERSION: LiteralString = "SELECT findings FROM projections.progress WHERE serving"


class FindingsOutdatedError(LedgerError):
    """The read side has no findings, or such of another version: it must be built anew."""

    code = "FINDINGS_OUTDATED"

    def __init__(self) -> None:
        super().__init__("findings are not indexed: run `ledger projections rebuild`")


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Which part of the list.

    Attributes:
        before: transfers recorded before this position; None: from the newest on.
        limit: transfers a page.
        state: `open` (要対応), `settled` (対応済み), or None: both.
        unlawful: only those that are unlawful.
        code: only those with this finding; of `open` ones, where it is open itself.
        source: only those whose source is this one or within it (`ledger.emitters.sources`).
    """

    before: int | None = None
    limit: int = 50
    state: str | None = TO_HANDLE
    unlawful: bool = False
    code: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class FindingListRow:
    """A transfer with findings.

    Attributes:
        position: where it was recorded.
        mark: keyed hash, see `FindingHashes.mark`.
        reached: how far the read side had followed the log.
    """

    position: int
    mark: UUID
    stream: UUID
    reached: int


class OpenRow(NamedTuple):
    """A finding that is to be handled, or (`code` empty) a transfer that has any.

    A named tuple, because one is made for each that is counted.
    """

    position: int
    code: str
    is_unlawful: bool


class FindingListRows:
    """Reads the rows. Thread-safe."""

    def __init__(self, connections: Connections, streams: Streams) -> None:
        self._connections = connections
        self._streams = streams
        self._hashes = FindingHashes(streams.secret)

    def check_version(self) -> None:
        """Pass when the serving slot has findings.

        Raises:
            FindingsOutdatedError: it has none, or such of another version.
        """
        if self._connections.read(_version) != self._hashes.version:
            raise FindingsOutdatedError

    def visible_rows(
        self, filters: FindingFilter, chunk: int, *, includes_hidden: bool
    ) -> Iterator[FindingListRow]:
        """The rows that the asker may know of, newest first.

        Args:
            chunk: rows that are read at once.
            includes_hidden: whether the asker may know of what is hidden under Order 11.
        """
        hidden = NOTHING if includes_hidden else self._streams.exclusions.active()
        rows = self._undivided(filters, chunk, hidden, includes_hidden=includes_hidden)
        if not hidden.keyed:
            return rows
        parted = (
            listed
            for listed, own in self._parted(filters.before, chunk, hidden)
            if any(_matches(row, filters, self._hashes) for row in own)
        )
        return merge(rows, parted, key=_newest_first)

    def _undivided(
        self, filters: FindingFilter, chunk: int, hidden: ActiveExclusions, *, includes_hidden: bool
    ) -> Iterator[FindingListRow]:
        """The rows of transfers that are hidden as wholes, or not at all."""
        place = filters
        while True:
            read = self._read(place, chunk)
            yield from (
                row
                for row in read
                if includes_hidden or self._is_visible(row.position, row.mark, hidden)
            )
            if len(read) < chunk:
                return
            place = replace(place, before=read[-1].position)

    def _parted(
        self, before: int | None, chunk: int, hidden: ActiveExclusions
    ) -> Iterator[tuple[FindingListRow, Sequence[FindingRow]]]:
        """Transfers of which a line may be hidden and another one not, with their rows without it.

        Few, and each is folded: what the list, the page and a history tell of them is one.
        """
        shown, place = self._streams.visibility(hidden), _BEGIN if before is None else before
        starts, lasts = [a for a, _ in hidden.keyed], [b for _, b in hidden.keyed]
        while True:
            values = {"firsts": starts, "lasts": lasts, "before": place, "limit": chunk}
            found = self._connections.read(
                lambda c, values=values: c.execute(PARTED, values).fetchall()
            )
            rows = [
                FindingListRow(*one) for one in cast("list[tuple[int, UUID, UUID, int]]", found)
            ]
            states = self._streams.judged_states(
                [one.stream for one in rows], max((one.reached for one in rows), default=None)
            )
            for row in rows:
                state = states.get(row.stream)
                left = None if state is None or state.record is None else shown(state)
                if left is not None:
                    yield row, rows_of_state(left, self._hashes)
            if len(rows) < chunk:
                return
            place = rows[-1].position

    def to_handle(self, chunk: int, *, includes_hidden: bool) -> Iterator[OpenRow]:
        """Each finding about which something is to be done, and behind them their transfer.

        Newest first, as the asker may know of them; arguments as of `visible_rows`.
        """
        hidden = NOTHING if includes_hidden else self._streams.exclusions.active()
        rows = self._undivided_to_handle(chunk, hidden, includes_hidden=includes_hidden)
        if not hidden.keyed:
            return rows
        parted = (
            OpenRow(row.position, row.code, row.is_unlawful)
            for _, own in self._parted(None, chunk, hidden)
            for row in sorted(own, reverse=True)
            if row.status == OPEN
        )
        return merge(rows, parted, key=_newest_first)

    def _undivided_to_handle(
        self, chunk: int, hidden: ActiveExclusions, *, includes_hidden: bool
    ) -> Iterator[OpenRow]:
        position, code = _BEGIN, ALL
        while True:
            values = {"position": position, "code": code, "limit": chunk}
            rows = self._connections.read(
                lambda c, values=values: (
                    c.cursor(binary=True).execute(OPEN_ROWS, values, prepare=True).fetchall()
                )
            )
            for position, code, is_unlawful, mark in cast(
                "list[tuple[int, str, bool, UUID]]", rows
            ):
                if includes_hidden or self._is_visible(position, mark, hidden):
                    yield OpenRow(position, code, is_unlawful)
            if len(rows) < chunk:
                return

    def _is_visible(self, position: int, mark: UUID, hidden: ActiveExclusions) -> bool:
        is_marked = mark.bytes == self._hashes.mark(position, is_marked=True)
        if hidden.distinguishes_persons(position):
            return False  # it is folded: see `_parted`
        return not hidden.hides(position, (), is_marked=is_marked)

    def _read(self, filters: FindingFilter, limit: int) -> list[FindingListRow]:
        standings = _standings(filters)
        unlawfuls = (True,) if filters.unlawful else (True, False)
        kinds = [(one, other) for one in standings for other in unlawfuls]
        source = None if filters.source is None else UUID(bytes=self._hashes.source(filters.source))
        values = {
            "standings": [one for one, _ in kinds],
            "unlawfuls": [other for _, other in kinds],
            "code": ALL if filters.code is None else filters.code,
            "before": _BEGIN if filters.before is None else filters.before,
            "source": source,
            "limit": limit,
        }
        rows = self._connections.read(lambda c: c.execute(LISTED, values).fetchall())
        return [
            FindingListRow(position, mark, stream, reached)
            for position, mark, stream, reached in cast("list[tuple[int, UUID, UUID, int]]", rows)
        ]


def _matches(row: FindingRow, filters: FindingFilter, hashes: FindingHashes) -> bool:
    if row.code != (filters.code or ALL) or row.status not in _standings(filters):
        return False
    if filters.unlawful and not row.is_unlawful:
        return False
    return filters.source is None or hashes.source(filters.source) in row.sources


def _newest_first(row: FindingListRow | OpenRow) -> int:
    return -row.position


def _standings(filters: FindingFilter) -> tuple[int, ...]:
    if filters.state == TO_HANDLE:
        return (OPEN,)
    return (SETTLED,) if filters.state == HANDLED else (SETTLED, OTHER, OPEN)


def _version(connection: psycopg.Connection) -> str | None:
    row = connection.execute(_VERSION, prepare=True).fetchone()
    return None if row is None else cast("str | None", row[0])
