"""By which letter a stop is told when a case ends."""

from dataclasses import replace
from itertools import product

import pytest

from ledger.cases.case import TRIES_MIN, CaseStatus, telling
from ledger.cases.dispatched_replies import Reply
from ledger.cases.events.case import CaseClosed, CaseWithdrawn
from ledger.cases.steps import Reopen, SendBack
from tests.ledger.case_given import APPROVE, APPROVER, DISCLOSE, IDENTIFY, SUBMIT, Desk
from tests.ledger.test_case_letters_back import back, letters_out, supplied

NOTE = CaseClosed("再送したが返戻")
EMPTY = (" \u3000", ".", "。", "…", "ー", "-", "※", "なし", "（不明）", "n/a", "x", "0")
ENDS = (
    *(CaseClosed(), NOTE, CaseWithdrawn(Desk().today, "取下書")),
    *(CaseClosed(text) for text in EMPTY),
)
"""A note that says nothing is none."""


def returned(*came_back: bool) -> Desk:
    """As many letters as are given, all looked at again; those of True came back."""
    desk = Desk().sent()
    for _ in came_back[1:]:
        supplied(desk)
    replies = tuple(
        replace(one, returned="refused" if is_back else None)
        for one, is_back in zip(desk.case.replies, came_back, strict=True)
    )
    desk.state = replace(desk.case, replies=replies, status=CaseStatus.REOPENED, submission=None)
    return desk


def test_the_letter_in_hand_tells() -> None:
    for came_back in product((False, True), repeat=3):
        state = returned(*came_back).case
        held, newest = state.held, state.replies[-1]
        for end in ENDS:
            expected: tuple[Reply, ...] = () if held is None else (held,)
            if held is None and isinstance(end, CaseClosed):
                expected = (newest,)
            if came_back[-TRIES_MIN:] == (True, True) and held is not None and end is NOTE:
                expected = state.replies[-TRIES_MIN:]
            assert telling(state, end) == expected, (came_back, end)


def test_a_letter_on_its_way_tells_what_its_approval_looked_at() -> None:
    desk = letters_out()
    assert telling(desk.case, CaseClosed()) is None
    assert telling(Desk().sent().case, CaseClosed()) is None
    assert telling(back(Desk().sent()).case, CaseClosed()) is None, "every letter came back"


@pytest.mark.parametrize("is_earlier", [False, True])
def test_a_letter_that_came_back_tells_nothing_while_another_one_is_in_hand(
    *, is_earlier: bool
) -> None:
    desk = letters_out()
    before = desk.case.replies
    back(desk, 1 if is_earlier else 2)
    expected = None if is_earlier else before[:1]
    assert telling(desk.case, CaseClosed()) == expected
    assert telling(desk.case, NOTE) == expected
    back(desk, 2 if is_earlier else 1)
    assert telling(desk.case, CaseClosed()) is None


def test_nothing_is_told_before_a_letter_goes_out() -> None:
    for desk in (
        Desk().receive(),
        Desk().verified().do(IDENTIFY, DISCLOSE),
        Desk().verified().do(IDENTIFY, DISCLOSE, SUBMIT),
        Desk().approved().do(SendBack("宛名"), by=APPROVER),
    ):
        assert telling(desk.case, CaseWithdrawn(desk.today, "取下書")) == ()


def test_a_letter_that_waits_for_the_post_tells_nobody_who_withdraws() -> None:
    end = CaseWithdrawn(Desk().today, "取下書")
    assert telling(Desk().approved().case, end) == ()
    desk = Desk().sent().do(Reopen("訂正"), IDENTIFY, DISCLOSE, SUBMIT).do(APPROVE, by=APPROVER)
    assert (desk.status, telling(desk.case, end)) == (CaseStatus.NOTICE_READY, desk.case.replies)
