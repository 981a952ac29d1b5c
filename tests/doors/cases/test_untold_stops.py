"""A stop that stands, and the letter that told it came back: the case does not end over it."""

import pytest

from tests.canary import NAME
from tests.doors.cases.desk import Case, look, today
from tests.doors.cases.test_came_back import back, posted
from tests.doors.cases.test_measures import known, taken
from tests.doors.cases.test_nothing_to_supplement import WHY
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.samples import provision

NOTE = {"note": "再送した書面も返戻。電話も通じない"}


def withdrawn() -> dict[str, str]:
    return {"withdrawn_on": today(), "evidence": "取下書"}


NOT_TAKEN = {"outcome": "not_taken", "reason": "理由がない"}


def named(case: Case) -> Case:
    identifiers = case.read()["application"]["identifiers"]
    return case.do("person", {"identifiers": identifiers, "evidence": "会員番号が一致"})


def begun_for(corridor: Corridor) -> Case:
    who = {"scheme": "member", "id": f"CNRY-{fresh_id()}"}
    corridor.record(provision(principals=[{**who, "name": NAME}]))
    return known(corridor, who)


def answered(corridor: Corridor) -> Case:
    """The person holds a letter by which nothing was done; the records are looked at again."""
    case = begun_for(corridor).do("measures", NOT_TAKEN).do("submit").approve().dispatch()
    return named(case.do("reopen", WHY))


def told(corridor: Corridor) -> Case:
    """A supplement tells a stop, and is on its way."""
    return posted(answered(corridor).do("measures", taken("provision_stopped")))


def sent_anew(case: Case) -> Case:
    case = named(case.do("documents", look()).do("verification"))
    return posted(case.do("measures", taken("provision_stopped")))


def refused(case: Case, door: str, body: object = None) -> bool:
    before = case.read()["version"]
    answer = case.ask(door, body)
    assert (answer.status, answer.code) == (409, "STOP_STANDS"), answer.text
    return case.read()["version"] == before


def lifted(corridor: Corridor, case: Case) -> None:
    [who] = case.read()["application"]["identifiers"]
    body = {"principal": who, "kind": "provision_stopped", "reference": case.read()["number"]}
    corridor.officer("/v1/directives/lifted", {**body, "day": today()})


def test_a_stop_whose_letter_came_back_is_told_before_the_case_is_closed(
    corridor: Corridor,
) -> None:
    case = told(corridor).do("returned-mail", back())
    assert refused(case, "close")
    assert refused(case, "close", NOTE), "a note alone tells nobody"
    sent_anew(case).do("delivery", {"delivered_on": today()})
    assert case.status == "closed"


def test_what_was_sent_anew_and_came_back_too_is_closed_with_a_note(corridor: Corridor) -> None:
    case = sent_anew(told(corridor).do("returned-mail", back())).do("returned-mail", back())
    assert refused(case, "close")
    for nothing in (".", "なし", "…"):
        assert refused(case, "close", {"note": nothing}), "it does not say what was tried"
    case.do("close", NOTE)
    assert (case.status, case.read()["replies"][0]["returned"]) == ("closed", None)


def test_a_case_whose_every_letter_came_back_ends_as_any(corridor: Corridor) -> None:
    case = told(corridor).do("returned-mail", back())
    assert refused(case, "close")
    case.do("returned-mail", {**back(), "reply": 1}).do("close")
    assert case.status == "closed"


def test_a_stop_that_was_lifted_hinders_nothing(corridor: Corridor) -> None:
    case = told(corridor).do("returned-mail", back())
    lifted(corridor, case)
    assert case.do("close").status == "closed"


def test_a_letter_in_hand_that_tells_the_stop_is_enough(corridor: Corridor) -> None:
    case = begun_for(corridor).do("measures", taken("provision_stopped"))
    case.do("submit").approve().dispatch()
    again = named(case.do("reopen", WHY)).do("measures", taken("provision_stopped"))
    posted(again).do("returned-mail", back())
    assert case.do("close").status == "closed"


@pytest.mark.parametrize("is_answered", [False, True])
def test_no_withdrawal_leaves_a_stop_behind_that_no_letter_tells(
    corridor: Corridor, *, is_answered: bool
) -> None:
    case = answered(corridor) if is_answered else begun_for(corridor)
    case.do("measures", taken("provision_stopped")).do("submit").approve()
    assert refused(case, "withdrawal", withdrawn()), "a letter that waits for the post tells nobody"
    case.do("return", {"reason": "決定の誤り"})
    assert refused(case, "withdrawal", withdrawn())
    lifted(corridor, case)
    assert case.do("withdrawal", withdrawn()).status == "withdrawn"


def test_a_stop_that_the_letter_in_hand_tells_outlives_a_withdrawal(corridor: Corridor) -> None:
    case = told(corridor).do("delivery", {"delivered_on": today()}).do("reopen", WHY)
    assert case.do("withdrawal", withdrawn()).status == "withdrawn"


def test_a_withdrawal_after_the_letter_came_back_leaves_no_stop_untold(
    corridor: Corridor,
) -> None:
    case = told(corridor).do("returned-mail", back()).do("reopen", WHY)
    assert refused(case, "withdrawal", withdrawn())
    case.do("documents", look())
    assert refused(case, "withdrawal", withdrawn())


def test_a_request_without_a_stop_is_withdrawn_as_any(corridor: Corridor) -> None:
    case = answered(corridor).do("measures", NOT_TAKEN)
    assert case.do("withdrawal", withdrawn()).status == "withdrawn"
    assert begun_for(corridor).do("withdrawal", withdrawn()).status == "withdrawn"
