"""Which letter the post brought back, through the doors."""

import pytest

from tests.doors.cases.desk import Case, begun, look, today
from tests.doors.cases.test_came_back import back, correct, posted
from tests.doors.cases.test_nothing_to_supplement import WHY, approved, found
from tests.doors.corridor import Corridor


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


@pytest.mark.parametrize("end", ["close", "delivery"])
def test_an_earlier_letter_leaves_a_case_closed_that_a_later_one_answers(
    corridor: Corridor, end: str
) -> None:
    case = two_out(corridor).do(end, {"delivered_on": today()} if end == "delivery" else {})
    double = begun(corridor, identifiers=case.read()["application"]["identifiers"])
    case.do("returned-mail", first_back())
    whole = case.read()
    assert (whole["status"], whole["ended_at"] is None) == ("closed", False)
    assert [one["type"] for one in whole["events"][-2:]] == ["case-returned", "case-closed"]
    assert case.next == ["returned-mail", "reopen"]
    # Somebody holds the later one, so a double goes on here; until that comes back, too.
    double.do("entry-mistake", {"cause": "double", "reason": "二重", "replaced_by": case.id})
    case.do("returned-mail", back())
    assert (case.status, returned(case)) == ("returned", ["not_collected"] * 2)


def test_the_letter_in_hand_comes_back_after_a_later_one_did(corridor: Corridor) -> None:
    case = two_out(corridor).do("returned-mail", back())
    assert case.read()["flags"] == ["REOPENED", "SUPERSEDED"], "the first one is in hand"
    for body, code in ((back(), "REPLY_CAME_BACK"), ({**back(), "reply": 3}, "REPLY_UNKNOWN")):
        assert case.ask("returned-mail", body).errors == {"/reply": code}
    case.do("close")
    case.do("returned-mail", first_back())
    assert (case.status, returned(case)) == ("returned", ["not_collected"] * 2)
    assert case.read()["flags"] == ["SUPERSEDED"], "nothing is in hand"
    assert case.ask("returned-mail", first_back()).code == "CASE_STATUS"
    posted(found(case.do("documents", look()).do("verification")).do("decisions", {}))


@pytest.mark.parametrize("number", [0, -1, "1", 1.5, True, 1_001])
def test_a_letter_has_a_whole_number(corridor: Corridor, number: object) -> None:
    case, _ = approved(corridor)
    case.dispatch()
    answer = case.ask("returned-mail", {**back(), "reply": number})
    assert (answer.status, [*answer.errors]) == (422, ["/reply"])
    case.do("returned-mail", first_back())
    assert case.status == "returned"
