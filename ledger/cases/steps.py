"""What is done with a case, one value a step; and the statuses that a case may have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from ledger.cases.events.case import MediumAgreement, WithheldPart
from ledger.cases.events.intake import Application, Examination
from ledger.cases.events.reply import PasswordPosted
from ledger.cases.measure_steps import DecideMeasures, IdentifyPerson
from ledger.cases.mistake_steps import (
    ConfirmMistake,
    DismissMistake,
    MistakeStep,
    ReportEnd,
    ReportEntry,
)
from ledger.cases.name_differences import NOTHING_COMPARED, NamesCompared
from ledger.cases.namesakes import NamesSearched
from ledger.cases.points import CasePoint, PointAnswer
from ledger.cases.print_step import PrintAs
from ledger.crypto.answers import BoundAnswer
from ledger.policies.identifiers import KINDS
from ledger.values import PrincipalRef


class CaseStatus(StrEnum):
    """Where a case stands; the values are the API's codes."""

    RECEIVED = "received"
    IDENTITY_CHECK = "identity_check"
    COMPLETENESS_CHECK = "completeness_check"
    CORRECTION_REQUESTED = "correction_requested"
    RESUBMITTED = "resubmitted"
    SEARCH = "search"
    REVIEW = "review"
    DECIDED = "decided"
    SUBMITTED = "submitted"
    SENT_BACK = "sent_back"
    NOTICE_READY = "notice_ready"
    DISPATCHED = "dispatched"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CLOSED = "closed"
    CLOSED_PROCEDURAL = "closed_procedural"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    PRINCIPAL_DECEASED = "principal_deceased"
    ENTERED_IN_ERROR = "entered_in_error"


ENDED = frozenset(
    {
        CaseStatus.CLOSED,
        CaseStatus.CLOSED_PROCEDURAL,
        CaseStatus.WITHDRAWN,
        CaseStatus.PRINCIPAL_DECEASED,
    }
) | {CaseStatus.ENTERED_IN_ERROR}
"""A case in one of these is closed: its key has a day of death."""
ON_ITS_WAY = frozenset({CaseStatus.DISPATCHED, CaseStatus.RETURNED})
"""A letter went out, and what becomes of it is not known yet, or it came back."""


@dataclass(frozen=True, slots=True)
class CheckDocuments:
    """Put down what was seen on the papers; what was decided before on other papers is void."""

    examination: Examination


@dataclass(frozen=True, slots=True)
class RequestCorrection:
    """Ask for everything that is short, in one letter that goes out today."""


@dataclass(frozen=True, slots=True)
class Resubmit:
    """Take in further papers. `form`: fields of the form that they complete or replace."""

    arrived_on: date
    note: str | None = None
    form: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Verify:
    """Who asks may ask: nothing is short and nothing is open."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Refuse for form or identity, after the time for a correction."""


@dataclass(frozen=True, slots=True)
class IdentifyRecords:
    """Say who the person is and which records there are, as of a position.

    Attributes:
        provided, received: the records of each side, after exclusion: streams of transfers.
        tried: what was searched for and is not the person's, or has no records.
        not_the_person: why those of `tried` that have records are somebody else's.
        names: the names in the records of each identifier.
        kinds: schemes of identifiers that the ledger knows.
        searched: what the names of the application found; None: nobody searched by them.
    """

    as_of: int
    identifiers: tuple[PrincipalRef, ...]
    evidence: str
    provided: tuple[UUID, ...] = ()
    received: tuple[UUID, ...] = ()
    tried: tuple[PrincipalRef, ...] = ()
    not_the_person: str | None = None
    names: NamesCompared = NOTHING_COMPARED
    kinds: frozenset[str] = frozenset(KINDS)
    searched: NamesSearched | None = None


@dataclass(frozen=True, slots=True)
class Decide:
    """Decide on the records that were identified: all are disclosed but those withheld.

    Attributes:
        provided, received: the records once more; they must be the ones that were identified.
        emptied: those of which nothing is left, as their items are withheld on several grounds.
        medium: None for the one asked for.
        medium_reason: why the one asked for is difficult; a letter tells it.
        medium_agreement: that the person agreed to another one.
        points: what may make the answer wrong; answers: what is said to each, by its kind.
    """

    provided: tuple[UUID, ...] = ()
    received: tuple[UUID, ...] = ()
    withheld: tuple[WithheldPart, ...] = ()
    medium: str | None = None
    medium_reason: str | None = None
    emptied: tuple[UUID, ...] = ()
    medium_agreement: MediumAgreement | None = None
    points: tuple[CasePoint, ...] = ()
    answers: Mapping[str, PointAnswer] = field(default_factory=dict[str, PointAnswer])


