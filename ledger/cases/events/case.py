"""Facts about a disclosure case, all sealed under the key of their case.

A count, a list or a digest is of what is left after exclusion (Order 11); nothing tells of any.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from ledger.cases.events.intake import (
    CaseCorrectionRequested,
    CaseDocumentsChecked,
    CaseReceived,
    CaseRefused,
    CaseResubmitted,
    CaseVerified,
)
from ledger.cases.events.measures import CaseMeasuresDecided, CasePersonIdentified
from ledger.cases.events.mistakes import MistakeEvent
from ledger.cases.events.name_difference import NameDiffers
from ledger.cases.events.reply import (
    AnswerCommitted,
    CaseDelivered,
    CaseDispatched,
    CasePasswordPosted,
    CaseReturned,
    ReplyStored,
)
from ledger.cases.events.substitute import CaseSubstitutesChosen
from ledger.values import PrincipalRef


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody whom a name or another spelling finds, and who is not the person.

    Attributes:
        identifier: by which they are recorded; name: that found them, or the identifier so typed.
        because: why they are somebody else, as typed.
    """

    identifier: PrincipalRef
    name: str
    because: str


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
        digest: of the records (`ledger.cases.case.records_digest`), 32 bytes.
        names_differ: each identifier whose records bear another name than the form, and why.
        name_checks: of each of `identifiers` in their order, what comparing the names came to
            (a code of `ledger.policies.name_comparison`); None of nobody, and before it was kept.
        names_searched: names by which the program itself searched; None: it did not, as before
            that was done.
        left_out: whom these names find, and why they are somebody else; None of nobody.
        others_left_out: why nobody beyond the bound of the search by name is the person; None
            where it found no more.
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
    names_differ: tuple[NameDiffers, ...] | None = None
    name_checks: tuple[str, ...] | None = None
    names_searched: tuple[str, ...] | None = None
    left_out: tuple[LeftOut, ...] | None = None
    others_left_out: str | None = None


@dataclass(frozen=True, slots=True)
class WithheldPart:
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
class MediumAgreement:
    """Who asked agreed to another medium than the one asked for: on which day and how."""

    agreed_on: date
    how: str


@dataclass(frozen=True, slots=True)
class PointAnswered:
    """What was said, with a decision, to something that may make the answer wrong.

    Attributes:
        point: `findings`, `quarantine`, `coverage` or `reassessment` (`ledger.cases.points`).
        digest: of everything that the answer covers, 32 bytes; count: how much that is.
        subjects: the first of it (`ledger.cases.points.SUBJECTS_KEPT`).
        influence: whether it bears on the answer; because: why, or why not, as typed.
    """

    point: str
    digest: bytes
    count: int
    subjects: tuple[str, ...]
    influence: bool
    because: str


@dataclass(frozen=True, slots=True)
class CaseDecided:
    """What is disclosed: every record that is not withheld.

    Attributes:
        as_of: position of the search that is decided on; in clear.
        outcome: `full_disclosure`, `partial_disclosure`, `non_disclosure` or `not_exist`.
        disclosed: how many records are shown, wholly or in part.
        medium: in which the reply goes; `medium_reason`: why not in the one asked for (33(2)).
        medium_agreement: that the person agreed to `medium`, where somebody asked.
        whole_on_paper: True of a decision on paper whose records may be more rows than one document
            holds: all of them are printed. None of fewer, and of a decision from before.
        points: the answer to each point that there was; None where there was none.
    """

    TYPE: ClassVar[str] = "case-decided"
    as_of: int
    outcome: str
    withheld: tuple[WithheldPart, ...]
    disclosed: int
    medium: str
    medium_reason: str | None = None
    medium_agreement: MediumAgreement | None = None
    whole_on_paper: bool | None = None
    points: tuple[PointAnswered, ...] | None = None


@dataclass(frozen=True, slots=True)
class CaseSubmitted:
    """Somebody asks another person to approve this content (`ledger.cases.case.content_of`)."""

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
    | MistakeEvent
    | CaseSubstitutesChosen
    | CasePasswordPosted
    | AnswerCommitted
)
