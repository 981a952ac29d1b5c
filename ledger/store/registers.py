"""Registers that wait to be imported: sealed piece by piece, with a state and how far they are.

A register is worked on by whoever holds its lock: an advisory lock of a connection that is kept as
long as the work lasts. A process that is killed lets go of it at once, and so the state alone tells
what was being done, and the lock whether it still is. What the holder writes is fenced: once
another one has taken over, it changes nothing any more.

Source: event format, section 5 (class staging); decision 0108.
"""

import json
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from typing import Literal, Self, cast
from uuid import UUID

import psycopg

from ledger.clock import day_in_japan
from ledger.crypto.blobs import open_blob, seal_blob
from ledger.crypto.keyring import KeyRing
from ledger.crypto.pseudonyms import LedgerSecret, random_uuid
from ledger.errors import BrokenWorldError, NotFoundError
from ledger.lifetimes import staging_day
from ledger.store import register_rows as rows
from ledger.store.advisory_lock import FencedRows
from ledger.store.connections import Connections
from ledger.store.register_rows import RegisterChange, RegisterRow, SpoiltRegisterError, State
from ledger.store.staged_rows import StagedMembers, opened_rows

__all__ = [
    "Kind",
    "RegisterBusyError",
    "RegisterChange",
    "RegisterRow",
    "Registers",
    "SpoiltRegisterError",
    "StagedMembers",
    "State",
]

Kind = Literal["file", "problems"]


class RegisterBusyError(Exception):
    """Somebody works on the register just now, or has taken it over."""


class Registers(FencedRows):
    """Keeps registers and finds them. Thread-safe.

    Every method raises `StoreUnavailableError` when the database cannot be reached.

    Those that `working` gives raise `LeaseLostError`, and change nothing, from `change`, `forget`,
    `put` and `clear`, once somebody else has taken over.

    Args:
        writer: connections of that role.
    """

    def __init__(self, writer: Connections, keys: KeyRing, secret: LedgerSecret) -> None:
        super().__init__(writer)
        self._keys = keys
        self._secret = secret

    def content_id(self, content: bytes) -> str:
        """The id of a transfer that has no number: a keyed hash, for content can be guessed."""
        return self._secret.lookup_key("register", content).hex()

    def begin(self, actor: str, members: StagedMembers, at: datetime) -> RegisterRow:
        """A new register, of which nothing is there yet."""
        key = self._keys.key_for("staging", day=staging_day(at))
        register = random_uuid()
        row = {
            "register": register,
            "actor": actor,
            "at": at,
            "key_id": key.id,
            "told": rows.seal_members(key, register, members),
        }
        # Once more after a lost connection: the same row again.
        self._writer.read(lambda connection: connection.execute(rows.INSERT, row))
        return self.find(register, at)

    def find(self, register: UUID, at: datetime) -> RegisterRow:
        """The register.

        Raises:
            NotFoundError: there is none, its time is over, or somebody spoilt its row.
            MastersUnavailableError: it cannot be opened.
        """
        found, _ = self._select(register, 1, at)
        if not found:
            raise NotFoundError
        return found[0]

    def newest(
        self, limit: int, at: datetime
    ) -> tuple[list[RegisterRow], dict[UUID, BrokenWorldError]]:
        """The registers that are there whole, the newest first; and those somebody spoilt, and why.

        Why is a `SpoiltRegisterError`, or that the key does not open.
        """
        return self._select(None, limit, at)

    def change(self, one: RegisterRow, change: RegisterChange, at: datetime) -> None:
        """Change it; nothing when it is gone."""
        sealed_members = (
            None
            if change.members is None
            else rows.seal_members(one.key, one.register, change.members)
        )
        row = {
            "register": one.register,
            "at": at,
            "state": change.state,
            "bytes": change.bytes,
            "told": sealed_members,
            "rows_done": change.rows_done,
            "rows_all": change.rows_all,
            "counts": None if change.counts is None else json.dumps(change.counts),
            "error": None if change.error is None else json.dumps(change.error),
        }
        # Once more after a lost connection: the same row again.
        self._write(lambda c: c.execute(rows.CHANGE, row))

    def forget(self, register: UUID) -> None:
        """Delete it with everything that belongs to it."""
        self._write(lambda c: c.execute(rows.DELETE, (register,)))

    def put(self, one: RegisterRow, kind: Kind, number: int, content: bytes) -> None:
        """Keep a piece, sealed."""
        sealed = seal_blob(one.key, _purpose(kind, number), one.register, content)
        self._write(lambda c: c.execute(rows.PUT, (one.register, kind, number, sealed)))

    def piece(self, one: RegisterRow, kind: Kind, number: int) -> bytes | None:
        """A piece; None when there is none."""
        values = (one.register, kind, number)

        def select_piece(connection: psycopg.Connection) -> tuple[bytes] | None:
            row = connection.cursor(binary=True).execute(rows.PIECE, values).fetchone()
            return cast("tuple[bytes] | None", row)

        row = self._writer.read(select_piece)
        if row is None:
            return None
        return open_blob(one.key, _purpose(kind, number), one.register, bytes(row[0]))

    def clear(self, one: RegisterRow, kind: Kind) -> None:
        """Delete all pieces of a kind."""
        self._write(lambda c: c.execute(rows.CLEAR, (one.register, kind)))

    @contextmanager
    def working(self, register: UUID) -> Generator[Self]:
        """Work on a register, alone, by those that are given; it is found inside.

        Raises:
            RegisterBusyError: somebody does already, or took over before the end.
        """
        with self._working(_lock_number(register), RegisterBusyError) as fenced:
            yield fenced

    def _select(
        self, register: UUID | None, limit: int, at: datetime
    ) -> tuple[list[RegisterRow], dict[UUID, BrokenWorldError]]:
        values = {"register": register, "today": day_in_japan(at), "limit": limit}

        def read(connection: psycopg.Connection) -> list[rows.Row]:
            found = connection.cursor(binary=True).execute(rows.FIND, values).fetchall()
            return cast("list[rows.Row]", found)

        found = self._writer.read(read)
        return opened_rows(self._keys, found, (_id, _key_id), rows.opened)


def _id(row: rows.Row) -> UUID:
    return row[0]


def _key_id(row: rows.Row) -> bytes:
    return row[6]


def _purpose(kind: Kind, number: int) -> str:
    """What a piece is sealed for: none can be put in another one's place."""
    return f"register-{kind}-{number}"


def _lock_number(register: UUID) -> int:
    """The number of the register's lock: 64 bits of its id, signed; see `register_rows`."""
    digits = register.hex
    number = int(digits[:8] + digits[-8:], 16)
    return number - (1 << 64) if number >= 1 << 63 else number
