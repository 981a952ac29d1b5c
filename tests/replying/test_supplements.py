"""A supplement is made of what changed, and not of what was excluded since."""

from collections.abc import Callable
from uuid import UUID

import pytest

from api.case_replies.records import RecordFinder
from api.case_replies.since import Since
from ledger.cases.case import CaseStatus
from ledger.cases.events.substitute import Substitute
from ledger.cases.print_step import PrintAs
from ledger.cases.refusals import NothingToSupplementError
from ledger.cases.steps import CheckDocuments, Close, Resubmit, Return, Verify
from ledger.clock import day_in_japan
from ledger.commands import CorrectTransfer, LinkIdentifiers, RetractTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import Json, PrincipalRef
from tests.ledger.case_given import GOOD
from tests.ledger.given import ACTOR, data
from tests.replying.desk import ADDRESS, MEMBER, Desk, late, letter, part, party, recorded, whole

EMAIL = PrincipalRef("email", "a@example.jp")
THIRD = PrincipalRef("member", "P9")
Streams = tuple[UUID, UUID, UUID]
Happens = Callable[[Desk, Streams], object]


def correct(desk: Desk, transfer: UUID, **changes: Json) -> None:
    command = CorrectTransfer(random_uuid(), ACTOR, transfer, changes, "誤記")
    desk.inside.ledger.correct(command, desk.inside.now)


def retract(desk: Desk, transfer: UUID) -> None:
    gone = RetractTransfer(random_uuid(), ACTOR, transfer, "not_occurred")
    desk.inside.ledger.retract(gone, desk.inside.now)


def later(desk: Desk) -> UUID:
    today = day_in_japan(desk.inside.now).isoformat()
    other = party("川上運輸株式会社")
    return desk.inside.record("t-later", data(transferred_on=today, counterparty=other)).transfer


def link(desk: Desk) -> None:
    command = LinkIdentifiers(random_uuid(), ACTOR, MEMBER, EMAIL, "登録")
    desk.inside.ledger.link(command, desk.inside.now)


def again(desk: Desk, happens: Happens, streams: Streams, *who: PrincipalRef) -> Desk:
    """Something happens three days after the reply; the case is opened again and searched."""
    desk.later(days=3)
    happens(desk, streams)
    desk.reopened("記録の確認のためです。").searched(*who)
    return desk


def sent(desk: Desk) -> Streams:
    streams = recorded(desk.inside)
    desk.inside.record("t-7", data(principals=[{"scheme": EMAIL.scheme, "id": EMAIL.id}]))
    desk.verified().searched()
    desk.decided().sent()
    return streams


NOTHING: dict[str, Happens] = {
    "a correction of what is excluded": lambda desk, one: (
        correct(desk, one[0], items=["氏名"]),
        desk.exclude(one[0]),
    ),
    "nothing": lambda _desk, _: None,
    "an exclusion": lambda desk, one: desk.exclude(one[1]),
    "an exclusion of every record": lambda desk, one: desk.exclude(*one),
    "a later transfer": lambda desk, _: later(desk),
    "an exclusion and a later transfer": lambda desk, one: (desk.exclude(one[0]), later(desk)),
    "a late record that is excluded": lambda desk, _: desk.exclude(late(desk.inside)),
    "what no letter shows": lambda desk, one: correct(desk, one[0], purpose="配送"),
}


@pytest.mark.parametrize("name", NOTHING)
def test_an_answer_that_differs_by_exclusions_alone_is_not_submitted(name: str, desk: Desk) -> None:
    again(desk, NOTHING[name], sent(desk)).decided()
    before = desk.state
    assert desk.replies.flags(before) == ()
    with pytest.raises(NothingToSupplementError):
        desk.submitted()
    assert (desk.state, desk.replies.flags(before)) == (before, ())
    assert desk.do(Close()).state.status == CaseStatus.CLOSED
    assert len(desk.state.replies) == 1


CHANGES: dict[str, Happens] = {
    "a statutory value": lambda desk, one: correct(desk, one[0], items=["氏名"]),
    "a record that was not": lambda desk, one: retract(desk, one[0]),
    "a record that came late": lambda desk, _: late(desk.inside),
    "identifiers that come together": lambda desk, _: link(desk),
}


@pytest.mark.parametrize("name", CHANGES)
def test_an_answer_is_supplemented_whenever_it_has_the_flag(name: str, desk: Desk) -> None:
    streams = sent(desk)
    desk.later(days=3)
    CHANGES[name](desk, streams)
    # What is excluded besides is in no letter, whatever the letter is made for.
    desk.exclude(streams[2])
    desk.inside.follow()
    assert desk.replies.flags(desk.state) == ("REOPENED",)
    found = desk.reopened("記録が訂正されたためです。").searched()
    assert streams[2] not in found.received
    told = letter(desk.decided().sent().json)
    assert told["content"]["kind"] == "SUPPLEMENT"
    assert desk.state.replies[-1].supplementary


