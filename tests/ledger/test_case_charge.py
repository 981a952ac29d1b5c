"""Whose work a case is: of whoever took its newest step at the desk, and of nobody else."""

from collections.abc import Callable, Sequence
from typing import Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.cases import case
from ledger.cases.mistake_steps import ConfirmMistake, DismissMistake, ReportEnd
from ledger.cases.steps import (
    CheckDocuments,
    Close,
    Deliver,
    RecordDeath,
    Reopen,
    RequestCorrection,
    Resubmit,
    Return,
    SendBack,
    Step,
    Verify,
    Withdraw,
)
from ledger.cases.transitions import in_charge
from ledger.format.events import CaseEvent, Fact, ReviewSealed
from tests.ledger.case_drawn import CASE_STRATEGIES
from tests.ledger.case_given import (
    APPROVE,
    APPROVER,
    CASE,
    DISCLOSE,
    ENTRY,
    GOOD,
    IDENTIFY,
    OFFICER,
    PERSON,
    PRINT_AS,
    SHORT,
    SUBMIT,
    Desk,
    application,
    dispatched,
)

OTHER: Final = "officer-2"
SECOND: Final = (APPROVE, SendBack("宛名が違う"))
WORDS: Final = (DismissMistake("誤りではない"), ConfirmMistake())


def short() -> Desk:
    return Desk().receive().do(CheckDocuments(SHORT))


def measures() -> Desk:
    return Desk().receive(application(kind="provision_stop")).do(CheckDocuments(GOOD), Verify())


AT_THE_DESK: Sequence[tuple[str, Callable[[], Desk], Callable[[Desk], Step]]] = (
    ("looks at the papers", lambda: Desk().receive(), lambda _: CheckDocuments(GOOD)),
    ("asks for a correction", short, lambda _: RequestCorrection()),
    ("verifies", lambda: Desk().receive().do(CheckDocuments(GOOD)), lambda _: Verify()),
    (
        "takes further papers in",
        lambda: short().do(RequestCorrection()),
        lambda desk: Resubmit(desk.today),
    ),
    ("identifies the records", lambda: Desk().verified(), lambda _: IDENTIFY),
    ("identifies the person", measures, lambda _: PERSON),
    ("decides", lambda: Desk().verified().do(IDENTIFY), lambda _: DISCLOSE),
    ("submits", lambda: Desk().verified().do(IDENTIFY, DISCLOSE), lambda _: SUBMIT),
    ("chooses a printed form", lambda: Desk().receive(), lambda _: PRINT_AS),
    ("posts", lambda: Desk().approved(), lambda desk: dispatched(desk.today)),
    ("puts the delivery down", lambda: Desk().sent(), lambda desk: Deliver(desk.today)),
    ("takes the letter back", lambda: Desk().sent(), lambda desk: Return(desk.today, "lost")),
    ("opens it again", lambda: Desk().sent(), lambda _: Reopen("記録の訂正")),
    ("closes it", lambda: Desk().sent(), lambda _: Close()),
    ("puts a withdrawal down", lambda: Desk().receive(), lambda desk: Withdraw(desk.today, "書面")),
    (
        "learns of a death",
        lambda: Desk().receive(),
        lambda desk: RecordDeath(desk.today, "ご家族からの電話"),
    ),
)


def test_a_case_is_the_work_of_who_took_it_in() -> None:
    assert Desk().receive(by=OTHER).case.in_charge == OTHER


@pytest.mark.parametrize(
    ("begun", "step"), [one[1:] for one in AT_THE_DESK], ids=[one[0] for one in AT_THE_DESK]
)
def test_whoever_takes_the_next_step_has_taken_the_case_over(
    begun: Callable[[], Desk], step: Callable[[Desk], Step]
) -> None:
    desk = begun()
    assert desk.case.in_charge == OFFICER
    assert desk.do(step(desk), by=OTHER).case.in_charge == OTHER


@pytest.mark.parametrize("step", SECOND, ids=case.step_name)
def test_who_approves_or_sends_back_leaves_the_work_with_who_prepared_it(step: Step) -> None:
    desk = Desk().submitted().do(step, by=APPROVER)
    assert desk.case.in_charge == OFFICER


def test_an_approval_that_is_taken_back_leaves_it_there_too() -> None:
    desk = Desk().approved().do(SendBack("発送前に誤りを見つけた"), by=APPROVER)
    assert desk.case.in_charge == OFFICER


@pytest.mark.parametrize("word", WORDS, ids=case.step_name)
def test_a_word_of_a_mistake_moves_nothing(word: Step) -> None:
    entry = Desk().receive().do(ENTRY, by=OTHER)
    assert entry.case.in_charge == OFFICER
    assert entry.do(word, by=APPROVER).case.in_charge == OFFICER
    ended = Desk().receive()
    ended.do(Withdraw(ended.today, "書面")).do(ReportEnd("別の方の取下書"), by=OTHER)
    assert ended.do(word, by=APPROVER).case.in_charge == OFFICER


def test_a_review_of_what_is_excluded_moves_nothing_whoever_seals_it() -> None:
    desk = Desk().verified().do(IDENTIFY, DISCLOSE)
    at = (len(desk.facts) + 1, CASE, len(desk.facts) + 1, desk.now)
    after = case.evolve(desk.state, Fact(*at, "chief-1", ReviewSealed(())))
    assert after is not None
    assert after.in_charge == OFFICER
    assert after.version == desk.case.version + 1


_APPROVERS: Final = frozenset(
    ("case-approved", "reply-stored", "case-sent-back", "case-mistake-reported")
) | {"case-mistake-dismissed", "case-entered-in-error", "case-resumed"}
"""Types that move no work, written out once more."""


@pytest.mark.parametrize("kind", sorted(CASE_STRATEGIES))
def test_every_event_moves_the_work_or_leaves_it(kind: str) -> None:
    """Whatever the event says."""

    @given(CASE_STRATEGIES[kind], st.text(min_size=1), st.text(min_size=1))
    def holds(event: CaseEvent, before: str, actor: str) -> None:
        assert in_charge(before, event, actor) == (before if kind in _APPROVERS else actor)

    holds()
    assert len(CASE_STRATEGIES) == len(get_args(CaseEvent))
