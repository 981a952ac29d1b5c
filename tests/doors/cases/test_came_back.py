"""A letter that the post brings back after its delivery, or the closing, was put down."""

import pytest

from tests.canary import NAME
from tests.doors.cases.desk import APPROVER, Case, begun, look, today
from tests.doors.cases.test_measures import known, taken
from tests.doors.cases.test_nothing_to_supplement import WHY, approved, found
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.samples import provision


def back() -> dict[str, str]:
    return {"returned_on": today(), "reason": "not_collected"}


SECOND = "123-45-67890-2"


def ends() -> dict[str, dict[str, str]]:
    return {"close": {}, "delivery": {"delivered_on": today()}}


def correct(corridor: Corridor, case: Case, record: str) -> None:
    """The record reads otherwise, and the read side knows."""
    change = {"changes": {"items": ["氏名", "住所"]}, "reason": "項目の誤り"}
    corridor.officer(f"/v1/transfers/{record}/corrections", change)
    [who] = case.read()["application"]["identifiers"]
    corridor.history((who["scheme"], who["id"]))


def posted(case: Case) -> Case:
    return case.do("submit").approve().dispatch(item_number=SECOND)


@pytest.mark.parametrize("end", ends())
def test_a_reply_that_comes_back_after_its_end_was_put_down_is_sent_anew(
    corridor: Corridor, end: str
) -> None:
    case, _ = approved(corridor)
    case.dispatch().do(end, ends()[end])
    assert (case.status, case.next) == ("closed", ["returned-mail", "reopen"])
    case.do("returned-mail", back())
    whole = case.read()
    [reply] = whole["replies"]
    assert (whole["status"], whole["ended_at"], case.ask("returned-mail", back()).code) == (
        "returned",
        None,
        "CASE_STATUS",
    )
    assert (reply["delivered_on"], reply["returned"]) == (None, "not_collected")
    assert case.content("/reply.pdf").startswith(b"%PDF")
    posted(found(case.do("documents", look()).do("verification")).do("decisions", {}))
    assert [one["returned"] for one in case.read()["replies"]] == ["not_collected", None]


@pytest.mark.parametrize("is_closed", [False, True])
def test_a_reply_that_comes_back_while_or_after_it_is_looked_at_again_is_sent_anew(
    corridor: Corridor, *, is_closed: bool
) -> None:
    case, _ = approved(corridor)
    case.dispatch().do("delivery", {"delivered_on": today()}).do("reopen", WHY)
    found(case).do("decisions", {})
    assert case.ask("submit").code == "NOTHING_TO_SUPPLEMENT"
    if is_closed:
        case.do("close")
    case.do("returned-mail", back())
    whole = case.read()
    assert (whole["status"], whole["decision"], whole["submission"]) == ("returned", None, None)
    assert {"documents", "reopen", "close"} <= {*case.next}
    assert "dispatch" not in case.next
    posted(found(case.do("reopen", {"reason": "返送"})).do("decisions", {}))


def test_a_double_sees_that_nobody_is_answered_by_a_reply_that_came_back(
    corridor: Corridor,
) -> None:
    case, _ = approved(corridor)
    case.dispatch().do("delivery", {"delivered_on": today()})
    double = begun(corridor, identifiers=case.read()["application"]["identifiers"])
    double.do("entry-mistake", {"cause": "double", "reason": "二重", "replaced_by": case.id})

    def shown() -> object:
        return double.read(APPROVER, "approver")["mistake"]["replacement"]["answered"]

    assert shown() is True
    case.do("returned-mail", back()).do("close")
    assert shown() is False
    assert double.ask("mistake-confirmation", scopes=APPROVER, by="approver").code == (
        "REPLACEMENT_UNFIT"
    )


def test_a_returned_case_that_is_opened_again_is_closed(corridor: Corridor) -> None:
    case, _ = approved(corridor)
    case.dispatch().do("returned-mail", back())
    case.do("reopen", WHY).do("close")
    found(case.do("reopen", WHY)).do("close")
    found(case.do("reopen", WHY)).do("decisions", {}).do("close")
    assert (case.status, case.next) == ("closed", ["reopen"])


def test_an_answer_about_measures_comes_back_too(corridor: Corridor) -> None:
    who = {"scheme": "member", "id": f"CNRY-{fresh_id()}"}
    corridor.record(provision(principals=[{**who, "name": NAME}]))
    case = known(corridor, who).do("measures", taken("provision_stopped"))
    case.do("submit").approve().dispatch().do("delivery", {"delivered_on": today()})
    case.do("returned-mail", back())
    assert case.status == "returned"
    assert case.do("close").status == "closed"


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


def test_the_flag_looks_at_the_reply_that_the_person_has_in_hand(corridor: Corridor) -> None:
    case, record = approved(corridor)
    case.dispatch().do("delivery", {"delivered_on": today()})
    correct(corridor, case, record)
    assert case.read()["flags"] == ["REOPENED"]
    posted(found(case.do("reopen", WHY)).do("decisions", {}))
    assert case.read()["flags"] == ["SUPERSEDED"]
    case.do("returned-mail", back())
    # The person has the first letter, and that one reads otherwise.
    assert case.read()["flags"] == ["REOPENED", "SUPERSEDED"]
