"""What has become of the replies of a case since: the flags that a look at it shows."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from ledger.cases.refusals import StaleApprovalError
from ledger.clock import day_in_japan
from ledger.commands import (
    CorrectTransfer,
    LinkIdentifiers,
    RenamePrincipal,
    RetractTransfer,
    UnlinkIdentifiers,
)
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import Json, PrincipalRef
from tests.ledger.given import ACTOR, data
from tests.replying.desk import MEMBER, Desk, part, party, recorded, whole

EMAIL = PrincipalRef("email", "a@example.jp")
Change = Callable[[Desk, tuple[UUID, UUID, UUID]], object]


def flags(desk: Desk) -> set[str]:
    desk.inside.follow()
    return set(desk.replies.flags(desk.state))


def sent(desk: Desk) -> tuple[UUID, UUID, UUID]:
    """A full reply, and the three records on it."""
    streams = recorded(desk.inside)
    desk.verified().searched()
    desk.decided().sent()
    assert flags(desk) == set()
    desk.later(days=3)
    return streams


def correct(desk: Desk, transfer: UUID, **changes: Json) -> None:
    command = CorrectTransfer(random_uuid(), ACTOR, transfer, changes, "誤記")
    desk.inside.ledger.correct(command, desk.inside.now)


def retract(desk: Desk, transfer: UUID, reason: str) -> None:
    gone = RetractTransfer(random_uuid(), ACTOR, transfer, reason)
    desk.inside.ledger.retract(gone, desk.inside.now)


def rename(desk: Desk) -> None:
    command = RenamePrincipal(random_uuid(), ACTOR, MEMBER, "新姓 花子")
    desk.inside.ledger.direct(command, desk.inside.now)


def link(desk: Desk) -> None:
    pair = (MEMBER, EMAIL)
    desk.inside.ledger.link(LinkIdentifiers(random_uuid(), ACTOR, *pair, "登録"), desk.inside.now)


def unlink(desk: Desk) -> None:
    pair = (MEMBER, EMAIL)
    apart = UnlinkIdentifiers(random_uuid(), ACTOR, *pair, "別人")
    desk.inside.ledger.link(apart, desk.inside.now)


def come(desk: Desk, **changes: Json) -> UUID:
    """One more record of the person, of today unless it says otherwise."""
    today = day_in_japan(desk.inside.now).isoformat()
    content = data(
        **{"transferred_on": today, "counterparty": party("川上運輸株式会社"), **changes}
    )
    return desk.inside.record("t-late", content).transfer


def before(desk: Desk, days: int = 1) -> str:
    """So many days before the search."""
    at = desk.state.searched_at
    assert at is not None
    return (day_in_japan(at) - timedelta(days=days)).isoformat()


def late(desk: Desk) -> UUID:
    return come(desk, transferred_on=before(desk), recorded_on=before(desk))


OTHERS = data("P3")["principals"]
SINCE: dict[str, tuple[Change, set[str]]] = {
    "a statutory value": (lambda desk, one: correct(desk, one[0], items=["氏名"]), {"REOPENED"}),
    "what no letter shows": (lambda desk, one: correct(desk, one[0], purpose="配送"), set()),
    "a record that was not": (
        lambda desk, one: retract(desk, one[0], "not_occurred"),
        {"REOPENED"},
    ),
    "a record of somebody else": (
        lambda desk, one: retract(desk, one[0], "other_person"),
        {"REOPENED", "LEAK_ASSESSMENT"},
    ),
    "another person": (
        lambda desk, one: correct(desk, one[0], principals=OTHERS),
        {"REOPENED", "LEAK_ASSESSMENT"},
    ),
    "a later transfer": (lambda desk, _: come(desk), set()),
    "a record that came late": (lambda desk, _: late(desk), {"REOPENED"}),
    "one of the day of the search": (
        lambda desk, _: come(desk, transferred_on=before(desk, 0), recorded_on=before(desk, 0)),
        {"REOPENED"},
    ),
    "one that is excluded": (lambda desk, _: desk.exclude(late(desk)), set()),
    "a new name": (lambda desk, _: rename(desk), set()),
    "an exclusion": (lambda desk, one: desk.exclude(*one), set()),
}


@pytest.mark.parametrize("name", SINCE)
def test_what_is_known_since_raises_these_flags(name: str, desk: Desk) -> None:
    change, expected = SINCE[name]
    change(desk, sent(desk))
    assert flags(desk) == expected


def test_an_exclusion_changes_no_flag_that_stands(desk: Desk) -> None:
    streams = sent(desk)
    correct(desk, streams[0], principals=OTHERS)
    told = flags(desk)
    desk.exclude(streams[0])
    assert flags(desk) == told == {"REOPENED", "LEAK_ASSESSMENT"}
    desk.lift(streams[0])
    assert flags(desk) == told


def test_what_was_excluded_then_and_is_lifted_reopens_nothing(desk: Desk) -> None:
    streams = recorded(desk.inside)
    desk.exclude(streams[1])
    desk.verified().searched()
    desk.decided().sent()
    desk.lift(streams[1])
    assert flags(desk) == set()


def test_a_correction_that_is_taken_back_leaves_no_flag(desk: Desk) -> None:
    streams = sent(desk)
    known = desk.inside.house.streams.transfer_states([streams[0]])[streams[0]].record
    assert known is not None
    items = known.data["items"]
    correct(desk, streams[0], items=["氏名"])
    assert flags(desk) == {"REOPENED"}
    correct(desk, streams[0], items=items)
    assert flags(desk) == set()


def test_what_was_withheld_may_change_unnoticed(desk: Desk) -> None:
    streams = recorded(desk.inside)
    desk.verified().searched()
    desk.decided([whole(streams[0]), part(streams[1], "COUNTERPARTY")]).sent()
    desk.later(days=3)
    correct(desk, streams[0], items=["氏名"])
    correct(desk, streams[1], counterparty=party("川上運輸株式会社"))
    assert flags(desk) == set()
    retract(desk, streams[0], "other_person")
    assert flags(desk) == set()  # nobody was shown it
    correct(desk, streams[1], items=["氏名"])
    assert flags(desk) == {"REOPENED"}


def test_identifiers_that_come_together_reopen_and_those_that_fall_apart_are_assessed(
    desk: Desk,
) -> None:
    own = {"principals": [{"scheme": EMAIL.scheme, "id": EMAIL.id}]}
    desk.inside.record("t-7", data(**own))
    recorded(desk.inside)
    desk.verified().searched()
    desk.decided().sent()
    link(desk)
    assert flags(desk) == {"REOPENED"}
    desk.reopened("別の記録が見つかったため").searched()
    desk.decided().sent()
    assert flags(desk) == {"SUPERSEDED"}
    unlink(desk)
    assert flags(desk) == {"SUPERSEDED", "REOPENED", "LEAK_ASSESSMENT"}


VOID: dict[str, Change] = {
    "a statutory value": SINCE["a statutory value"][0],
    "a record that came late": SINCE["a record that came late"][0],
    "identifiers that come together": lambda desk, _: link(desk),
}


@pytest.mark.parametrize("name", VOID)
def test_a_decision_that_would_read_differently_is_void_and_goes_nowhere(
    name: str, desk: Desk
) -> None:
    desk.inside.record("t-7", data(principals=[{"scheme": EMAIL.scheme, "id": EMAIL.id}]))
    streams = recorded(desk.inside)
    desk.verified().searched()
    desk.decided()
    VOID[name](desk, streams)
    assert flags(desk) == {"DECISION_VOID"}
    with pytest.raises(StaleApprovalError):
        desk.submitted()
    desk.searched()
    desk.decided()
    assert flags(desk) == set()
    assert desk.sent().pdf


def test_what_is_approved_is_void_by_a_record_that_came_late(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified().searched()
    desk.decided().approved()
    late(desk)
    assert flags(desk) == {"DECISION_VOID"}
    with pytest.raises(StaleApprovalError):
        desk.posted()


def test_messages_that_carry_a_collective_record_on_and_end_it_reopen_nothing(desk: Desk) -> None:
    house = desk.inside
    first = day_in_japan(house.now).isoformat()
    collective: dict[str, Json] = {"method": "collective", "series_id": "s-1"}
    days: dict[str, Json] = {"transferred_on": None, "transferred_from": first}
    house.record("s-1", {**data(**collective, **days), "transferred_to": None})
    desk.verified().searched()
    desk.decided().sent()
    desk.later(days=3)
    last = day_in_japan(house.now).isoformat()
    house.record("s-2", data(**collective, transferred_on=last))
    assert flags(desk) == set()
    house.record("s-3", data(**collective, **days, transferred_to=last))
    assert flags(desk) == set()


@pytest.mark.parametrize(
    ("recorded_on", "raised"), [(None, set[str]()), ("day of the search", {"REOPENED"})]
)
def test_a_message_of_another_that_ends_the_record_reopens_if_it_is_of_before_the_search(
    desk: Desk, recorded_on: str | None, raised: set[str]
) -> None:
    house = desk.inside
    first = day_in_japan(house.now).isoformat()
    collective: dict[str, Json] = {"method": "collective", "series_id": "s-1"}
    days: dict[str, Json] = {"transferred_on": None, "transferred_from": first}
    collective |= {"basis": "none", "consent": None}
    house.record("s-1", {**data(**collective, **days), "transferred_to": None})
    desk.verified().searched()
    desk.decided().sent()
    desk.later(days=3)
    last = first if recorded_on else day_in_japan(house.now).isoformat()
    closing = data("P2", **collective, **days, transferred_to=last, recorded_on=last)
    house.record("s-2", closing)
    assert house.page("P1").entries[0].last_day is not None
    assert flags(desk) == raised


def test_what_comes_on_the_day_of_the_search_after_it_is_a_later_transfer(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified().searched()
    desk.decided().sent()
    come(desk)
    assert flags(desk) == set()
    desk.later(days=3)
    assert flags(desk) == set()


def test_a_refusal_and_a_case_without_a_reply_have_no_flags(desk: Desk) -> None:
    recorded(desk.inside)
    desk.verified()
    assert flags(desk) == set()
