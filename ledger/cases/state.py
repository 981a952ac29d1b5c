"""One case as its events leave it. One stream a case."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from ledger.cases.dispatched_replies import Decision, EventStamp, Reply
from ledger.cases.duties import StepActors
from ledger.cases.events.case import (
    CaseCorrectionRequested,
    CaseDocumentsChecked,
    CaseRecordsIdentified,
    CaseRefused,
    CaseReopened,
    CaseSubmitted,
)
from ledger.cases.events.intake import Application
from ledger.cases.events.measures import CasePersonIdentified
from ledger.cases.events.substitute import Substitute
from ledger.cases.mistake_steps import MistakeReport
from ledger.cases.steps import ENDED, CaseStatus
from ledger.clock import day_in_japan
from ledger.law.requests import WITHOUT_SEARCH
from ledger.policies.identity.request import ReplyTo


@dataclass(frozen=True, slots=True)
class State:
    """One case.

    Attributes:
        case: its stream; position: where it began.
        application: as it arrived, with the fields of the form that further papers completed.
        procedure: the version that it falls under.
        in_charge: whose work it is: the actor of the newest step at the desk (`charge`).
        check: the newest look at the papers; void once further papers come.
        correction: the newest letter that asked for a correction; corrected: where it stands.
        reply_to: None until who asks is verified; complete_on: the day on which that was.
        paused: time by which the correction is due later than the letter says, as no papers could
            be put down meanwhile.
        searchable_from: position of the newest verification, reopening or resumption: no older
            search counts.
        search, decision: the newest; a decision is on the search, or is a refusal without one.
        searched_at: the instant of the search.
        person: who a request for measures is about; such a decision is on it.
        hands: who took which step of what stands.
        submission: what is to be approved, or was; submitted_at: its letter's own date.
        approved_on: None unless the submission is approved; sheets: of what was approved.
        revived: position of the resumption that the approval is older than, as its search is: it
            goes out no more, but that it was in the post already is put down.
        posted_until: the day of that resumption: what is in the post had left by then.
        kept: the contents whose documents are kept.
        replies: those that went out, oldest first.
        reopened: why the records were looked at again, the newest reason.
        ended_at: when the case was closed, by whatever end; None while it is open.
        ended_from: the status that it had before that.
        report: a mistake that waits for a second person; and of a case that was entered in error
            the one that was confirmed.
        substitutes: what the letters print for characters that cannot be printed.
    """

    case: UUID
    position: int
    application: Application
    procedure: str
    received_at: datetime
    in_charge: str
    status: CaseStatus = CaseStatus.RECEIVED
    version: int = 1
    check: CaseDocumentsChecked | None = None
    correction: CaseCorrectionRequested | None = None
    corrected: EventStamp | None = None
    paused: timedelta = timedelta()
    reply_to: ReplyTo | None = None
    complete_on: date | None = None
    searchable_from: int = 0
    search: CaseRecordsIdentified | None = None
    searched_at: datetime | None = None
    person: CasePersonIdentified | None = None
    decision: Decision | None = None
    hands: StepActors = field(default_factory=StepActors)
    submission: CaseSubmitted | None = None
    submitted_at: datetime | None = None
    approved_on: date | None = None
    approver: str | None = None
    sheets: int | None = None
    revived: int | None = None
    posted_until: date | None = None
    kept: frozenset[bytes] = frozenset()
    replies: tuple[Reply, ...] = ()
    reopened: CaseReopened | None = None
    deceased_on: date | None = None
    ended_at: datetime | None = None
    ended_from: CaseStatus | None = None
    report: MistakeReport | None = None
    substitutes: tuple[Substitute, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether anything is left to do; an open case keeps the person's records."""
        return self.status not in ENDED

    @property
    def is_searched(self) -> bool:
        """Whether anybody is looked for in the ledger before it is decided on the request."""
        return self.application.kind not in WITHOUT_SEARCH

    @property
    def held(self) -> Reply | None:
        """The newest reply that the person may have in hand; what the post brought back is none."""
        return next((one for one in reversed(self.replies) if one.returned is None), None)

    @property
    def correction_due_on(self) -> date | None:
        """The last day for the newest correction; None when none was asked for."""
        return None if self.correction is None else self.correction.due_on + self.paused

    @property
    def number(self) -> str:
        """What the desk and the letters call it: the year, and the position it began at."""
        return number_of(self.position, self.received_at)

    @property
    def is_refusal(self) -> bool:
        """Whether the standing decision refuses the request without a search."""
        return isinstance(self.decision, CaseRefused)


def number_of(position: int, received_at: datetime) -> str:
    """The number of the case that began there and then."""
    return f"{day_in_japan(received_at).year}-{position:06}"
