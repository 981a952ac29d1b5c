"""Rows of registers that wait to be imported: what they are made of, and the statements."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, LiteralString, cast, get_args
from uuid import UUID

from ledger.crypto.keys import DataKey
from ledger.errors import CorruptRecordError
from ledger.store import staged_rows
from ledger.store.staged_rows import StagedMembers
from ledger.values import Json

_PURPOSE: Final = "register-told"

State = Literal["uploading", "uploaded", "checking", "checked", "recording", "recorded"]
Counts = Mapping[str, Mapping[str, int]]
Column = Literal["told", "state", "counts", "error"]
Row = tuple[
    UUID, str, datetime, datetime, State, int, bytes, bytes, int, int | None, str, str | None, bool
]

# One of that id, or the newest that are there whole. A row whose key is past its day is as good as
# gone. The lock: see `Registers.working`.
FIND: LiteralString = """
    SELECT r.register, r.actor, r.begun_at, r.changed_at, r.state, r.bytes, r.key_id, r.told,
           r.rows_done, r.rows_all, r.counts, r.error,
           EXISTS (SELECT FROM pg_locks AS l
                    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                      AND l.database = (
                          SELECT oid FROM pg_database WHERE datname = current_database())
                      AND l.classid::bigint
                          = ('x' || left(r.register::text, 8))::bit(32)::bigint
                      AND l.objid::bigint
                          = ('x' || right(r.register::text, 8))::bit(32)::bigint)
      FROM ledger.registers AS r
     WHERE (r.register = %(register)s
            OR %(register)s::uuid IS NULL AND r.state <> 'uploading')
       AND EXISTS (SELECT FROM ledger.data_keys AS k
                    WHERE k.key_id = r.key_id AND k.day > %(today)s)
     ORDER BY r.begun_at DESC, r.register
     LIMIT %(limit)s
"""
INSERT: LiteralString = """
    INSERT INTO ledger.registers (register, actor, begun_at, changed_at, state, bytes, key_id, told)
    VALUES (%(register)s, %(actor)s, %(at)s, %(at)s, 'uploading', 0, %(key_id)s, %(told)s)
    ON CONFLICT (register) DO NOTHING
"""
CHANGE: LiteralString = """
    UPDATE ledger.registers
       SET state = coalesce(%(state)s, state), changed_at = greatest(changed_at, %(at)s),
           bytes = coalesce(%(bytes)s, bytes), told = coalesce(%(told)s, told),
           rows_done = coalesce(%(rows_done)s, rows_done),
           rows_all = coalesce(%(rows_all)s, rows_all),
           counts = coalesce(%(counts)s, counts), error = %(error)s
     WHERE register = %(register)s
"""
DELETE: LiteralString = "DELETE FROM ledger.registers WHERE register = %s"
PUT: LiteralString = """
    INSERT INTO ledger.register_pieces (register, kind, number, sealed) VALUES (%s, %s, %s, %s)
    ON CONFLICT (register, kind, number) DO NOTHING
"""
PIECE: LiteralString = """
    SELECT sealed FROM ledger.register_pieces WHERE register = %s AND kind = %s AND number = %s
"""
CLEAR: LiteralString = "DELETE FROM ledger.register_pieces WHERE register = %s AND kind = %s"


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One register as it stands.

    Attributes:
        actor: who uploaded it.
        members: what its file is called, and what somebody said of its columns.
        rows_done: the last row that is done of what is being done, or was.
        rows_all: of the sheet; None: not known.
        counts: of what → code → how many.
        error: a code and a place, of the last look; None: it could be read.
        is_worked_on: whether a process is at it now.
    """

    register: UUID
    actor: str
    begun_at: datetime
    changed_at: datetime
    state: State
    bytes: int
    key: DataKey
    members: StagedMembers
    rows_done: int
    rows_all: int | None
    counts: Counts
    error: tuple[str, str] | None
    is_worked_on: bool


@dataclass(frozen=True, slots=True)
class RegisterChange:
    """What is to be changed of a register; None leaves it as it is."""

    state: State | None = None
    bytes: int | None = None
    members: StagedMembers | None = None
    rows_done: int | None = None
    rows_all: int | None = None
    counts: Counts | None = None
    error: tuple[str, str] | None = None
    """None: there is none any more."""


def seal_members(key: DataKey, register: UUID, members: StagedMembers) -> bytes:
    """What is told of a register, sealed.

    Raises:
        ValueError: it is longer than any form.
    """
    return staged_rows.seal_members(key, _PURPOSE, register, members)


class SpoiltRegisterError(CorruptRecordError):
    """Somebody wrote a column of a register past the ledger.

    Attributes:
        column: which one.
    """

    def __init__(self, column: Column) -> None:
        super().__init__(f"the column {column} of a register is not what the ledger writes")
        self.column: Final = column


def opened(row: Row, key: DataKey) -> RegisterRow:
    """The register of a row of `FIND`.

    Raises:
        SpoiltRegisterError: it does not open, or what stands in clear beside it is garbled.
    """
    if row[4] not in get_args(State):
        raise SpoiltRegisterError("state")
    try:
        members = staged_rows.open_members(key, _PURPOSE, row[0], row[7])
    except CorruptRecordError:
        raise SpoiltRegisterError("told") from None
    return RegisterRow(
        register=row[0],
        actor=row[1],
        begun_at=row[2],
        changed_at=row[3],
        state=row[4],
        bytes=row[5],
        key=key,
        members=members,
        rows_done=row[8],
        rows_all=row[9],
        counts=_counts(_parsed(row[10], "counts")),
        error=None if row[11] is None else _error(_parsed(row[11], "error")),
        is_worked_on=row[12],
    )


def _parsed(text: str, column: Column) -> Json:
    try:
        value = cast("Json", json.loads(text))
        # Half a surrogate pair is JSON, and no text that a page could show.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise SpoiltRegisterError(column) from None
    return value


def _counts(value: Json) -> Counts:
    if not isinstance(value, dict):
        raise SpoiltRegisterError("counts")
    for codes in value.values():
        if not isinstance(codes, dict) or not all(type(one) is int for one in codes.values()):
            raise SpoiltRegisterError("counts")
    return cast("Counts", value)


def _error(value: Json) -> tuple[str, str]:
    match value:
        case [str() as code, str() as place]:
            return code, place
        case _:
            raise SpoiltRegisterError("error")
