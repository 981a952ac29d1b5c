"""A case that several people work on at random: what no order of steps may ever do."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import case
from ledger.case import State, Status
from ledger.case.mistaking import ConfirmMistake, DismissMistake
from ledger.case.refusals import MistakeReportedError
from ledger.case.steps import IdentifyRecords, Reopen, Step
from ledger.errors import LedgerError
from ledger.events import CaseEvent, Expired, Fact
from ledger.events.mistakes import CaseEnteredInError, CaseMistakeReported, CaseResumed
from ledger.law.requests import RETAINED_DATA
from tests.ledger.case_given import (
    APPROVER,
    IDENTIFY,
    OFFICER,
    Desk,
    application,
    refused,
    samples,
)

PEOPLE = (OFFICER, APPROVER, "officer-2")
STEPS_MAX = 16
_SETTLING = (ConfirmMistake, DismissMistake)
_KEEPS_ITS_SEARCH = (Status.DISPATCHED, Status.RETURNED)


def possible(desk: Desk, name: str) -> Step:
    """The step of that name, with a search that is young enough."""
    step = samples(desk.today)[name]
    return replace(step, as_of=len(desk.facts)) if isinstance(step, IdentifyRecords) else step


def tried(desk: Desk, name: str, who: str) -> Fact[CaseEvent | Expired] | None:
    """The first event of the step, if it is taken."""
    step, count = possible(desk, name), len(desk.facts)
    waits = desk.case.report is not None and desk.status != Status.ENTERED_IN_ERROR
    try:
        desk.do(step, by=who)
    except MistakeReportedError:
        assert (waits, len(desk.facts)) == (True, count)
        return None
    except LedgerError:
        assert len(desk.facts) == count
        return None
    assert not waits or isinstance(step, _SETTLING), "a report waits, and nothing else is done"
    return desk.facts[count]


def reporter_of(desk: Desk) -> str:
    """Who made the newest report, read from the log alone."""
    reports = [one for one in desk.facts if isinstance(one.event, CaseMistakeReported)]
    return reports[-1].actor


def check_step(before: State, fact: Fact[CaseEvent | Expired], desk: Desk) -> None:
    after = desk.case
    positions = [one.position for one in before.replies]
    assert [one.position for one in after.replies][: len(positions)] == positions
    assert before.status != Status.ENTERED_IN_ERROR, "it is the end"
    if isinstance(fact.event, CaseEnteredInError | CaseResumed):
        assert fact.actor != reporter_of(desk), "a mistake is confirmed by another person"
    if after.status == Status.ENTERED_IN_ERROR:
        assert isinstance(fact.event, CaseEnteredInError)
        assert not after.replies, "whoever has a reply is told by another one"
    if after.is_open and not before.is_open:
        is_opened_again = before.status == Status.CLOSED and bool(before.replies)
        assert isinstance(fact.event, CaseResumed) or is_opened_again
        assert after.ended_at is None
        if after.status not in _KEEPS_ITS_SEARCH:
            assert after.search is None, "while it was ended nobody kept the records"
            assert after.decision is None or after.is_refusal
        assert after.searchable_from == fact.position
    if after.search is not None and after.status not in (*_KEEPS_ITS_SEARCH, *case.ENDED):
        assert after.search.as_of >= after.searchable_from
    assert after.is_open == (after.ended_at is None) == (after.ended_from is None)


NAMES = tuple(samples(Desk().today))
BEGINNINGS: Sequence[Callable[[], Desk]] = (
    lambda: Desk().receive(),
    lambda: Desk().verified(),
    lambda: Desk().verified(application(kind=RETAINED_DATA)),
    lambda: Desk().verified().do(IDENTIFY),
    lambda: Desk().submitted(),
    lambda: Desk().approved(),
    lambda: Desk().sent(),
    lambda: Desk().sent().do(Reopen("訂正")),
    refused,
)
"""Where a walk begins: from the arrival alone hardly any comes to the post."""


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_order_of_steps_loses_a_reply_or_opens_an_end_without_a_second_person(
    data: st.DataObject,
) -> None:
    desk = data.draw(st.sampled_from(BEGINNINGS))()
    [procedure] = desk.procedures
    for _ in range(data.draw(st.integers(1, STEPS_MAX))):
        # Mostly what is open, so that a walk comes far; now and then what is not.
        doors = [case.step_name(one) for one in case.open_steps(desk.case, procedure)]
        if not doors or data.draw(st.integers(0, 9)) == 0:
            doors = list(NAMES)
        name, who = data.draw(st.sampled_from(doors)), data.draw(st.sampled_from(PEOPLE))
        before = desk.case
        fact = tried(desk, name, who)
        if fact is not None:
            check_step(before, fact, desk)
    assert case.fold(None, desk.facts) == desk.case
