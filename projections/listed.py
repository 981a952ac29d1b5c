"""Rows of transfers with findings, as one who asks may know of them, newest first.

What is hidden under Order 11 is left out here, before anything is counted or cut.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, LiteralString, NamedTuple, cast
from uuid import UUID

import psycopg

from ledger.errors import LedgerError
from ledger.exclusions import NOTHING, Standing
from ledger.store.connections import Connections
from ledger.streams import Streams
from projections.findings import ALL, BESIDE, OPEN, SETTLED, Hashes

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
_VERSION: LiteralString = "SELECT findings FROM projections.progress WHERE serving"


class FindingsOutdatedError(LedgerError):
    """The read side has no findings, or such of another version: it must be built anew."""

    code = "FINDINGS_OUTDATED"

    def __init__(self) -> None:
        super().__init__("findings are not indexed: run `ledger projections rebuild`")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of the list.

    Attributes:
        before: transfers recorded before this position; None: from the newest on.
        limit: transfers a page.
        state: `open` (要対応), `settled` (対応済み), or None: both.
        unlawful: only those that are unlawful.
        code: only those with this finding; of `open` ones, where it is open itself.
        source: only those whose source is this one or within it (`ledger.sources`).
    """

    before: int | None = None
    limit: int = 50
    state: str | None = TO_HANDLE
    unlawful: bool = False
    code: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A transfer with findings.

    Attributes:
        position: where it was recorded.
        mark: keyed hash, see `Hashes.mark`.
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


class ListedRows:
    """Reads the rows. Thread-safe."""

    def __init__(self, connections: Connections, streams: Streams) -> None:
        self._connections = connections
        self._streams = streams
        self._hashes = Hashes(streams.secret)

    def check_version(self) -> None:
        """Pass when the serving slot has findings.

        Raises:
            FindingsOutdatedError: it has none, or such of another version.
        """
        if self._connections.read(_version) != self._hashes.version:
            raise FindingsOutdatedError

    def seen(self, asked: Asked, chunk: int, *, sees_all: bool) -> Iterator[ListedRow]:
        """The rows that the asker may know of, newest first.

        Args:
            chunk: rows that are read at once.
            sees_all: whether the asker may know of what is hidden under Order 11.
        """
        hidden = NOTHING if sees_all else self._streams.hiding.standing()
        place = asked
        while True:
            read = self._read(place, chunk)
            yield from (
                row for row in read if sees_all or self._is_seen(row.position, row.mark, hidden)
            )
            if len(read) < chunk:
                return
            place = replace(place, before=read[-1].position)

    def to_handle(self, chunk: int, *, sees_all: bool) -> Iterator[OpenRow]:
        """Each finding about which something is to be done, and behind them their transfer.

        Newest first, as the asker may know of them; arguments as of `seen`.
        """
        hidden = NOTHING if sees_all else self._streams.hiding.standing()
        position, code = _BEGIN, ALL
        while True:
            values = {"position": position, "code": code, "limit": chunk}
            rows = self._connections.read(
                lambda c, asked=values: (
                    c.cursor(binary=True).execute(OPEN_ROWS, asked, prepare=True).fetchall()
                )
            )
            for position, code, is_unlawful, mark in cast(
                "list[tuple[int, str, bool, UUID]]", rows
            ):
                if sees_all or self._is_seen(position, mark, hidden):
                    yield OpenRow(position, code, is_unlawful)
            if len(rows) < chunk:
                return

    def _is_seen(self, position: int, mark: UUID, hidden: Standing) -> bool:
        marked = self._hashes.mark(position, is_marked=True)
        return mark.bytes != marked and not hidden.covers(position)

    def _read(self, asked: Asked, limit: int) -> list[ListedRow]:
        standings = _standings(asked)
        unlawfuls = (True,) if asked.unlawful else (True, False)
        kinds = [(one, other) for one in standings for other in unlawfuls]
        source = None if asked.source is None else UUID(bytes=self._hashes.source(asked.source))
        values = {
            "standings": [one for one, _ in kinds],
            "unlawfuls": [other for _, other in kinds],
            "code": ALL if asked.code is None else asked.code,
            "before": _BEGIN if asked.before is None else asked.before,
            "source": source,
            "limit": limit,
        }
        rows = self._connections.read(lambda c: c.execute(LISTED, values).fetchall())
        return [
            ListedRow(position, mark, stream, reached)
            for position, mark, stream, reached in cast("list[tuple[int, UUID, UUID, int]]", rows)
        ]


def _standings(asked: Asked) -> tuple[int, ...]:
    if asked.state == TO_HANDLE:
        return (OPEN,)
    return (SETTLED,) if asked.state == HANDLED else (SETTLED, BESIDE, OPEN)


def _version(connection: psycopg.Connection) -> str | None:
    row = connection.execute(_VERSION, prepare=True).fetchone()
    return None if row is None else cast("str | None", row[0])
