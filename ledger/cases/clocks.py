"""Which clocks of a case run, and what falls due next.

Source: Act Art. 28(3), 32(2), 34, 35, 38, 39; Rule 18(3); the published procedure;
`ledger.policies.deadlines`.
"""

from collections.abc import Mapping
from datetime import date

from ledger.cases.events.case import CaseDecided
from ledger.cases.events.measures import CaseMeasuresDecided
from ledger.cases.state import State
from ledger.cases.steps import CaseStatus
from ledger.law.procedure.version import Procedure
from ledger.law.requests import TAKEN, WITHOUT_RECORDS, request_kind, without_delay_on
from ledger.policies.deadlines import CaseDays, clocks, target_day

_UNSEEN = frozenset({CaseStatus.RECEIVED})
_FULL = "full_disclosure"


def days_of(state: State) -> CaseDays:
    """The days of the case that start a clock."""
    return CaseDays(
        arrived_on=state.application.arrived_on,
        complete_on=state.complete_on,
        correction_sent_on=state.correction.sent_on if state.correction is not None else None,
        refused_on=_refused_on(state),
        approved_on=state.approved_on,
    )


def all_clocks(state: State, procedure: Procedure) -> Mapping[str, date]:
    """Every clock that has started, also those that are met by now.

    A request that no record answers has its own for "without delay"; no search is made that takes
    long. That a suit is possible is told of what Art. 39 names alone.
    """
    found = dict(clocks(days_of(state), procedure))
    if state.correction_due_on is not None:
        found["correction_due_on"] = state.correction_due_on
    application = state.application
    if application.kind in WITHOUT_RECORDS:
        target = without_delay_on(application.arrived_on).target
        day = target_day(application.arrived_on, target, procedure.targets.closed)
        found["without_delay"] = day
        del found["interim"], found["hard_stop"]
    if not request_kind(application.kind, application.arrived_on).suit:
        del found["two_weeks_end"], found["suit_possible_from"]
    return found


def running(state: State, procedure: Procedure) -> Mapping[str, date]:
    """The clocks that nothing has met yet, by name, with their last day.

    What counts from the arrival is met by the first reply; a reply after a reopening has no day but
    that of its dispatch. That a suit is possible is no duty, so it never falls due.
    """
    if not state.is_open or state.status in (
        CaseStatus.DISPATCHED,
        CaseStatus.DELIVERED,
        CaseStatus.RETURNED,
    ):
        return {}
    known = all_clocks(state, procedure)
    clock_names = {"dispatch"} if state.approved_on is not None else set[str]()
    if not state.replies:
        application = state.application
        clock_names |= request_kind(application.kind, application.arrived_on).clocks
        if state.status in _UNSEEN:
            clock_names.add("acknowledge")
        if state.status == CaseStatus.CORRECTION_REQUESTED:
            clock_names.add("correction_due_on")
        elif state.complete_on is None and state.decision is None:
            clock_names.add("completeness")
        if state.complete_on is not None and state.submission is None:
            clock_names.add("decision")
    return {name: day for name, day in known.items() if name in clock_names}


def is_interim_due(state: State, procedure: Procedure) -> bool:
    """Whether a notice of the interim may go out: who asks is verified, nothing is decided yet."""
    is_searching = state.complete_on is not None and state.decision is None
    return is_searching and "interim" in running(state, procedure)


def next_due(state: State, procedure: Procedure) -> tuple[str, date] | None:
    """The clock that falls due first, and its last day; None when none runs."""
    pending = running(state, procedure)
    return min(pending.items(), key=lambda one: (one[1], one[0]), default=None)


def _refused_on(state: State) -> date | None:
    """The day on which a reply went out that did not disclose everything asked for.

    Who is refused, also in part, need not wait (Act Art. 39(1), proviso); that nothing exists is
    a refusal to disclose as well.
    """
    days = [one.dispatched_on for one in state.replies if not _is_full(one.decision)]
    return min(days, default=None)


def _is_full(decision: object) -> bool:
    if isinstance(decision, CaseMeasuresDecided):
        return decision.outcome == TAKEN
    return isinstance(decision, CaseDecided) and decision.outcome == _FULL
