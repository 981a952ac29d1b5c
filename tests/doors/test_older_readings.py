"""Verdicts that were given under an older reading of the law, on the work list of late facts."""

import pytest

from tests.doors.corridor import Corridor
from tests.doors.samples import provision, today
from tests.doors.test_reassessments import of
from tests.ledger.older import first_reading, only_seen


def test_what_an_older_reading_judged_otherwise_is_proposed_without_a_late_event(
    corridor: Corridor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with first_reading(monkeypatch):
        old = corridor.record({**only_seen("CNRY-SAW"), "transferred_on": today()})
    [proposal] = of(corridor, old["transfer"])
    assert (proposal["cause_position"], proposal["persons"]) == (None, [])
    assert (proposal["before"]["duty"], proposal["after"]["duty"]) == ("none", "art29")
    assert proposal["after"]["findings"] == ["CONSENT_NOT_OBTAINED"]
    path = f"/v1/reassessments/{old['transfer']}"
    wrong = corridor.officer(path, {"cause_position": old["position"], "reason": "誤り"}, 422)
    assert wrong["errors"][0]["code"] == "NOT_A_CAUSE"
    corridor.officer(path, {"reason": "解釈の改定"})
    assert of(corridor, old["transfer"]) == []
    [entry] = corridor.history(("member", "CNRY-SAW"))["provisions"]
    assert (entry["findings"], entry["duty"]) == (["CONSENT_NOT_OBTAINED"], "art29")
    assert corridor.officer(path, {"reason": "解釈の改定"}, 409)["code"] == "NOTHING_TO_CHANGE"


def test_the_reading_is_no_cause_of_what_was_judged_under_it(corridor: Corridor) -> None:
    who = {"scheme": "member", "id": "CNRY-TODAY"}
    touched = corridor.record(provision(principals=[who]))
    stop = {"kind": "consent_withdrawn", "day": today(), "principal": who}
    corridor.officer("/v1/directives", stop)
    refused = corridor.officer(f"/v1/reassessments/{touched['transfer']}", {"reason": "誤り"}, 422)
    assert refused["errors"][0]["code"] == "NOT_A_CAUSE"
