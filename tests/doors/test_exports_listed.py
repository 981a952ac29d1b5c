"""Exports in the list of looks: who made one, when and why; what is in it, not to everybody."""

from pathlib import Path
from typing import Any, cast

from api.resources.accesses.schemas import ACCESSES
from ledger.values import PrincipalRef
from tests.canary import traces
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.exported import EXPORTER, exported
from tests.doors.samples import provision, today
from tests.doors.test_accesses import listed
from tests.doors.test_openapi import check

WHY = "報告の求め"


def whole(corridor: Corridor, query: str) -> list[dict[str, Any]]:
    """As it is listed for an auditor who may also exclude."""
    key = corridor.key("audit:read", "records:exclude")
    answer = corridor.ask("GET", f"/v1/accesses{query}", key=key)
    check({"components": {}}, ACCESSES, answer.body)
    return cast("list[dict[str, Any]]", answer.body["accesses"])


def test_an_export_is_listed_with_who_made_it_when_and_why(
    corridor: Corridor, tmp_path: Path
) -> None:
    corridor.record(provision())
    left = exported(corridor.app, tmp_path / "bag", case="E-1", reason=WHY)
    answer = listed(corridor, "?case=E-1")
    check({"components": {}}, ACCESSES, answer)
    [found] = answer["accesses"]
    del found["at"]
    assert found == {
        "position": left.position,
        "actor": EXPORTER,
        "what": "export",
        "export": str(left.export),
        "case": "E-1",
        "case_known": False,
        "reason": WHY,
        "as_of": left.made.size,
    }
    mine = listed(corridor, f"?actor={EXPORTER}&from={today()}&to={today()}")["accesses"]
    assert left.position in [one["position"] for one in mine]


def test_what_is_in_an_export_is_told_to_whoever_may_exclude(
    corridor: Corridor, tmp_path: Path
) -> None:
    person = (PrincipalRef("member", f"CNRY-{fresh_id()}"),)
    exported(corridor.app, tmp_path / "one", case="E-2", reason=WHY, person=person, identified=True)
    exported(
        corridor.app, tmp_path / "all", case="E-2", reason=WHY, whole=True,
        counterparty="見本 個人", identified=True, bases=("none",), findings=("any",),
        source="https://a.example.jp",
    )  # fmt: skip
    of_one, of_all = whole(corridor, "?case=E-2")
    assert of_one["made"] == {
        "records": 0,
        "whole": False,
        "identified": True,
        "by_counterparty": False,
    }
    assert of_one["identifiers"] == {"count": 1, "schemes": ["member"]}
    assert of_all["made"] == {
        "records": 0,
        "whole": True,
        "identified": True,
        "by_counterparty": True,
        "bases": ["none"],
        "findings": ["any"],
        "source": "https://a.example.jp",
    }
    assert not traces(repr([of_one, of_all]))
    assert "見本 個人" not in repr(of_all), "a counterparty may be a person"


def test_exports_are_told_alike_whatever_was_hidden_and_however_much_they_hold(
    corridor: Corridor, tmp_path: Path
) -> None:
    source = f"https://hidden.example.jp/{fresh_id()}"
    key = corridor.key("events:write", source=source, label="hidden")
    item = {"source": source, "id": "1", "data": provision()}
    [sent] = corridor.send(item, key=key).body["results"]
    made: dict[str, Any] = {"case": "E-3", "reason": WHY, "source": source}
    exported(corridor.app, tmp_path / "before", **made)
    hiding = {"action": "exclude", "transfers": [sent["transfer"]], "ground": "i", "reason": "危害"}
    answer = corridor.ask("POST", "/v1/exclusions", hiding, key=corridor.key("records:exclude"))
    assert answer.status == 200, answer.text
    exported(corridor.app, tmp_path / "after", **made)
    exported(corridor.app, tmp_path / "whole", whole=True, **made)
    exported(corridor.app, tmp_path / "named", identified=True, **made)
    own = ("position", "at", "export", "as_of")
    told = [
        {name: one[name] for name in one if name not in own}
        for one in listed(corridor, "?case=E-3")["accesses"]
    ]
    assert len(told) == 4
    assert all(one == told[0] for one in told)
    counts = [one["made"]["records"] for one in whole(corridor, "?case=E-3")]
    assert counts == [1, 0, 1, 0], "the control: what was hidden counts"
