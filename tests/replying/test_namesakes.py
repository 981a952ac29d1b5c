"""Somebody of the same name, or a rejected item, that comes between the search and the post."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from api.case_replies.points import UNREADABLE
from api.resources.cases.schemas.replies import Principal
from api.resources.cases.search.scope import PersonSearch
from api.resources.cases.search.search import records_identified
from ledger.cases.case import CaseStatus
from ledger.cases.events.case import CaseDecided, PointAnswered
from ledger.cases.points import QUARANTINE, CasePoint, PointAnswer
from ledger.cases.refusals import StaleApprovalError
from ledger.cases.steps import SendBack
from ledger.commands import RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import Defect, MalformedError, NamesOutdatedError
from ledger.quarantine.item_text import VALUES_MAX
from ledger.quarantine.service import MalformedItem
from ledger.values import CheckedTransfer, PrincipalRef
from projections.rebuild import rebuild
from tests.ledger.case_given import APPROVER
from tests.ledger.given import ACTOR, SOURCE, data
from tests.projections.test_names import rotated
from tests.replying.desk import ABSENT, FORM, MEMBER, NAME, Desk

KANA, FORMER = "タカハシ サキミ", "見本 﨑美"
SAKE, OTHER = PrincipalRef("member", "P7"), PrincipalRef("email", "p7@example.jp")
LEFT_OUT = PrincipalRef("member", "P4")
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
    desk.record(PrincipalRef("member", "P9"))
    return desk.verified(form={**FORM, "name_kana": KANA})


def named(who: PrincipalRef, name: str = NAME) -> list[dict[str, str]]:
    return [{**_ref(who), "name": name}]


def come(desk: Desk, who: PrincipalRef = SAKE, name: str = NAME, **changes: Any) -> UUID:  # noqa: ANN401 -- JSON
    """A record of somebody of that name, made before the search unless it says otherwise."""
    members: dict[str, Any] = {"principals": named(who, name), **changes}
    return desk.late(**members)


def bear(desk: Desk) -> UUID:
    """Of somebody of the name a transfer is recorded that nobody asks for: it is no provision."""
    return desk.record(principals=named(SAKE), basis="exempt_27_1_i")


# -- what makes the search one of before -------------------------------------------------------


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
    assert desk.flags() == {"DECISION_VOID"}
    with pytest.raises(StaleApprovalError):
        desk.submitted()
    searched(desk, SAKE).decided().submitted()
    assert desk.flags() == set()
    other = PrincipalRef("member", "P8")
    come(desk, other)
    desk.inside.follow()
    assert not desk.replies.still_reads(desk.state)
    with pytest.raises(StaleApprovalError):
        desk.approval()
    searched(desk.do(SendBack("同名の方の記録"), by=APPROVER), SAKE, other).decided().approved()
    come(desk, PrincipalRef("member", "P6"))
    assert desk.flags() == {"DECISION_VOID"}
    with pytest.raises(StaleApprovalError):
        desk.posted()
    # It had left the house: that is put down, and the reply reads as it did.
    desk.posted(already_posted=True)
    assert desk.flags() == set()
    come(desk, PrincipalRef("member", "P5"))
    assert desk.flags() == set()


def after(desk: Desk) -> None:
    """A transfer of two days after the search."""
    desk.later(days=2)
    desk.today(principals=named(PrincipalRef("member", "P70")))


NEW: dict[str, tuple[Callable[[Desk], object], Callable[[Desk], object]]] = {
    # what is recorded before the search · what happens after it
    "the kana": (lambda _: None, lambda desk: come(desk, name=KANA)),
    "a former name": (lambda _: None, lambda desk: come(desk, name="見本﨑美")),
    "another spelling": (lambda _: None, lambda desk: come(desk, name="高橋　崎美")),
    "a bearer without records that are asked for": (bear, lambda desk: desk.late(SAKE)),
    "a bearer's other identifier": (
        lambda desk: (bear(desk), desk.link(SAKE, OTHER)),
        lambda desk: desk.late(OTHER),
    ),
    "an identifier that is linked": (
        lambda desk: (bear(desk), desk.record(OTHER)),
        lambda desk: desk.link(SAKE, OTHER),
    ),
    "a name that is taken": (
        lambda desk: desk.record(SAKE),
        lambda desk: desk.rename(FORMER, SAKE),
    ),
    "a record beside one of after the search": (
        lambda _: None,
        lambda desk: (after(desk), come(desk)),
    ),
}


@pytest.mark.parametrize("name", NEW)
def test_whoever_is_found_by_a_name_only_now_voids_the_decision(name: str, desk: Desk) -> None:
    earlier, since = NEW[name]
    verified(desk)
    earlier(desk)
    searched(desk).decided()
    assert desk.flags() == set()
    since(desk)
    assert desk.flags() == {"DECISION_VOID"}


def test_one_more_of_very_many_is_seen_too_with_records_as_without(desk: Desk) -> None:
    verified(desk)
    desk.record()
    many = [{"scheme": "member", "id": f"N{n:03}", "name": NAME} for n in range(52)]
    desk.record(principals=many)
    found = desk.inside.house.names.called(NAME, desk.inside.follow(), 50)
    assert found.more
    said: dict[str, Any] = {"identifiers": [_ref(MEMBER)], "tried": []}
    searched(desk, *found.identifiers, others_left_out="住所で絞り込んだ", **said).decided()
    for one in ("N000", "N051"):
        come(desk, PrincipalRef("member", one))  # decided on, by a reason or among the others
    assert desk.flags() == set()
    come(desk)
    assert desk.flags() == {"DECISION_VOID"}


# -- what changes nothing ----------------------------------------------------------------------


def lifted_since(desk: Desk) -> None:
    record = come(desk, PrincipalRef("member", "P79"))
    desk.exclude(record)
    desk.later(days=1)
    desk.lift(record)


def hidden(desk: Desk) -> None:
    who = PrincipalRef("member", "P75")
    desk.hide(come(desk, who), who)


NOTHING: dict[str, Callable[[Desk], object]] = {
    "one of the day of the search, after it": lambda desk: come(
        desk, PrincipalRef("member", "P71"), **desk_days(desk)
    ),
    "another name": lambda desk: come(desk, PrincipalRef("member", "P72"), "見本 花子"),
    "no provision": lambda desk: come(desk, PrincipalRef("member", "P73"), basis="exempt_27_1_i"),
    "a record of who was left out": lambda desk: come(desk, LEFT_OUT),
    "a second name of who was left out": lambda desk: come(desk, LEFT_OUT, KANA),
    "a record with a mark": lambda desk: come(desk, PrincipalRef("member", "P74"), mark=2),
    "one that is excluded for its person": hidden,
    "one that is excluded": lambda desk: desk.exclude(come(desk, PrincipalRef("member", "P76"))),
    "one that is excluded and lifted": lifted_since,
    "a transfer of after the search": after,
}


def desk_days(desk: Desk, before: int = 0) -> dict[str, Any]:
    at = desk.state.searched_at
    assert at is not None
    day = (at.date() - timedelta(days=before)).isoformat()
    return {"transferred_on": day, "recorded_on": day}


def test_what_is_of_no_person_to_be_decided_on_changes_nothing(desk: Desk) -> None:
    verified(desk)
    desk.record(principals=named(LEFT_OUT))
    before = desk.record(principals=named(SAKE))
    desk.hide(before, SAKE)
    searched(desk, LEFT_OUT).decided()
    for name, act in NOTHING.items():
        act(desk)
        assert desk.flags() == set(), name
    # Nor does one who was hidden at the search, when they are shown again.
    desk.hide(before, SAKE, lift=True)
    desk.link(SAKE, OTHER)
    desk.inside.follow()
    desk.replies.unchanged(desk.state)
    assert desk.flags() == set()
    assert desk.sent().pdf


def test_without_names_in_the_index_nothing_goes_out_and_no_flag_is_raised(desk: Desk) -> None:
    searched(verified(desk)).decided()
    with rotated(desk.inside):
        assert desk.flags() == set()
        with pytest.raises(NamesOutdatedError):
            desk.submitted()
        rebuild(desk.inside.house.follower(), desk.inside.connection)
        come(desk)
        assert desk.flags() == {"DECISION_VOID"}


def test_a_denial_of_before_that_rests_on_less_than_is_asked_now_does_not_go_out(
    desk: Desk,
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
    for before in (
        replace(state, search=replace(search, names_searched=None)),
        replace(state, decision=replace(decision, points=(bears,))),
    ):
        assert not desk.replies.still_reads(before)
        assert desk.replies.flags(before) == ("DECISION_VOID",)
        assert desk.replies.approved(before)[0] is None


def test_a_form_that_names_nobody_is_searched_by_the_name_that_the_officer_gives(
    desk: Desk,
) -> None:
    desk.record(principals=named(SAKE))
    desk.verified(form={**FORM, "name": "・", "name_kana": "ー"})
    for former, code in (([], "NAMES_NOT_SEARCHED"), (["・"], "SCHEMA"), ([NAME, "-"], "SCHEMA")):
        with pytest.raises(MalformedError) as refused:
            searched(desk, former_names=former)
        assert [one.code for one in refused.value.defects] == [code]
    with pytest.raises(MalformedError) as refused:
        searched(desk, former_names=[NAME])
    assert [one.code for one in refused.value.defects] == ["CANDIDATE_NOT_DECIDED"]
    searched(desk, SAKE, former_names=[NAME]).decided()
    assert desk.state.search is not None
    assert desk.state.search.names_searched == (NAME,)


# -- rejected items of the person --------------------------------------------------------------


def rejected(desk: Desk, **person: str) -> None:
    reject(desk, {"source": "crm", "id": "t-1", "data": {"principals": [person]}})


def reject(desk: Desk, item: dict[str, Any]) -> None:
    defect = Defect("/data/principals/0", "INVISIBLE_CHARACTER", "unseen")
    desk.inside.house.quarantine().keep([MalformedItem(item, "crm", (defect,))], desk.inside.now)
    desk.inside.follow()


def test_no_denial_goes_out_beside_an_item_that_nobody_has_looked_at(desk: Desk) -> None:
    searched(verified(desk)).decided().approved()
    rejected(desk, scheme="member", id="P9")
    assert desk.replies.approved(desk.state)[0] is not None, "it is somebody else's"
    rejected(desk, **_ref(MEMBER))
    assert not desk.replies.still_reads(desk.state)
    with pytest.raises(StaleApprovalError):
        desk.posted()
    assert desk.posted(already_posted=True).pdf, "it had left the house"


LINE: Final = {"line": '{"source":"crm","id":"t-2","da'}
LARGE: Final = {"data": [0] * (VALUES_MAX + 1)}
INCOMPARABLE: Final = pytest.mark.parametrize("item", [LINE, LARGE], ids=["line", "large"])


def points(desk: Desk) -> list[CasePoint]:
    return [
        one.point for one in desk.replies.points(desk.state, desk.replies.find_records(desk.state))
    ]


@INCOMPARABLE
def test_no_denial_is_decided_beside_what_can_be_compared_with_nobody(
    desk: Desk, item: dict[str, Any]
) -> None:
    searched(verified(desk))
    reject(desk, {"source": "crm", "id": "t-1", "order_11": "i", "data": _ref(MEMBER)})
    assert points(desk) == [], "of what is marked and can be read nothing is told"
    desk.later(seconds=1)
    reject(desk, item)
    told = points(desk)
    assert told == [CasePoint(QUARANTINE, (UNREADABLE,))], "before the search or since it"
    with pytest.raises(MalformedError) as refused:
        desk.decided(points=told)
    assert [one.code for one in refused.value.defects] == ["POINT_NOT_ANSWERED"]
    answer = PointAnswer(influence=False, because="他の会員の送信と判明した")
    desk.decided(points=told, answers={QUARANTINE: answer})
    for another in (LINE, LARGE):
        reject(desk, {**another, "n": 2})
        assert points(desk) == told
    desk.replies.check_points(desk.state)
    desk.approved()
    desk.inside.follow()
    assert desk.replies.still_reads(desk.state)
    assert desk.posted().pdf


@INCOMPARABLE
def test_a_denial_waits_for_what_nobody_answered_before_it(
    desk: Desk, item: dict[str, Any]
) -> None:
    searched(verified(desk))
    reject(desk, item)
    desk.decided().approved()
    with pytest.raises(StaleApprovalError):
        desk.replies.check_points(desk.state)
    assert not desk.replies.still_reads(desk.state)
    with pytest.raises(StaleApprovalError):
        desk.posted()


@INCOMPARABLE
def test_what_came_after_the_decision_and_can_be_compared_with_nobody_is_later_than_it(
    desk: Desk, item: dict[str, Any]
) -> None:
    searched(verified(desk)).decided()
    desk.later(seconds=1)
    reject(desk, item)
    desk.replies.check_points(desk.state)
    desk.approved()
    desk.inside.follow()
    assert desk.replies.still_reads(desk.state)
    rejected(desk, **_ref(MEMBER))
    assert not desk.replies.still_reads(desk.state), "one that names the person is not"


def test_an_answer_with_records_goes_out_without_delay(desk: Desk) -> None:
    verified(desk)
    desk.record()
    desk.searched()
    desk.decided().approved()
    rejected(desk, **_ref(MEMBER))
    assert desk.replies.still_reads(desk.state)
    assert desk.posted().pdf


# -- characters that no reader sees, in ledgers and rejected items of before they were refused ---

HIDDEN = ("\u200b", "\u00ad", "\u3164", "\u200d")


def test_records_under_what_no_reader_sees_are_named_once_the_name_finds_them(desk: Desk) -> None:
    twins = [{"scheme": "member", "id": f"{MEMBER.id}{one}"} for one in HIDDEN]
    for twin in twins:
        old = CheckedTransfer(data(principals=[{**twin, "name": NAME}]))
        desk.inside.send([RecordTransfer(random_uuid(), ACTOR, SOURCE, ascii(twin["id"]), old)])
    desk.verified()
    searched(desk, identifiers=twins, tried=[_ref(MEMBER)])
    assert desk.state.status == CaseStatus.REVIEW
    assert desk.state.search is not None
    assert desk.state.search.provided == len(HIDDEN)
    assert desk.decided().state.decision is not None


def test_an_item_that_was_rejected_for_what_no_reader_sees_is_a_point_of_the_person(
    desk: Desk,
) -> None:
    desk.record(PrincipalRef("member", "P9"))
    # A form whose name holds what no reader sees finds who bears it without.
    desk.record(principals=named(SAKE))
    searched(desk.verified(form={**FORM, "name": f"{NAME}{HIDDEN[0]}"}), SAKE)
    assert desk.state.search is not None
    assert [one.identifier for one in desk.state.search.left_out or ()] == [SAKE]
    count = 0
    for hidden in (*HIDDEN, "\u200e", "\u202a", "\x7f"):
        for own in ({"id": f"P{hidden}1"}, {"name": NAME.replace(" ", hidden)}):
            found = desk.replies.points(desk.state, desk.replies.find_records(desk.state))
            kinds = [(one.point.kind, len(one.point.subjects)) for one in found]
            assert kinds == ([(QUARANTINE, count)] if count else []), ascii((hidden, own))
            rejected(desk, **{"scheme": "member", "id": "P8", "name": "見本 花子", **own})
            count += 1
