"""Every refusal of the ledger, in one tree; each error carries its data.

A `LedgerError` is answered (the endpoints translate it); a `BrokenWorldError` is a broken invariant
and stops whoever meets it. No message of this tree holds personal data: only codes, positions and
identifiers that the ledger made itself.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final
from uuid import UUID

DEFECTS_MAX: Final = 100
"""Defects of one input that are named: enough to begin with."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong with one place of an input.

    Attributes:
        pointer: JSON Pointer (RFC 6901) to the place, from the root of the item.
        code: stable code, e.g. `SCHEMA`, `DATE_IN_FUTURE`.
        detail: what to do about it, in English; holds no value of the input.
    """

    pointer: str
    code: str
    detail: str


class LedgerError(Exception):
    """A refusal that is answered to whoever asked.

    Attributes:
        code: its kind, or a finer code of it; `api.problems` has a row for each.
        pointer: JSON Pointer to the one place of the input that it speaks of.
        defects: what is wrong where.
    """

    code: ClassVar[str] = "REFUSED"
    pointer: ClassVar[str | None] = None
    defects: tuple[Defect, ...] = ()


class MalformedError(LedgerError):
    """The input is not what the contract says; nothing was recorded.

    Attributes:
        defects: what is wrong, at least one, `DEFECTS_MAX` at most.
    """

    code = "SCHEMA_VIOLATION"

    def __init__(self, defects: tuple[Defect, ...]) -> None:
        self.defects = defects[:DEFECTS_MAX]
        super().__init__(", ".join(sorted({defect.code for defect in self.defects})))


class ConflictingTransferError(LedgerError):
    """The key (source, id) was used before for a transfer with other content.

    Attributes:
        position: where the first transfer of that key is recorded.
    """

    code = "DUPLICATE_MISMATCH"

    def __init__(self, position: int) -> None:
        super().__init__(f"the key was used at position {position} for other content")
        self.position = position


class SourceNotAllowedError(LedgerError):
    """The caller's key is bound to another source."""

    code = "SOURCE_NOT_ALLOWED"
    pointer = "/source"


class NotFoundError(LedgerError):
    """Unknown, not allowed to be seen, or excluded: one answer for all three."""

    code = "NOT_FOUND"


class ExpiredError(LedgerError):
    """The record's key is dead; its content is gone and is not stored again.

    Attributes:
        position: the position of the expired record.
    """

    code = "EXPIRED"

    def __init__(self, position: int) -> None:
        super().__init__(f"the record at position {position} has expired")
        self.position = position


class AlreadyRetractedError(LedgerError):
    """The transfer was retracted; it takes no further correction."""

    code = "ALREADY_RETRACTED"


class NothingToChangeError(LedgerError):
    """The command would leave everything as it is."""

    code = "NOTHING_TO_CHANGE"


class AlreadyActiveError(LedgerError):
    """What the command asks for stands already (a link, a stop, a notice version)."""

    code = "ALREADY_STANDS"


class DoesNotStandError(LedgerError):
    """What the command would end does not stand (a link, a stop)."""

    code = "DOES_NOT_STAND"


class TooManyIdentifiersError(LedgerError):
    """The link would make one person of more identifiers than a person has."""

    code = "TOO_MANY_IDENTIFIERS"


class StreamMovedError(LedgerError):
    """Somebody else appended to the stream first; read it again and decide again.

    Attributes:
        stream: the stream that moved.
    """

    code = "STREAM_MOVED"

    def __init__(self, stream: UUID) -> None:
        super().__init__("the stream moved on; read it again and decide again")
        self.stream = stream


class PositionBeyondHeadError(LedgerError):
    """A reader named a position that the ledger has not reached.

    Attributes:
        position: the position asked for.
        head: the last position there is.
    """

    code = "POSITION_BEYOND_HEAD"
    pointer = "/after"

    def __init__(self, position: int, head: int) -> None:
        super().__init__(f"position {position} is beyond the head {head}")
        self.position = position
        self.head = head


class ProjectionBehindError(LedgerError):
    """The projection did not reach the needed position in time; ask again."""

    code = "PROJECTION_BEHIND"

    def __init__(self, position: int, reached: int) -> None:
        super().__init__(f"position {position} is needed, {reached} is reached")
        self.position = position
        self.reached = reached


