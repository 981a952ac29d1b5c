"""Decisions that read the same in a letter make no supplement."""

from uuid import UUID

import pytest

from api.case_replies.comparable_answer import answer_read
from ledger.cases.events.case import CaseDecided
from ledger.cases.refusals import NothingToSupplementError
from tests.replying.desk import REASON, Desk, part, recorded, whole
from tests.replying.test_supplements import sent

INVISIBLE = [
    f"{REASON} ",
    f"\u3000{REASON}\n",
    REASON.replace("が", "か\u3099"),
]


@pytest.mark.parametrize("reason", INVISIBLE)
def test_a_reason_that_reads_the_same_is_the_same(reason: str, desk: Desk) -> None:
    assert reason != REASON
    first, second, _ = sent(desk)
    desk.reopened("決定の誤り").searched()
    desk.decided([whole(first), whole(second)]).sent()
    desk.reopened("確認").searched()
    desk.decided([whole(first, reason=reason), whole(second, reason=reason)])
    with pytest.raises(NothingToSupplementError):
        desk.submitted()
    assert desk.decided([whole(first), whole(second, reason="理由の二")]).sent().pdf


def test_what_is_withheld_of_a_record_that_is_destroyed_by_now_is_read_over() -> None:
    decision = CaseDecided(1, "non_disclosure", (whole(UUID(int=7)),), 0, "paper")
    assert answer_read(decision, ()) == []


def test_items_that_are_told_together_may_be_withheld_one_by_one(desk: Desk) -> None:
    first, *_ = sent(desk)
    desk.reopened("決定の誤り").searched()
    desk.decided([part(first, "COUNTERPARTY", "ITEMS")]).sent()
    desk.reopened("確認").searched()
    desk.decided([part(first, "ITEMS"), part(first, "COUNTERPARTY")])
    with pytest.raises(NothingToSupplementError):
        desk.submitted()


@pytest.mark.parametrize("asked", [None, "paper"])
def test_a_medium_that_is_said_again_is_the_same(asked: str | None, desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified(medium=asked).searched()
    desk.decided().sent()
    desk.reopened("確認").searched()
    # No letter tells why: it is in the medium that was asked for, or in none that was.
    for reason in (None, "書面による"):
        desk.decided(medium="paper", medium_reason=reason)
        with pytest.raises(NothingToSupplementError):
            desk.submitted()


def test_why_it_is_not_in_the_medium_that_was_asked_for_is_told(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified(medium="electronic").searched()
    desk.decided(medium="paper", medium_reason="大部のため").sent()
    desk.reopened("確認").searched()
    desk.decided(medium="paper", medium_reason=" 大部のため\u3000")
    with pytest.raises(NothingToSupplementError):
        desk.submitted()
    assert desk.decided(medium="paper", medium_reason="媒体がないため").sent().method
