"""What retention tells whoever may not exclude: nothing of holds and cases that keep something."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.auth import Scope
from tests.canary import MEMBER
from tests.database import Database
from tests.doors.keeping import DIES, Kept, opened

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