class NamesOutdatedError(LedgerError):
    """The read side has no names, or such of another version: it must be built anew."""

    code = "NAMES_OUTDATED"

    def __init__(self) -> None:
        super().__init__("names are not indexed: run `ledger projections rebuild`")


class StoreUnavailableError(LedgerError):
    """The database cannot be reached; nothing was acknowledged, try again."""

    code = "STORE_UNAVAILABLE"


class MastersUnavailableError(StoreUnavailableError):
    """The epoch masters cannot be reached, so no key opens; nothing was acknowledged, try again.

    The message says which place does not answer, and how; it holds no secret.
    """

    code = "MASTERS_UNAVAILABLE"


class TooLargeError(LedgerError):
    """The item does not fit into one event (4 MiB sealed); split it."""

    code = "ITEM_TOO_LARGE"


class KeyDestroyedError(LedgerError):
    """The data key died between the sealing and the append; forget it and seal again.

    Attributes:
        key_id: the key that no longer stands.
    """

    code = "KEY_GONE"

    def __init__(self, key_id: bytes) -> None:
        super().__init__("the data key died meanwhile; seal again under a living one")
        self.key_id = key_id


class UnstorableError(LedgerError):
    """The database does not take the append as it is; sending it again will not help.

    Attributes:
        sqlstate: the database's code.
        constraint: the constraint that refused, when one did.
    """

    code = "UNSTORABLE"

    def __init__(self, sqlstate: str, constraint: str | None) -> None:
        super().__init__(f"the database refused: SQLSTATE {sqlstate}, {constraint}")
        self.sqlstate = sqlstate
        self.constraint = constraint


class SeparationOfDutiesError(LedgerError):
    """The second person must be another one than the first."""

    code = "SEPARATION_OF_DUTIES"


class ExpiryDisturbedError(LedgerError):
    """What was about to die changed while it was being destroyed; nothing died, look again.

    Attributes:
        position: of the newest event, up to which the reasons to keep must be read again.
    """

    code = "EXPIRY_DISTURBED"

    def __init__(self, position: int) -> None:
        super().__init__(f"the reasons to keep must be read again up to position {position}")
        self.position = position


class ClockAheadError(LedgerError):
    """The clock stands further beyond the newest event or plan than may be believed; nothing dies.

    Attributes:
        newest: instant of that event or plan.
        at: what the clock tells.
    """

    code = "CLOCK_AHEAD"

    def __init__(self, newest: datetime, at: datetime) -> None:
        super().__init__(f"the clock tells {at}, the log ends at {newest}")
        self.newest = newest
        self.at = at

    @property
    def days(self) -> int:
        """How many whole days it stands ahead."""
        return (self.at - self.newest).days


class NotPlannedError(LedgerError):
    """A key is due that no plan named beforehand; nothing dies.

    Attributes:
        keys: ids of those keys.
    """

    code = "NOT_PLANNED"

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        super().__init__(f"{len(keys)} keys are due that no plan named")
        self.keys = keys

    @property
    def count(self) -> int:
        """How many keys."""
        return len(self.keys)


class BrokenWorldError(Exception):
    """An invariant does not hold; whoever meets this stops."""


class CorruptRecordError(BrokenWorldError):
    """Stored bytes are not what the format allows, or do not match their hash or key.

    Attributes:
        position: where, when it is known.
    """

    def __init__(self, reason: str, position: int | None = None) -> None:
        super().__init__(reason if position is None else f"position {position}: {reason}")
        self.position = position


class ForgedEventError(CorruptRecordError):
    """An event has no right MAC: somebody else than the ledger appended or changed it."""

    def __init__(self, position: int) -> None:
        super().__init__(
            "the event has no MAC of the ledger's: it was not appended by it", position
        )


class IndexDiffersError(BrokenWorldError):
    """The index says nothing of a person of whom an event speaks, so nothing is destroyed by it.

    Attributes:
        position: of the event.
    """

    def __init__(self, position: int) -> None:
        super().__init__(
            f"nothing is destroyed: the index lacks a row of the event at position {position}; "
            "see `ledger projections verify`, then run `ledger projections rebuild`"
        )
        self.position = position


class PositionHoleError(BrokenWorldError):
    """A position is missing: positions are dense, so this is an alarm and not a wait."""
