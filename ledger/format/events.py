"""The facts, in the past tense.

These classes mirror the storage format (`docs/reference/event-format.md`, section 8): their types
and members are a promise and are versioned with care. A class's name is the CamelCase of its type.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from ledger.accesses.events import AccessEvent, DocumentViewed, HistoryViewed
from ledger.cases.events.case import CaseEvent
from ledger.cases.events.reply import ReplyStored
from ledger.emitters.events import CoverageDeclared, DayClosed, EmitterEvent, EmitterRegistered
from ledger.exclusions.events import (
    AccessedRange,
    ExcludedRange,
    ExclusionAct,
    ExclusionEvent,
    ExclusionsSealed,
    ReviewSealed,
)
from ledger.exports.events import (
    AuditBagApproved,
    AuditBagEvent,
    AuditBagProduced,
    AuditBagRequested,
    ExportProduced,
)
from ledger.holds.events import HoldEvent, HoldPlaced, HoldReleased
from ledger.log.events import LogEpochStarted
from ledger.notices.events import NoticeEvent, NoticePublished, NoticeWithdrawn
from ledger.persons.events import (
    DirectiveEvent,
    DirectiveLifted,
    DirectiveReceived,
    IdentifiersLinked,
    IdentifiersUnlinked,
    LinkEvent,
    PrincipalRenamed,
)
from ledger.procedures.events import ProcedurePublished
from ledger.retention.events import (
    EXPIRY_COUNTS,
    ExpiryEvent,
    ExpiryPlanned,
    RecordCarriedForward,
    RecordsExpired,
)
from ledger.transfers.events import (
    RECORDED_TYPES,
    Entry,
    ExemptTransferRecorded,
    JointUseTransferRecorded,
    PersonLine,
    PrincipalsAppended,
    ProvisionRecorded,
    ReceiptRecorded,
    Record,
    RecordedEvent,
    ReferableProvisionRecorded,
    SeriesClosed,
    SeriesEvent,
    SeriesExtended,
    SeriesOpened,
    TransferCompleted,
    TransferCorrected,
    TransferEvent,
    TransferFindingsSettled,
    TransferReclassified,
    TransferRetracted,
)
from ledger.values import Json

Event = (
    TransferEvent
    | SeriesEvent
    | LinkEvent
    | DirectiveEvent
    | NoticeEvent
    | EmitterEvent
    | AccessEvent
    | ExportProduced
    | AuditBagEvent
    | ProcedurePublished
    | LogEpochStarted
    | HoldEvent
    | ExpiryEvent
    | CaseEvent
    | ExclusionEvent
)
E_co = TypeVar("E_co", covariant=True)

CAUSE_TYPES = (
    DirectiveReceived.TYPE,
    DirectiveLifted.TYPE,
    IdentifiersLinked.TYPE,
    IdentifiersUnlinked.TYPE,
    NoticePublished.TYPE,
    NoticeWithdrawn.TYPE,
)
"""What may change verdicts that were given before it (ADR 0016)."""


@dataclass(frozen=True, slots=True)
class ExpiredEvent:
    """An event whose key is dead: that it happened stays, what it said is gone."""

    type: str


@dataclass(frozen=True, slots=True)
class Fact(Generic[E_co]):
    """An event at its place in the log.

    Attributes:
        position: 1-based and dense over the whole ledger.
        version: 1, 2, 3 … in its stream.
        judged_at: position up to which notices, directives, base records and links were read.
    """

    position: int
    stream: UUID
    version: int
    at: datetime
    actor: str
    event: E_co
    judged_at: int | None = None
    facts: Mapping[str, Json] = field(default_factory=dict[str, Json])


__all__ = [
    "CAUSE_TYPES",
    "EXPIRY_COUNTS",
    "RECORDED_TYPES",
    "AccessEvent",
    "AccessedRange",
    "AuditBagApproved",
    "AuditBagEvent",
    "AuditBagProduced",
    "AuditBagRequested",
    "CaseEvent",
    "CoverageDeclared",
    "DayClosed",
    "DirectiveEvent",
    "DirectiveLifted",
    "DirectiveReceived",
    "DocumentViewed",
    "EmitterEvent",
    "EmitterRegistered",
    "Entry",
    "Event",
    "ExcludedRange",
    "ExclusionAct",
    "ExclusionEvent",
    "ExclusionsSealed",
    "ExemptTransferRecorded",
    "ExpiredEvent",
    "ExpiryEvent",
    "ExpiryPlanned",
    "ExportProduced",
    "Fact",
    "HistoryViewed",
    "HoldEvent",
    "HoldPlaced",
    "HoldReleased",
    "IdentifiersLinked",
    "IdentifiersUnlinked",
    "JointUseTransferRecorded",
    "LinkEvent",
    "LogEpochStarted",
    "NoticeEvent",
    "NoticePublished",
    "NoticeWithdrawn",
    "PersonLine",
    "PrincipalRenamed",
    "PrincipalsAppended",
    "ProcedurePublished",
    "ProvisionRecorded",
    "ReceiptRecorded",
    "Record",
    "RecordCarriedForward",
    "RecordedEvent",
    "RecordsExpired",
    "ReferableProvisionRecorded",
    "ReplyStored",
    "ReviewSealed",
    "SeriesClosed",
    "SeriesEvent",
    "SeriesExtended",
    "SeriesOpened",
    "TransferCompleted",
    "TransferCorrected",
    "TransferEvent",
    "TransferFindingsSettled",
    "TransferReclassified",
    "TransferRetracted",
]
