"""What the store gives back: facts in position order, lookups, versions, attached documents.

The recorder answers each question by itself; a `Snapshot` answers several as of one moment. A fact
never changes, so whoever reads up to a fixed position needs no snapshot.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import LiteralString, TypeVar, cast
from uuid import UUID

import psycopg
from psycopg.rows import args_row
from typing_extensions import override

from ledger.errors import BrokenWorldError, ForgedEventError, PositionHoleError
from ledger.format.envelope import LookupRow, StoredFact
from ledger.store.columns import byteas, texts
from ledger.store.connections import refusal
from ledger.store.event_macs import EventMacs, EventRow, forged_up_to
from ledger.store.queries import (
    AT,
    ATTACHED,
    CHUNKS_OF_STREAMS,
    FIRST_OF_STREAMS,
    HAS_LOOKUP,
    HEAD,
    HEADERS_AT,
    JUDGING,
    JUDGING_OF,
    LOOKUPS,
    LOOKUPS_AFTER,
    OF_COMMAND,
    OF_STREAMS,
    OF_STREAMS_BUT_CHUNKS,
    OF_TOPICS,
    OF_TOPICS_BY,
    SIZES_OF_STREAMS,
    SNAPSHOT,
    VERSIONS,
)

T = TypeVar("T")

SqlValues = Sequence[object] | Mapping[str, object]
_FactRow = tuple[int, UUID, int, str, bytes, bytes | None, bytes | None]

_LAST_POSITION = 2**63 - 1


class Queries(ABC):
    """What can be asked, whatever connection answers.

    Each raises `StoreUnavailableError` when the database cannot be reached. What gives facts or
    headers raises `ForgedEventError` where one of them is not the ledger's.

    Args:
        macs: of the ledger's events; None: nothing is checked.
    """

    def __init__(self, macs: EventMacs | None) -> None:
        self.macs = macs

    @abstractmethod
    def _ask(self, work: Callable[[psycopg.Connection], T]) -> T: ...

    def head(self) -> int:
        """The last position; 0 in an empty ledger."""
        return self._ask(lambda c: _position(c.execute(HEAD, prepare=True, binary=True)))

    def verdict_position(self) -> tuple[int, int]:
        """The head, and the position of the newest notice event up to it (0: none)."""
        return self._ask(lambda c: _pair(c.execute(JUDGING, prepare=True, binary=True).fetchone()))

    def verdict_position_of(
        self, keys: Sequence[bytes], kinds: Sequence[str]
    ) -> tuple[int, int, set[bytes]]:
        """As `verdict_position`, and which of `keys` have a lookup row of these kinds."""
        rows = self._ask(
            lambda c: (
                c.cursor(binary=True)
                .execute(JUDGING_OF, (texts(kinds), byteas(keys)), prepare=True)
                .fetchall()
            )
        )
        head, last_notice = _pair(rows[0][:2] if rows else None)
        return head, last_notice, {row[2] for row in rows if row[2] is not None}

    def facts_of_streams(
        self, streams: Sequence[UUID], up_to: int | None, chunks: Collection[int] | None = None
    ) -> list[StoredFact]:
        """All facts of the streams up to a position (None: all), in position order.

        What is carried forward stands at its original's place, so every copy comes, also those
        beyond the position.

        Args:
            chunks: of the chunks of bulk transfers only those at these positions (None: all), but
                of a stream that has copies all of them.
        """
        last = _LAST_POSITION if up_to is None else up_to
        if chunks is None:
            values = (list(streams), last)
            return self._facts(OF_STREAMS, values)
        some = {"streams": list(streams), "upto": last, "chunks": list(chunks)}
        return self._facts(OF_STREAMS_BUT_CHUNKS, some)

    def first_facts(self, streams: Sequence[UUID]) -> list[StoredFact]:
        """The first fact of each stream, in position order; none of a stream that there is not."""
        return self._facts(FIRST_OF_STREAMS, (list(streams),))

    def sizes_of_streams(
        self, streams: Sequence[UUID], up_to: int, chunks: Collection[int]
    ) -> dict[UUID, int]:
        """How many sealed bytes `facts_of_streams` would read of each stream; none is read."""
        values = {"streams": list(streams), "upto": up_to, "chunks": list(chunks)}
        rows = self._ask(lambda c: c.execute(SIZES_OF_STREAMS, values, prepare=True).fetchall())
        return {cast("UUID", row[0]): cast("int", row[1]) for row in rows}

    def chunks_of_streams(self, streams: Sequence[UUID], up_to: int | None) -> list[int]:
        """The positions of the chunks that `facts_of_streams` leaves out when none is named."""
        values = {"streams": list(streams), "upto": _LAST_POSITION if up_to is None else up_to}
        rows = self._ask(lambda c: c.execute(CHUNKS_OF_STREAMS, values, prepare=True).fetchall())
        return [cast("int", row[0]) for row in rows]

    def facts_at(self, positions: Sequence[int]) -> list[StoredFact]:
        """The facts at these positions, in position order, each once.

        Raises:
            PositionHoleError: there is no such position, though something points at it.
        """
        unique_positions = sorted(set(positions))
        facts = self._facts(AT, (unique_positions,))
        _all_there(unique_positions, {fact.position for fact in facts})
        return facts

    def headers_at(self, positions: Sequence[int]) -> dict[int, bytes]:
        """The headers at these positions, whatever is sealed there.

        Raises:
            PositionHoleError: there is no such position, though something points at it.
        """
        unique_positions = sorted(set(positions))

        def read(connection: psycopg.Connection) -> dict[int, bytes]:
            cursor = connection.cursor(binary=True).execute(
                HEADERS_AT, (unique_positions,), prepare=True
            )
            rows = cast("list[EventRow]", cursor.fetchall())
            if self.macs is not None:
                self.macs.check(connection, rows)
            return {row[0]: row[4] for row in rows}

        headers = self._ask(read)
        _all_there(unique_positions, headers)
        return headers

    def facts_of_topics(
        self, topics: Sequence[str], after: int, limit: int | None = None
    ) -> list[StoredFact]:
        """The facts of these types beyond `after`, in position order; at most `limit` of them.

        The types of notices, and those that may change a verdict later, have an index: others read
        every event.
        """
        values = (list(topics), after, limit)
        return self._facts(OF_TOPICS, values, prepare=False)

    def facts_of_topics_by(
        self,
        topics: Sequence[str],
        positions: tuple[int, int],
        instants: tuple[str, str],
        actor: str | None,
        limit: int,
    ) -> list[StoredFact]:
        """As `facts_of_topics`, those that meet a question about their headers.

        Args:
            positions: after the first one, up to the second one.
            instants: from the first one to before the second one, as headers write them.
            actor: who did it; None: anybody.
        """
        values = (list(topics), *positions, *instants, actor, actor, limit)
        return self._facts(OF_TOPICS_BY, values, prepare=False)

    def lookups(self, keys: Sequence[bytes], kinds: Sequence[str]) -> list[LookupRow]:
        """The rows of these kinds and keys, ordered by kind, key and stream."""
        return self._ask(
            lambda c: (
                c.cursor(binary=True, row_factory=args_row(LookupRow))
                .execute(LOOKUPS, (list(kinds), list(keys)), prepare=True)
                .fetchall()
            )
        )

    def lookups_after(self, kinds: Sequence[str], after: LookupRow, limit: int) -> list[LookupRow]:
        """The first `limit` rows of these kinds behind a row, by kind, key, stream and key id."""
        values = (list(kinds), after.kind, after.key, after.stream, after.key_id, limit)
        return self._ask(
            lambda c: (
                c.cursor(binary=True, row_factory=args_row(LookupRow))
                .execute(LOOKUPS_AFTER, values, prepare=True)
                .fetchall()
            )
        )

    def has_lookup(self, row: LookupRow) -> bool:
        """Whether this very row is there."""
        values = (row.kind, row.key, row.stream, row.key_id)
        found = self._ask(lambda c: c.execute(HAS_LOOKUP, values, prepare=True).fetchone())
        return found is not None and bool(found[0])

    def stream_versions(self, streams: Sequence[UUID]) -> dict[UUID, int]:
        """The last version of each stream that exists."""
        rows = self._ask(
            lambda c: (
                c.cursor(binary=True).execute(VERSIONS, (list(streams),), prepare=True).fetchall()
            )
        )
        return dict(cast("list[tuple[UUID, int]]", rows))

    def of_command(self, command: UUID) -> list[tuple[UUID, int]]:
        """(stream, position) of the command's events, in position order; none: it never stood."""
        rows = self._ask(lambda c: c.execute(OF_COMMAND, (command,), prepare=True).fetchall())
        return sorted(cast("list[tuple[UUID, int]]", rows), key=lambda row: row[1])

    def attached(self, position: int) -> list[bytes]:
        """The sealed attached documents of the event, in their order; none once its key is dead."""
        rows = self._ask(
            lambda c: c.cursor(binary=True).execute(ATTACHED, (position,), prepare=True).fetchall()
        )
        return [cast("bytes", row[0]) for row in rows]

    def check_up_to(self, position: int) -> None:
        """Refuse a log in which an event up to there is not the ledger's; it reads every header.

        Raises:
            ForgedEventError: the first one that is not.
        """
        if (macs := self.macs) is None:
            return

        def first(connection: psycopg.Connection) -> int | None:
            return next(forged_up_to(connection, macs, position), None)

        if (forged := self._ask(first)) is not None:
            raise ForgedEventError(forged)

    def _facts(
        self, statement: LiteralString, values: SqlValues, *, prepare: bool = True
    ) -> list[StoredFact]:
        def read(connection: psycopg.Connection) -> list[StoredFact]:
            cursor = connection.cursor(binary=True).execute(statement, values, prepare=prepare)
            rows = cast("list[_FactRow]", cursor.fetchall())
            if self.macs is not None:
                self.macs.check(connection, ((*row[:5], row[6]) for row in rows))
            return [StoredFact(*row[:6]) for row in rows]

        return self._ask(read)


