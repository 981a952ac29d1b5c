"""A reply that the post brings back after its delivery or the closing was put down."""

from collections.abc import Callable

import pytest

from ledger.cases import case
from ledger.cases.case import CaseStatus
from ledger.cases.refusals import CaseStatusError
from ledger.cases.steps import (
    CheckDocuments,
    Close,
    Deliver,
    Dispatch,
    PostPassword,
    Reopen,
    Return,
    SendBack,
    Step,
    Verify,
)
from tests.law.papers import read_with
from tests.ledger.case_given import (
    APPROVE,
    APPROVER,
    DISCLOSE,
    GOOD,
    IDENTIFY,
    SUBMIT,
    Desk,
    dispatched,
)
from tests.ledger.test_case_closed_again import WAYS, reopened

ENDS: dict[str, Callable[[Desk], Step]] = {
    "close": lambda _: Close("郵便の報告なし"),
    "delivery": lambda desk: Deliver(desk.today),
}


def open_to(desk: Desk) -> set[type[Step]]:
    [procedure] = desk.procedures
    return set(case.open_steps(desk.case, procedure))


def came_back(desk: Desk) -> Desk:
    return desk.do(Return(desk.today, "not_collected"))


@pytest.mark.parametrize("end", ENDS)
def test_a_reply_comes_back_whatever_was_put_down_of_it(end: str) -> None:
    desk = Desk().sent()
    desk.do(ENDS[end](desk)).later(9)
    assert (desk.status, open_to(desk)) == (CaseStatus.CLOSED, {Return, Reopen, PostPassword})
    sent = desk.case
    came_back(desk)
    assert (desk.status, desk.case.is_open) == (CaseStatus.RETURNED, True)
    assert (desk.case.ended_at, desk.case.ended_from, desk.case.held) == (None, None, None)
    [reply] = desk.case.replies
    assert (reply.delivered_on, reply.returned) == (None, "not_collected")
    # It is what was sent, and it comes back once.
    assert (desk.case.decision, desk.case.submission) == (sent.decision, sent.submission)
    with pytest.raises(CaseStatusError):
        came_back(desk)
    assert came_back(Desk().sent()).case.replies == desk.case.replies
    assert desk.do(CheckDocuments(GOOD), Verify()).status == CaseStatus.SEARCH


@pytest.mark.parametrize("end", ENDS)
def test_it_is_sent_again_where_the_procedure_says_so_or_the_case_is_closed(end: str) -> None:
    def returned() -> Desk:
        desk = Desk((read_with(returned_mail="send_again"),)).sent()
        return came_back(desk.do(ENDS[end](desk)))

    desk = returned()
    desk.do(dispatched(desk.today))
    assert (desk.status, desk.case.held) == (CaseStatus.DISPATCHED, desk.case.replies[-1])
    desk = returned().do(Close("連絡がつかない"))
    assert (desk.status, desk.case.held) == (CaseStatus.CLOSED, None)
    with pytest.raises(CaseStatusError):
        came_back(desk)


@pytest.mark.parametrize("way", WAYS)
def test_a_reply_comes_back_while_it_is_looked_at_again(way: str) -> None:
    desk = came_back(WAYS[way]())
    assert (desk.status, desk.case.held) == (CaseStatus.RETURNED, None)
    # What was being prepared has not gone out, and is not sent again.
    assert (desk.case.search, desk.case.decision, desk.case.submission) == (None, None, None)
    again = Desk((read_with(returned_mail="send_again"),), state=desk.case, now=desk.now)
    assert Dispatch not in open_to(again)
    assert {CheckDocuments, Close, Reopen} <= open_to(desk)
    desk.do(CheckDocuments(GOOD), Verify(), IDENTIFY, DISCLOSE, SUBMIT)
    desk.do(APPROVE, by=APPROVER).do(dispatched(desk.today))
    assert desk.case.held == desk.case.replies[-1]


@pytest.mark.parametrize("is_approved", [False, True])
def test_what_is_submitted_or_approved_is_sent_back_before_the_reply_comes_back(
    *, is_approved: bool
) -> None:
    desk = reopened().do(IDENTIFY, DISCLOSE, SUBMIT)
    if is_approved:
        desk.do(APPROVE, by=APPROVER)
    with pytest.raises(CaseStatusError):
        came_back(desk)
    assert came_back(desk.do(SendBack("返戻"), by=APPROVER)).status == CaseStatus.RETURNED


def test_it_comes_back_after_it_was_looked_at_again_and_the_case_closed() -> None:
    desk = reopened().do(IDENTIFY, DISCLOSE, Close("追加の回答は不要"))
    came_back(desk)
    assert (desk.status, desk.case.held, desk.case.ended_at) == (CaseStatus.RETURNED, None, None)
    assert Dispatch not in open_to(desk)
    assert {CheckDocuments, Close, Reopen} <= open_to(desk)


def test_a_returned_case_that_is_opened_again_ends_as_it_might_have_ended_before() -> None:
    desk = came_back(Desk().sent()).do(Reopen("返送"))
    for step in (
        Close(),
        Reopen("返送"),
        IDENTIFY,
        Close(),
        Reopen("返送"),
        IDENTIFY,
        DISCLOSE,
    ):
        desk.do(step)
    assert desk.do(Close()).status == CaseStatus.CLOSED
    assert desk.case.held is None
    assert open_to(desk) == {Reopen, PostPassword}
