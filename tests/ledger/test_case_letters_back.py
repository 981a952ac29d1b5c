"""Which letter the post brought back, where several are out."""

from dataclasses import replace
from datetime import timedelta

import pytest

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
    Reopen,
    Return,
    SendBack,
    Verify,
)
from ledger.clock import day_in_japan
from ledger.errors import MalformedError
from ledger.lifetimes import case_day
from tests.law.papers import read_with
from tests.ledger.case_given import (
    APPROVE,
    APPROVER,
    DISCLOSE,
    GOOD,
    IDENTIFY,
    SUBMIT,
    Desk,
    defects,
    dispatched,
)


def supplied(desk: Desk) -> Desk:
    """Opened again, and another letter in the post."""
    desk.do(Reopen("記録の訂正"), IDENTIFY, DISCLOSE, SUBMIT)
    return desk.do(APPROVE, by=APPROVER).do(dispatched(desk.today))


def letters_out() -> Desk:
    """Two letters are out; the second was posted three days after the first."""
    return supplied(Desk().sent().later(3))


def back(desk: Desk, number: int | None = None) -> Desk:
    return desk.do(Return(desk.today, "not_collected", number))


def came_back(desk: Desk) -> list[str | None]:
    return [one.returned for one in desk.case.replies]


@pytest.mark.parametrize("reason", ["not_collected", "unknown_address", "refused", "lost"])
def test_whoever_has_no_letter_is_not_answered(reason: str) -> None:
    desk = Desk().sent()
    desk.do(Return(desk.today, reason))
    assert (desk.status, desk.case.held, came_back(desk)) == (CaseStatus.RETURNED, None, [reason])


def test_without_a_number_it_is_the_newest() -> None:
    desk = back(letters_out())
    assert came_back(desk) == [None, "not_collected"]
    assert (desk.status, desk.case.held) == (CaseStatus.RETURNED, desk.case.replies[0])
    assert desk.facts[-1].event == CaseReturned(desk.today, "not_collected")
    # The same letter by its number is the same fact.
    assert back(letters_out(), 2).facts[-1].event == desk.facts[-1].event


def test_an_earlier_letter_that_comes_back_leaves_the_later_one_in_hand() -> None:
    desk = letters_out()
    before = desk.case
    back(desk, 1)
    assert came_back(desk) == ["not_collected", None]
    assert desk.facts[-1].event == CaseReturned(desk.today, "not_collected", 1)
    assert (desk.status, desk.case.held) == (CaseStatus.DISPATCHED, before.replies[1])
    assert replace(desk.case, replies=before.replies, version=before.version) == before
    assert desk.do(Deliver(desk.today)).status == CaseStatus.CLOSED


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
        assert came_back(desk) == ["not_collected", None]
        # The later one may come back as well.
        assert back(desk, 2).status == CaseStatus.RETURNED
        assert (desk.case.held, desk.case.ended_at) == (None, None)


def test_the_letter_in_hand_comes_back_although_a_later_one_came_back_first() -> None:
    desk = back(letters_out()).do(Close("電話で確かめた"))
    assert (desk.status, desk.case.held) == (CaseStatus.CLOSED, desk.case.replies[0])
    with pytest.raises(MalformedError) as error:
        back(desk)
    assert defects(error) == {("/reply", "REPLY_CAME_BACK")}
    back(desk, 1)
    assert (desk.status, desk.case.held) == (CaseStatus.RETURNED, None)
    with pytest.raises(CaseStatusError):
        back(desk, 1)


def test_what_is_prepared_is_void_when_the_letter_in_hand_comes_back_and_else_goes_on() -> None:
    desk = letters_out().do(Reopen("再訂正"), IDENTIFY, DISCLOSE)
    before = desk.case
    back(desk, 1)
    assert (desk.status, desk.case.decision) == (CaseStatus.DECIDED, before.decision)
    desk.do(SUBMIT)
    with pytest.raises(CaseStatusError):
        back(desk, 2)
    back(desk.do(SendBack("返戻"), by=APPROVER), 2)
    assert (desk.status, desk.case.decision, desk.case.search) == (CaseStatus.RETURNED, None, None)


def test_a_letter_that_came_back_or_never_went_out_does_not_come_back() -> None:
    desk = back(letters_out(), 1)
    for number, code in ((1, "REPLY_CAME_BACK"), (3, "REPLY_UNKNOWN"), (0, "REPLY_UNKNOWN")):
        with pytest.raises(MalformedError) as error:
            back(desk, number)
        assert defects(error) == {("/reply", code)}
    assert came_back(desk) == ["not_collected", None]


def test_a_letter_comes_back_after_it_was_posted_and_not_after_another_one_was() -> None:
    desk = letters_out()
    first, second = (one.dispatched_on for one in desk.case.replies)
    assert second - first == timedelta(days=3)
    for number, day in ((1, first - timedelta(days=1)), (2, second - timedelta(days=1))):
        with pytest.raises(MalformedError) as error:
            desk.do(Return(day, "refused", number))
        assert defects(error) == {("/returned_on", "DATE_TOO_EARLY")}
    desk.do(Return(first, "refused", 1))
    assert came_back(desk) == ["refused", None]


def test_a_delivery_of_an_earlier_letter_is_told_no_more_and_that_of_the_later_one_stays() -> None:
    desk = Desk().sent()
    supplied(desk.do(Deliver(desk.today)).later(3)).do(Deliver(desk.now.date()))
    back(desk, 1)
    assert [one.delivered_on is None for one in desk.case.replies] == [True, False]


def test_what_came_back_is_sent_again_and_an_earlier_one_sends_nothing() -> None:
    desk = Desk((read_with(returned_mail="send_again"),)).sent().later(1)
    back(supplied(desk), 1)
    with pytest.raises(CaseStatusError):
        desk.do(dispatched(desk.today))
    back(desk).do(dispatched(desk.today))
    assert came_back(desk) == ["not_collected", "not_collected", None]
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


def test_what_came_back_is_answered_anew_as_ever() -> None:
    desk = back(back(letters_out(), 1), 2)
    desk.do(CheckDocuments(GOOD), Verify(), IDENTIFY, DISCLOSE, SUBMIT)
    desk.do(APPROVE, by=APPROVER).do(dispatched(desk.today))
    assert came_back(desk) == ["not_collected", "not_collected", None]
    assert isinstance(dispatched(desk.today), Dispatch)


@pytest.mark.parametrize("is_earlier", [False, True])
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