def test_the_records_of_another_identifier_are_supplemented(desk: Desk) -> None:
    streams = sent(desk)
    again(desk, NOTHING["an exclusion"], streams, MEMBER, EMAIL)
    assert desk.decided().sent().pdf


def test_another_identifier_without_records_is_no_way_around(desk: Desk) -> None:
    again(desk, NOTHING["an exclusion"], sent(desk), MEMBER, THIRD).decided()
    with pytest.raises(NothingToSupplementError):
        desk.submitted()


def test_what_is_lifted_since_is_left_to_a_new_request(desk: Desk) -> None:
    streams = recorded(desk.inside)
    desk.exclude(streams[1])
    desk.verified().searched()
    desk.decided().sent()
    again(desk, lambda desk, one: desk.lift(one[1]), streams).decided()
    with pytest.raises(NothingToSupplementError):
        desk.submitted()


def test_where_nobody_can_tell_any_more_what_was_left_out_nothing_is_told_either(
    desk: Desk,
) -> None:
    again(desk, NOTHING["an exclusion"], sent(desk)).decided()

    def dead(case: UUID, position: int) -> None:
        """A review dies up to a month before its case."""
        del case, position

    inner = desk.inside.house
    records, received = RecordFinder(inner.histories, inner.streams), inner.quarantine().received
    since = Since(records, inner.streams, dead, received, inner.names)
    assert since.adds_nothing(desk.state, desk.replies.found(desk.state))


# -- another decision on the same records --------------------------------------------------------


def test_another_decision_is_another_answer(desk: Desk) -> None:
    first, second, _ = sent(desk)
    desk.reopened("決定の誤り").searched()
    desk.decided([part(first, "COUNTERPARTY")]).sent()
    desk.reopened("決定の誤り").searched()
    desk.decided([part(second, "COUNTERPARTY")]).sent()
    desk.reopened("決定の誤り").searched()
    desk.decided([part(second, "COUNTERPARTY")])
    with pytest.raises(NothingToSupplementError):
        desk.submitted()
    desk.decided([whole(second)]).sent()
    desk.reopened("理由の誤り").searched()
    desk.decided([whole(second)])
    with pytest.raises(NothingToSupplementError):
        desk.submitted()
    desk.decided([whole(second, reason="他の理由によるためです。")]).sent()
    desk.reopened("方法の誤り").searched()
    desk.decided(
        [whole(second, reason="他の理由によるためです。")],
        medium="electronic",
        medium_reason="大部のため",
    ).sent()
    assert len(desk.state.replies) == 6


def test_what_was_withheld_and_is_excluded_since_is_withheld_as_it_was(desk: Desk) -> None:
    first, second, third = recorded(desk.inside)
    desk.verified().searched()
    desk.decided([whole(first), part(second, "COUNTERPARTY")]).sent()
    desk.exclude(first, second)
    desk.reopened("確認").searched()
    desk.decided()
    with pytest.raises(NothingToSupplementError):
        desk.submitted()
    # Nothing is left to decide otherwise but the third, and that is another answer.
    assert desk.decided([whole(third)]).sent().pdf


def test_another_address_and_another_form_of_a_character_are_another_letter(desk: Desk) -> None:
    desk.inside.record("t-1", data(counterparty=party("\ue000城商店")))
    desk.verified().searched()
    desk.decided().do(print_as(desk, "葛")).sent()
    desk.reopened("宛先の誤り")
    elsewhere = {"address": ADDRESS.replace("1-1-1", "1-1-2")}
    steps = (Resubmit(day_in_japan(desk.inside.now), form=elsewhere), CheckDocuments(GOOD))
    desk.do(*steps, Verify()).searched()
    assert desk.decided().sent().pdf
    desk.reopened("字体の誤り").searched()
    desk.decided()
    with pytest.raises(NothingToSupplementError):
        desk.submitted()
    assert desk.do(print_as(desk, "蔦")).sent().pdf


def print_as(desk: Desk, printed: str) -> PrintAs:
    """The choice of what is printed for a character that no font has, as the door makes it."""
    desk.inside.follow()
    chosen = Substitute("\ue000", printed, "送信元の担当者に電話で確認した")
    return desk.replies.print_as(desk.state, [chosen], desk.inside.now)


def test_what_the_post_brought_back_is_no_reply_to_compare_with(desk: Desk) -> None:
    sent(desk)
    today = day_in_japan(desk.inside.now)
    desk.do(Return(today, "unknown_address"), CheckDocuments(GOOD), Verify()).searched()
    assert desk.decided().sent().pdf
    desk.do(Return(today, "unknown_address"))
    assert desk.state.held is None
