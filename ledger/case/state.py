"""One case as its events leave it. One stream a case."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from ledger.case.steps import ENDED, Status
from ledger.clock import day_in_japan
from ledger.events import Expired, Fact
from ledger.events.case import (
    Application,
    CaseApproved,
    CaseClosed,
    CaseCorrectionRequested,
    CaseDecided,
    CaseDelivered,
    CaseDispatched,
    CaseDocumentsChecked,
    CaseEvent,
    CasePrincipalDeceased,
    CaseReceived,
    CaseRecordsIdentified,
    CaseRefused,
    CaseReopened,
    CaseResubmitted,
    CaseReturned,
    CaseSentBack,
    CaseSubmitted,
    CaseVerified,
    CaseWithdrawn,
)
from ledger.policies.identity.request import ReplyTo

PROVISION_RECORDS = "provision_records"
RETAINED_DATA = "retained_data"
KINDS = (PROVISION_RECORDS, RETAINED_DATA)

_OF_THE_FORM = frozenset({"form_checked", "FORM_INCOMPLETE"})


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply that went out.

    Attributes:
        position: of its dispatch.
        supplementary: an earlier reply of the case had gone out.
        superseded: a later one has gone out since.
    """

    position: int
    decision: CaseDecided | CaseRefused
    dispatched_on: date
    item_number: str
    content: bytes
    supplementary: bool = False
    superseded: bool = False
    delivered_on: date | None = None
    returned: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """One case.

    Attributes:
        case: its stream; position: where it began.
        procedure: the version that it falls under.
        check: the newest look at the papers; void once further papers come.
        correction: the newest letter that asked for a correction.
        reply_to: None until who asks is verified.
        search, decision: the newest; a decision is on the search, or is a refusal without one.
        preparers: who decided and submitted what stands.
        submission: what is to be approved, or was.
        approved_on: None unless the submission is approved.
        replies: those that went out, oldest first.
        ended_at: when the case was closed, by whatever end; None while it is open.
    """

    case: UUID
    position: int
    application: Application
    procedure: str
    received_at: datetime
    status: Status = Status.RECEIVED
    version: int = 1
    check: CaseDocumentsChecked | None = None
    correction: CaseCorrectionRequested | None = None
    reply_to: ReplyTo | None = None
    search: CaseRecordsIdentified | None = None
    decision: CaseDecided | CaseRefused | None = None
    preparers: frozenset[str] = frozenset()
    submission: CaseSubmitted | None = None
    approved_on: date | None = None
    approver: str | None = None
    replies: tuple[Reply, ...] = ()
    deceased_on: date | None = None
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether anything is left to do; an open case keeps the person's records."""
        return self.status not in ENDED

    @property
    def number(self) -> str:
        """What the desk and the letters call it: the year, and the position it began at."""
        return f"{day_in_japan(self.received_at).year}-{self.position:06}"

    @property
    def is_refusal(self) -> bool:
        """Whether the standing decision refuses the request without a search."""
        return isinstance(self.decision, CaseRefused)


def fold(state: State | None, facts: Iterable[Fact[CaseEvent | Expired]]) -> State | None:
    """The state after `facts`."""
    for fact in facts:
        state = evolve(state, fact)
    return state


def evolve(state: State | None, fact: Fact[CaseEvent | Expired]) -> State | None:
    """The state after `fact`; a case whose key is dead is unknown."""
    event = fact.event
    if isinstance(event, CaseReceived):
        application, place = event.application, (fact.stream, fact.position)
        return State(*place, application, event.procedure, fact.at, version=fact.version)
    if state is None or isinstance(event, Expired):
        return None
    return replace(_evolved(state, event, fact), version=fact.version)


def _evolved(state: State, event: CaseEvent, fact: Fact[CaseEvent | Expired]) -> State:
    match event:
        case CaseDocumentsChecked():
            return replace(_undecided(state), status=_checked(event), check=event, reply_to=None)
        case CaseCorrectionRequested():
            return replace(state, status=Status.CORRECTION_REQUESTED, correction=event)
        case CaseResubmitted():
            return replace(_undecided(state), status=Status.RESUBMITTED, check=None, reply_to=None)
        case CaseVerified():
            return replace(
                state, status=Status.SEARCH, reply_to=ReplyTo(event.person, event.address)
            )
        case CaseRecordsIdentified():
            return replace(_undecided(state), status=Status.REVIEW, search=event)
        case CaseRefused() | CaseDecided():
            return replace(
                _unsubmitted(state),
                status=Status.DECIDED,
                decision=event,
                preparers=frozenset({fact.actor}),
            )
        case CaseSubmitted():
            return replace(
                _unsubmitted(state),
                status=Status.SUBMITTED,
                submission=event,
                preparers=state.preparers | {fact.actor},
            )
        case CaseApproved():
            return replace(
                state,
                status=Status.NOTICE_READY,
                approved_on=day_in_japan(fact.at),
                approver=fact.actor,
            )
        case CaseSentBack():
            return replace(_unsubmitted(state), status=Status.SENT_BACK)
        case _:
            return _after_approval(state, event, fact)


def _after_approval(state: State, event: CaseEvent, fact: Fact[CaseEvent | Expired]) -> State:
    match event:
        case CaseDispatched():
            return replace(state, status=Status.DISPATCHED, replies=_replies(state, event, fact))
        case CaseDelivered():
            newest = replace(state.replies[-1], delivered_on=event.delivered_on)
            replies = (*state.replies[:-1], newest)
            return replace(state, status=Status.DELIVERED, replies=replies)
        case CaseReturned():
            newest = replace(state.replies[-1], returned=event.reason)
            replies = (*state.replies[:-1], newest)
            return replace(state, status=Status.RETURNED, replies=replies)
        case CaseClosed():
            status = Status.CLOSED_PROCEDURAL if state.is_refusal else Status.CLOSED
            return replace(state, status=status, ended_at=fact.at)
        case CaseWithdrawn():
            return replace(state, status=Status.WITHDRAWN, ended_at=fact.at)
        case CasePrincipalDeceased():
            known = replace(state, deceased_on=event.learned_on)
            if not event.closes:
                return known
            return replace(known, status=Status.PRINCIPAL_DECEASED, ended_at=fact.at)
        case CaseReopened():
            return replace(_undecided(state), status=Status.REOPENED, ended_at=None)
        case _:
            raise AssertionError("`_evolved` knows the other events")


def _undecided(state: State) -> State:
    return replace(_unsubmitted(state), search=None, decision=None, preparers=frozenset())


def _unsubmitted(state: State) -> State:
    return replace(state, submission=None, approved_on=None, approver=None)


def _checked(event: CaseDocumentsChecked) -> Status:
    """Whether the person is still in question, or only the form."""
    if _OF_THE_FORM.issuperset({*event.open, *event.reasons}):
        return Status.COMPLETENESS_CHECK
    return Status.IDENTITY_CHECK


def _replies(
    state: State, event: CaseDispatched, fact: Fact[CaseEvent | Expired]
) -> tuple[Reply, ...]:
    """All replies, the new one last; sent once more, it supersedes what it is the same as."""
    assert state.decision is not None, "what goes out was decided"
    earlier = tuple(replace(one, superseded=True) for one in state.replies)
    reply = Reply(
        fact.position,
        state.decision,
        event.dispatched_on,
        event.item_number,
        event.content,
        supplementary=bool(earlier),
    )
    return (*earlier, reply)
