"""Facts about a disclosure case, all sealed under the key of their case.

A count, a list or a digest is of what is left after exclusion (Order 11); nothing tells of any.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar
from uuid import UUID

from ledger.events.measures import CaseMeasuresDecided, CasePersonIdentified
from ledger.events.reply import CaseDelivered, CaseDispatched, CaseReturned, ReplyStored
from ledger.policies.identity.request import AddressJudgement, Paper
from ledger.values import PrincipalRef


@dataclass(frozen=True, slots=True)
class Application:
    """A request as the desk took it in.

    Attributes:
        kind: of `ledger.law.requests`: a disclosure (Act Art. 33) or a measure (Art. 35).
        arrived_on: the day, in Japan, on which it reached the desk, or is deemed to (39(2)).
        requester, representation: codes of `ledger.law.procedure.codes`.
        form: what the form says, name of the field → text as written.
        identifiers: what the form says to find the person by.
        channel: how it came: `post`, `counter`, `other`.
        birth_date: the principal's.
        provided, received: the sides that were asked for.
        first_day, last_day: of the period asked for; None: all of it.
        medium: `paper` or `electronic`; None when the form states none.
        reply_address: the address that was chosen; None for the first of the procedure's.
        same_envelope_as: the first case of the envelope, when this is a further one.
    """

    kind: str
    arrived_on: date
    requester: str
    form: Mapping[str, str]
    identifiers: tuple[PrincipalRef, ...] = ()
    channel: str = "post"
    postmarked_on: date | None = None
    about_other_person: bool = False
    representation: str | None = None
    birth_date: date | None = None
    provided: bool = True
    received: bool = True
    first_day: date | None = None
    last_day: date | None = None
    medium: str | None = None
    reply_address: str | None = None
    same_envelope_as: UUID | None = None


@dataclass(frozen=True, slots=True)
class CaseReceived:
    """A request arrived. `procedure`: the version that it falls under, whatever comes later."""

    TYPE: ClassVar[str] = "case-received"
    application: Application
    procedure: str


@dataclass(frozen=True, slots=True)
class Examination:
    """What an officer saw on the papers; a member is as in `IdentityRequest`.

    Attributes:
        identity_address, registered_address: as they stand on the identity papers and in the
            register, for the comparison; None while nobody wrote them down.
    """

    papers: tuple[Paper, ...]
    addresses: AddressJudgement
    seal_registered: Mapping[str, bool] = field(default_factory=dict[str, bool])
    form_missing: tuple[str, ...] = ()
    form_checked: bool = False
    note: str | None = None
    identity_address: str | None = None
    registered_address: str | None = None


@dataclass(frozen=True, slots=True)
class CaseDocumentsChecked:
    """Somebody looked at the papers and judged the addresses.

    Attributes:
        outcome: of the verdict at that time; None while a fact is open.
        reasons: codes of what was short, sorted.
        open: names of the facts that nobody had looked at, sorted.
    """

    TYPE: ClassVar[str] = "case-documents-checked"
    examination: Examination
    outcome: str | None
    reasons: tuple[str, ...]
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseCorrectionRequested:
    """A letter asks for what is short. `due_on`: the last day on which it may come."""

    TYPE: ClassVar[str] = "case-correction-requested"
    reasons: tuple[str, ...]
    sent_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class CaseResubmitted:
    """Further papers arrived. `form`: fields of the form that they completed or replaced."""

    TYPE: ClassVar[str] = "case-resubmitted"
    arrived_on: date
    note: str | None = None
    form: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class CaseVerified:
    """Who asks may ask. `person`, `address`: to whom the reply goes, and where to."""

    TYPE: ClassVar[str] = "case-verified"
    person: str
    address: str


@dataclass(frozen=True, slots=True)
class CaseRefused:
    """Refused without a search, by ground `IDENTITY` or `FORM` and what was still short (37(1))."""

    TYPE: ClassVar[str] = "case-refused"
    ground: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseRecordsIdentified:
    """The records of the person as of a position: what the reply will be about.

    Attributes:
        as_of: position of the search; in clear.
        identifiers: those that are the person; none when nobody was found.
        tried: those that were searched for without a result.
        evidence: why these identifiers are the person, as typed.
        not_the_person: why those of `tried` that have records are somebody else's.
        provided, received: how many records there are.
        digest: of the records (`ledger.case.records_digest`), 32 bytes.
    """

    TYPE: ClassVar[str] = "case-records-identified"
    as_of: int
    identifiers: tuple[PrincipalRef, ...]
    tried: tuple[PrincipalRef, ...]
    evidence: str
    provided: int
    received: int
    digest: bytes
    not_the_person: str | None = None


@dataclass(frozen=True, slots=True)
class Withholding:
    """A record that is withheld, as a whole or some of its items.

    Attributes:
        record: stream of the transfer.
        ground: code of the procedure, `ART33_2_I` … `ART33_2_III`.
        reason: as the letter gives it.
        items: the statutory items withheld; empty for the whole record.
        causes: codes of what the reason rests on (`ledger.law.procedure.causes`).
    """

    record: UUID
    ground: str
    reason: str
    items: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseDecided:
    """What is disclosed: every record that is not withheld.

    Attributes:
        as_of: position of the search that is decided on; in clear.
        outcome: `full_disclosure`, `partial_disclosure`, `non_disclosure` or `not_exist`.
        disclosed: how many records are shown, wholly or in part.
        medium: in which the reply goes; `medium_reason`: why not in the one asked for (33(2)).
    """

    TYPE: ClassVar[str] = "case-decided"
    as_of: int
    outcome: str
    withheld: tuple[Withholding, ...]
    disclosed: int
    medium: str
    medium_reason: str | None = None


@dataclass(frozen=True, slots=True)
class CaseSubmitted:
    """Somebody asks another person to approve this content (`ledger.case.content_of`)."""

    TYPE: ClassVar[str] = "case-submitted"
    content: bytes
    verification_code: str


@dataclass(frozen=True, slots=True)
class CaseApproved:
    """A second person approved exactly this content. `sheets`: of A4, of its documents."""

    TYPE: ClassVar[str] = "case-approved"
    content: bytes
    sheets: int | None = None


@dataclass(frozen=True, slots=True)
class CaseSentBack:
    """It is not approved, or an approval is taken back."""

    TYPE: ClassVar[str] = "case-sent-back"
    reason: str


@dataclass(frozen=True, slots=True)
class CaseClosed:
    """Nothing is left to do."""

    TYPE: ClassVar[str] = "case-closed"
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CaseWithdrawn:
    """Who asked does not ask any more."""

    TYPE: ClassVar[str] = "case-withdrawn"
    withdrawn_on: date
    evidence: str


@dataclass(frozen=True, slots=True)
class CasePrincipalDeceased:
    """The principal is dead. `closes`: whether the case ends with it, by the procedure."""

    TYPE: ClassVar[str] = "case-principal-deceased"
    learned_on: date
    evidence: str
    closes: bool


@dataclass(frozen=True, slots=True)
class CaseReopened:
    """A reply that went out may read differently: the records are looked at again."""

    TYPE: ClassVar[str] = "case-reopened"
    reason: str


CaseEvent = (
    CaseReceived
    | CaseDocumentsChecked
    | CaseCorrectionRequested
    | CaseResubmitted
    | CaseVerified
    | CaseRefused
    | CaseRecordsIdentified
    | CaseDecided
    | CasePersonIdentified
    | CaseMeasuresDecided
    | CaseSubmitted
    | CaseApproved
    | CaseSentBack
    | CaseDispatched
    | ReplyStored
    | CaseDelivered
    | CaseReturned
    | CaseClosed
    | CaseWithdrawn
    | CasePrincipalDeceased
    | CaseReopened
)
