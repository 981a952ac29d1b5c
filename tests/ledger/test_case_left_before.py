"""When a letter can have left that was in the post before its case was ended by mistake."""

from dataclasses import replace

import pytest

from ledger.cases.case import CaseStatus
from ledger.cases.steps import SendBack
from ledger.errors import MalformedError
from tests.ledger.case_given import (
    APPROVE,
    APPROVER,
    DAY,
    DISCLOSE,
    IDENTIFY,
    SUBMIT,
    Desk,
    defects,
)
from tests.ledger.test_case_resumed import ENDS, posted, resumed


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    ("days", "code"),
    [
        (-1, "BEFORE_THE_APPROVAL"),
        (0, None),
        (1, None),
        (2, None),
        (3, None),
        (7, None),
        (8, "AFTER_THE_RESUMPTION"),
        (9, "AFTER_THE_RESUMPTION"),
        (10, "DATE_IN_FUTURE"),
    ],
)
def test_what_was_in_the_post_left_between_the_approval_and_the_day_the_case_went_on(
    days: int, code: str | None, end: str
) -> None:
    desk = Desk().approved()
    approved_on = desk.today
    resumed(desk.later(2), 5, end).later(2)
    step, before = posted(approved_on + days * DAY), desk.case
    if code is None:
        assert desk.do(step).case.replies[-1].dispatched_on == step.dispatched_on
        assert (desk.case.revived, desk.case.posted_until) == (None, None)
        return
    with pytest.raises(MalformedError) as refusal:
        desk.do(step)
    assert ("/dispatched_on", code) in defects(refusal)
    assert len(refusal.value.defects) == (2 if code == "DATE_IN_FUTURE" else 1)
    assert desk.case == before


def test_the_day_on_which_it_went_on_is_the_day_in_japan() -> None:
    desk = Desk().approved()
    # 23:30 of the day of the approval in UTC is the next day in Japan.
    desk.now = desk.now.replace(hour=15, minute=30)
    resumed(desk, 2)
    assert desk.case.posted_until == desk.today
    assert desk.do(posted(desk.today)).status == CaseStatus.DISPATCHED


def test_once_it_went_on_nothing_leaves_whatever_ends_it_again() -> None:
    desk = Desk().approved()
    first = desk.today
    resumed(resumed(desk, 2).later(1), 3)
    for day in (first + 3 * DAY, first + 6 * DAY):
        with pytest.raises(MalformedError) as refusal:
            desk.do(posted(day))
        assert defects(refusal) == {("/dispatched_on", "AFTER_THE_RESUMPTION")}
    assert desk.do(posted(first + 2 * DAY)).status == CaseStatus.DISPATCHED


def test_a_letter_that_was_approved_after_a_mistaken_end_leaves_on_any_day_since() -> None:
    desk = resumed(Desk().approved().later(1), 2).do(SendBack("検索のやり直し"), by=APPROVER)
    assert (desk.case.revived, desk.case.posted_until) == (None, None)
    desk.do(IDENTIFY, DISCLOSE, SUBMIT).do(APPROVE, by=APPROVER).later(4)
    assert desk.do(replace(posted(desk.today), rendered=None)).status == CaseStatus.DISPATCHED
