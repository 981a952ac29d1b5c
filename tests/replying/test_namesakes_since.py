"""Somebody of the same name whose record comes between the search and the post."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from api.resources.cases.schemas.replies import Principal
from api.resources.cases.search.scope import PersonSearch
from api.resources.cases.search.search import records_identified
from ledger.cases.case import CaseStatus
from ledger.cases.events.case import CaseDecided, PointAnswered
from ledger.cases.refusals import StaleApprovalError
from ledger.cases.steps import SendBack
from ledger.clock import day_in_japan
from ledger.commands import LinkIdentifiers, RenamePrincipal
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import MalformedError, NamesOutdatedError
from ledger.values import PrincipalRef
from projections.rebuild import rebuild
from tests.ledger.case_given import APPROVER
from tests.ledger.given import ACTOR, data
from tests.projections.test_names import rotated
from tests.replying.desk import ABSENT, FORM, MEMBER, NAME, Desk
from tests.replying.test_exclusions_since import change
from tests.replying.test_flags import before, flags

KANA, FORMER = "タカハシ サキミ", "見本 﨑美"
SAKE, OTHER = PrincipalRef("member", "P7"), PrincipalRef("email", "p7@example.jp")
REASON = "会員登録の生年月日が異なる"


def searched(desk: Desk, *left_out: PrincipalRef, **said: object) -> Desk:
    """Search as the door does, by the names too; nobody is the person, unless `said` has it."""
    as_of = desk.inside.follow()
    inner = desk.inside
    where = PersonSearch(inner.ledger, desk.state, as_of, desk.replies, inner.house.names)
    body: dict[str, Any] = {
        "tried": [_ref(MEMBER), _ref(ABSENT)],
        "evidence": "該当なし",
        "former_names": [FORMER],
        "left_out": [{"identifier": _ref(one), "because": REASON} for one in left_out],
        **said,
    }
    return desk.do(records_identified(Principal.model_validate(body), where))


def _ref(one: PrincipalRef) -> dict[str, str]:
    return {"scheme": one.scheme, "id": one.id}


def verified(desk: Desk) -> Desk:
    desk.inside.record("t-0", data("P9"))
    return desk.verified(form={**FORM, "name_kana": KANA})


def come(
    desk: Desk, who: PrincipalRef = SAKE, name: str | None = NAME, mark: int = 0, **changes: object
) -> UUID:
    """A record of somebody of that name, made before the search unless it says otherwise."""
    named = {} if name is None else {"name": name}
    day = before(desk)
    content = data(
        principals=[{**_ref(who), **named}],
        **{"transferred_on": day, "recorded_on": day, **changes},
    )
    return desk.inside.record(f"t-{random_uuid()}", content, mark).transfer


def link(desk: Desk, a: PrincipalRef, b: PrincipalRef) -> None:
    command = LinkIdentifiers(random_uuid(), ACTOR, a, b, "登録")
    desk.inside.ledger.link(command, desk.inside.now)


def rename(desk: Desk) -> None:
    command = RenamePrincipal(random_uuid(), ACTOR, SAKE, FORMER)
    desk.inside.ledger.direct(command, desk.inside.now)


def bear(desk: Desk) -> None:
    """Of somebody of the name a transfer is recorded that nobody asks for: it is no provision."""
    content = data(principals=[{**_ref(SAKE), "name": NAME}], basis="exempt_27_1_i")
    desk.inside.record("t-bear", content)


def nameless(desk: Desk, who: PrincipalRef) -> None:
    desk.inside.record("t-nameless", data(principals=[_ref(who)]))


def later(desk: Desk) -> None:
    """A transfer of two days after the search."""
    desk.later(days=2)
    today = day_in_japan(desk.inside.now).isoformat()
    come(desk, transferred_on=today, recorded_on=today)


def lifted_since(desk: Desk) -> None:
    record = come(desk)
    desk.exclude(record)
    desk.later(days=1)
    desk.lift(record)


# -- what makes the search one of before ---------------------------------------------------------


def test_a_late_record_of_a_namesake_asks_for_another_search_before_the_decision(
    desk: Desk,
) -> None:
    searched(verified(desk))
    assert desk.state.status == CaseStatus.REVIEW
    desk.inside.follow()
    desk.replies.unchanged(desk.state)
    come(desk)
    desk.inside.follow()
    with pytest.raises(StaleApprovalError):
        desk.replies.unchanged(desk.state)
    with pytest.raises(MalformedError) as refused:
        searched(desk)
    assert [one.code for one in refused.value.defects] == ["CANDIDATE_NOT_DECIDED"]
    searched(desk, SAKE)
    desk.inside.follow()
    desk.replies.unchanged(desk.state)
    assert desk.decided().sent().pdf


def test_a_late_record_of_a_namesake_voids_the_decision_until_the_letter_is_in_the_post(
    desk: Desk,
) -> None:
    searched(verified(desk)).decided()
    come(desk)
    assert flags(desk) == {"DECISION_VOID"}
    with pytest.raises(StaleApprovalError):
        desk.submitted()
    searched(desk, SAKE).decided().submitted()
    assert flags(desk) == set()
    other = PrincipalRef("member", "P8")
    come(desk, other)
    desk.inside.follow()
    assert not desk.replies.still_reads(desk.state)
    with pytest.raises(StaleApprovalError):
        desk.approval()
    searched(desk.do(SendBack("同名の方の記録"), by=APPROVER), SAKE, other).decided().approved()
    come(desk, PrincipalRef("member", "P6"))
    assert flags(desk) == {"DECISION_VOID"}
    with pytest.raises(StaleApprovalError):
        desk.posted()
    # It had left the house: that is put down, and the reply reads as it did.
    desk.posted(already_posted=True)
    assert flags(desk) == set()
    come(desk, PrincipalRef("member", "P5"))
    assert flags(desk) == set()


NEW: dict[str, tuple[Callable[[Desk], object], Callable[[Desk], object]]] = {
    # what is recorded before the search · what happens after it
    "the kana": (lambda _: None, lambda desk: come(desk, name=KANA)),
    "a former name": (lambda _: None, lambda desk: come(desk, name="見本﨑美")),
    "another spelling": (lambda _: None, lambda desk: come(desk, name="高橋　崎美")),
    "a bearer without records that are asked for": (
        bear,
        lambda desk: come(desk, name=None),
    ),
    "a bearer's other identifier": (
        lambda desk: (bear(desk), link(desk, SAKE, OTHER)),
        lambda desk: come(desk, OTHER, name=None),
    ),
    "an identifier that is linked": (
        lambda desk: (bear(desk), nameless(desk, OTHER)),
        lambda desk: link(desk, SAKE, OTHER),
    ),
    "a name that is taken": (lambda desk: nameless(desk, SAKE), rename),
    "a record beside one of after the search": (
        lambda _: None,
        lambda desk: (later(desk), come(desk)),
    ),
}


@pytest.mark.parametrize("name", NEW)
def test_whoever_is_found_by_a_name_only_now_voids_the_decision(name: str, desk: Desk) -> None:
    earlier, since = NEW[name]
    verified(desk)
    earlier(desk)
    searched(desk).decided()
    assert flags(desk) == set()
    since(desk)
    assert flags(desk) == {"DECISION_VOID"}


def test_one_more_of_very_many_is_seen_too(desk: Desk) -> None:
    verified(desk)
    many = [{"scheme": "member", "id": f"N{n:03}", "name": NAME} for n in range(52)]
    desk.inside.record("t-many", data(principals=many))
    found = desk.inside.house.names.called(NAME, desk.inside.follow(), 50)
    assert found.more
    searched(desk, *found.identifiers, others_left_out="住所で絞り込んだ").decided()
    assert flags(desk) == set()
    for one in ("N000", "N051"):
        come(desk, PrincipalRef("member", one))  # decided on, by a reason or among the others
    assert flags(desk) == set()
    come(desk)
    assert flags(desk) == {"DECISION_VOID"}


# -- what changes nothing ------------------------------------------------------------------------

NOTHING: dict[str, Callable[[Desk], object]] = {
    "a transfer of after the search": later,
    "one of the day of the search, after it": lambda desk: come(
        desk, transferred_on=before(desk, 0), recorded_on=before(desk, 0)
    ),
    "another name": lambda desk: come(desk, name="見本 花子"),
    "no provision": lambda desk: come(desk, basis="exempt_27_1_i"),
    "a record of who was left out": lambda desk: come(desk, PrincipalRef("member", "P4")),
    "a second name of who was left out": lambda desk: come(
        desk, PrincipalRef("member", "P4"), name=KANA
    ),
    "a record with a mark": lambda desk: come(desk, mark=2),
    "one that is excluded": lambda desk: desk.exclude(come(desk)),
    "one that is excluded for its person": lambda desk: change(desk, come(desk), SAKE, lift=False),
    "one that is excluded and lifted": lifted_since,
}


@pytest.mark.parametrize("name", NOTHING)
def test_what_is_of_no_person_to_be_decided_on_changes_nothing(name: str, desk: Desk) -> None:
    verified(desk)
    left_out = PrincipalRef("member", "P4")
    desk.inside.record("t-4", data(principals=[{**_ref(left_out), "name": NAME}]))
    searched(desk, left_out).decided()
    NOTHING[name](desk)
    assert flags(desk) == set()
    assert desk.sent().pdf


def test_a_namesake_hidden_at_the_search_moves_nothing_when_they_are_shown_again(
    desk: Desk,
) -> None:
    verified(desk)
    hidden = desk.inside.record("t-7", data(principals=[{**_ref(SAKE), "name": NAME}])).transfer
    change(desk, hidden, SAKE, lift=False)
    searched(desk)
    desk.later(days=1)
    change(desk, hidden, SAKE, lift=True)
    link(desk, SAKE, OTHER)
    desk.inside.follow()
    desk.replies.unchanged(desk.state)
    desk.decided()
    assert flags(desk) == set()
    assert desk.sent().pdf


def test_without_names_in_the_index_nothing_goes_out_and_no_flag_is_raised(desk: Desk) -> None:
    searched(verified(desk)).decided()
    with rotated(desk.inside):
        assert flags(desk) == set()
        with pytest.raises(NamesOutdatedError):
            desk.submitted()
        rebuild(desk.inside.house.follower(), desk.inside.connection)
        come(desk)
        assert flags(desk) == {"DECISION_VOID"}


def test_a_reply_with_records_is_incomplete_without_the_namesake_too(desk: Desk) -> None:
    verified(desk)
    desk.inside.record("t-1", data(MEMBER.id))
    searched(desk, identifiers=[_ref(MEMBER)], tried=[]).decided()
    assert flags(desk) == set()
    desk.later(seconds=int(timedelta(days=2).total_seconds()))
    come(desk)
    assert flags(desk) == {"DECISION_VOID"}


@pytest.mark.parametrize("old", ["unsearched", "contradicted"])
def test_a_denial_of_before_that_rests_on_less_than_is_asked_now_does_not_go_out(
    desk: Desk, old: str
) -> None:
    searched(verified(desk)).decided().approved()
    desk.inside.follow()
    state = desk.state
    assert desk.replies.still_reads(state)
    search, decision = state.search, state.decision
    assert search is not None
    assert isinstance(decision, CaseDecided)
    assert decision.outcome == "not_exist"
    bears = PointAnswered("quarantine", b"", 1, ("x",), influence=True, because="修復待ち")
    before = {
        "unsearched": replace(state, search=replace(search, names_searched=None)),
        "contradicted": replace(state, decision=replace(decision, points=(bears,))),
    }[old]
    assert not desk.replies.still_reads(before)
    assert desk.replies.flags(before) == ("DECISION_VOID",)
    assert desk.replies.approved(before)[0] is None
