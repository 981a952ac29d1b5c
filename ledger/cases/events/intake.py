"""Facts about a case until who asks may ask: the request, its papers, and what was short.

All are sealed under the key of their case.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar
from uuid import UUID

from ledger.policies.identity.request import AddressJudgement, EnvelopePaper
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
        late_entry_reason: why it was taken in long after its arrival.
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
    late_entry_reason: str | None = None


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
            register, for the comparison; None while nobody wrote them down. Where they differ from
            the form's and are one with it, `addresses` says why.
    """

    papers: tuple[EnvelopePaper, ...]
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