class Snapshot(Queries):
    """Answers as of one moment; `head` is its position. Belongs to one thread.

    Made by `LedgerRecorder.snapshot`.
    """

    def __init__(self, connection: psycopg.Connection, macs: EventMacs | None) -> None:
        super().__init__(macs)
        self._connection = connection
        try:
            connection.execute(SNAPSHOT)
            # The moment is fixed by the first statement that reads, so read here.
            connection.execute(HEAD)
        except psycopg.Error as error:
            raise refusal(connection, error) from None

    @override
    def _ask(self, work: Callable[[psycopg.Connection], T]) -> T:
        try:
            return work(self._connection)
        except psycopg.Error as error:
            raise refusal(self._connection, error) from None


def _all_there(positions: Sequence[int], found: Collection[int]) -> None:
    if len(found) != len(positions):
        missing = min(set(positions).difference(found))
        raise PositionHoleError(f"position {missing} is missing")


def _position(cursor: psycopg.Cursor[tuple[object, ...]]) -> int:
    row = cursor.fetchone()
    if row is None:
        raise BrokenWorldError("the database holds no ledger: its head row is missing")
    return cast("int", row[0])


def _pair(row: tuple[object, ...] | None) -> tuple[int, int]:
    if row is None:
        raise BrokenWorldError("the database holds no ledger: its head row is missing")
    return cast("tuple[int, int]", row)
