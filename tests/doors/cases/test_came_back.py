"""Which letter the post brings back, and what follows for a stop that no other letter tells."""

import pytest

from tests.canary import NAME
from tests.doors.cases.desk import Case, today
from tests.doors.cases.test_measures import known, taken
from tests.doors.cases.test_nothing_to_supplement import WHY, approved, found
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.samples import provision


def back() -> dict[str, str]:
    return {"returned_on": today(), "reason": "not_collected"}


SECOND = "123-45-67890-2"


def correct(corridor: Corridor, case: Case, record: str) -> None:
    """The record reads otherwise, and the read side knows."""
    change = {"changes": {"items": ["氏名", "住所"]}, "reason": "項目の誤り"}
    corridor.officer(f"/v1/transfers/{record}/corrections", change)
    [who] = case.read()["application"]["identifiers"]
    corridor.history((who["scheme"], who["id"]))


def posted(case: Case) -> Case:
    return case.do("submit").approve().dispatch(item_number=SECOND)


@pytest.mark.parametrize("comes_back", ["first", "then"])
def test_no_stop_is_left_behind_that_no_letter_told_because_one_came_back(
    corridor: Corridor, comes_back: str
) -> None:
    who = {"scheme": "member", "id": f"CNRY-{fresh_id()}"}
    corridor.record(provision(principals=[{**who, "name": NAME}]))
    case = known(corridor, who).do("measures", {"outcome": "not_taken", "reason": "理由がない"})
    case.do("submit").approve().dispatch()
    if comes_back == "first":
        case.do("returned-mail", back())
    case.do("reopen", WHY).do("person", {"identifiers": [who], "evidence": "会員番号が一致"})
    case.do("measures", taken("provision_stopped")).do("submit").approve()
    case.do("return", {"reason": "決定の誤り"})
    if comes_back == "then":
        case.do("returned-mail", back())
    answer = case.ask("close")
    assert (answer.status, answer.code) == (409, "STOP_STANDS")


def first_back() -> dict[str, object]:
    return {**back(), "reply": 1}


def two_out(corridor: Corridor) -> Case:
    """A reply, and a supplement to it, both in the post."""
    case, record = approved(corridor)
    case.dispatch().do("delivery", {"delivered_on": today()})
    correct(corridor, case, record)
    return posted(found(case.do("reopen", WHY)).do("decisions", {}))


def returned(case: Case) -> list[object]:
    return [one["returned"] for one in case.read()["replies"]]


def test_the_desk_says_which_letter_came_back(corridor: Corridor) -> None:
    case = two_out(corridor)
    case.do("returned-mail", first_back())
    assert (case.status, returned(case)) == ("dispatched", ["not_collected", None])
    assert case.read()["flags"] == ["SUPERSEDED"]
    assert case.read()["replies"][0]["delivered_on"] is None
    again = case.ask("returned-mail", first_back())
    assert (again.status, again.errors) == (422, {"/reply": "REPLY_CAME_BACK"})
    japanese = case.ask("returned-mail", first_back(), Accept_Language="ja")
    assert "すでに登録されています" in japanese.text
    case.do("delivery", {"delivered_on": today()})
    assert case.status == "closed"
