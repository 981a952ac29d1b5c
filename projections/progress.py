"""How far each slot of the read side has followed the log.

The position is the library's `Tracking` of the newest event that was applied. It moves only in the
transaction that writes the rows of the events before it.
"""

from dataclasses import dataclass
from typing import Final, LiteralString, cast

import psycopg
from eventsourcing.persistence import Tracking

from ledger.errors import BrokenWorldError

APPLICATION: Final = "ledger"
"""What the library calls the log that is followed."""

_SERVING: LiteralString = "SELECT slot FROM projections.progress WHERE serving"
_READ: LiteralString = (
    "SELECT position, names, findings, belated, days, marks"
    " FROM projections.progress WHERE slot = %s"
)
_LOCK: LiteralString = (
    "SELECT position, names, findings, belated, days, marks"
    " FROM projections.progress WHERE slot = %s FOR UPDATE"
)
_MOVE: LiteralString = (
    "UPDATE projections.progress"
    " SET position = %s, names = %s, findings = %s, belated = %s, days = %s, marks = %s"
    " WHERE slot = %s"
)


@dataclass(frozen=True, slots=True)
class SlotProgress:
    """How far a slot is, and by which version of the secret its rows are hashed.

    Attributes:
        tracking: of the newest event that was applied; number 0 before the first one.
        names, findings, days, marks: the version of each in the slot; None: it has none.
        has_late_events: whether the slot began to follow the log when there were rows of them.
    """

    tracking: Tracking
    names: str | None
    findings: str | None
    has_late_events: bool
    days: str | None
    marks: str | None

    @property
    def position(self) -> int:
        """The position of the newest event that was applied; 0 before the first one."""
        return self.tracking.notification_id


def serving(connection: psycopg.Connection) -> str:
    """The slot that answers."""
    row = connection.execute(_SERVING).fetchone()
    if row is None:
        raise BrokenWorldError("no slot of the read side serves")
    return str(row[0])


def progress_of(connection: psycopg.Connection, slot: str) -> SlotProgress:
    """The progress of `slot` as it is now."""
    return _read(connection.execute(_READ, (slot,)))


def locked_progress(cursor: psycopg.Cursor, slot: str) -> SlotProgress:
    """The progress of `slot`, which nobody else moves until the transaction ends."""
    return _read(cursor.execute(_LOCK, (slot,)))


def move(cursor: psycopg.Cursor, slot: str, progress: SlotProgress) -> None:
    """Write down how far `slot` is, together with its rows."""
    cursor.execute(
        _MOVE,
        (
            progress.position,
            progress.names,
            progress.findings,
            progress.has_late_events,
            progress.days,
            progress.marks,
            slot,
        ),
    )


def _read(cursor: psycopg.Cursor[tuple[object, ...]]) -> SlotProgress:
    row = cursor.fetchone()
    if row is None:
        raise BrokenWorldError("the read side has no such slot")
    position, *versions = cast(
        "tuple[int, str | None, str | None, bool, str | None, str | None]", row
    )
    names, findings, has_late_events, days, marks = versions
    return SlotProgress(
        Tracking(APPLICATION, position),
        cast("str | None", names),
        cast("str | None", findings),
        bool(has_late_events),
        cast("str | None", days),
        cast("str | None", marks),
    )
