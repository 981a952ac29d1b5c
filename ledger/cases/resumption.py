"""A case that goes on: where it stands, what does not count any more, which time stood still."""

from dataclasses import replace
from datetime import datetime, timedelta

from ledger.cases.invalidation import begun, undecided, unsubmitted
from ledger.cases.mistake_steps import DEATH
from ledger.cases.state import State
from ledger.cases.steps import CaseStatus
from ledger.clock import day_in_japan

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
    reported_at, is_dead = state.report.at, state.report.event.what == DEATH
    state = replace(state, report=None, deceased_on=None if is_dead else state.deceased_on)
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
    status = CaseStatus.REOPENED if state.replies else begun(state)
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
