"""What happens between the submission of a reply and the post."""

from collections.abc import Callable
from uuid import UUID

import pytest

from api.contract import check
from ledger.cases.refusals import StaleApprovalError
from ledger.cases.steps import Approve, Close, Return, SendBack
from ledger.clock import day_in_japan
from ledger.commands import (
    CorrectTransfer,
    LinkIdentifiers,
    RetractTransfer,
    UnlinkIdentifiers,
)
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import PrincipalRef
from tests.ledger.case_given import APPROVER, NOON
from tests.ledger.given import ACTOR, data
from tests.replying.desk import (
    MEMBER,
    Desk,
    party,
    recorded,
)


def corrected(desk: Desk, transfer: UUID) -> None:
    change = CorrectTransfer(
        random_uuid(), ACTOR, transfer, check(data(items=["氏名"]), NOON.date()), "wrong_content"
    )
    desk.inside.ledger.correct(change, desk.inside.now)


def retracted(desk: Desk, transfer: UUID) -> None:
    gone = RetractTransfer(random_uuid(), ACTOR, transfer, "not_a_transfer")
    desk.inside.ledger.retract(gone, desk.inside.now)


SINCE: dict[str, Callable[[Desk, UUID], None]] = {"corrected": corrected, "retracted": retracted}


@pytest.mark.parametrize("name", SINCE)
def test_a_record_that_changed_since_voids_the_approval(name: str, desk: Desk) -> None:
    first, *_ = recorded(desk.inside)
    desk.verified().searched()
    desk.decided().approved()
    SINCE[name](desk, first)
    desk.inside.follow()
    with pytest.raises(StaleApprovalError):
        desk.posted()
    desk.do(SendBack("記録が変わった"), by=APPROVER).searched()
    assert desk.decided().sent().pdf


def test_a_record_that_came_since_changes_nothing(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified().searched()
    before = desk.decided().approved().rendered()
    desk.inside.record("t-4", data(counterparty=party("川上運輸株式会社")))
    desk.inside.follow()
    assert desk.rendered() == before
    desk.posted()


def test_identifiers_that_fell_apart_since_void_the_approval(desk: Desk) -> None:
    house = desk.inside
    recorded(house)
    other = PrincipalRef("email", "a@example.jp")
    house.ledger.link(LinkIdentifiers(random_uuid(), ACTOR, MEMBER, other, "登録"), house.now)
    desk.verified().searched()
    desk.decided().approved()
    apart = UnlinkIdentifiers(random_uuid(), ACTOR, MEMBER, other, "別人")
    house.ledger.link(apart, house.now)
    with pytest.raises(StaleApprovalError):
        desk.posted()


def test_other_documents_than_the_submitted_ones_are_not_approved(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified().searched()
    desk.decided().submitted()
    rendered, document = desk.rendered()
    forged = dict(document.documents) | {"reply.json": b"{}"}
    with pytest.raises(StaleApprovalError):
        desk.do(Approve(rendered, forged, 1), by=APPROVER)


def test_what_is_in_the_post_already_is_put_down_though_the_records_changed(desk: Desk) -> None:
    first, *_ = recorded(desk.inside)
    desk.verified().searched()
    desk.decided().approved()
    document = desk.document
    assert document is not None
    corrected(desk, first)
    with pytest.raises(StaleApprovalError):
        desk.posted()
    assert desk.posted(already_posted=True) == document
    [reply] = desk.state.replies
    assert reply.changed_since
    assert desk.replies.stored(desk.stream, 1) == document.documents
    assert desk.replies.again(desk.stream, 1) == document
    assert desk.replies.flags(desk.state) == ("REOPENED",)
    desk.reopened("記録が訂正されたためです。").searched()
    assert desk.decided().sent().json != document.json
    assert [one.changed_since for one in desk.state.replies] == [True, False]


def test_what_the_post_brought_back_reads_differently_to_nobody(desk: Desk) -> None:
    first, *_ = recorded(desk.inside)
    desk.verified().searched()
    desk.decided().sent()
    corrected(desk, first)
    desk.inside.follow()
    assert desk.replies.flags(desk.state) == ("REOPENED",)
    desk.reopened("記録が訂正されたためです。").searched()
    desk.decided().sent()
    assert desk.replies.flags(desk.state) == ("SUPERSEDED",)
    desk.do(Return(day_in_japan(desk.inside.now), "refused"))
    assert desk.state.held is not None, "the first one is in hand"
    assert desk.replies.flags(desk.state) == ("REOPENED", "SUPERSEDED")


def test_no_flag_asks_for_another_look_where_nobody_has_a_reply(desk: Desk) -> None:
    first, *_ = recorded(desk.inside)
    desk.verified().searched()
    desk.decided().sent()
    desk.do(Close(), Return(day_in_japan(desk.inside.now), "refused"))
    corrected(desk, first)
    desk.inside.follow()
    assert (desk.state.held, desk.replies.flags(desk.state)) == (None, ())


def test_what_is_sent_back_and_approved_again_is_kept_anew(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified().searched()
    desk.decided().approved()
    first = desk.document
    desk.do(SendBack("宛名を確認"), by=APPROVER)
    second = desk.sent()
    assert second != first
    assert desk.replies.stored(desk.stream, 1) == second.documents
    assert len(desk.state.kept) == 2


@pytest.mark.parametrize("is_decided", [False, True])
@pytest.mark.parametrize("name", [*SINCE, "excluded"])
def test_whatever_happened_to_a_record_since_the_search_it_is_searched_anew(
    name: str, desk: Desk, *, is_decided: bool
) -> None:
    first, *_ = recorded(desk.inside)
    desk.verified().searched()
    desk.replies.unchanged(desk.state)
    if is_decided:
        desk.decided()
    happens = {**SINCE, "excluded": Desk.exclude}
    happens[name](desk, first)
    desk.inside.follow()
    with pytest.raises(StaleApprovalError):
        desk.replies.unchanged(desk.state)
    if is_decided:
        with pytest.raises(StaleApprovalError):
            desk.replies.document(desk.state, desk.inside.now, "0123-4567-89AB-CDEF-GHJK")
        with pytest.raises(StaleApprovalError):
            desk.submitted()
    desk.searched()
    assert desk.decided().sent().pdf


def test_a_second_look_at_the_same_case_gives_the_same_bytes(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified().searched()
    desk.decided().submitted()
    assert desk.rendered() == desk.rendered()
    desk.do(desk.approval(), by=APPROVER)