@dataclass(frozen=True, slots=True)
class RenderedHashes:
    """What would go out if it went out now, 32 bytes each.

    Attributes:
        rows: SHA-256 of the records as they read now, as of the search.
        letter: SHA-256 of the letter and all that goes with it
        (`ledger.cases.case.documents_digest`).
    """

    rows: bytes
    letter: bytes


@dataclass(frozen=True, slots=True)
class Submit:
    """Ask another person to approve. `verification_code`: made at the endpoint, random."""

    rendered: RenderedHashes
    verification_code: str


@dataclass(frozen=True, slots=True)
class Approve:
    """Approve what was submitted, if it is still what would go out, and keep it.

    Attributes:
        documents: name → bytes of what is approved, the documents that `rendered.letter` stands
            for.
        sheets: of A4, of all that goes into the envelope; None when nobody counted.
        answer: what binds what it tells; None of a reply that rests on no search.
    """

    rendered: RenderedHashes
    documents: Mapping[str, bytes] = field(repr=False)
    sheets: int | None = None
    answer: BoundAnswer | None = None


@dataclass(frozen=True, slots=True)
class SendBack:
    """Do not approve, or take an approval back."""

    reason: str


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Put down that the reply, as it is kept since its approval, went into the post.

    Attributes:
        rendered: of the documents that are kept; None when the records are others by now.
        sheets: None for those that were counted at the approval.
        already_posted: it was in the post, so it is put down also when the records have changed.
        password_letter: of a reply on a medium, the item of its own that opens it.
    """

    rendered: RenderedHashes | None
    dispatched_on: date
    item_number: str
    sheets: int | None = None
    already_posted: bool = False
    password_letter: PasswordPosted | None = None


@dataclass(frozen=True, slots=True)
class PostPassword:
    """Put down that the password of the newest reply went into the post, after its dispatch was."""

    dispatched_on: date
    item_number: str


@dataclass(frozen=True, slots=True)
class Deliver:
    """Put down that the post delivered it; this closes the case."""

    delivered_on: date


@dataclass(frozen=True, slots=True)
class Return:
    """Put down that the post brought a letter back.

    Attributes:
        reply: its number among the replies that went out, 1-based; None for the newest.
    """

    returned_on: date
    reason: str
    reply: int | None = None


@dataclass(frozen=True, slots=True)
class Close:
    """Close the case without a report of the post."""

    note: str | None = None


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Put down that who asked does not ask any more."""

    withdrawn_on: date
    evidence: str


@dataclass(frozen=True, slots=True)
class RecordDeath:
    """Put down that the principal is dead."""

    learned_on: date
    evidence: str


@dataclass(frozen=True, slots=True)
class Reopen:
    """Look at the records again after a reply went out; what follows is a supplementary reply."""

    reason: str


Step = (
    CheckDocuments
    | RequestCorrection
    | Resubmit
    | Verify
    | Refuse
    | IdentifyRecords
    | Decide
    | IdentifyPerson
    | DecideMeasures
    | Submit
    | Approve
    | SendBack
    | Dispatch
    | PostPassword
    | Deliver
    | Return
    | Close
    | Withdraw
    | RecordDeath
    | Reopen
    | MistakeStep
    | PrintAs
)

