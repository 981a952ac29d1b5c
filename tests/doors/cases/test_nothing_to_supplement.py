"""A reply in the post is the last word, unless something changed that one would tell."""

from typing import Any

from tests.canary import NAME
from tests.doors.cases.desk import ABSENT, POST_NUMBER, Case, begun, today
from tests.doors.corridor import Answer, Corridor, fresh_id
from tests.doors.samples import provision
from tests.doors.test_exclusions import exclude


def post_of_today() -> dict[str, str]:
    return {"dispatched_on": today(), "item_number": POST_NUMBER}


WHY = {"reason": "発送後の確認"}


def approved(corridor: Corridor) -> tuple[Case, str]:
    """An approved reply with one record, and that record."""
    who = {"scheme": "member", "id": f"CNRY-{fresh_id()}"}
    record = corridor.record(provision(principals=[{**who, "name": NAME}]))["transfer"]
    case = begun(corridor, identifiers=[who]).verified()
    return found(case).do("decisions", {}).do("submit").approve(), record


def found(case: Case) -> Case:
    return case.identified(identifiers=case.read()["application"]["identifiers"])


def told(answer: Answer) -> dict[str, Any]:
    return {name: one for name, one in answer.body.items() if name != "instance"}


def types(case: Case) -> list[str]:
    return [one["type"] for one in case.read()["events"]]


def test_a_record_that_is_excluded_after_the_letter_left_is_told_by_no_second_letter(
    corridor: Corridor,
) -> None:
    ends: list[tuple[dict[str, Any], list[str], list[str]]] = []
    for is_excluded in (True, False):
        case, record = approved(corridor)
        if is_excluded:
            assert exclude(corridor, record).status == 200
            assert case.ask("dispatch", post_of_today()).code == "STALE_APPROVAL"
        case.dispatch(already_posted=True)
        whole = case.read()
        assert "changed_since" not in whole["replies"][0]
        found(case.do("reopen", WHY)).do("decisions", {})
        before = types(case)
        answer = case.ask("submit")
        assert (answer.status, answer.code) == (409, "NOTHING_TO_SUPPLEMENT")
        assert types(case) == before
        case.do("close", {"note": "追加の回答は不要"})
        assert (case.status, case.next) == ("closed", ["returned-mail", "reopen"])
        ends.append((told(answer), whole["flags"], types(case)))
    assert ends[0] == ends[1]
    assert ends[0][1] == []


def test_who_is_put_among_those_that_were_tried_gets_no_letter_of_an_exclusion(
    corridor: Corridor,
) -> None:
    case, record = approved(corridor)
    case.dispatch().do("delivery", {"delivered_on": today()})
    who = case.read()["application"]["identifiers"]
    nobody = {"identifiers": [], "tried": [*who, ABSENT], "evidence": "見つからない"}
    case.do("reopen", WHY)
    named = case.ask("principal", nobody)  # nothing is excluded: it is asked why
    assert [one["code"] for one in named.body["errors"]] == ["TRIED_HAS_RECORDS"]
    assert exclude(corridor, record).status == 200
    case.do("principal", nobody).do("decisions", {})
    answer = case.ask("submit")
    assert (answer.status, answer.code) == (409, "NOTHING_TO_SUPPLEMENT")
    case.do("close")
    assert [one["outcome"] for one in case.read()["replies"]] == ["full_disclosure"]


def test_nobody_has_to_open_again_what_was_in_the_post_already(corridor: Corridor) -> None:
    case, record = approved(corridor)
    assert exclude(corridor, record).status == 200
    case.dispatch(already_posted=True).do("delivery", {"delivered_on": today()})
    whole = case.read()
    assert (whole["status"], whole["flags"], len(whole["replies"])) == ("closed", [], 1)


def test_what_is_excluded_after_it_was_corrected_is_told_by_no_second_letter(
    corridor: Corridor,
) -> None:
    case, record = approved(corridor)
    case.dispatch().do("delivery", {"delivered_on": today()})
    change = {"changes": {"items": ["氏名", "住所"]}, "reason": "項目の誤り"}
    corridor.officer(f"/v1/transfers/{record}/corrections", change)
    [who] = case.read()["application"]["identifiers"]
    corridor.history((who["scheme"], who["id"]))  # a look at a case waits for nothing
    assert case.read()["flags"] == ["REOPENED"]
    assert exclude(corridor, record).status == 200
    assert case.read()["flags"] == []
    found(case.do("reopen", WHY)).do("decisions", {})
    assert case.ask("submit").code == "NOTHING_TO_SUPPLEMENT"
    assert [one["outcome"] for one in case.read()["replies"]] == ["full_disclosure"]
