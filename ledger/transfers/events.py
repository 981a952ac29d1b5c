"""Facts about one transfer, and about the series that a collective record is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from ledger.fast_init import fast_init
from ledger.policies.context import Verdict
from ledger.retention.events import RecordCarriedForward
from ledger.values import Json, PrincipalRef


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person of a transfer.

    Attributes:
        verdict: the person's own verdict, only where it differs from the transfer's.
    """

    principal: PrincipalRef
    verdict: Verdict | None = None


@fast_init
@dataclass(frozen=True, slots=True)
class Record:
    """What one version of a transfer's record says, the persons apart.

    Attributes:
        data: the transfer as received (or corrected), without `principals`.
        recorded_on: day the record was made, in Japan (Art. 29(2), 30(4)).
        verdict: for the transfer as a whole.
        notice_position: position of the notice version relied on, if any.
    """

    data: Mapping[str, Json]
    recorded_on: date
    verdict: Verdict
    notice_position: int | None = None


@fast_init
@dataclass(frozen=True, slots=True)
class Entry:
    """A transfer as it was first recorded.

    Attributes:
        order_11: 0 none, 1–4 for items i–iv of Order 11.
        fingerprint: 32 bytes over source, id and data as received; None in a copy without it.
        lines: number of a line in the whole transfer → line; empty when the persons follow.
        persons: how many persons the transfer has in all.
        series: the stream of its collective record, if it belongs to one.
        gone: how many of its lines died: a record may be carried forward for some persons only.
    """

    source: str
    id: str
    order_11: int
    fingerprint: bytes | None
    record: Record
    lines: Mapping[int, PersonLine]
    persons: int
    series: UUID | None = None
    gone: int = 0


@dataclass(frozen=True, slots=True)
class ProvisionRecorded:
    """A provider's record (第三者提供に係る記録, Art. 29(1))."""

    TYPE: ClassVar[str] = "provision-recorded"
    entry: Entry


@dataclass(frozen=True, slots=True)
class ReceiptRecorded:
    """A recipient's record (提供を受ける際の記録, Art. 30(3))."""

    TYPE: ClassVar[str] = "receipt-recorded"
    entry: Entry


@dataclass(frozen=True, slots=True)
class ReferableProvisionRecorded:
    """A provider's record of personally referable information (Art. 31(3)); never in a reply."""

    TYPE: ClassVar[str] = "referable-provision-recorded"
    entry: Entry


@dataclass(frozen=True, slots=True)
class JointUseTransferRecorded:
    """A valid joint-use transfer (Art. 27(5)(iii)); its own type so that no reply can hold it."""

    TYPE: ClassVar[str] = "joint-use-transfer-recorded"
    entry: Entry


@dataclass(frozen=True, slots=True)
class ExemptTransferRecorded:
    """A transfer without a duty to record (27(1), 27(5)(i)(ii), interpretive exemptions)."""

    TYPE: ClassVar[str] = "exempt-transfer-recorded"
    entry: Entry


@dataclass(frozen=True, slots=True)
class PrincipalsAppended:
    """A chunk of the persons of a bulk transfer; not in effect before its completion."""

    TYPE: ClassVar[str] = "principals-appended"
    lines: Mapping[int, PersonLine]


@dataclass(frozen=True, slots=True)
class TransferCompleted:
    """All persons of a bulk transfer are there; this is its effective position."""

    TYPE: ClassVar[str] = "transfer-completed"


@dataclass(frozen=True, slots=True)
class TransferCorrected:
    """A recorded fact was wrong; the old fact stays, this one stands from here on.

    Attributes:
        record: the whole corrected record.
        lines: the lines that are new or differ now, or were stated anew although hidden (0096).
        removed: numbers of the lines that no longer stand, also where `lines` gives the number to
            somebody else.
        reason: as typed by whoever corrected it; sealed.
    """

    TYPE: ClassVar[str] = "transfer-corrected"
    record: Record
    lines: Mapping[int, PersonLine]
    removed: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class TransferReclassified:
    """The same facts are something else in law; members as in `TransferCorrected`.

    Attributes:
        cause_position: the late notice or directive that asked for it, if one did.
    """

    TYPE: ClassVar[str] = "transfer-reclassified"
    record: Record
    lines: Mapping[int, PersonLine]
    removed: tuple[int, ...]
    reason: str
    cause_position: int | None = None


@dataclass(frozen=True, slots=True)
class TransferRetracted:
    """The record should not stand.

    Attributes:
        reason: `not_occurred`, `duplicate` or `other_person`.
        note: as typed; sealed.
    """

    TYPE: ClassVar[str] = "transfer-retracted"
    reason: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class TransferFindingsSettled:
    """Something was done about the findings that stand; verdict and history are as before.

    All of it is sealed: what a person's own finding is would tell the others of that person.

    Attributes:
        codes: of all findings that stood, of the transfer and its persons, sorted.
        action: `stopped`, `reported`, `obtained` or `accepted`.
        reason: as typed.
    """

    TYPE: ClassVar[str] = "transfer-findings-settled"
    codes: tuple[str, ...]
    action: str
    reason: str


@dataclass(frozen=True, slots=True)
class SeriesOpened:
    """A collective record begins (Rule 19(2) proviso)."""

    TYPE: ClassVar[str] = "series-opened"
    source: str
    series_id: str
    transfer: UUID
    direction: str
    method: str
    first_day: date


@dataclass(frozen=True, slots=True)
class SeriesExtended:
    """One more message belongs to the collective record; `last_day` None: again open-ended."""

    TYPE: ClassVar[str] = "series-extended"
    transfer: UUID
    last_day: date | None


@dataclass(frozen=True, slots=True)
class SeriesClosed:
    """The last transfer of the collective record is known (Rule 21(ii))."""

    TYPE: ClassVar[str] = "series-closed"
    transfer: UUID
    last_day: date


RecordedEvent = (
    ProvisionRecorded
    | ReceiptRecorded
    | ReferableProvisionRecorded
    | JointUseTransferRecorded
    | ExemptTransferRecorded
)
TransferEvent = (
    RecordedEvent
    | PrincipalsAppended
    | TransferCompleted
    | TransferCorrected
    | TransferReclassified
    | TransferRetracted
    | TransferFindingsSettled
    | RecordCarriedForward
)
SeriesEvent = SeriesOpened | SeriesExtended | SeriesClosed

RECORDED_TYPES: tuple[str, ...] = (
    ProvisionRecorded.TYPE,
    ReceiptRecorded.TYPE,
    ReferableProvisionRecorded.TYPE,
    JointUseTransferRecorded.TYPE,
    ExemptTransferRecorded.TYPE,
)