_CHECKING = frozenset({CaseStatus.IDENTITY_CHECK, CaseStatus.COMPLETENESS_CHECK})
_PREPARED = frozenset({CaseStatus.DECIDED, CaseStatus.SUBMITTED, CaseStatus.SENT_BACK})
"""Decided, and not approved: what is approved may be in the post, so it is sent back first."""
_OPEN = frozenset(CaseStatus) - ENDED - {CaseStatus.DELIVERED}
_SENT_BACK_FIRST = frozenset({CaseStatus.SUBMITTED, CaseStatus.NOTICE_READY})
_POSTABLE = _SENT_BACK_FIRST | ON_ITS_WAY
# Verified once: a new look at the papers begins anew, and what was found or decided is void. What
# is submitted or approved is sent back first.
_VERIFIED = frozenset(
    {
        CaseStatus.SEARCH,
        CaseStatus.REVIEW,
        CaseStatus.DECIDED,
        CaseStatus.SENT_BACK,
        CaseStatus.RETURNED,
    }
) | {CaseStatus.REOPENED}

_MISTAKABLE_ENDS = ENDED - {CaseStatus.ENTERED_IN_ERROR}

OPEN_TO: Mapping[type[Step], frozenset[CaseStatus]] = MappingProxyType(
    {
        CheckDocuments: _CHECKING | _VERIFIED | {CaseStatus.RECEIVED, CaseStatus.RESUBMITTED},
        RequestCorrection: _CHECKING,
        # Papers that come while a refusal is being prepared are looked at first.
        Resubmit: _PREPARED | _VERIFIED | {CaseStatus.CORRECTION_REQUESTED},
        Verify: _CHECKING,
        Refuse: _CHECKING | {CaseStatus.CORRECTION_REQUESTED},
        IdentifyRecords: _PREPARED | {CaseStatus.SEARCH, CaseStatus.REVIEW, CaseStatus.REOPENED},
        Decide: _PREPARED | {CaseStatus.REVIEW},
        IdentifyPerson: _PREPARED | {CaseStatus.SEARCH, CaseStatus.REVIEW, CaseStatus.REOPENED},
        # What needs no search is decided anew as soon as the case was opened again.
        DecideMeasures: _PREPARED | {CaseStatus.REVIEW, CaseStatus.REOPENED},
        Submit: frozenset({CaseStatus.DECIDED, CaseStatus.SENT_BACK}),
        Approve: frozenset({CaseStatus.SUBMITTED}),
        SendBack: frozenset({CaseStatus.SUBMITTED, CaseStatus.NOTICE_READY}),
        Dispatch: frozenset({CaseStatus.NOTICE_READY, CaseStatus.RETURNED}),
        # What was in the post is told of the letter that went out, also once the case is closed.
        PostPassword: ON_ITS_WAY | {CaseStatus.CLOSED, CaseStatus.REOPENED},
        Deliver: frozenset({CaseStatus.DISPATCHED}),
        # What the post says last counts, also after a delivery or a closing that was put down.
        Return: (_OPEN - _SENT_BACK_FIRST) | {CaseStatus.CLOSED, CaseStatus.CLOSED_PROCEDURAL},
        # A case that was opened again ends as it was where no supplement is due.
        Close: _OPEN - _SENT_BACK_FIRST,
        Withdraw: _OPEN - ON_ITS_WAY,
        RecordDeath: _OPEN,
        Reopen: ON_ITS_WAY | {CaseStatus.CLOSED},
        # What is to be approved or to be sent is sent back first, as before any other step.
        ReportEntry: _OPEN - _POSTABLE,
        ReportEnd: _OPEN | _MISTAKABLE_ENDS,
        ConfirmMistake: _OPEN | _MISTAKABLE_ENDS,
        DismissMistake: _OPEN | _MISTAKABLE_ENDS,
        # Any letter of the case may need it. What is submitted is void by it; what is approved is
        # sent back first.
        PrintAs: _OPEN - ON_ITS_WAY - {CaseStatus.NOTICE_READY},
    }
)
"""Step → the statuses in which it is open; a case in any other refuses it."""


@dataclass(frozen=True, slots=True)
class ReceiveCase:
    """Take a request in: a case begins."""

    command: UUID
    actor: str
    application: Application


@dataclass(frozen=True, slots=True)
class StepCase:
    """One step of a case. `expected_version`: the version that the caller looked at.

    Attributes:
        earlier: actors under which the same person acted in older versions (decision 0104).
    """

    command: UUID
    actor: str
    case: UUID
    expected_version: int
    step: Step
    earlier: frozenset[str] = frozenset()

    @property
    def actors(self) -> frozenset[str]:
        """Every actor that is the person who takes the step."""
        return self.earlier | {self.actor}
