"""Retention by HTTP: what is due, plans, destruction and its certificate; by a clock of our own."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.auth import Scope
from ledger.clock import JAPAN
from ledger.store.journal import Journal
from tests.canary import MEMBER
from tests.database import LEDGER_NAME, Database
from tests.doors.corridor import SETTINGS, Answer, Corridor, open_doors
from tests.doors.samples import provision

RECORDED = date(2026, 11, 24)
LAST_DAY = date(2029, 11, 24)
DIES = LAST_DAY + timedelta(days=1)
UNKNOWN = UUID(int=7, version=4)


@dataclass(slots=True)
class Clock:
    """It is 10:00 in Japan."""

    day: date = RECORDED

    def now(self) -> datetime:
        return datetime.combine(self.day, time(10), JAPAN).astimezone(UTC)


@dataclass(slots=True)
class Kept:
    """The doors, and the day that they believe in."""

    corridor: Corridor
    journal: Journal
    clock: Clock

    def on(self, day: date) -> None:
        self.clock.day = day

    def ask(self, method: str, path: str, body: object = None, *scopes: Scope) -> Answer:
        key = self.corridor.key(*(scopes or ("records:exclude",)), label="chief")
        return self.corridor.ask(method, f"/v1/retention{path}", body, key=key)

    def told(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        answer = self.ask(method, path, body)
        assert answer.status == 200, answer.text
        return answer.body

    def followed(self) -> None:
        """Wait until the read side has reached the head: a look at a history does."""
        assert self.corridor.look(("member", MEMBER), after=self.corridor.head()).status == 200

    def record(self, **changes: object) -> dict[str, Any]:
        data = provision(**{"transferred_on": self.clock.day.isoformat(), **changes})
        recorded = self.corridor.record(data)
        self.followed()
        return recorded

    def plan(self) -> dict[str, Any]:
        self.followed()
        return self.told("POST", "/plans", {"confirm_clock": True})


@contextmanager
def opened(database: Database, folder: Path, **changes: Any) -> Generator[Kept]:  # noqa: ANN401 -- members of the settings
    journal, clock = Journal(folder, LEDGER_NAME), Clock()
    journal.begin(UNKNOWN, clock.now())
    settings = replace(SETTINGS, journal_dir=folder, **changes)
    with open_doors(database.urls, settings, clock=clock.now) as corridor:
        yield Kept(corridor, journal, clock)


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


def certified(kept: Kept) -> str:
    kept.record()
    kept.on(DIES)
    plan = kept.plan()["plan"]
    kept.followed()
    kept.told("POST", "/expiries", {})
    return f"/plans/{plan}/certificate"


def test_the_certificate_is_told_in_json_and_on_paper(kept: Kept) -> None:
    path = certified(kept)
    certificate = kept.told("GET", path)
    assert certificate["type"] == "deletion-certificate"
    assert certificate["totals"]["events"] >= 1
    assert certificate["tree"]["size"] == kept.corridor.head()
    for answer in (
        kept.ask("GET", f"{path}.pdf"),
        kept.corridor.ask(
            "GET",
            f"/v1/retention{path}",
            key=kept.corridor.key("audit:read"),
            headers={"accept": "application/pdf"},
        ),
    ):
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.text.startswith("%PDF-1.7")


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
        report = kept.told("POST", "/expiries", {})
        assert report["erasures"] == []
        assert report["unnamed"] == due["why"]["unnamed"]
        kept.plan()
        assert kept.told("GET", "")["due"]["why"] == {"ready": due["keys"]}


def test_a_held_record_outlives_its_day_until_the_release(kept: Kept) -> None:
    recorded = kept.record()
    hold = kept.corridor.officer("/v1/holds", {"transfer": recorded["transfer"], "reason": "訴訟"})
    assert kept.told("GET", "")["holds_standing"] == 1
    kept.on(DIES)
    planned = kept.plan()
    assert planned["counts"]["holds"] == 1
    whole = kept.told("GET", f"/plans/{planned['plan']}")
    assert whole["hold_ids"] == [hold["hold"]]
    kept.followed()
    assert kept.told("POST", "/expiries", {})["carried"] == 1
    history = kept.corridor.history(("member", MEMBER))
    assert [one["transfer"] for one in history["provisions"]] == [recorded["transfer"]]


def test_plans_come_in_pages_newest_first(kept: Kept) -> None:
    kept.record()
    made: list[str] = []
    for days in range(3):
        kept.on(RECORDED + timedelta(days=days))
        made.append(kept.plan()["plan"])
    found: list[str] = []
    query = "?limit=2"
    while True:
        page = kept.told("GET", query)
        found += [one["plan"] for one in page["plans"]]
        if page["cursor"] is None:
            break
        query = f"?limit=2&cursor={page['cursor']}"
    assert found == list(reversed(made))


def test_who_operates_sees_numbers_and_plans_but_destroys_nothing(kept: Kept) -> None:
    assert kept.ask("GET", "", None, "admin:config").status == 200
    assert kept.ask("GET", "", None, "audit:read").status == 200
    assert kept.ask("POST", "/plans", {}, "admin:config").status == 200
    assert kept.ask("POST", "/plans", {}, "audit:read").code == "SCOPE_MISSING"
    for scope in ("admin:config", "audit:read", "records:write"):
        assert kept.ask("POST", "/expiries", {}, scope).code == "SCOPE_MISSING"
    assert kept.ask("GET", "", None, "records:read").code == "SCOPE_MISSING"


def test_a_plan_that_is_not_there_is_not_found(kept: Kept) -> None:
    transfer = kept.record()["transfer"]
    for unknown in (UNKNOWN, transfer):
        assert kept.ask("GET", f"/plans/{unknown}").status == 404
        assert kept.ask("GET", f"/plans/{unknown}/certificate").status == 404
        assert kept.ask("GET", f"/plans/{unknown}/certificate.pdf").status == 404
