"""Bulk transfers under way: sealed piece by piece, with a state, until they are recorded.

A commit is carried out by whoever holds its lock: an advisory lock of a connection that is kept as
long as the work lasts. A process that is killed lets go of it at once, and another one goes on.
What the holder writes is fenced: once another one has taken over, it changes nothing any more.

Source: event format, sections 5 (class staging) and 7; decisions 0087 and 0108.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, LiteralString, Self, cast
from uuid import UUID

import psycopg

from ledger.clock import day_in_japan
from ledger.crypto.blobs import open_blob, seal_blob
from ledger.crypto.keyring import KeyRing
from ledger.crypto.keys import DataKey
from ledger.crypto.pseudonyms import random_stream, random_uuid
from ledger.errors import CorruptRecordError, NotFoundError
from ledger.lifetimes import staging_day
from ledger.store.advisory_lock import FencedRows
from ledger.store.connections import Connections
from ledger.transfers.bulk import staging_rows as rows
from ledger.transfers.bulk.staging_rows import (
    BulkMembers,
    State,
    StoredPart,
    TooManyLinesError,
    TooManyStartedError,
    UnderWay,
)

__all__ = [
    "BulkBusyError",
    "BulkMembers",
    "BulkRows",
    "State",
    "StoredPart",
    "TooManyLinesError",
    "TooManyStartedError",
    "UnderWay",
]


class BulkBusyError(Exception):
    """Somebody carries out the commit just now, or has taken it over."""


def is_any_pending(connections: Connections, at: datetime, until: datetime | None) -> bool:
    """Whether a bulk transfer was accepted by `at` and not yet recorded whole then.

    Args:
        until: one that was recorded since counts where that was by then; None: whenever.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    values = {"at": at, "until": until}
    row = connections.read(lambda c: c.execute(rows.PENDING, values).fetchone())
    return row is not None and bool(row[0])


