"""Which letter the post brought back, where several are out."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from ledger.cases import case
from ledger.cases.case import CaseStatus
from ledger.cases.clocks import running
from ledger.cases.events.case import CaseClosed, CaseReturned
from ledger.cases.refusals import CaseExpiringError, CaseStatusError
from ledger.cases.replacement import agreement
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
from ledger.clock import day_in_japan
from ledger.lifetimes import case_day
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
from tests.ledger.given import malformed
from tests.matrix import every


def supplied(desk: Desk) -> Desk:
    """Opened again, and another letter in the post."""
    desk.do(Reopen("記録の訂正"), IDENTIFY, DISCLOSE, SUBMIT)
    return desk.do(APPROVE, by=APPROVER).do(dispatched(desk.today))


def letters_out() -> Desk:
    """Two letters are out; the second was posted three days after the first."""
    return supplied(Desk().sent().later(3))


def back(desk: Desk, number: int | None = None) -> Desk:
    return desk.do(Return(desk.today, "not_collected", number))


def returned_of(desk: Desk) -> list[str | None]:
    return [one.returned for one in desk.case.replies]


def test_without_a_number_it_is_the_newest() -> None:
    desk = back(letters_out())
    assert returned_of(desk) == [None, "not_collected"]
    assert (desk.status, desk.case.held) == (CaseStatus.RETURNED, desk.case.replies[0])
    assert desk.facts[-1].event == CaseReturned(desk.today, "not_collected")
    # The same letter by its number is the same fact.
    assert back(letters_out(), 2).facts[-1].event == desk.facts[-1].event


def test_an_earlier_letter_leaves_a_closed_case_closed() -> None:
    for desk in (letters_out(), letters_out()):
        end = desk.do(Deliver(desk.today)).later(9).case
        back(desk, 1)
        assert [one.event for one in desk.facts[-2:]] == [
            CaseReturned(desk.today, "not_collected", 1),
            CaseClosed(),
        ]
        assert (desk.status, desk.case.ended_at) == (CaseStatus.CLOSED, desk.now)
        assert desk.case.ended_from == end.ended_from
        assert (desk.case.decision, desk.case.submission) == (end.decision, end.submission)
        assert returned_of(desk) == ["not_collected", None]
        # The later one may come back as well.
        assert back(desk, 2).status == CaseStatus.RETURNED
        assert (desk.case.held, desk.case.ended_at) == (None, None)


def test_a_letter_that_came_back_or_never_went_out_does_not_come_back() -> None:
    desk = back(letters_out(), 1)
    for number, code in ((1, "REPLY_CAME_BACK"), (3, "REPLY_UNKNOWN"), (0, "REPLY_UNKNOWN")):
        assert malformed(back, desk, number) == {("/reply", code)}
    assert returned_of(desk) == ["not_collected", None]


def test_a_letter_comes_back_after_it_was_posted_and_not_after_another_one_was() -> None:
    desk = letters_out()
    first, second = (one.dispatched_on for one in desk.case.replies)
    assert second - first == timedelta(days=3)
    for number, day in ((1, first - timedelta(days=1)), (2, second - timedelta(days=1))):
        assert malformed(desk.do, Return(day, "refused", number)) == {
            ("/returned_on", "DATE_TOO_EARLY")
        }
    desk.do(Return(first, "refused", 1))
    assert returned_of(desk) == ["refused", None]


def test_what_came_back_is_sent_again_and_an_earlier_one_sends_nothing() -> None:
    desk = Desk((read_with(returned_mail="send_again"),)).sent().later(1)
    back(supplied(desk), 1)
    with pytest.raises(CaseStatusError):
        desk.do(dispatched(desk.today))
    back(desk).do(dispatched(desk.today))
    assert returned_of(desk) == ["not_collected", "not_collected", None]
    assert desk.case.held == desk.case.replies[-1]


def test_no_clock_and_no_double_moves_by_an_earlier_letter() -> None:
    desk = letters_out().do(Close())
    [procedure] = desk.procedures
    before = desk.case
    back(desk, 1)
    assert running(desk.case, procedure) == running(before, procedure) == {}
    assert agreement(before, desk.case).answered
    back(desk, 2)
    assert agreement(before, desk.case).answered, "somebody looks after it"
    assert not agreement(before, desk.do(Close()).case).answered


@every("is_earlier", [False, True])
def test_nothing_comes_back_to_a_case_whose_key_dies(*, is_earlier: bool) -> None:
    for lives in (True, False):
        desk = letters_out().do(Close())
        last = case_day(day_in_japan(desk.now)) - timedelta(days=lives)
        desk.later((last - desk.today).days)
        steps = (Return(desk.today, "refused", 1 if is_earlier else None), Reopen("訂正"))
        for step in steps:
            again = Desk(desk.procedures, desk.now, desk.case, [*desk.facts])
            if lives:
                again.do(step)
                continue
            with pytest.raises(CaseExpiringError):
                again.do(step)


# -- a case that was opened again without another reply due, and a reply that the post -------------


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


@every("way", WAYS)
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


@every("count", [0, 1])
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


ENDS: dict[str, Callable[[Desk], Step]] = {
    "close": lambda _: Close("郵便の報告なし"),
    "delivery": lambda desk: Deliver(desk.today),
}


def open_to(desk: Desk) -> set[type[Step]]:
    [procedure] = desk.procedures
    return set(case.open_steps(desk.case, procedure))


def came_back(desk: Desk) -> Desk:
    return desk.do(Return(desk.today, "not_collected"))


@every("end", ENDS)
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


@every("end", ENDS)
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


@every("way", WAYS)
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
