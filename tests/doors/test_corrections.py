"""Correcting, reclassifying, retracting; and what histories show afterwards."""

from typing import Any

from tests.canary import NAME
from tests.doors.corridor import Corridor
from tests.doors.samples import provision


def person(id_: str) -> dict[str, str]:
    return {"scheme": "member", "id": id_, "name": NAME}


def path(result: dict[str, Any], what: str = "corrections") -> str:
    return f"/v1/transfers/{result['transfer']}/{what}"


def shown(corridor: Corridor, result: dict[str, Any]) -> dict[str, Any]:
    return corridor.ask(
        "GET",
        f"/v1/transfers/{result['transfer']}?reason=inspection",
        key=corridor.key("records:write"),
    ).body


def test_a_correction_replaces_members_and_the_old_fact_stays(corridor: Corridor) -> None:
    first = corridor.record(provision(principals=[person("CNRY-C1")]))
    change = {"changes": {"items": ["氏名", "住所"]}, "reason": "項目の誤り"}
    corrected = corridor.officer(path(first), change)
    assert corrected["position"] > first["position"]
    state = shown(corridor, first)
    assert state["data"]["items"] == ["氏名", "住所"]
    assert [one["type"] for one in state["events"]] == ["provision-recorded", "transfer-corrected"]
    [now] = corridor.history(("member", "CNRY-C1"))["provisions"]
    assert {"code": "ITEMS", "value": ["氏名", "住所"]} in now["statutory"]
    assert now["positions"] == [first["position"], corrected["position"]]
    assert now["position"] == first["position"]
    [then] = corridor.history(("member", "CNRY-C1"), as_of=first["position"])["provisions"]
    assert {"code": "ITEMS", "value": ["氏名", "ご利用履歴"]} in then["statutory"]
    assert then["positions"] == [first["position"]]


def test_a_wrong_person_is_corrected_and_loses_the_record(corridor: Corridor) -> None:
    first = corridor.record(provision(principals=[person("CNRY-WRONG"), person("CNRY-OTHER")]))
    right = [person("CNRY-RIGHT"), person("CNRY-OTHER")]
    corridor.officer(path(first), {"changes": {"principals": right}, "reason": "人違い"})
    assert corridor.history(("member", "CNRY-WRONG"))["provisions"] == []
    [entry] = corridor.history(("member", "CNRY-RIGHT"))["provisions"]
    assert entry["transfer"] == first["transfer"]
    assert "CNRY-OTHER" not in str(entry)
    [before] = corridor.history(("member", "CNRY-WRONG"), as_of=first["position"])["provisions"]
    assert before["transfer"] == first["transfer"]
    assert corridor.history(("member", "CNRY-RIGHT"), as_of=first["position"])["provisions"] == []


def test_a_reclassification_moves_a_record_to_another_heading(corridor: Corridor) -> None:
    first = corridor.record(provision(principals=[person("CNRY-RECLASSIFIED")]))
    what = {"basis": "entrustment_27_5_i", "changes": {"consent": None}, "reason": "委託だった"}
    corridor.officer(path(first, "reclassifications"), what)
    found = corridor.history(("member", "CNRY-RECLASSIFIED"))
    assert found["provisions"] == []
    [entry] = found["voluntary_entries"]
    assert entry["duty"] == "none"
    assert entry["statutory"] == []
    body = corridor.officer(
        path(first, "reclassifications"), {"basis": "hope", "reason": "誤り"}, 422
    )
    assert body["errors"][0]["pointer"] == "/basis"


def test_a_retracted_record_stands_apart_and_takes_nothing_more(corridor: Corridor) -> None:
    first = corridor.record(provision(principals=[person("CNRY-RETRACTED")]))
    retraction = {"reason": "not_occurred", "note": "送らなかった"}
    corridor.officer(path(first, "retraction"), retraction)
    found = corridor.history(("member", "CNRY-RETRACTED"))
    assert found["provisions"] == []
    [entry] = found["retracted_entries"]
    assert entry["retracted"] == "not_occurred"
    assert corridor.officer(path(first, "retraction"), retraction, 409)["code"] == (
        "ALREADY_RETRACTED"
    )
    change = {"changes": {"items": ["氏名"]}, "reason": "誤り"}
    assert corridor.officer(path(first), change, 409)["code"] == "ALREADY_RETRACTED"
    [then] = corridor.history(("member", "CNRY-RETRACTED"), as_of=first["position"])["provisions"]
    assert then["transfer"] == first["transfer"]
