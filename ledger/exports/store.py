"""Exports that were asked for at the endpoints: sealed piece by piece, with a state.

An export is made by whoever holds its lock: an advisory lock of a connection that is kept as long
as the work lasts. A process that is killed lets go of it at once. What the holder writes is fenced:
once another one has taken over, it changes nothing any more.

Source: event format, section 5 (class staging); decisions 0077 and 0108.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from typing import Final, LiteralString, Self, cast
from uuid import UUID

import psycopg

from ledger.clock import day_in_japan
from ledger.crypto.blobs import open_blob, seal_blob
from ledger.crypto.keyring import KeyRing
from ledger.crypto.pseudonyms import random_stream
from ledger.errors import BrokenWorldError, NotFoundError
from ledger.exports import store_rows as rows
from ledger.exports.store_rows import ExportChange, ExportRow, State
from ledger.lifetimes import staging_day
from ledger.store.advisory_lock import FencedRows
from ledger.store.connections import Connections
from ledger.store.staged_rows import StagedMembers, opened_rows

__all__ = ["ExportBusyError", "ExportChange", "ExportRow", "Exports", "StagedMembers", "State"]

_LOCKS: Final = b"ppl/export-lock/1\x00"


class ExportBusyError(Exception):
    """Somebody makes the export just now, or has taken it over."""


class Exports(FencedRows):
    """Keeps exports and finds them. Thread-safe.

    Every method raises `StoreUnavailableError` when the database cannot be reached.

    Those that `working` gives raise `LeaseLostError`, and change nothing, from `change`, `forget`,
    `put` and `clear`, once somebody else has taken over.

    Args:
        writer: connections of that role.
    """

    def __init__(self, writer: Connections, keys: KeyRing) -> None:
        super().__init__(writer)
        self._keys = keys

    def begin(self, command: UUID, actor: str, members: StagedMembers, at: datetime) -> ExportRow:
        """The export that the command asks for: a new one, unless it was asked for before."""
        key = self._keys.key_for("staging", day=staging_day(at))
        export = random_stream()
        row = {
            "export": export,
            "command": command,
            "actor": actor,
            "at": at,
            "key_id": key.id,
            "told": rows.seal_members(key, export, members),
        }
        # Once more after a lost connection: the same row again.
        self._writer.read(lambda connection: connection.execute(rows.INSERT, row))
        return self._one(rows.OF_COMMAND, {"command": command}, at)

    def find(self, export: UUID, at: datetime) -> ExportRow:
        """The export.

        Raises:
            NotFoundError: there is none, its time is over, or somebody spoilt its row.
            MastersUnavailableError: it cannot be opened.
        """
        return self._one(rows.FIND, {"export": export}, at)

    def newest(
        self, up_to: datetime | None, skip: int, limit: int, at: datetime
    ) -> list[ExportRow]:
        """The exports that were asked for up to an instant (None: all), the newest first.

        Args:
            skip: how many of them are passed over.
        """
        return self._select(rows.NEWEST, {"at": up_to, "skip": skip, "limit": limit}, at)

    def open(self, at: datetime) -> list[ExportRow]:
        """Those that did not fail, the oldest first.

        Whether one is to be made, what is sealed tells, not its state.
        """
        return self._select(rows.OPEN, {}, at)

    def change(self, one: ExportRow, change: ExportChange, at: datetime) -> None:
        """Change it; nothing when it is gone."""
        sealed_members = (
            None
            if change.members is None
            else rows.seal_members(one.key, one.export, change.members)
        )
        row = {
            "export": one.export,
            "at": at,
            "state": change.state,
            "attempts": change.attempts,
            "done": change.done,
            "of_all": change.of_all,
            "told": sealed_members,
            "error": change.error,
        }
        # Once more after a lost connection: the same row again.
        self._write(lambda c: c.execute(rows.CHANGE, row))

    def forget(self, export: UUID) -> None:
        """Delete it with its bag."""
        self._write(lambda c: c.execute(rows.DELETE, (export,)))

    def put(self, one: ExportRow, number: int, content: bytes) -> None:
        """Keep a piece of the bag, sealed; nothing when the export is gone."""
        sealed = seal_blob(one.key, _purpose(number), one.export, content)
        self._write(lambda c: c.execute(rows.PUT, (number, sealed, one.export)))

    def piece(self, one: ExportRow, number: int) -> bytes | None:
        """A piece of the bag; None when there is none."""

        def select_piece(connection: psycopg.Connection) -> tuple[bytes] | None:
            cursor = connection.cursor(binary=True).execute(rows.PIECE, (one.export, number))
            return cast("tuple[bytes] | None", cursor.fetchone())

        row = self._writer.read(select_piece)
        if row is None:
            return None
        return open_blob(one.key, _purpose(number), one.export, bytes(row[0]))

    def clear(self, one: ExportRow) -> None:
        """Delete all pieces of its bag."""
        self._write(lambda c: c.execute(rows.CLEAR, (one.export,)))

    @contextmanager
    def working(self, export: UUID) -> Generator[Self]:
        """Make an export, or delete it, alone, by those that are given; it is found inside.

        Raises:
            ExportBusyError: somebody does already, or took over before the end.
        """
        with self._working(_lock_number(export), ExportBusyError) as fenced:
            yield fenced

    def _one(
        self, statement: LiteralString, values: Mapping[str, object], at: datetime
    ) -> ExportRow:
        found = self._select(statement, values, at)
        if not found:
            raise NotFoundError
        return found[0]

    def _select(
        self, statement: LiteralString, values: Mapping[str, object], at: datetime
    ) -> list[ExportRow]:
        given = {**values, "today": day_in_japan(at)}

        def read(connection: psycopg.Connection) -> list[rows.Row]:
            found = connection.cursor(binary=True).execute(statement, given).fetchall()
            return cast("list[rows.Row]", found)

        found, spoilt = self._opened(self._writer.read(read))
        if spoilt:
            # From here on they are in no list: read again, a page is as long as it was asked for.
            failed = {"exports": [*spoilt], "at": at}
            self._writer.read(lambda c: c.execute(rows.SPOILT, failed))
            found, _ = self._opened(self._writer.read(read))
        return found

    def _opened(
        self, found: list[rows.Row]
    ) -> tuple[list[ExportRow], dict[UUID, BrokenWorldError]]:
        return opened_rows(self._keys, found, (_id, _key_id), rows.opened)


def _id(row: rows.Row) -> UUID:
    return row[0]


def _key_id(row: rows.Row) -> bytes:
    return row[10]


def _purpose(number: int) -> str:
    """What a piece is sealed for: none can be put in another one's place."""
    return f"export-piece-{number}"


def _lock_number(export: UUID) -> int:
    """The number of the export's lock: 64 bits that no register's id gives."""
    digest = sha256(_LOCKS + export.bytes).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
