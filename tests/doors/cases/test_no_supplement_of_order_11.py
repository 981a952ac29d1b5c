"""Whether a supplement is due tells nobody that a record is excluded, or that it was."""

from typing import Any

import pytest

from tests.canary import NAME
from tests.doors.cases.desk import ABSENT, Case, begun, today
from tests.doors.cases.test_nothing_to_supplement import WHY, told, types
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.samples import provision
from tests.doors.test_exclusions import exclude, lift

FAMILY = "同居の家族の番号(電話で確認)"
Who = dict[str, str]


def somebody() -> Who:
    return {"scheme": "member", "id": f"CNRY-{fresh_id()}"}


def recorded(corridor: Corridor, who: Who) -> str:
    return corridor.record(provision(principals=[{**who, "name": NAME}]))["transfer"]


def delivered(case: Case) -> Case:
    """The reply as the case stands identified, in the hand of the person."""
    case.do("decisions", {}).do("submit").approve().dispatch()
    return case.do("delivery", {"delivered_on": today()})


def identified(case: Case, *who: Who, tried: tuple[Who, ...] = (ABSENT,), **more: str) -> Case:
    body = {"identifiers": [*who], "tried": [*tried], "evidence": "会員番号が一致"}
    return case.do("principal", body | more)


def refused(case: Case) -> dict[str, Any]:
    """What `submit` says where no supplement is due; the case is closed again."""
    before = types(case)
    answer = case.ask("submit")
    assert (answer.status, answer.code) == (409, "NOTHING_TO_SUPPLEMENT"), answer.text
    assert types(case) == before
    case.do("close")
    assert (case.status, len(case.read()["replies"])) == ("closed", 1)
    return told(answer)


@pytest.mark.parametrize("found_under", ["identifiers", "tried", "tried with a reason"])
def test_a_record_that_is_lifted_since_is_told_by_no_second_letter_however_it_was_looked_for(
    corridor: Corridor, found_under: str
) -> None:
    who = somebody()
    record = recorded(corridor, who)
    assert exclude(corridor, record).status == 200
    case = begun(corridor, identifiers=[who]).verified()
    if found_under == "identifiers":
        identified(case, who)
    elif found_under == "tried":
        identified(case, tried=(who, ABSENT))
    else:
        identified(case, tried=(who, ABSENT), not_the_person=FAMILY)
    delivered(case)
    assert lift(corridor, record).status == 200
    assert case.read()["flags"] == []
    identified(case.do("reopen", WHY), who).do("decisions", {})
    assert case.read()["search"]["provided"] == 1
    refused(case)


def taken_away(corridor: Corridor, excluded_before: str | None, **said: str) -> Case:
    """A reply on two identifiers; then the second one is looked for as somebody else's."""
    one, other = somebody(), somebody()
    recorded(corridor, one)
    record = recorded(corridor, other)
    case = begun(corridor, identifiers=[one]).verified()
    delivered(identified(case, one, other)).do("reopen", WHY)
    for step in ("search", "decision", "submission"):
        if excluded_before == step:
            assert exclude(corridor, record).status == 200
        if step == "search":
            tried = (other, ABSENT) if said else (ABSENT,)
            identified(case, one, tried=tried, **said)
        elif step == "decision":
            case.do("decisions", {})
    return case


WHEN = [None, "search", "decision", "submission"]


def test_an_identifier_that_is_taken_away_is_supplemented_whenever_its_record_is_excluded(
    corridor: Corridor,
) -> None:
    ends: list[tuple[list[str], list[str], int]] = []
    for when in WHEN:
        case = taken_away(corridor, when, not_the_person=FAMILY)
        case.do("submit").approve().dispatch()
        whole = case.read()
        ends.append((types(case), whole["flags"], whole["version"]))
        assert [reply["supplementary"] for reply in whole["replies"]] == [False, True]
    assert ends == [ends[0]] * len(WHEN)


def test_an_identifier_that_is_left_out_without_a_word_is_not_whether_it_has_records_or_none(
    corridor: Corridor,
) -> None:
    answers = [refused(taken_away(corridor, when)) for when in WHEN]
    assert answers == [answers[0]] * len(WHEN)
