"""What is lifted since a reply is for a new request, under whatever identifier it stands."""

from collections.abc import Callable
from uuid import UUID

import pytest

from ledger.cases.refusals import NothingToSupplementError
from ledger.cases.steps import IdentifyRecords
from ledger.commands import LinkIdentifiers
from ledger.crypto.pseudonyms import random_uuid
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.values import PrincipalRef
from tests.ledger.case_given import ABSENT
from tests.ledger.given import ACTOR
from tests.replying.desk import MEMBER, Desk, late, recorded
from tests.replying.test_passed_over import FAMILY, identifying, of
from tests.replying.test_supplements import EMAIL, THIRD, correct

Names = Callable[[Desk], tuple[IdentifyRecords]]
NAMED: dict[str, Names] = {
    "as the person's": lambda desk: identifying(desk, (MEMBER, EMAIL), ABSENT),
    "as tried": lambda desk: identifying(desk, (MEMBER,), EMAIL),
    "as somebody else's": lambda desk: identifying(desk, (MEMBER,), EMAIL, not_the_person=FAMILY),
}


def answered(desk: Desk, names: Names) -> UUID:
    """A reply in hand without the record of the e-mail address, which was excluded."""
    recorded(desk.inside)
    hidden = desk.inside.record("t-7", of(EMAIL)).transfer
    desk.exclude(hidden)
    desk.verified().do(*names(desk))
    desk.decided().sent()
    return hidden


def again(desk: Desk, *who: PrincipalRef) -> Desk:
    desk.later(days=3)
    desk.reopened("確認").searched(*who)
    return desk.decided()


@pytest.mark.parametrize("name", NAMED)
def test_a_lift_alone_makes_no_supplement_however_its_identifier_was_named(
    name: str, desk: Desk
) -> None:
    hidden = answered(desk, NAMED[name])
    desk.lift(hidden)
    again(desk, MEMBER, EMAIL)
    assert desk.replies.flags(desk.state) == ()
    with pytest.raises(NothingToSupplementError):
        desk.submitted()


def test_so_does_one_of_which_everything_was_tried_and_nothing_was_found(desk: Desk) -> None:
    streams = recorded(desk.inside)
    desk.exclude(*streams)
    desk.verified().do(*identifying(desk, (), MEMBER, ABSENT))
    desk.decided().sent()
    desk.lift(*streams)
    again(desk, MEMBER)
    with pytest.raises(NothingToSupplementError):
        desk.submitted()


@pytest.mark.parametrize("name", NAMED)
def test_a_record_beside_the_lifted_one_that_came_late_is_told(name: str, desk: Desk) -> None:
    hidden = answered(desk, NAMED[name])
    desk.lift(hidden)
    late(desk.inside, principals=[{"scheme": EMAIL.scheme, "id": EMAIL.id}])
    assert again(desk, MEMBER, EMAIL).sent().pdf


def test_so_is_a_lifted_record_of_an_identifier_that_nobody_thought_of(desk: Desk) -> None:
    hidden = answered(desk, lambda one: identifying(one, (MEMBER,), ABSENT))
    desk.lift(hidden)
    again(desk, MEMBER, EMAIL)
    with pytest.raises(NothingToSupplementError):
        desk.submitted()


@pytest.mark.parametrize("name", NAMED)
def test_what_is_linked_since_and_lifted_raises_no_flag(name: str, desk: Desk) -> None:
    hidden = answered(desk, NAMED[name])
    desk.lift(hidden)
    pair = LinkIdentifiers(random_uuid(), ACTOR, MEMBER, EMAIL, "登録")
    desk.inside.ledger.link(pair, desk.inside.now)
    again(desk, MEMBER)
    assert desk.replies.flags(desk.state) == ()
    with pytest.raises(NothingToSupplementError):
        desk.submitted()


@pytest.mark.parametrize("name", NAMED)
def test_a_correction_of_what_is_lifted_raises_no_flag_either(name: str, desk: Desk) -> None:
    hidden = answered(desk, NAMED[name])
    desk.lift(hidden)
    correct(desk, hidden, items=["氏名"])
    again(desk, MEMBER, EMAIL)
    assert desk.replies.flags(desk.state) == ()
    with pytest.raises(NothingToSupplementError):
        desk.submitted()


@pytest.mark.parametrize("name", NAMED)
def test_a_reply_is_made_again_as_it_was_sent_whatever_was_tried(name: str, desk: Desk) -> None:
    hidden = answered(desk, NAMED[name])
    sent = desk.document
    desk.lift(hidden)
    assert desk.replies.again(desk.stream, 1) == sent


def test_a_review_names_what_is_excluded_of_whomever_was_looked_for_and_of_nobody_else(
    desk: Desk,
) -> None:
    stranger = desk.inside.record("t-6", of(THIRD)).transfer
    desk.exclude(stranger)
    hidden = answered(desk, NAMED["as tried"])
    position = desk.inside.house.streams.transfer_states([hidden])[hidden].first_position
    review = desk.inside.ledger.review(desk.stream)
    assert isinstance(review, ActiveExclusions)
    assert [(one.first, one.last) for one in review.excluded] == [(position, position)]
