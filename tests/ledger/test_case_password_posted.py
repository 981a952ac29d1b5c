"""The password of a medium goes by a post of its own, and that is put down with the dispatch."""

from dataclasses import replace
from datetime import date

import pytest

from ledger.drafts.cases import case_event_of, case_parts_of
from ledger.errors import MalformedError
from ledger.events.case import CaseDispatched
from ledger.events.reply import PasswordPosted
from tests.law.papers import ARRIVED
from tests.ledger.case_given import DAY, Desk, defects, dispatched


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
    _, sealed = case_parts_of(plain)
    assert set(sealed) == {"content", "dispatched_on", "item_number", "sheets"}
    apart = replace(plain, password_letter=PasswordPosted(ARRIVED, "123-45-67891-2"))
    for event in (plain, apart):
        assert case_event_of(event.TYPE, *case_parts_of(event)) == event
