"""Mistakes of the desk through the doors: reported by one person, settled by another."""

from datetime import date, timedelta

from tests.doors.cases.desk import APPROVER, Case, begun, today
from tests.doors.cases.test_work_list import ids, listed
from tests.doors.corridor import Corridor


def double_of(other: Case | str) -> dict[str, str]:
    named = other.id if isinstance(other, Case) else other
    return {"cause": "double", "reason": "同じ封筒を二度登録した", "replaced_by": named}


def confirmed(case: Case) -> Case:
    return case.do("mistake-confirmation", scopes=APPROVER, by="approver")


def reported_ids(corridor: Corridor) -> list[str]:
    return ids(corridor, "?reported=true&limit=100")


def test_a_request_that_was_taken_in_twice_goes_on_in_one_case(corridor: Corridor) -> None:
    stays, double = begun(corridor), begun(corridor)
    assert "entry-mistake" in double.next
    double.do("entry-mistake", double_of(stays))
    assert (double.status, double.next) == ("received", ["mistake-dismissal"])
    assert double.id in reported_ids(corridor)
    [row] = [one for one in listed(corridor)["cases"] if one["case"] == double.id]
    named = {
        "case": stays.id,
        "number": stays.last["number"],
        "arrived_on": today(),
        "status": "received",
        "kind": "provision_records",
        "answered": True,
        "name_agrees": True,
        "identifiers_agree": True,
        "identifiers_covered": True,
        "sides_covered": True,
        "period_covered": True,
        "medium_agrees": True,
        "requester_agrees": True,
        "reply_address_agrees": True,
        "arrived_on_agrees": True,
    }
    assert row["mistake"] == {"what": "entry", "replacement": named}
    assert row["due"] is not None
    waiting = double.read(APPROVER, "approver")
    assert waiting["mistake"]["confirmed"] is False
    assert waiting["mistake"]["replaced_by"] == stays.id
    assert waiting["mistake"]["replacement"] == named
    assert (waiting["replaced_by"], stays.read()["replaces"]) == (None, [])
    assert waiting["next"] == ["mistake-confirmation", "mistake-dismissal"]
    confirmed(double)
    assert (double.status, double.next) == ("entered_in_error", [])
    whole = double.read()
    assert whole["mistake"] == {**waiting["mistake"], "confirmed": True}
    assert (whole["replaced_by"]["case"], whole["replaced_by"]["number"]) == (
        stays.id,
        stays.last["number"],
    )
    assert (whole["due"], whole["ended_at"] is not None) == (None, True)
    assert not any(one["runs"] for one in whole["clocks"].values())
    assert [one["type"] for one in whole["events"]] == [
        "case-received",
        "case-mistake-reported",
        "case-entered-in-error",
    ]
    assert [one["case"] for one in stays.read()["replaces"]] == [double.id]
    assert double.id in ids(corridor, "?status=entered_in_error&limit=100")
    assert stays.id not in ids(corridor, "?status=entered_in_error&limit=100")
    assert double.id not in reported_ids(corridor)
    after = (date.fromisoformat(today()) + timedelta(days=400)).isoformat()
    assert double.id not in ids(corridor, f"?due={after}&limit=100")
