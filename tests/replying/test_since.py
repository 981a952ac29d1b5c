"""What happens between the submission of a reply and the post."""

from collections.abc import Callable
from uuid import UUID

import pytest

from api.contract import check
from ledger.case.refusals import StaleApprovalError
from ledger.case.steps import (
    Approve,
    Dispatch,
)
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
    desk.searched()
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


def test_other_documents_than_the_approved_ones_are_not_sent(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified().searched()
    desk.decided().approved()
    rendered, document = desk.rendered()
    forged = dict(document.documents) | {"reply.json": b"{}"}
    today = desk.at.date()
    with pytest.raises(StaleApprovalError):
        desk.do(Dispatch(rendered, today, "123-45-67890-1", 1, forged))


def test_a_second_look_at_the_same_case_gives_the_same_bytes(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified().searched()
    desk.decided().submitted()
    assert desk.rendered() == desk.rendered()
    desk.do(Approve(desk.rendered()[0]), by=APPROVER)
