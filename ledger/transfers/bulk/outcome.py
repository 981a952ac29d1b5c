"""What became of a bulk transfer, as it is kept beside it until its time is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from ledger.errors import ConflictingTransferError, CorruptRecordError, LedgerError
from ledger.format.event_reader import fact_of
from ledger.format.events import RecordedEvent
from ledger.policies.context import Verdict
from ledger.streams.outcome import RecordOutcome
from ledger.streams.streams import Streams
from ledger.transfers.bulk.staging_area import BulkMembers, UnderWay
from ledger.transfers.transfer import MarkDiffersError
from ledger.values import Json


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What became of a bulk transfer.

    Attributes:
        outcome: as of an ordinary transfer; its position is the effective one.
        persons: in the record, each once; 0 where nothing was recorded.
        repeated: lines that name a person who stands in the record already.
    """

    outcome: RecordOutcome
    persons: int = 0
    repeated: int = 0


def outcome_members(source: str, id_: str, result: BulkOutcome, recorded: int) -> BulkMembers:
    """As it is told from now on.

    Args:
        recorded: position of the event that holds the verdict, also of a first time; 0: of none.
    """
    outcome = result.outcome
    return {
        "source": source,
        "id": id_,
        "result": {
            "status": outcome.status,
            "transfer": str(outcome.transfer),
            "position": outcome.position,
            "recorded": recorded,
            "persons": result.persons,
            "repeated": result.repeated,
            "persons_with_findings": outcome.persons_with_findings,
            "lawful": outcome.lawful,
            "error": None if outcome.error is None else outcome.error.code,
        },
    }


def stored_outcome(streams: Streams, one: UnderWay) -> BulkOutcome:
    """The result of a commit that was carried out; without a verdict once its key is dead.

    Raises:
        CorruptRecordError: nobody carried it out.
    """
    result = cast("Mapping[str, Json] | None", one.members.get("result"))
    if result is None:
        raise CorruptRecordError("a bulk transfer is called recorded, and nobody recorded it")
    recorded = cast("int", result["recorded"])
    outcome = RecordOutcome(
        status=cast("str", result["status"]),
        transfer=UUID(cast("str", result["transfer"])),
        position=cast("int", result["position"]),
        verdict=verdict_at(streams, recorded) if recorded else None,
        persons_with_findings=cast("int", result["persons_with_findings"]),
        lawful=cast("bool", result["lawful"]),
        error=_error(cast("str | None", result["error"]), cast("int", result["position"])),
    )
    return BulkOutcome(outcome, cast("int", result["persons"]), cast("int", result["repeated"]))


def _error(code: str | None, position: int) -> LedgerError | None:
    """Why it was refused, from its code."""
    for conflict in (ConflictingTransferError, MarkDiffersError):
        if code == conflict.code:
            return conflict(position)
    return None


def verdict_at(streams: Streams, position: int) -> Verdict | None:
    """The verdict for the whole of the transfer that is recorded at `position`."""
    [opened] = streams.opened(streams.reads.facts_at([position]))
    event = fact_of(opened).event
    return event.entry.record.verdict if isinstance(event, RecordedEvent) else None
