"""Late facts of who is found by a name or in another spelling, beside a denial in preparation.

Whoever had no record at the search was nobody to decide on, and may have one by what arrived late.
"""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import pytest

from ledger.cases.points import REASSESSMENT
from ledger.cases.refusals import StaleApprovalError
from ledger.commands import LinkIdentifiers
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import MalformedError
from ledger.values import PrincipalRef
from tests.ledger.given import ACTOR
from tests.ledger.older import first_reading, only_seen
from tests.projections.test_names import rotated
from tests.replying.desk import MEMBER, NAME, Desk
from tests.replying.test_late_facts import (
    NONE,
    SOME,
    TOLD,
    act_on_the_list,
    judged,
    points,
    publish,
    refused,
    shared,
    withdraw,
)
from tests.replying.test_namesakes import KANA, SAKE, named, searched, verified
from tests.replying.test_spellings import KEPT, tried

TYPED: Final = "Ｐ-20"


def of_a_namesake(desk: Desk) -> UUID:
    return shared(desk, principals=named(SAKE))


FOUND: dict[str, tuple[Callable[[Desk], UUID], Callable[[Desk], object]]] = {
    # the transfer that had not to be recorded · the search that finds its person
    "the name": (of_a_namesake, searched),
    "the kana": (lambda desk: shared(desk, principals=named(SAKE, KANA)), searched),
    "a former name": (lambda desk: shared(desk, principals=named(SAKE, "見本﨑美")), searched),
    "another spelling": (lambda desk: shared(desk, KEPT), lambda desk: tried(desk, TYPED)),
}


@pytest.mark.parametrize("name", FOUND)
def test_nothing_is_said_not_to_exist_beside_a_late_fact_of_who_is_found(
    desk: Desk, name: str
) -> None:
    record, search = FOUND[name]
    publish(desk)
    verified(desk)
    transfer = record(desk)
    withdraw(desk)
    search(desk)
    told = points(desk)
    assert told == [judged(transfer, *TOLD)]
    place = f"/points/{REASSESSMENT}"
    assert refused(desk, told) == [(place, "POINT_NOT_ANSWERED")]
    assert refused(desk, told, reassessment=SOME) == [(f"{place}/influence", "POINT_NOT_RESOLVED")]
    desk.decided(points=told, answers={REASSESSMENT: NONE})
    desk.replies.check_points(desk.state)
    assert desk.approved().posted().pdf


def test_the_officer_reads_that_it_is_of_somebody_who_was_found(desk: Desk) -> None:
    publish(desk)
    own, other = shared(verified(desk)), of_a_namesake(desk)
    withdraw(desk)
    searched(desk)
    desk.inside.follow()
    [point] = desk.replies.points(desk.state, desk.replies.find_records(desk.state))
    assert [one.split()[0] for one in point.point.subjects] == [str(own), str(other)]
    assert ["一致する方の記録" in one for one in point.labels] == [False, True]
    assert NAME not in "".join(point.labels)


def test_a_later_reading_of_the_law_is_a_late_fact_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified(desk)
    with first_reading(monkeypatch):
        item = {**only_seen("P7"), "principals": named(SAKE)}
        transfer = desk.inside.record("t-seen", item).transfer
    searched(desk)
    assert points(desk) == [judged(transfer, "art29", "CONSENT_NOT_OBTAINED")]


def withdrawn(desk: Desk) -> None:
    withdraw(desk)


def named_since(desk: Desk) -> None:
    withdraw(desk)
    desk.rename(NAME, PrincipalRef("member", "P6"))


@pytest.mark.parametrize("late", [withdrawn, named_since])
def test_a_late_fact_after_the_decision_takes_the_denial_back_until_it_is_in_the_post(
    desk: Desk, late: Callable[[Desk], object]
) -> None:
    publish(desk)
    who = SAKE if late is withdrawn else PrincipalRef("member", "P6")
    shared(verified(desk), principals=named(who, NAME if late is withdrawn else "見本 花子"))
    searched(desk)
    assert points(desk) == []
    desk.decided()
    late(desk)
    desk.inside.follow()
    with pytest.raises(StaleApprovalError):
        desk.replies.check_points(desk.state)
    desk.approved()
    assert not desk.replies.still_reads(desk.state)
    with pytest.raises(StaleApprovalError):
        desk.posted()


