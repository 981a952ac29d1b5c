"""A case that was opened again, and for which no other reply is due: it ends as it was."""

from collections.abc import Callable, Mapping

import pytest

from ledger.cases.case import CaseStatus
from ledger.cases.refusals import CaseStatusError
from ledger.cases.steps import (
    CheckDocuments,
    Close,
    Deliver,
    Refuse,
    Reopen,
    RequestCorrection,
    Resubmit,
    Return,
    SendBack,
    Verify,
)
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
