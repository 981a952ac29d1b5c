"""What each event leaves of a case."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from ledger.cases.dispatched_replies import EventStamp, Reply
from ledger.cases.events.case import (
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
    ReplyStored,
)
from ledger.cases.events.measures import CaseMeasuresDecided, CasePersonIdentified
from ledger.cases.events.mistakes import (
    CaseEnteredInError,
    CaseMistakeDismissed,
    CaseMistakeReported,
    CaseResumed,
    MistakeEvent,
)
from ledger.cases.events.reply import AnswerCommitted, CasePasswordPosted, PasswordPosted
from ledger.cases.events.substitute import CaseSubstitutesChosen
from ledger.cases.invalidation import initial_status, undecided, unsubmitted, unverified
from ledger.cases.mistake_steps import DEATH, MistakeReport
from ledger.cases.returned_mail import returned
from ledger.cases.state import State
from ledger.cases.steps import CaseStatus
from ledger.clock import day_in_japan
from ledger.format.events import ExpiredEvent, Fact, ReviewSealed
from ledger.policies.identity.request import ReplyTo

_ON_A_SEARCH = frozenset(
    {CaseStatus.REVIEW, CaseStatus.DECIDED, CaseStatus.SUBMITTED, CaseStatus.SENT_BACK}
)
"""What was found or decided in these rests on a search, but for a refusal."""


def resumed(state: State, position: int, at: datetime) -> State:
    """The case where it was, but that no search from before counts.

    While it was ended its person's records were kept by nobody. A letter that had gone out is
    compared with what is kept of it, so its status stays; so does a refusal, which rests on none.
    What was approved may be in the post: it is kept so that this can be put down, and for nothing
    else (`State.revived`). Printed before the end, it may have left until the case first went
    on: since then everybody knows that it does not go out.

    Where nothing had ended, as with a death in a case that goes on, the report alone hindered.

    Args:
        position: of the resumption; at: its instant.
    """
    assert state.report is not None, "what is confirmed was reported"
    reported_at, is_death = state.report.at, state.report.event.what == DEATH
    state = replace(state, report=None, deceased_on=None if is_death else state.deceased_on)
    if state.ended_from is None or state.ended_at is None:
        return paused(state, reported_at, at)
    until = state.posted_until or day_in_japan(at)
    back = replace(
        paused(state, state.ended_at, at), status=state.ended_from, ended_at=None, ended_from=None
    )
    if back.reply_to is not None:
        # Who is not verified yet has no search to lose; a correction that runs is still the same.
        back = replace(back, searchable_from=position)
    if back.is_refusal:
        return back
    if back.status == CaseStatus.NOTICE_READY:
        return replace(back, revived=position, posted_until=until)
    return searched_anew(back) if back.status in _ON_A_SEARCH else back


def searched_anew(state: State) -> State:
    """The case before its search, or its decision, the first one or that of a further reply."""
    status = CaseStatus.REOPENED if state.replies else initial_status(state)
    return replace(undecided(state), status=status)


def sent_back(state: State) -> State:
    """The case after an approval was refused or taken back."""
    if state.revived is not None:
        return searched_anew(state)
    return replace(unsubmitted(state), status=CaseStatus.SENT_BACK)


def paused(state: State, since: datetime, until: datetime) -> State:
    """The case with more time for a correction: between the two no papers could be put down.

    A time that was over by then stays over.
    """
    first, last = day_in_japan(since), day_in_japan(until)
    if state.correction_due_on is None or state.correction_due_on < first:
        return state
    return replace(state, paused=state.paused + max(last - first, timedelta()))


def in_charge(before: str, event: CaseEvent, actor: str) -> str:
    """Whose work the case is after `event`.

    An approval, or that it was refused or taken back, leaves the work with who prepared it; so does
    a word of a mistake, which waits for a second person and moves nothing. A review of what is
    excluded is no event of these, and never comes here (ADR 0038).

    Args:
        before: whose it was.
        actor: who did it.
    """
    match event:
        case CaseApproved() | ReplyStored() | AnswerCommitted() | CaseSentBack():
            return before
        case CaseMistakeReported() | CaseMistakeDismissed() | CaseEnteredInError() | CaseResumed():
            return before
        case (
            CaseReceived()
            | CaseDocumentsChecked()
            | CaseCorrectionRequested()
            | CaseResubmitted()
            | CaseVerified()
            | CaseRecordsIdentified()
            | CasePersonIdentified()
            | CaseRefused()
            | CaseDecided()
            | CaseMeasuresDecided()
            | CaseSubmitted()
            | CaseSubstitutesChosen()
        ):
            return actor
        case (
            CaseDispatched()
            | CasePasswordPosted()
            | CaseDelivered()
            | CaseReturned()
            | CaseClosed()
            | CaseWithdrawn()
            | CasePrincipalDeceased()
            | CaseReopened()
        ):
            return actor
        case _:
            assert_never(event)


_Fact = Fact[CaseEvent | ReviewSealed | ExpiredEvent]


_OF_THE_FORM = frozenset({"form_checked", "FORM_INCOMPLETE"})
_WITH_A_LETTER = frozenset({CaseStatus.DISPATCHED, CaseStatus.DELIVERED, CaseStatus.RETURNED})
"""The newest letter is what the case stands decided on."""
_CLOSED = frozenset({CaseStatus.CLOSED, CaseStatus.CLOSED_PROCEDURAL})


def fold(state: State | None, facts: Iterable[_Fact]) -> State | None:
    """The state after `facts`."""
    for fact in facts:
        state = evolve(state, fact)
    return state


def evolve(state: State | None, fact: _Fact) -> State | None:
    """The state after `fact`; a case whose key is dead is unknown.

    A review says nothing of a case, and may die before it.
    """
    event = fact.event
    if isinstance(event, CaseReceived):
        place, began = (fact.stream, fact.position), (event.procedure, fact.at, fact.actor)
        return State(*place, event.application, *began, version=fact.version)
    if isinstance(event, ReviewSealed) or _was_review(event):
        return state and replace(state, version=fact.version)
    if state is None or isinstance(event, ExpiredEvent):
        return None
    whose = in_charge(state.in_charge, event, fact.actor)
    return replace(_evolved(state, event, fact), version=fact.version, in_charge=whose)


def _was_review(event: CaseEvent | ExpiredEvent) -> bool:
    return isinstance(event, ExpiredEvent) and event.type == ReviewSealed.TYPE


def _evolved(state: State, event: CaseEvent, fact: _Fact) -> State:
    match event:
        case CaseDocumentsChecked():
            return replace(
                unverified(state),
                status=_checked(event),
                check=event,
                step_actors=state.step_actors.checking(fact.actor),
            )
        case CaseCorrectionRequested():
            return replace(
                state,
                status=CaseStatus.CORRECTION_REQUESTED,
                correction=event,
                corrected=EventStamp(fact.position, fact.at),
                paused=timedelta(),
            )
        case CaseResubmitted():
            form = {**state.application.form, **(event.form or {})}
            return replace(
                unverified(state),
                status=CaseStatus.RESUBMITTED,
                application=replace(state.application, form=form),
                check=None,
                step_actors=state.step_actors.checking(None),
            )
        case CaseVerified():
            return replace(
                state,
                status=initial_status(state),
                reply_to=ReplyTo(event.person, event.address),
                complete_on=day_in_japan(fact.at),
                searchable_from=fact.position,
                step_actors=state.step_actors.verifying(fact.actor),
            )
        case CaseRecordsIdentified():
            found = undecided(state, fact.actor)
            return replace(found, status=CaseStatus.REVIEW, search=event, searched_at=fact.at)
        case CasePersonIdentified():
            return replace(undecided(state, fact.actor), status=CaseStatus.REVIEW, person=event)
        case CaseRefused() | CaseDecided() | CaseMeasuresDecided():
            return replace(
                unsubmitted(state),
                status=CaseStatus.DECIDED,
                decision=event,
                decided_at=fact.at,
                step_actors=state.step_actors.after_decision(fact.actor),
            )
        case CaseSubmitted():
            return replace(
                unsubmitted(state),
                status=CaseStatus.SUBMITTED,
                submission=event,
                submitted_at=fact.at,
                step_actors=state.step_actors.submitting(fact.actor),
            )
        case CaseApproved():
            return replace(
                state,
                status=CaseStatus.NOTICE_READY,
                approved_on=day_in_japan(fact.at),
                approver=fact.actor,
                sheets=event.sheets,
            )
        case CaseSentBack():
            return sent_back(state)
        case _:
            return _after_approval(state, event, fact)


def _after_approval(state: State, event: CaseEvent, fact: _Fact) -> State:
    match event:
        case ReplyStored():
            # Its parts go into one transaction with the approval: the first one tells of all.
            return replace(state, kept=state.kept | {event.content})
        case AnswerCommitted():
            bound = {event.content: (fact.position, event)}
            return replace(state, answers={**state.answers, **bound})
        case CaseDispatched():
            sent = replace(
                state, status=CaseStatus.DISPATCHED, replies=_replies(state, event, fact)
            )
            return replace(sent, revived=None, posted_until=None)
        case CasePasswordPosted():
            item = PasswordPosted(event.dispatched_on, event.item_number)
            newest = replace(state.replies[-1], password_letter=item)
            return replace(state, replies=(*state.replies[:-1], newest))
        case CaseDelivered():
            newest = replace(state.replies[-1], delivered_on=event.delivered_on)
            replies = (*state.replies[:-1], newest)
            return replace(state, status=CaseStatus.DELIVERED, replies=replies)
        case CaseReturned():
            return returned(state, event)
        case CaseClosed():
            return _closed(state, fact)
        case CaseWithdrawn():
            return _ended(state, CaseStatus.WITHDRAWN, fact)
        case CasePrincipalDeceased():
            known = replace(state, deceased_on=event.learned_on)
            if not event.closes:
                return known
            return _ended(known, CaseStatus.PRINCIPAL_DECEASED, fact)
        case CaseReopened():
            opened = replace(undecided(state), searchable_from=fact.position)
            opened = replace(opened, ended_at=None, ended_from=None)
            return replace(opened, status=CaseStatus.REOPENED, reopened=event)
        case CaseMistakeReported() | CaseMistakeDismissed() | CaseEnteredInError() | CaseResumed():
            return _after_mistake(state, event, fact)
        case CaseSubstitutesChosen():
            return _printed_otherwise(state, event, fact)
        case _:
            raise AssertionError("`_evolved` knows the other events")


def _after_mistake(state: State, event: MistakeEvent, fact: _Fact) -> State:
    match event:
        case CaseMistakeReported():
            return replace(state, report=MistakeReport(event, fact.actor, fact.at))
        case CaseMistakeDismissed():
            return _dismissed(state, fact)
        case CaseEnteredInError():
            return _ended(state, CaseStatus.ENTERED_IN_ERROR, fact)
        case CaseResumed():
            return resumed(state, fact.position, fact.at)
        case _:
            assert_never(event)


def _printed_otherwise(state: State, event: CaseSubstitutesChosen, fact: _Fact) -> State:
    """The case with other letters: what was submitted is none of them any more."""
    forms = {(one.written, one.printed) for one in event.substitutes}
    step_actors = state.step_actors.substituting(fact.actor, forms)
    chosen = replace(state, substitutes=event.substitutes, step_actors=step_actors)
    if state.status != CaseStatus.SUBMITTED:
        return chosen
    return replace(unsubmitted(chosen), status=CaseStatus.DECIDED)


def _closed(state: State, fact: _Fact) -> State:
    """The case with its answer; what was being prepared when it was closed answers nothing.

    What was closed stays so when an older letter came back.
    """
    if state.status in _CLOSED:
        return replace(state, ended_at=fact.at)
    if state.status not in _WITH_A_LETTER:
        return _ended(undecided(state), CaseStatus.CLOSED, fact)
    refused = state.is_refusal
    return _ended(state, CaseStatus.CLOSED_PROCEDURAL if refused else CaseStatus.CLOSED, fact)


def _ended(state: State, status: CaseStatus, fact: _Fact) -> State:
    return replace(state, status=status, ended_at=fact.at, ended_from=state.status)


def _dismissed(state: State, fact: _Fact) -> State:
    """The case as it was; papers that came meanwhile are put down from now on.

    Of an ended case nothing waited: what its end cost is added once it goes on.
    """
    assert state.report is not None, "what is dismissed was reported"
    since = state.report.at
    state = replace(state, report=None)
    return paused(state, since, fact.at) if state.is_open else state


def _checked(event: CaseDocumentsChecked) -> CaseStatus:
    """Whether the person is still in question, or only the form."""
    if _OF_THE_FORM.issuperset({*event.open, *event.reasons}):
        return CaseStatus.COMPLETENESS_CHECK
    return CaseStatus.IDENTITY_CHECK


def _replies(state: State, event: CaseDispatched, fact: _Fact) -> tuple[Reply, ...]:
    """All replies, the new one last; sent once more, it supersedes what it is the same as."""
    assert state.decision is not None, "what goes out was decided"
    assert state.submitted_at is not None, "what goes out was submitted"
    earlier = tuple(replace(one, superseded=True) for one in state.replies)
    reply = Reply(
        fact.position,
        state.decision,
        event.dispatched_on,
        event.item_number,
        event.content,
        state.submitted_at,
        changed_since=bool(event.changed_since),
        supplementary=bool(earlier),
        code="" if state.submission is None else state.submission.verification_code,
        password_letter=event.password_letter,
    )
    return (*earlier, reply)
