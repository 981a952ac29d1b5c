"""Retention by HTTP: what is due, holds, plans and destruction; by a clock of our own."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.auth import Scope
from tests.canary import MEMBER
from tests.database import Database
from tests.doors.keeping import DIES, LAST_DAY, RECORDED, Kept, opened


@pytest.fixture
def kept(database: Database, tmp_path: Path) -> Iterator[Kept]:
    with opened(database, tmp_path / "journal") as made:
        yield made


def test_what_was_recorded_is_destroyed_after_its_day_and_certified(kept: Kept) -> None:
    recorded = kept.record()
    assert recorded["retain_through"] == LAST_DAY.isoformat()
    ends = kept.told("GET", "")["ends"]
    assert {"month": "2029-11", "class": "record", "keys": 1, "events": 1} in ends
    kept.on(DIES)
    planned = kept.plan()
    assert planned["keys"] >= 1
    [shown] = kept.told("GET", "")["plans"]
    assert (shown["plan"], shown["state"], shown["confirmed"]) == (planned["plan"], "open", True)
    due = kept.told("GET", "")["due"]
    assert due["why"] == {"announced": due["keys"]}
    kept.followed()
    report = kept.told("POST", "/expiries", {})
    assert sum(one["keys"] for one in report["erasures"]) == due["keys"]
    whole = kept.told("GET", f"/plans/{planned['plan']}")
    assert len(whole["key_ids"]) == whole["keys"]
    assert whole["destroyed"] == due["keys"]
    assert [one["position"] for one in whole["erasures"]] == [
        one["position"] for one in report["erasures"]
    ]
    path = f"/v1/transfers/{recorded['transfer']}"
    gone = kept.corridor.ask("GET", path, key=kept.corridor.key("records:read"))
    assert gone.code in ("EXPIRED", "SCOPE_MISSING")
    after = kept.told("GET", "")
    assert after["due"]["keys"] == 0
    assert after["last_run"]["destroyed_at"] is not None
    assert len(kept.journal.erased()) == due["keys"]


def test_what_is_gone_is_counted_by_month_and_is_nobodys(kept: Kept) -> None:
    first = kept.record()
    kept.on(date(2026, 12, 1))
    kept.record()
    chief: tuple[Scope, ...] = ("records:read", "records:exclude")

    def history(person: str, **members: object) -> dict[str, Any]:
        body = {"identifiers": [{"scheme": "member", "id": person}], "case": "C", "reason": "x"}
        key = kept.corridor.key(*chief, label="chief")
        answer = kept.corridor.ask("POST", "/v1/histories", {**body, **members}, key=key)
        assert answer.status == 200, answer.text
        return answer.body

    for look in (kept.told("GET", ""), history(MEMBER)):
        assert look["expired"] == {}
    kept.on(date(2029, 12, 2))
    kept.plan()
    kept.followed()
    kept.told("POST", "/expiries", {})
    kept.followed()
    both = {"2026-11": 1, "2026-12": 1}
    assert kept.told("GET", "")["expired"] == both
    for person in (MEMBER, "CNRY-NOBODY"):
        found = history(person)
        assert (found["provisions"], found["expired"]) == ([], both)
        # How many are gone, less those of an export of before, is how many were hidden.
        assert "expired" not in kept.corridor.history(("member", person))
    earlier = history(MEMBER, as_of=first["position"])
    assert (earlier["provisions"], earlier["expired"]) == ([], {"2026-11": 1})


def test_a_clock_that_jumped_plans_and_destroys_nothing_until_somebody_vouches(kept: Kept) -> None:
    kept.record()
    kept.on(RECORDED + timedelta(days=4 * 365))
    seen = kept.told("GET", "")
    assert seen["clock"] == {"ahead": True, "days": 4 * 365}
    assert set(seen["due"]["why"]) == {"clock_ahead"}
    assert seen["due"]["late_keys"] == seen["due"]["keys"]
    for path in ("/plans", "/expiries"):
        refused = kept.ask("POST", path, {})
        assert (refused.status, refused.code) == (409, "CLOCK_AHEAD")
        assert refused.body["days"] == 4 * 365
    assert kept.ask("POST", "/plans", {"confirm_clock": True}).status == 200
    assert kept.told("GET", "")["clock"] == {"ahead": False}


def test_without_an_erasure_journal_nothing_is_destroyed(kept: Kept) -> None:
    kept.record()
    kept.on(DIES)
    kept.plan()
    for file in kept.journal.folder.iterdir():
        file.unlink()
    refused = kept.ask("POST", "/expiries", {})
    assert (refused.status, refused.code) == (409, "JOURNAL_MISSING")
    due = kept.told("GET", "")["due"]
    assert due["why"] == {"journal_missing": due["keys"]}


def test_what_no_plan_names_stays_and_is_counted(database: Database, tmp_path: Path) -> None:
    with opened(database, tmp_path / "journal", retention_window_days=0) as kept:
        kept.record()
        kept.on(DIES - timedelta(days=1))
        kept.plan()
        kept.on(DIES)
        due = kept.told("GET", "")["due"]
        assert due["why"]["unnamed"] >= 1
        refused = kept.ask("POST", "/expiries", {})
        assert (refused.status, refused.code) == (409, "NOT_PLANNED")
        assert refused.body["count"] == due["why"]["unnamed"]
        assert kept.told("GET", "")["due"] == due
        kept.plan()
        assert kept.told("GET", "")["due"]["why"] == {"ready": due["keys"]}


def test_holds_that_stand_are_listed_and_officers_alone_see_why(kept: Kept) -> None:
    transfer = kept.record()["transfer"]
    who = {"scheme": "member", "id": MEMBER}
    bodies: list[dict[str, Any]] = [
        {"transfer": transfer, "reason": "委員会からの報告徴収"},
        {"identifiers": [who], "reason": "訴訟の提起", "reference": "令和8年(ワ)第1234号"},
    ]
    first, second = [kept.corridor.officer("/v1/holds", body)["hold"] for body in bodies]
    answer = kept.ask("GET", "")
    told = [(one["hold"], one["kind"], one["reason"]) for one in answer.body["holds"]]
    assert told == [
        (second, "persons", bodies[1]["reason"]),
        (first, "transfer", bodies[0]["reason"]),
    ]
    assert answer.body["holds"][0]["reference"] == bodies[1]["reference"]
    for hidden in (MEMBER, transfer):
        assert hidden not in answer.text
    scopes: tuple[Scope, ...] = ("admin:config", "audit:read")
    for scope in scopes:
        seen = kept.ask("GET", "", None, scope).body["holds"]
        assert [one.keys() & {"reason", "reference"} for one in seen] == [set(), set()]
        assert [one["hold"] for one in seen] == [second, first]
    key = kept.corridor.key("records:exclude", label="chief")
    body = {"reason": "和解の成立"}
    path = f"/v1/holds/{second}/release"
    assert kept.corridor.ask("POST", path, body, key=key).status == 200
    assert [one["hold"] for one in kept.told("GET", "")["holds"]] == [first]
