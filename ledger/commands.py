"""What somebody asks the ledger to do. Each command carries its id, made by the caller's endpoint.

A command id is random and shared by all events of the command, so that a retry after an unknown
outcome is harmless (`docs/reference/event-format.md`, section 1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ledger.fast_init import fast_init
from ledger.holds.events import HoldPlaced
from ledger.policies.notice_changes import NOTHING_STATED, ChangeStatement
from ledger.values import CheckedTransfer, Json, PrincipalRef


@fast_init
@dataclass(frozen=True, slots=True)
class RecordTransfer:
    """Record one transfer under the caller's key (source, id).

    Attributes:
        order_11: 0 none, 1–4 for items i–iv of Order 11.
        within: the source prefix that the sender is bound to; None: the source alone.
        stated: the data as the emitter itself stated it, where somebody else states `data` in its
            place; None: `data` is the emitter's own.
    """

    command: UUID
    actor: str
    source: str
    id: str
    data: CheckedTransfer
    order_11: int = 0
    within: str | None = None
    stated: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class RepeatTransfer:
    """What may have been recorded as it is: data that the contract accepts no more, or never did.

    Attributes:
        order_11: as of `RecordTransfer`.
    """

    source: str
    id: str
    data: Mapping[str, Json]
    order_11: int = 0


@dataclass(frozen=True, slots=True)
class CorrectTransfer:
    """Replace top-level members of a recorded transfer (訂正).

    Attributes:
        changes: member → new value, as in `transfer.schema.json`; None removes a member that
            the schema does not allow to be null.
    """

    command: UUID
    actor: str
    transfer: UUID
    changes: Mapping[str, Json]
    reason: str


@dataclass(frozen=True, slots=True)
class ReclassifyTransfer:
    """The transfer rests on another basis, or a late notice or directive changes its verdict."""

    command: UUID
    actor: str
    transfer: UUID
    changes: Mapping[str, Json]
    reason: str
    cause_position: int | None = None


@dataclass(frozen=True, slots=True)
class RetractTransfer:
    """The record should not stand: `not_occurred`, `duplicate` or `other_person`."""

    command: UUID
    actor: str
    transfer: UUID
    reason: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class SettleFindings:
    """Something was done about the findings of a transfer.

    Attributes:
        codes: those that the person saw; they must be all that stand.
        action: one of `ledger.transfers.settlement.ACTIONS`.
    """

    command: UUID
    actor: str
    transfer: UUID
    codes: tuple[str, ...]
    action: str
    reason: str


@dataclass(frozen=True, slots=True)
class LinkIdentifiers:
    """Two identifiers are one person, on evidence.

    Attributes:
        expected_version: of what the caller was shown of the pair (`ledger.persons.link.told`; 0:
        it was
            never linked); None: whatever was done to it.
    """

    command: UUID
    actor: str
    a: PrincipalRef
    b: PrincipalRef
    evidence: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class UnlinkIdentifiers:
    """The link of the two identifiers does not stand, on evidence.

    Attributes:
        expected_version: of the link that the caller looked at; None: whichever stands.
    """

    command: UUID
    actor: str
    a: PrincipalRef
    b: PrincipalRef
    evidence: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class ReceiveDirective:
    """A principal's stop, in force from `day` (Japan), inclusive."""

    command: UUID
    actor: str
    principal: PrincipalRef
    kind: str
    day: date
    counterparty_party_id: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class LiftDirective:
    """A stop ends: from `day` on, inclusive, it does not apply."""

    command: UUID
    actor: str
    principal: PrincipalRef
    kind: str
    day: date
    counterparty_party_id: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class RenamePrincipal:
    """The principal has another name now."""

    command: UUID
    actor: str
    principal: PrincipalRef
    name: str


@dataclass(frozen=True, slots=True)
class PublishNotice:
    """A joint-use notice with a new version, an amendment of it, or an opt-out filing.

    Attributes:
        notice: members without `versions`.
        version: members of one version; None for a filing or an amendment.
        expected_version: of the notice that the caller looked at (0: there was none); None:
            whatever stands.
        stated: what the publisher states of the changes that the version makes.
        records_unlawful: whether a change that Art. 27(6) does not allow is meant to be recorded.
    """

    command: UUID
    actor: str
    notice_id: str
    kind: str
    notice: Mapping[str, Json]
    version: Mapping[str, Json] | None
    expected_version: int | None = None
    stated: ChangeStatement = NOTHING_STATED
    records_unlawful: bool = False


@dataclass(frozen=True, slots=True)
class WithdrawNotice:
    """The notice is no longer relied on from `day` on, inclusive.

    Attributes:
        expected_version: of the notice that the caller looked at; None: whatever stands.
    """

    command: UUID
    actor: str
    notice_id: str
    day: date
    reason: str
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class PublishProcedure:
    """A version of the procedure for requests, as the operator's own JSON."""

    command: UUID
    actor: str
    document: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class ViewHistory:
    """Somebody was shown a person's history.

    Attributes:
        entries: how many entries were shown, after exclusion.
        reason: why, as typed; something can be seen in it.
    """

    command: UUID
    actor: str
    case: str
    identifiers: tuple[PrincipalRef, ...]
    as_of: int
    entries: int
    reason: str


@dataclass(frozen=True, slots=True)
class ViewDocument:
    """Somebody was shown a case's file, a letter, a file of a reply, a transfer, or a work list.

    Attributes:
        case: the stream of the case; None of what belongs to none.
        what: a code of `ledger.accesses.access.WHAT`.
        number: which reply of the case, 1-based; None of what belongs to no reply.
        document: the name of the file.
        reason: why.
        transfer: which transfer.
        case_given: a number as it was given, which is no case's; None beside `case`.
    """

    command: UUID
    actor: str
    case: UUID | None
    what: str
    number: int | None = None
    document: str | None = None
    reason: str | None = None
    transfer: UUID | None = None
    case_given: str | None = None


@dataclass(frozen=True, slots=True)
class ProduceExport:
    """A bag of records was made and is about to be handed out.

    Attributes:
        export: its id, which the bag bears.
        as_of: position of the ledger that it shows.
        filters: the filters, as the bag tells them.
        digest: SHA-256 of its tag manifest.
        identifiers: of the one person that it is about.
    """

    command: UUID
    actor: str
    export: UUID
    as_of: int
    filters: Mapping[str, Json]
    identified: bool
    whole: bool
    records: int
    digest: bytes
    reason: str | None = None
    identifiers: tuple[PrincipalRef, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestAuditBag:
    """Ask for the whole ledger in a bag; another person approves it before it is made."""

    command: UUID
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class ApproveAuditBag:
    """Approve that an audit bag is made.

    Attributes:
        bag: its stream.
        earlier: other actors of the same person, from older versions.
    """

    command: UUID
    actor: str
    bag: UUID
    earlier: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ProduceAuditBag:
    """An audit bag was made and is about to be handed out.

    Attributes:
        bag: its stream.
        as_of: position of the last event in it.
        records: how many transfers were ever recorded up to there.
        digest: SHA-256 of its tag manifest.
    """

    command: UUID
    actor: str
    bag: UUID
    as_of: int
    records: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class PlaceHold:
    """Keep records from being destroyed: one transfer's, or those of persons."""

    command: UUID
    actor: str
    placed: HoldPlaced


@dataclass(frozen=True, slots=True)
class ReleaseHold:
    """The hold `hold` (its stream) ends."""

    command: UUID
    actor: str
    hold: UUID
    reason: str