class BulkRows(FencedRows):
    """Keeps bulk transfers and finds them. Thread-safe.

    Every method raises `StoreUnavailableError` when the database cannot be reached.

    Those that `working` gives raise `LeaseLostError`, and change nothing, from every method that
    changes something, once somebody else has taken over.

    Args:
        writer: connections of that role.
    """

    def __init__(self, writer: Connections, keys: KeyRing) -> None:
        super().__init__(writer)
        self._keys = keys

    # -- the row ---------------------------------------------------------------------------------

    def begin(
        self,
        actor: str,
        members: BulkMembers,
        lines: int,
        parts: int,
        at: datetime,
        begun_max: int | None = None,
    ) -> UnderWay:
        """A new bulk transfer, of which no part is there yet.

        Args:
            begun_max: uploads that the actor may have under way; None: any number.

        Raises:
            TooManyBegunError: it has as many.
        """
        key = self._keys.key_for("staging", day=staging_day(at))
        bulk = random_stream()
        row = {
            "bulk": bulk,
            "command": random_uuid(),
            "actor": actor,
            "at": at,
            "lines": lines,
            "parts": parts,
            "key_id": key.id,
            "told": rows.seal_members(key, bulk, members),
            "today": day_in_japan(at),
            "lock": rows.actor_lock(actor),
        }
        # Once more after a lost connection: the same row again.
        self._writer.read(lambda connection: rows.insert(connection, row, begun_max))
        return self.find(bulk, at)

    def find(self, bulk: UUID, at: datetime) -> UnderWay:
        """The bulk transfer.

        Raises:
            NotFoundError: there is none, or its time is over.
            MastersUnavailableError, CorruptRecordError: it cannot be opened.
        """
        found = self._select(rows.FIND, {"bulk": bulk}, at)
        if not found:
            raise NotFoundError
        return found[0]

    def committing(self, at: datetime) -> list[UnderWay]:
        """Those whose commit has begun and is not done, the oldest first."""
        return self._select(rows.OPEN, {}, at)

    def under_way(self, at: datetime) -> list[UnderWay]:
        """Those that take parts, or whose commit is not done, the oldest first."""
        return self._select(rows.UNDER_WAY, {}, at)

    def move(
        self, one: UnderWay, state: State, members: BulkMembers, key: DataKey, at: datetime
    ) -> bool:
        """Move it on to `state`, with what is told of it from now on, under `key`.

        Returns:
            False when somebody has moved it on already: nothing is changed. A connection that was
            lost just then hides that it was this one.
        """
        row = rows.moved(one, state, members, key, at)
        # Once more after a lost connection: it finds what stands.
        return self._write(lambda c: c.execute(rows.MOVE, row)).rowcount == 1

    def planned(
        self, one: UnderWay, members: BulkMembers, key: DataKey, pieces: int, at: datetime
    ) -> bool:
        """As `move` within the commit: what is to be appended stands in so many pieces.

        Raises:
            StoreUnavailableError: the server lost some of them: nothing is changed.
        """
        row = rows.moved(one, "committing", members, key, at)

        def moved(connection: psycopg.Connection) -> bool:
            with connection.transaction():
                rows.check_pieces(connection, one.bulk, one.command, pieces)
                return connection.execute(rows.MOVE, row).rowcount == 1

        return self._write(moved)

    def done(
        self, one: UnderWay, state: State, members: BulkMembers, key: DataKey, at: datetime
    ) -> None:
        """As `move`, without its parts and pieces from now on: it is committed or aborted."""
        row = rows.moved(one, state, members, key, at)

        def moved(connection: psycopg.Connection) -> None:
            with connection.transaction():
                connection.execute(rows.MOVE, row)
                connection.execute(rows.CLEAR_PARTS, (one.bulk,))
                connection.execute(rows.CLEAR_ALL, (one.bulk,))

        # Once more after a lost connection: it finds what stands.
        self._write(moved)

    def close(self, one: UnderWay, at: datetime, check: Callable[[list[StoredPart]], None]) -> bool:
        """Move it from uploading to committing, if its parts pass: none changes in between.

        Args:
            check: raises what becomes of it otherwise; nothing is changed then.

        Returns:
            False when somebody has moved it on already: nothing is changed.
        """
        row = rows.moved(one, "committing", one.members, one.key, at)

        def closed(connection: psycopg.Connection) -> bool:
            with connection.transaction():
                state = connection.execute(rows.LOCK_ROW, row).fetchone()
                if state is None or state[0] != "uploading":
                    return False
                check(self._parts(connection, one))
                return connection.execute(rows.MOVE, row).rowcount == 1

        # Once more after a lost connection: it finds what stands.
        return self._write(closed)

    def staging_key(self, at: datetime) -> DataKey:
        """The key of what is staged on the day of `at`."""
        return self._keys.key_for("staging", day=staging_day(at))

    # -- parts -----------------------------------------------------------------------------------

    def take(self, one: UnderWay, part: StoredPart) -> bool:
        """Let the upload be the part of its number from now on, in the place of any before.

        Returns:
            False when no more parts are taken: nothing is changed.

        Raises:
            TooManyLinesError: see there; nothing is changed.
            StoreUnavailableError: also when the server lost pieces of it: nothing is changed.
        """
        row = {
            "bulk": one.bulk,
            "number": part.number,
            "upload": part.upload,
            "lines": part.lines,
            "sealed": rows.sealed_part(one.key, one.bulk, part),
        }

        def take_part(connection: psycopg.Connection) -> bool:
            with connection.transaction():
                state = connection.execute(rows.LOCK_ROW, row).fetchone()
                if state is None or state[0] != "uploading":
                    return False
                if self._other_lines(connection, one, part.number) + part.lines > one.lines:
                    raise TooManyLinesError
                rows.check_pieces(connection, one.bulk, part.upload, part.pieces)
                before = connection.execute(rows.OTHER_UPLOAD, row).fetchone()
                connection.execute(rows.TAKE_PART, row)
                if before is not None and before[0] != part.upload:
                    connection.execute(rows.CLEAR, (one.bulk, before[0]))
            return True

        # Once more after a lost connection: the same upload again.
        return self._write(take_part)

    def parts(self, one: UnderWay) -> list[StoredPart]:
        """The parts that are there whole, by their numbers."""
        return self._writer.read(lambda connection: self._parts(connection, one))

    def _parts(self, connection: psycopg.Connection, one: UnderWay) -> list[StoredPart]:
        found = connection.cursor(binary=True).execute(rows.PARTS, (one.bulk,)).fetchall()
        read = cast("list[tuple[int, UUID, int, bytes]]", found)
        return [rows.opened_part(one.key, one.bulk, row) for row in read]

    def other_lines(self, one: UnderWay, number: int) -> int:
        """Lines of the parts that are there whole, without that of the number."""
        return self._writer.read(lambda connection: self._other_lines(connection, one, number))

    def _other_lines(self, connection: psycopg.Connection, one: UnderWay, number: int) -> int:
        values = {"bulk": one.bulk, "number": number}
        row = connection.execute(rows.OTHER_LINES, values).fetchone()
        return cast("tuple[int]", row)[0]

    def numbers(self, one: UnderWay) -> list[int]:
        """The numbers of the parts that are there whole, in their order."""

        def read(connection: psycopg.Connection) -> list[tuple[int]]:
            return connection.execute(rows.NUMBERS, (one.bulk,)).fetchall()

        return [number for (number,) in self._writer.read(read)]

    def other_part(self, one: UnderWay, uploads: Iterable[UUID]) -> StoredPart | None:
        """The part of the lowest number that is none of these uploads; None: there is no other."""
        row = self._row(rows.OTHER_PART, (one.bulk, list(uploads)))
        return None if row is None else rows.opened_part(one.key, one.bulk, row)

    def put(self, one: UnderWay, upload: UUID, number: int, content: bytes) -> None:
        """Keep a piece of an upload, sealed; nothing when the bulk transfer is gone."""
        sealed = seal_blob(one.key, rows.piece_purpose(upload, number), one.bulk, content)
        self._write(lambda c: c.execute(rows.PUT, (upload, number, sealed, one.bulk)))

    def pieces(self, one: UnderWay, upload: UUID, count: int, first: int = 0) -> Iterator[bytes]:
        """The pieces of an upload from `first` on, one after the other.

        Raises:
            CorruptRecordError: one is missing, or does not open.
        """
        for number in range(first, count):
            yield self._piece(one, upload, number)

    def _piece(self, one: UnderWay, upload: UUID, number: int) -> bytes:
        row = self._row(rows.PIECE, (one.bulk, upload, number))
        if row is None:
            self.check_lease()  # else whoever took over has let go of it
            raise CorruptRecordError("a piece of a bulk transfer is missing")
        return open_blob(one.key, rows.piece_purpose(upload, number), one.bulk, bytes(row[0]))

    def _row(self, statement: LiteralString, values: tuple[object, ...]) -> tuple[Any, ...] | None:
        def read(connection: psycopg.Connection) -> tuple[Any, ...] | None:
            return connection.cursor(binary=True).execute(statement, values).fetchone()

        return self._writer.read(read)

    def forget_upload(self, one: UnderWay, upload: UUID) -> None:
        """Delete the pieces of an upload."""
        self._write(lambda c: c.execute(rows.CLEAR, (one.bulk, upload)))

    def forget_parts(self, one: UnderWay, *, but: UUID | None = None) -> None:
        """Delete all parts and pieces, but those of one upload."""

        def forgotten(connection: psycopg.Connection) -> None:
            connection.execute(rows.CLEAR_PARTS, (one.bulk,))
            if but is None:
                connection.execute(rows.CLEAR_ALL, (one.bulk,))
            else:
                connection.execute(rows.CLEAR_OTHERS, (one.bulk, but))

        self._write(forgotten)

    # -- the commit ------------------------------------------------------------------------------

    def headers(self, stream: UUID) -> list[bytes]:
        """The headers of a stream's events in the order of their versions."""

        def read(connection: psycopg.Connection) -> list[tuple[bytes]]:
            found = connection.cursor(binary=True).execute(rows.HEADERS, (stream,)).fetchall()
            return cast("list[tuple[bytes]]", found)

        return [bytes(row[0]) for row in self._writer.read(read)]

    @contextmanager
    def working(self, bulk: UUID) -> Generator[Self]:
        """Carry out a commit, alone, by the rows that are given; what it needs is read inside.

        Raises:
            BulkBusyError: somebody does already, or took over before the end.
        """
        with self._working(rows.bulk_lock(bulk), BulkBusyError) as fenced:
            yield fenced

    def worked_on(self, bulk: UUID) -> datetime | None:
        """Since when somebody carries out its commit; None: nobody does.

        A process that is frozen does, until its session ends.
        """
        row = self._row(rows.HELD, (rows.bulk_lock(bulk),))
        return None if row is None else row[0].astimezone(UTC)

    def _select(
        self, statement: LiteralString, values: Mapping[str, object], at: datetime
    ) -> list[UnderWay]:
        given = {**values, "today": day_in_japan(at)}

        def read(connection: psycopg.Connection) -> list[rows.Row]:
            found = connection.cursor(binary=True).execute(statement, given).fetchall()
            return cast("list[rows.Row]", found)

        found = self._writer.read(read)
        keys = self._keys.open([bytes(row[8]) for row in found])
        live_rows = ((row, keys.get(bytes(row[8]))) for row in found)
        return [rows.opened(row, key) for row, key in live_rows if key is not None]
