"""Rows of exports that were asked for: what they are made of, and the statements."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, LiteralString
from uuid import UUID

from ledger.crypto.keys import DataKey
from ledger.store import staged_rows
from ledger.store.staged_rows import StagedMembers

_PURPOSE: Final = "export-told"

State = Literal["waiting", "making", "packed", "ready", "failed"]
"""`packed`: every piece is there, and the export is not on record yet."""
Row = tuple[
    UUID, UUID, str, datetime, datetime, State, int, int, int | None, str | None, bytes, bytes
]

# A row whose key is past its day is as good as gone, and so is one that was found not to open.
_COLUMNS: LiteralString = """
    SELECT e.export, e.command, e.actor, e.asked_at, e.changed_at, e.state, e.attempts, e.done,
           e.of_all, e.error, e.key_id, e.told
      FROM ledger.exports AS e
     WHERE EXISTS (SELECT FROM ledger.data_keys AS k
                    WHERE k.key_id = e.key_id AND k.day > %(today)s)
       AND e.error IS DISTINCT FROM 'ROW_CORRUPT'
"""
FIND: LiteralString = _COLUMNS + " AND e.export = %(export)s"
OF_COMMAND: LiteralString = _COLUMNS + " AND e.command = %(command)s"
NEWEST: LiteralString = (
    _COLUMNS
    + """
       AND (%(at)s::timestamptz IS NULL OR e.asked_at <= %(at)s)
     ORDER BY e.asked_at DESC, e.export DESC
    OFFSET %(skip)s LIMIT %(limit)s
"""
)
OPEN: LiteralString = _COLUMNS + " AND e.state <> 'failed' ORDER BY e.asked_at, e.export"
INSERT: LiteralString = """
    INSERT INTO ledger.exports (export, command, actor, asked_at, changed_at, state, key_id, told)
    VALUES (%(export)s, %(command)s, %(actor)s, %(at)s, %(at)s, 'waiting', %(key_id)s, %(told)s)
    ON CONFLICT (command) DO NOTHING
"""
CHANGE: LiteralString = """
    UPDATE ledger.exports
       SET state = coalesce(%(state)s, state), changed_at = greatest(changed_at, %(at)s),
           attempts = coalesce(%(attempts)s, attempts), done = coalesce(%(done)s, done),
           of_all = coalesce(%(of_all)s, of_all), told = coalesce(%(told)s, told),
           error = %(error)s
     WHERE export = %(export)s
"""
SPOILT: LiteralString = """
    UPDATE ledger.exports
       SET state = 'failed', error = 'ROW_CORRUPT', changed_at = greatest(changed_at, %(at)s)
     WHERE export = ANY(%(exports)s)
"""
DELETE: LiteralString = "DELETE FROM ledger.exports WHERE export = %s"
PUT: LiteralString = """
    INSERT INTO ledger.export_pieces (export, number, sealed)
    SELECT export, %s, %s FROM ledger.exports WHERE export = %s
    ON CONFLICT (export, number) DO NOTHING
"""
PIECE: LiteralString = "SELECT sealed FROM ledger.export_pieces WHERE export = %s AND number = %s"
CLEAR: LiteralString = "DELETE FROM ledger.export_pieces WHERE export = %s"


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One export as it stands.

    Attributes:
        command: of the event that puts it on record.
        actor: who asked for it.
        attempts: how often somebody began to make it.
        done: events that were read, of `of_all` (None: not known).
        error: a code; None: nothing went wrong.
        members: what was asked for and, once it is packed, what was made.
    """

    export: UUID
    command: UUID
    actor: str
    requested_at: datetime
    changed_at: datetime
    state: State
    attempts: int
    done: int
    of_all: int | None
    error: str | None
    key: DataKey
    members: StagedMembers


@dataclass(frozen=True, slots=True)
class ExportChange:
    """What is to be changed of an export; None leaves it as it is."""

    state: State | None = None
    attempts: int | None = None
    done: int | None = None
    of_all: int | None = None
    members: StagedMembers | None = None
    error: str | None = None
    """None: there is none any more."""


def seal_members(key: DataKey, export: UUID, members: StagedMembers) -> bytes:
    """What is told of an export, sealed.

    Raises:
        ValueError: it is longer than any question.
    """
    return staged_rows.seal_members(key, _PURPOSE, export, members)


def opened(row: Row, key: DataKey) -> ExportRow:
    """The export of a row.

    Raises:
        CorruptRecordError: it does not open.
    """
    members = staged_rows.open_members(key, _PURPOSE, row[0], row[11])
    export, command, actor, requested_at, changed_at = row[:5]
    times = requested_at.astimezone(UTC), changed_at.astimezone(UTC)
    return ExportRow(export, command, actor, *times, *row[5:10], key=key, members=members)
