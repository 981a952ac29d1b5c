"""What retention tells whoever may not exclude: nothing of holds and cases that keep something."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.auth import Scope
from api.container import Container
from api.server.secrets import secrets_of
from ledger.cases.case import ReceiveCase
from ledger.cases.steps import Step, StepCase, Withdraw
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import PrincipalRef
from tests.canary import MEMBER
from tests.database import LEDGER_NAME, Database
from tests.doors.corridor import SETTINGS
from tests.doors.keeping import DIES, LAST_DAY, RECORDED, Kept, opened
from tests.ledger.case_given import OFFICER, application

READERS: tuple[Scope, ...] = ("audit:read", "admin:config")
TELLING = ("holds", "cases", "hold_ids", "case_ids")
COUNTS = ("keys", "counts", "destroyed", "key_ids")


@pytest.fixture
def kept(database: Database, tmp_path: Path) -> Iterator[Kept]:
    with opened(database, tmp_path / "journal") as made:
        yield made


def seen(kept: Kept, path: str, scope: Scope) -> dict[str, Any]:
    answer = kept.ask("GET", path, None, scope)
    assert answer.status == 200, answer.text
    return answer.body


def exclude(kept: Kept, transfer: str) -> None:
    key = kept.corridor.key("records:exclude", label="chief")
    body = {"action": "exclude", "transfers": [transfer], "ground": "i", "reason": "危害"}
    assert kept.corridor.ask("POST", "/v1/exclusions", body, key=key).status == 200


def held(kept: Kept, **body: object) -> str:
    return kept.corridor.officer("/v1/holds", {"reason": "訴訟", **body})["hold"]


@pytest.mark.parametrize("scope", READERS)
def test_who_may_not_exclude_learns_of_no_hold_that_keeps_something(
    kept: Kept, scope: Scope
) -> None:
    recorded = kept.record()
    hold = held(kept, identifiers=[{"scheme": "member", "id": MEMBER}])
    exclude(kept, recorded["transfer"])
    kept.on(DIES)
    planned = kept.plan()
    path = f"/plans/{planned['plan']}"
    whole = kept.told("GET", path)
    assert (whole["hold_ids"], whole["holds"], whole["case_ids"]) == ([hold], 1, [])
    told = seen(kept, path, scope)
    assert not told.keys() & set(TELLING)
    rest = {name: value for name, value in whole.items() if name not in (*TELLING, *COUNTS)}
    assert told == rest
    overview = seen(kept, "", scope)
    assert not overview["plans"][0].keys() & set(TELLING)
    # How many there are in all, whether they keep anything or not.
    assert (overview["holds_standing"], overview["cases_open"]) == (1, 0)


def test_a_plan_made_by_who_operates_tells_the_operator_no_more(kept: Kept) -> None:
    kept.record()
    held(kept, identifiers=[{"scheme": "member", "id": MEMBER}])
    kept.on(DIES)
    kept.followed()
    answer = kept.ask("POST", "/plans", {"confirm_clock": True}, "admin:config")
    assert answer.status == 200, answer.text
    assert not answer.body.keys() & {*TELLING, *COUNTS, "days_moved", "needed"}
    assert "days_moved" in kept.plan()


@pytest.mark.parametrize("scope", READERS)
def test_copies_that_a_hold_keeps_are_in_no_number_of_who_may_not_exclude(
    kept: Kept, scope: Scope
) -> None:
    recorded = kept.record()
    hold = held(kept, transfer=recorded["transfer"])
    kept.on(DIES)
    kept.plan()
    kept.followed()
    assert kept.told("POST", "/expiries", {})["carried"] == 1
    assert "held" in {one["class"] for one in kept.told("GET", "")["ends"]}
    key = kept.corridor.key("records:exclude", label="chief")
    body = {"reason": "和解"}
    assert kept.corridor.ask("POST", f"/v1/holds/{hold}/release", body, key=key).status == 200
    kept.plan()
    kept.on(DIES.replace(day=DIES.day + 2))
    whole, told = kept.told("GET", ""), seen(kept, "", scope)
    assert set(told["due"]["reasons"]) <= set(whole["due"]["why"])
    assert (told["due"].keys(), told["next_plan"].keys()) == ({"reasons"}, {"through"})


@pytest.mark.parametrize("scope", READERS)
def test_a_hold_on_a_hidden_transfer_is_in_no_list_and_no_number(kept: Kept, scope: Scope) -> None:
    recorded = kept.record()
    hold = held(kept, transfer=recorded["transfer"])
    assert [one["hold"] for one in seen(kept, "", scope)["holds"]] == [hold]
    exclude(kept, recorded["transfer"])
    told = seen(kept, "", scope)
    assert (told["holds"], told["holds_standing"]) == ([], 0)
    whole = kept.told("GET", "")
    assert ([one["hold"] for one in whole["holds"]], whole["holds_standing"]) == ([hold], 1)


def test_no_certificate_says_how_much_was_kept_back(kept: Kept) -> None:
    kept.record()
    held(kept, identifiers=[{"scheme": "member", "id": MEMBER}])
    kept.on(DIES)
    plan = kept.plan()["plan"]
    kept.followed()
    kept.told("POST", "/expiries", {})
    certificate = kept.told("GET", f"/plans/{plan}/certificate")
    counts = [certificate["plan"]["counts"], *(one["counts"] for one in certificate["erasures"])]
    assert all(one.keys() == {"events", "keys", "lookups"} for one in counts)
    # Nor does the header of the plan, which whoever checks the log is given.
    [(header,)] = kept.corridor.fetch(
        "SELECT convert_from(state, 'UTF8') FROM ledger.events WHERE topic = 'expiry-planned'"
    )
    assert '"holds":0' in header
    assert '"cases":0' in header


@pytest.mark.parametrize("scope", READERS)
def test_no_number_of_events_tells_who_may_not_exclude_how_many_records_are_hidden(
    kept: Kept, scope: Scope
) -> None:
    """Attack: count what lives or dies, and take from it what a plain export shows."""
    recorded = [kept.record()["transfer"] for _ in range(3)]
    exclude(kept, recorded[1])
    whole, told = kept.told("GET", ""), seen(kept, "", scope)
    assert sum(one["events"] for one in whole["ends"] if one["class"] == "record") == 3
    assert "ends" not in told
    kept.on(DIES)
    plan = kept.plan()
    whole, told = kept.told("GET", ""), seen(kept, "", scope)
    assert (whole["next_plan"]["counts"]["events"], whole["due"]["events"]) == (3, 3)
    assert (whole["plans"][0]["counts"]["events"], whole["due"]["reasons"]) == (3, ["announced"])
    one = seen(kept, f"/plans/{plan['plan']}", scope)
    for counts in (told["next_plan"], told["plans"][0], one):
        assert not counts.keys() & set(COUNTS)
    # Nor how many keys: a record that is hidden may have one of its own.
    assert told["due"] == {"reasons": ["announced"]}
    kept.followed()
    kept.told("POST", "/expiries", {})
    kept.followed()
    assert sum(kept.told("GET", "")["expired"].values()) == 3
    assert "expired" not in seen(kept, "", scope)


@pytest.mark.parametrize("scope", READERS)
def test_a_request_to_exclude_that_is_kept_for_repeats_changes_no_answer(
    kept: Kept, scope: Scope
) -> None:
    recorded = kept.record()
    before = seen(kept, "", scope)
    key = kept.corridor.key("records:exclude", label="chief")
    body = {
        "action": "exclude",
        "transfers": [recorded["transfer"]],
        "ground": "i",
        "reason": "危害",
    }
    headers = {"Idempotency-Key": "a" * 32}
    answer = kept.corridor.ask("POST", "/v1/exclusions", body, key=key, headers=headers)
    assert answer.status == 200, answer.text
    after = seen(kept, "", scope)
    assert after == {**before, "at": after["at"]}


# -- Retention by HTTP: what is due, holds, plans and destruction; by a clock of our own --


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


# -- Open cases in what the doors of retention say: how many there are, and what they keep --


@pytest.fixture
def house(kept: Kept, database: Database) -> Iterator[Container]:
    """The same ledger, by the same clock."""
    secrets = secrets_of(SETTINGS)
    with closing(Container(database.urls, LEDGER_NAME, secrets, kept.clock.now)) as made:
        yield made


def _received(house: Container, kept: Kept, *identifiers: PrincipalRef) -> UUID:
    asked = application(arrived_on=kept.clock.day, identifiers=identifiers)
    command = ReceiveCase(random_uuid(), OFFICER, asked)
    return house.ledger().receive_case(command, kept.clock.now()).stream


def _do(house: Container, kept: Kept, case: UUID, step: Step) -> None:
    command = StepCase(random_uuid(), OFFICER, case, 1, step)
    house.ledger().step_case(command, kept.clock.now())


def test_an_open_case_that_gives_a_name_alone_is_listed_until_it_ends(
    kept: Kept, house: Container
) -> None:
    kept.record()
    case = _received(house, kept)
    known = house.ledger().case(case)
    assert known is not None
    listed = [{"case": str(case), "number": known.number}]
    assert kept.told("GET", "")["nameless_cases"] == listed
    assert kept.plan()["nameless_cases"] == listed
    _do(house, kept, case, Withdraw(kept.clock.day, "書面"))
    seen = kept.told("GET", "")
    assert (seen["cases_open"], seen["nameless_cases"]) == (0, [])


# -- The deletion certificate by HTTP: in JSON and on paper, with the settings it cites --


def certified(kept: Kept) -> str:
    kept.record()
    kept.on(DIES)
    plan = kept.plan()["plan"]
    kept.followed()
    kept.told("POST", "/expiries", {})
    return f"/plans/{plan}/certificate"


def test_a_certificate_tells_who_may_not_exclude_nothing_of_what_lives(kept: Kept) -> None:
    """Order 11: the numbers of a plan, less what an export shows, are those of hidden records."""
    kept.record()
    kept.on(RECORDED + timedelta(days=1))
    kept.record()  # named by the same plan, and dies a day later
    kept.on(DIES)
    plan = kept.plan()["plan"]
    kept.followed()
    kept.told("POST", "/expiries", {})
    path = f"/plans/{plan}/certificate"
    whole = kept.told("GET", path)
    assert whole["plan"]["counts"]["events"] > whole["totals"]["events"] >= 1
    told = kept.ask("GET", path, None, "audit:read").body
    # It proves the same: which keys died, where that is recorded, under which root.
    assert [one["keys"] for one in told["erasures"]] == [one["keys"] for one in whole["erasures"]]
    assert told["tree"] == whole["tree"]
    assert not {"keys", "counts"} & told["plan"].keys()
    assert all(one["counts"].keys() == {"keys"} for one in told["erasures"])
    assert told["totals"].keys() == {"keys", "unplanned"}
    paper = kept.ask("GET", f"{path}.pdf", None, "audit:read")
    assert paper.status == 200


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


def test_a_certificate_cites_the_settings(database: Database, tmp_path: Path) -> None:
    masters = tmp_path / "masters"
    masters.mkdir()
    (masters / "2026-W48").write_text("20" * 32)
    changes: dict[str, Any] = {
        "epoch_masters": {},
        "epoch_master_dir": masters,
        "backup_horizon_days": 90,
        "no_record_years": 5,
    }
    with opened(database, tmp_path / "journal", **changes) as kept:
        kept.record()
        told = kept.told("GET", f"/plans/{kept.plan()['plan']}/certificate")
    assert told["backup_days"] == 7 + 90
    periods = {rule["class"]: rule["period"] for rule in told["rules"]}
    for key_class in ("link", "directive"):
        assert "5年（設定）" in periods[key_class]
