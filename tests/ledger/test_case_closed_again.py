"""A case that was opened again without another reply due, and a reply that the post brings back."""

from collections.abc import Callable, Mapping

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
    Refuse,
    Reopen,
    RequestCorrection,
    Resubmit,
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
    SHORT,
    SUBMIT,
    Desk,
    dispatched,
)


def reopened() -> Desk:
    desk = Desk().sent()
    return desk.do(Deliver(desk.today), Reopen("発送の確認"))


def refused_now() -> Desk:
    """Looked at again, and found short, before the answer that went out is told of."""
    short = reopened().do(CheckDocuments(SHORT), RequestCorrection())
    return short.later(31).do(Refuse())


WAYS: Mapping[str, Callable[[], Desk]] = {
    "reopened": reopened,
    "identity_check": lambda: reopened().do(CheckDocuments(SHORT)),
    "completeness_check": lambda: reopened().do(CheckDocuments(GOOD)),
    "correction_requested": lambda: reopened().do(CheckDocuments(SHORT), RequestCorrection()),
    "resubmitted": lambda: reopened().do(Resubmit(reopened().today)),
    "search": lambda: reopened().do(CheckDocuments(GOOD), Verify()),
    "review": lambda: reopened().do(IDENTIFY),
    "decided": lambda: reopened().do(IDENTIFY, DISCLOSE),
    "decided, a refusal": refused_now,
    "sent_back": lambda: reopened().do(IDENTIFY, DISCLOSE, SUBMIT, SendBack("不要")),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_case_that_was_opened_again_ends_as_it_was_without_another_reply(way: str) -> None:
    desk = WAYS[way]()
    assert desk.status.value == way.partition(",")[0]
    before = desk.case.replies
    desk.do(Close("追加の回答は不要"))
    assert (desk.status, desk.case.replies) == (CaseStatus.CLOSED, before)
    assert (desk.case.ended_at, desk.case.decision, desk.case.search) == (desk.now, None, None)
    # And it may be opened again, as it might have been before.
    desk.do(Reopen("記録の訂正"), CheckDocuments(GOOD), Verify(), IDENTIFY, DISCLOSE, SUBMIT)
    desk.do(APPROVE, by=APPROVER).do(dispatched(desk.today))
    assert desk.case.replies[-1].supplementary


@pytest.mark.parametrize("is_approved", [False, True])
def test_what_is_submitted_or_approved_is_sent_back_before_the_case_is_closed(
    *, is_approved: bool
) -> None:
    desk = reopened().do(IDENTIFY, DISCLOSE, SUBMIT)
    if is_approved:
        desk.do(APPROVE, by=APPROVER)
    with pytest.raises(CaseStatusError):
        desk.do(Close())
    assert desk.do(SendBack("不要"), by=APPROVER).do(Close()).status == CaseStatus.CLOSED


@pytest.mark.parametrize("count", [0, 1])
def test_who_has_no_reply_in_hand_is_not_left_without_one(count: int) -> None:
    desk = Desk()
    if count:
        desk.sent()
        desk.do(Return(desk.today, "refused"), CheckDocuments(GOOD), Verify())
    else:
        desk.verified()
    for step in (IDENTIFY, DISCLOSE):
        with pytest.raises(CaseStatusError):
            desk.do(Close())
        desk.do(step)
    assert (desk.case.held, len(desk.case.replies)) == (None, count)


def test_the_newest_reply_that_did_not_come_back_is_the_one_in_hand() -> None:
    desk = reopened().do(IDENTIFY, DISCLOSE, SUBMIT)
    [first] = desk.case.replies
    desk.do(APPROVE, by=APPROVER).do(dispatched(desk.today))
    assert desk.case.held == desk.case.replies[-1]
    desk.do(Return(desk.today, "refused"))
    held = desk.case.held
    assert held is not None
    assert held.position == first.position


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
