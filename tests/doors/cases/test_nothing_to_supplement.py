"""A reply in the post is the last word, unless something changed that one would tell."""

from typing import Any

from tests.canary import NAME
from tests.doors.cases.desk import POST_NUMBER, Case, begun, today
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
