"""The password of a medium goes by a post of its own, and that is put down with the dispatch."""

from dataclasses import replace
from datetime import date

import pytest

from ledger.cases.case import CaseStatus
from ledger.cases.events.case import CaseClosed, CaseDispatched
from ledger.cases.events.reply import CasePasswordPosted, PasswordPosted
from ledger.cases.refusals import CaseExpiringError, CaseStatusError
from ledger.cases.steps import Deliver, PostPassword, Reopen
from ledger.errors import AlreadyStandsError, MalformedError
from ledger.format.event_parts import other_event_of, other_parts_of
from tests.law.papers import ARRIVED
from tests.ledger.case_given import APPROVE, DAY, SUBMIT, Desk, defects, dispatched, refused

NUMBER = "123-45-67890-1"
OTHER = "123-45-67891-2"


def test_a_password_that_goes_apart_is_put_down_with_its_item() -> None:
    desk = Desk().approved()
    apart = PasswordPosted(desk.today, "123-45-67891-2")
    [reply] = desk.do(replace(dispatched(desk.today), password_letter=apart)).case.replies
    assert reply.password_letter == apart


@pytest.mark.parametrize(
    ("day", "number", "pointer", "code"),
    [
        (ARRIVED + DAY, "123-45-67891-2", "/dispatched_on", "DATE_IN_FUTURE"),
        (ARRIVED - DAY, "123-45-67891-2", "/dispatched_on", "BEFORE_THE_APPROVAL"),
        (ARRIVED, "123", "/item_number", "ITEM_NUMBER_MALFORMED"),
        (ARRIVED, "123-45-67890-1", "/item_number", "ITEM_NUMBER_TWICE"),
        (ARRIVED, "12345678901", "/item_number", "ITEM_NUMBER_TWICE"),
    ],
)
def test_a_password_goes_by_an_item_of_its_own_or_not_at_all(
    day: date, number: str, pointer: str, code: str
) -> None:
    desk = Desk().approved()
    apart = PasswordPosted(day, number)
    step = replace(dispatched(desk.today), item_number="123-45-67890-1", password_letter=apart)
    with pytest.raises(MalformedError) as error:
        desk.do(step)
    assert defects(error) == {(f"/password_letter{pointer}", code)}


def test_a_dispatch_without_a_password_is_stored_as_it_always_was() -> None:
    plain = CaseDispatched(b"\0" * 32, ARRIVED, "123-45-67890-1", 4)
    _, sealed = other_parts_of(plain)
    assert set(sealed) == {"content", "dispatched_on", "item_number", "sheets"}
    apart = replace(plain, password_letter=PasswordPosted(ARRIVED, "123-45-67891-2"))
    for event in (plain, apart):
        assert other_event_of(event.TYPE, *other_parts_of(event)) == event


def test_a_password_that_goes_later_is_put_down_with_the_reply_that_it_opens() -> None:
    desk = Desk().sent()
    [before] = desk.case.replies
    desk.now += DAY
    [reply] = desk.do(PostPassword(desk.today, OTHER)).case.replies
    assert reply == replace(before, password_letter=PasswordPosted(desk.today, OTHER))
    assert desk.status == CaseStatus.DISPATCHED


@pytest.mark.parametrize("ago", [0, 1])
def test_a_closed_case_takes_it_and_ends_once_more_so_that_headers_tell_the_end(ago: int) -> None:
    desk = Desk().sent().do(Deliver(ARRIVED))
    desk.now += 2 * DAY
    desk.do(PostPassword(desk.today - ago * DAY, OTHER))
    assert [type(one.event) for one in desk.facts[-2:]] == [CasePasswordPosted, CaseClosed]
    assert (desk.status, desk.case.ended_at) == (CaseStatus.CLOSED, desk.now)
    assert desk.case.replies[-1].delivered_on == ARRIVED


def test_what_is_known_already_is_not_put_down_again() -> None:
    desk = Desk().sent().do(PostPassword(ARRIVED, OTHER))
    for number in (OTHER, "123-45-67892-3"):
        with pytest.raises(AlreadyStandsError):
            desk.do(PostPassword(ARRIVED, number))
    with_it = Desk().approved()
    step = replace(dispatched(ARRIVED), password_letter=PasswordPosted(ARRIVED, OTHER))
    with pytest.raises(AlreadyStandsError):
        with_it.do(step).do(PostPassword(ARRIVED, OTHER))


@pytest.mark.parametrize(
    ("day", "number", "pointer", "code"),
    [
        (ARRIVED + DAY, OTHER, "/dispatched_on", "DATE_IN_FUTURE"),
        (ARRIVED - DAY, OTHER, "/dispatched_on", "BEFORE_THE_APPROVAL"),
        (ARRIVED, "123", "/item_number", "ITEM_NUMBER_MALFORMED"),
        (ARRIVED, NUMBER.replace("-", ""), "/item_number", "ITEM_NUMBER_TWICE"),
    ],
)
@pytest.mark.parametrize("way", [(), (Reopen("訂正"),)], ids=["dispatched", "reopened"])
def test_a_later_item_is_refused_for_what_it_would_be_refused_at_the_dispatch(
    way: tuple[Reopen, ...], day: date, number: str, pointer: str, code: str
) -> None:
    desk = Desk().approved().do(replace(dispatched(ARRIVED), item_number=NUMBER), *way)
    with pytest.raises(MalformedError) as error:
        desk.do(PostPassword(day, number))
    assert defects(error) == {(pointer, code)}


def test_a_reply_that_shows_no_record_has_no_password() -> None:
    desk = refused().do(SUBMIT).do(APPROVE, by="approver-2")
    desk.do(dispatched(desk.today))
    with pytest.raises(CaseStatusError):
        desk.do(PostPassword(desk.today, OTHER))


def test_nothing_is_put_down_once_the_key_of_the_case_dies() -> None:
    desk = Desk().sent().do(Deliver(ARRIVED))
    desk.now += 3 * 366 * DAY
    with pytest.raises(CaseExpiringError):
        desk.do(PostPassword(desk.today, OTHER))
