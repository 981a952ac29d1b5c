"""One case as its events leave it. One stream a case."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from ledger.cases.dispatched_replies import Decision, EventStamp, Reply
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
from ledger.cases.events.reply import AnswerCommitted
from ledger.cases.events.substitute import Substitute
from ledger.cases.mistake_steps import MistakeReport
from ledger.cases.steps import ENDED, CaseStatus
from ledger.clock import day_in_japan
from ledger.law.procedure.questions import Preparers
from ledger.law.requests import WITHOUT_SEARCH
from ledger.policies.identity.request import ReplyTo
from ledger.policies.substitutes import composed

EVERY_STEP: Preparers = "every_step"


@dataclass(frozen=True, slots=True)
class StepActors:
    """Who took which step of what stands; a step that is void has nobody.

    Whoever took the request in, asked for a correction or took further papers in prepared nothing:
    each envelope is looked at by somebody afterwards.

    Attributes:
        checked: took the newest look at the papers; verified: said that who asks may ask.
        identified: said who the person is.
        decided: on the records, on the measures, or refused; submitted: asked for the approval of
            that decision, also when it was sent back since.
        substituted: (written, printed, who said so) of each form that the letters print, both
            texts composed; whoever says it once more, in any spelling, said it too, and takes
            nobody's place.
    """

    checked: str | None = None
    verified: str | None = None
    identified: str | None = None
    decided: str | None = None
    submitted: frozenset[str] = frozenset()
    substituted: frozenset[tuple[str, str, str]] = frozenset()

    def checking(self, actor: str | None) -> "StepActors":
        """After a look at the papers; after further papers, which nobody has looked at (None)."""
        return StepActors(checked=actor, substituted=self.substituted)

    def verifying(self, actor: str) -> "StepActors":
        """After the verification."""
        return StepActors(checked=self.checked, verified=actor, substituted=self.substituted)

    def identifying(self, actor: str | None) -> "StepActors":
        """After a search; after a reopening, which has found nobody yet (None)."""
        found = StepActors(checked=self.checked, verified=self.verified, identified=actor)
        return replace(found, substituted=self.substituted)

    def after_decision(self, actor: str) -> "StepActors":
        """After a decision: nobody has submitted it."""
        return replace(self, decided=actor, submitted=frozenset())

    def submitting(self, actor: str) -> "StepActors":
        """After the decision was submitted, once more too."""
        return replace(self, submitted=self.submitted | {actor})

    def substituting(self, actor: str, forms: Collection[tuple[str, str]]) -> "StepActors":
        """After a choice of printed forms: (written, printed) of all that stand from here on."""
        texts = {(composed(written), composed(printed)) for written, printed in forms}
        kept = {one for one in self.substituted if one[:2] in texts}
        chosen = {(written, printed, actor) for written, printed in texts}
        return replace(self, substituted=frozenset(kept | chosen))

    def preparers(self, reading: Preparers) -> frozenset[str]:
        """Who may not approve.

        Args:
            reading: `preparers` of the procedure that the case falls under.
        """
        named = {self.decided}
        if reading == EVERY_STEP:
            named |= {self.checked, self.verified, self.identified}
            named |= {who for _, _, who in self.substituted}
        return self.submitted | {one for one in named if one is not None}


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
        searched_at: the instant of the search; decided_at: of the decision.
        person: who a request for measures is about; such a decision is on it.
        step_actors: who took which step of what stands.
        submission: what is to be approved, or was; submitted_at: its letter's own date.
        approved_on: None unless the submission is approved; sheets: of what was approved.
        revived: position of the resumption that the approval is older than, as its search is: it
            goes out no more, but that it was in the post already is put down.
        posted_until: the day of that resumption: what is in the post had left by then.
        kept: the contents whose documents are kept; answers: content → position and event that
            binds what it tells; none of what was approved before there were such events.
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
    decided_at: datetime | None = None
    step_actors: StepActors = field(default_factory=StepActors)
    submission: CaseSubmitted | None = None
    submitted_at: datetime | None = None
    approved_on: date | None = None
    approver: str | None = None
    sheets: int | None = None
    revived: int | None = None
    posted_until: date | None = None
    kept: frozenset[bytes] = frozenset()
    answers: Mapping[bytes, tuple[int, AnswerCommitted]] = field(
        default_factory=dict[bytes, tuple[int, AnswerCommitted]]
    )
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
    def current_reply(self) -> Reply | None:
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
