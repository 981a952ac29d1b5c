"""What the ledger answers: positions, never states."""

from dataclasses import dataclass
from uuid import UUID

from ledger.errors import LedgerError
from ledger.policies.context import Verdict

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
