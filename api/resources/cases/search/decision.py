"""The decision on the records that were identified."""

from dataclasses import replace
from datetime import date

from api.case_replies import Replies
from api.case_replies.points import ToAnswer
from api.resources.cases.schemas.measures import MeasuresDecision
from api.resources.cases.schemas.replies import ReplyDecision
from api.web.padding_clock import SEARCH_STEPS, widen_padding
from ledger.cases import measures, record_decisions
from ledger.cases.case import CaseStatus, State, check_open
from ledger.cases.letters.withheld_parts import emptied, normalize_withheld, withheld_defects
from ledger.cases.measure_steps import DecideMeasures
from ledger.cases.steps import Decide
from ledger.errors import MalformedError
from ledger.law.procedure.version import Procedure

_UNSENT = frozenset(
    {
        CaseStatus.REVIEW,
        CaseStatus.DECIDED,
        CaseStatus.SUBMITTED,
        CaseStatus.SENT_BACK,
        CaseStatus.NOTICE_READY,
    }
)
_SUBMITTED = frozenset({CaseStatus.SUBMITTED, CaseStatus.NOTICE_READY})


def decided(
    body: ReplyDecision, state: State, replies: Replies, *, is_draft: bool = False
) -> Decide:
    """The step that decides: whatever the body does not withhold is disclosed.

    The records are those of the search that stands; they are found anew.

    Args:
        is_draft: for a look at the letter: no point is answered yet.

    Raises:
        StaleApprovalError: something has happened to them since; they are to be searched anew.
        MalformedError: `ITEM_UNKNOWN`, of a record something is withheld that it does not hold.
    """
    widen_padding(SEARCH_STEPS)
    found = replies.unchanged(state)
    withheld = tuple(one.value() for one in body.withheld)
    known = {*found.provided, *found.received}
    if all(one.record in known for one in withheld) and (
        defects := tuple(withheld_defects(withheld, found.entries))
    ):
        raise MalformedError(defects)
    withheld = normalize_withheld(withheld, found.entries)
    records = (found.provided, found.received)
    nothing_left = emptied(withheld, found.entries)
    agreed = body.medium_agreement
    step = Decide(
        *records,
        withheld,
        body.medium,
        body.medium_reason,
        nothing_left,
        None if agreed is None else agreed.value(),
    )
    if is_draft:
        return step
    points = tuple(one.point for one in replies.points(state, found))
    return replace(step, points=points, answers=body.points.values())


def points_of(state: State, replies: Replies) -> tuple[ToAnswer, ...]:
    """What is to be answered with the decision, as it is by now, until the reply is in the post.

    Once it is submitted: what the decision is to have answered.
    """
    if state.search is None or state.status not in _UNSENT:
        return ()
    widen_padding(SEARCH_STEPS)
    found = replies.find_records(state)
    if state.status in _SUBMITTED:
        return replies.points_decided(state, found)
    return replies.points(state, found)


def as_decided(
    body: ReplyDecision, state: State, procedure: Procedure, replies: Replies, today: date
) -> State:
    """The case as it would stand decided: for its letter to be looked at; nothing is on record.

    Raises:
        LedgerError: as the decision itself.
    """
    check_open(Decide, state, procedure)
    step = decided(body, state, replies, is_draft=True)
    event = record_decisions.decide(step, state, procedure, today)
    return replace(state, decision=event, submission=None, submitted_at=None)


def measures_as_decided(
    body: MeasuresDecision, state: State, procedure: Procedure, today: date
) -> State:
    """The same of a request for measures."""
    check_open(DecideMeasures, state, procedure)
    event = measures.decide(body.step(), state, today)
    return replace(state, decision=event, submission=None, submitted_at=None)
