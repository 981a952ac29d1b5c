"""What a newer step makes void of a case."""

from dataclasses import replace

from ledger.cases.state import State
from ledger.cases.steps import CaseStatus


def unverified(state: State) -> State:
    """The case without what was proven of who asks."""
    return replace(undecided(state), reply_to=None, complete_on=None)


def undecided(state: State, identified_by: str | None = None) -> State:
    """The case without a search, and without what was decided on one."""
    return replace(
        unsubmitted(state),
        search=None,
        searched_at=None,
        person=None,
        decision=None,
        decided_at=None,
        step_actors=state.step_actors.identifying(identified_by),
    )


def initial_status(state: State) -> CaseStatus:
    """Where the work on the answer begins, once who asks is verified."""
    return CaseStatus.SEARCH if state.is_searched else CaseStatus.REVIEW


def unsubmitted(state: State) -> State:
    """The case without anything that is to be approved, or was."""
    fresh = replace(state, submission=None, submitted_at=None, approved_on=None)
    return replace(fresh, approver=None, sheets=None, revived=None, posted_until=None)
