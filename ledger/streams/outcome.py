"""What the ledger answers: positions, never states."""

from dataclasses import dataclass, replace
from uuid import UUID

from ledger.errors import ConflictingTransferError, ExpiredError, LedgerError
from ledger.fast_init import fast_init
from ledger.format.events import Entry, RecordedEvent
from ledger.policies.context import Verdict
from ledger.streams.streams import Streams
from ledger.transfers.transfer import State

RECORDED = "recorded"
DUPLICATE = "duplicate"
DUPLICATE_EXPIRED = "duplicate_expired"
CONFLICT = "conflict"
REJECTED = "rejected"


@fast_init
@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """What became of one `RecordTransfer`.

    Attributes:
        status: `recorded`, `duplicate`, `duplicate_expired`, `conflict` or `rejected` (too large).
        position: where the transfer is recorded; of the first time for a repeat.
        verdict: for the transfer as a whole; None for a conflict and once it has expired.
        persons_with_findings: how many persons have a verdict of their own.
        lawful: whether the transfer is, for each of its persons; False without a verdict.
        error: why it was refused, for a conflict and a rejection.
    """

    status: str
    transfer: UUID
    position: int
    verdict: Verdict | None
    persons_with_findings: int = 0
    lawful: bool = False
    error: LedgerError | None = None


@dataclass(frozen=True, slots=True)
class CommandReceipt:
    """Where the events of one command stand.

    Attributes:
        known: True when the command had been appended before: a repeat records nothing.
    """

    stream: UUID
    position: int
    known: bool = False


def recorded(stream: UUID, event: RecordedEvent | None, position: int) -> RecordOutcome:
    """The transfer stands at `position`."""
    assert event is not None, "what was appended was decided"
    return RecordOutcome(RECORDED, stream, position, *_judged(event.entry))


def repeated(stream: UUID, state: State | None) -> RecordOutcome:
    """The first receipt again, whatever has been corrected since."""
    assert state is not None, "a repeat has a first time"
    assert state.entry is not None, "an expired record is refused, not repeated"
    # Of a bulk transfer, where it took effect: whoever waits for that position sees it.
    position = state.effective_position or state.first_position
    lines = state.lines if state.first_position != position else state.entry.lines
    return RecordOutcome(DUPLICATE, stream, position, *_judged(replace(state.entry, lines=lines)))


def repeated_in(streams: Streams, stream: UUID, state: State | None) -> RecordOutcome:
    """As `repeated`, of a state that was read without chunks.

    The verdicts of single persons in a bulk transfer stand in its chunks: whoever has lost the
    first answer is told of them as well.
    """
    if state is not None and state.effective_position not in (None, state.first_position):
        state = streams.judged_states([stream])[stream]
    return repeated(stream, state)


def _judged(entry: Entry) -> tuple[Verdict, int, bool]:
    """The verdict of the whole, how many persons have another one, and whether all are lawful."""
    whole = entry.record.verdict
    own = [line.verdict for line in entry.lines.values() if line.verdict is not None]
    return whole, len(own), whole.lawful and all(one.lawful for one in own)


def refused(stream: UUID, refusal: ConflictingTransferError | ExpiredError) -> RecordOutcome:
    """The key was used before: for other content, or for a record that has expired."""
    if isinstance(refusal, ConflictingTransferError):
        return RecordOutcome(CONFLICT, stream, refusal.position, None, error=refusal)
    return RecordOutcome(DUPLICATE_EXPIRED, stream, refusal.position, None)


def rejected(stream: UUID, refusal: LedgerError) -> RecordOutcome:
    """The item cannot be stored."""
    return RecordOutcome(REJECTED, stream, 0, None, error=refusal)
