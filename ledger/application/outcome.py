"""What the ledger answers: positions, never states."""

from dataclasses import dataclass
from uuid import UUID

from ledger.errors import ConflictingTransferError, ExpiredError, LedgerError
from ledger.events import RecordedEvent
from ledger.policies.context import Verdict
from ledger.transfer import State

RECORDED = "recorded"
DUPLICATE = "duplicate"
DUPLICATE_EXPIRED = "duplicate_expired"
CONFLICT = "conflict"
REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one `RecordTransfer`.

    Attributes:
        status: `recorded`, `duplicate`, `duplicate_expired`, `conflict` or `rejected` (too large).
        position: where the transfer is recorded; of the first time for a repeat.
        verdict: for the transfer as a whole; None for a conflict and once it has expired.
        persons_with_findings: how many persons have a verdict of their own.
        error: why it was refused, for a conflict and a rejection.
    """

    status: str
    transfer: UUID
    position: int
    verdict: Verdict | None
    persons_with_findings: int = 0
    error: LedgerError | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where the events of one command stand.

    Attributes:
        known: True when the command had been appended before: a repeat records nothing.
    """

    stream: UUID
    position: int
    known: bool = False


def recorded(stream: UUID, event: RecordedEvent | None, position: int) -> Outcome:
    """The transfer stands at `position`."""
    assert event is not None, "what was appended was decided"
    entry = event.entry
    own = sum(1 for line in entry.lines.values() if line.verdict is not None)
    return Outcome(RECORDED, stream, position, entry.record.verdict, own)


def repeated(stream: UUID, state: State | None) -> Outcome:
    """The first receipt again, whatever has been corrected since."""
    assert state is not None, "a repeat has a first time"
    assert state.entry is not None, "an expired record is refused, not repeated"
    own = sum(1 for line in state.entry.lines.values() if line.verdict is not None)
    verdict = state.entry.record.verdict
    return Outcome(DUPLICATE, stream, state.first_position, verdict, own)


def refused(stream: UUID, refusal: ConflictingTransferError | ExpiredError) -> Outcome:
    """The key was used before: for other content, or for a record that has expired."""
    if isinstance(refusal, ConflictingTransferError):
        return Outcome(CONFLICT, stream, refusal.position, None, 0, refusal)
    return Outcome(DUPLICATE_EXPIRED, stream, refusal.position, None)


def rejected(stream: UUID, refusal: LedgerError) -> Outcome:
    """The item cannot be stored."""
    return Outcome(REJECTED, stream, 0, None, 0, refusal)