def test_once_the_list_is_acted_on_the_person_is_a_candidate_to_be_decided_on(desk: Desk) -> None:
    publish(desk)
    of_a_namesake(verified(desk))
    withdraw(desk)
    searched(desk)
    act_on_the_list(desk)
    desk.later(seconds=1)
    with pytest.raises(MalformedError) as error:
        searched(desk)
    assert [one.code for one in error.value.defects] == ["CANDIDATE_NOT_DECIDED"]
    searched(desk, SAKE)
    assert points(desk) == []
    assert desk.decided().sent().json


LINKED: dict[str, PrincipalRef] = {
    # who is linked after the search to an identifier of the transfer
    "somebody of the name, with a voluntary log alone": SAKE,
    "the identifier that was searched": MEMBER,
    "an identifier that was tried": PrincipalRef("member", "P8"),
}


@pytest.mark.parametrize("name", LINKED)
def test_what_is_linked_after_the_search_is_asked_about(desk: Desk, name: str) -> None:
    publish(desk)
    verified(desk)
    desk.record(basis="exempt_27_1_i", consent=None, principals=named(SAKE))
    other = PrincipalRef("email", "sake@example.jp")
    transfer = shared(desk, other)
    withdraw(desk)
    tried(desk, "P8")
    assert points(desk) == []
    desk.decided()
    link = LinkIdentifiers(random_uuid(), ACTOR, LINKED[name], other, "住民票")
    desk.inside.ledger.link(link, desk.inside.now)
    desk.inside.follow()
    with pytest.raises(StaleApprovalError):
        desk.replies.check_points(desk.state)
    assert points(desk) == [judged(transfer, *TOLD)]


NOTHING: dict[str, Callable[[Desk, UUID], object]] = {
    "who is left out with a reason": lambda desk, _: searched(desk, SAKE),
    "who is hidden": lambda desk, one: (desk.hide(one, SAKE), searched(desk)),
    "what is excluded": lambda desk, one: (desk.exclude(one), searched(desk)),
    "somebody of another name": lambda desk, _: searched(desk, former_names=["例示 花子"]),
}


@pytest.mark.parametrize("name", NOTHING)
def test_of_who_is_not_found_or_decided_on_nothing_is_a_point(desk: Desk, name: str) -> None:
    publish(desk)
    verified(desk)
    bears = "見本 﨑美" if name == "somebody of another name" else NAME
    transfer = shared(desk, principals=named(SAKE, bears))
    withdraw(desk)
    NOTHING[name](desk, transfer)
    assert points(desk) == []
    assert desk.decided().sent().pdf


def test_a_namesake_with_a_mark_is_no_point(desk: Desk) -> None:
    publish(desk)
    shared(verified(desk), principals=named(SAKE), mark=2)
    withdraw(desk)
    searched(desk)
    assert points(desk) == []


def test_beside_records_of_the_person_it_is_a_point_and_the_answer_goes_out(desk: Desk) -> None:
    publish(desk)
    verified(desk)
    desk.record()
    transfer = of_a_namesake(desk)
    withdraw(desk)
    ref: dict[str, Any] = {"scheme": MEMBER.scheme, "id": MEMBER.id}
    searched(desk, identifiers=[ref], tried=[])
    told = points(desk)
    assert told == [judged(transfer, *TOLD)]
    desk.decided(points=told, answers={REASSESSMENT: SOME})
    assert desk.sent().pdf


def test_without_names_in_the_index_a_case_is_shown_and_its_denial_stays(desk: Desk) -> None:
    publish(desk)
    of_a_namesake(verified(desk))
    withdraw(desk)
    searched(desk)
    told = points(desk)
    desk.decided(points=told, answers={REASSESSMENT: NONE})
    with rotated(desk.inside):
        assert desk.replies.points(desk.state, desk.replies.find_records(desk.state)) == ()
