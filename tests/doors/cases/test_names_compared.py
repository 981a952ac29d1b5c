"""The names in the records found are compared with the form before anything of them is sent."""

from typing import Any

import pytest

from api.resources.cases.schemas import answers
from ledger.policies.my_number import check_digit
from tests.canary import NAME, OTHER_NAME
from tests.doors.cases.desk import ABSENT, APPROVER, Case, begun, fits
from tests.doors.cases.test_blind_cases import bare
from tests.doors.cases.test_candidates_by_name import hidden
from tests.doors.corridor import Answer, Corridor, fresh_id
from tests.doors.samples import provision

MARRIED = "婚姻により改姓(戸籍謄本で確認)"
MY_NUMBER = "12345678901" + str(check_digit("12345678901"))
# The same family: what differs is the given name alone.
FAMILY = NAME.split(" ", maxsplit=1)[0]
SISTER = f"{FAMILY} 雲雀"
KINDS = {"principal": "provision_records", "person": "provision_stop"}


def member() -> dict[str, str]:
    return {"scheme": "member", "id": f"CNRY-{fresh_id()}"}


def known(
    corridor: Corridor, name: str | None = NAME, who: dict[str, str] | None = None
) -> dict[str, str]:
    """Somebody of whom there is a record that gives this name."""
    one = who or member()
    principal = one if name is None else {**one, "name": name}
    corridor.record(provision(principals=[principal]))
    return one


def body(*who: dict[str, str], **more: object) -> dict[str, Any]:
    """These are the person's; another kind was tried, too, as it must be where nothing is found."""
    return {"identifiers": list(who), "tried": [ABSENT], "evidence": "会員番号が一致", **more}


def said(who: dict[str, str], because: str = MARRIED) -> dict[str, Any]:
    """Why this identifier is the person's all the same."""
    return {"identifier": who, "because": because}


def looked(case: Case, *who: dict[str, str]) -> Answer:
    answer = case.ask("candidates", {"identifiers": list(who)}, If_Match=None)
    assert answer.status == 200, answer.text
    fits(answers.CANDIDATES, answer.body)
    return answer


@pytest.mark.parametrize("door", KINDS)
def test_a_digit_typed_wrong_meets_a_stranger_of_the_same_family_and_nothing_is_identified(
    corridor: Corridor, door: str
) -> None:
    mine = {"scheme": "member", "id": f"CNRY-{fresh_id()}-41"}
    hers = {**mine, "id": mine["id"][:-1] + "2"}
    known(corridor, NAME, mine)
    known(corridor, SISTER, hers)
    case = begun(corridor, kind=KINDS[door], identifiers=[]).verified()
    head, status = corridor.head(), case.status
    for language, words in (("en", "digit by digit"), ("ja", "一字ずつ申請書と照合してください")):
        refused = case.ask(door, body(hers), Accept_Language=language)
        assert (refused.status, refused.errors) == (422, {"/identifiers/0": "NAME_DIFFERS"})
        assert words in refused.text
        assert FAMILY not in refused.text, "neither of the two names is told"
    assert (corridor.head(), case.read()["status"]) == (head, status), "nothing is on record"
    case.do(door, body(mine))
    whole = case.read()
    assert (whole["search"] or whole["person"])["identifiers"] == [mine]


@pytest.mark.parametrize("door", KINDS)
def test_a_reason_lets_another_name_pass_and_the_approver_reads_it(
    corridor: Corridor, door: str
) -> None:
    old = known(corridor, OTHER_NAME)
    case = begun(corridor, kind=KINDS[door], identifiers=[old]).verified()
    numbered = f"改姓 {MY_NUMBER}"
    wrong = {" \u3000": "SCHEMA", "": "SCHEMA", numbered: "MY_NUMBER_SHOWN"}
    for because, code in wrong.items():
        refused = case.ask(door, body(old, names_differ=[said(old, because)]))
        assert (refused.status, refused.errors) == (422, {"/names_differ/0/because": code})
    case.do(door, body(old, names_differ=[said(old)]))
    if door == "principal":
        case.do("decisions", {})
    else:
        case.do("measures", {"outcome": "not_taken", "reason": "事実が確認できないためです。"})
    whole = case.do("submit").read(APPROVER, "approver")
    kept = [{**said(old), "name_check": "differs"}]
    assert (whole["search"] or whole["person"])["names_differ"] == kept
    assert whole["submission"]["names_differ"] == kept
    case.approve()


def test_candidates_say_whether_the_name_matches(corridor: Corridor) -> None:
    folded = known(corridor, NAME.replace(" ", "\u3000"))
    stranger, unnamed, nobody = known(corridor, SISTER), known(corridor, None), member()
    case = begun(corridor).verified()
    found = looked(case, folded, stranger, unnamed, nobody).body["candidates"]
    assert [one["name_check"] for one in found] == ["matches", "differs", None, None]
    by_kana = {"name": OTHER_NAME, "name_kana": NAME}
    case = begun(corridor, form={**case.read()["application"]["form"], **by_kana}).verified()
    [only] = looked(case, folded).body["candidates"]
    assert only["name_check"] == "matches"


@pytest.mark.parametrize("door", KINDS)
def test_a_name_in_excluded_records_is_as_if_nobody_had_any(corridor: Corridor, door: str) -> None:
    def told(who: dict[str, str]) -> list[object]:
        case = begun(corridor, kind=KINDS[door], identifiers=[who]).verified()
        heard: list[object] = [bare(looked(case, who).body)]
        refused = case.ask(door, body(who, names_differ=[said(who)]))
        heard.append((refused.status, refused.errors))
        heard.append(bare(case.do(door, body(who)).last))
        found = case.read()
        heard.append(bare(found["search"] or found["person"]))
        return heard

    nobody, excluded = member(), member()
    hidden(corridor, {**excluded, "name": SISTER})
    assert told(excluded) == told(nobody)
    # Neither does it spoil a match, nor lend one.
    for shown, concealed in ((NAME, SISTER), (SISTER, NAME)):
        plain, mixed = known(corridor, shown), known(corridor, shown)
        hidden(corridor, {**mixed, "name": concealed})
        case = begun(corridor, kind=KINDS[door], identifiers=[plain, mixed]).verified()
        errors = case.ask(door, body(plain, mixed)).body.get("errors", [])
        places = ["/identifiers/0", "/identifiers/1"] if shown == SISTER else []
        assert [one["pointer"] for one in errors] == places
