"""Holds: placed by officers, released by the chief, and their persons for few eyes."""

from typing import Any

from api.auth import Scope
from tests.canary import MEMBER
from tests.doors.corridor import Answer, Corridor
from tests.doors.samples import PERSON, provision

REASON = "訴訟の提起"
REFERENCE = "令和8年(ワ)第1234号"
WHO = {"scheme": PERSON["scheme"], "id": MEMBER}


def place(corridor: Corridor, body: object, status: int = 200) -> dict[str, Any]:
    return corridor.officer("/v1/holds", body, status)


def release(corridor: Corridor, hold: object, **headers: str) -> Answer:
    key = corridor.key("records:exclude", label="chief")
    body = {"reason": "和解の成立"}
    return corridor.ask("POST", f"/v1/holds/{hold}/release", body, key=key, headers=headers)


def listed(corridor: Corridor, *scopes: Scope, query: str = "") -> dict[str, Any]:
    answer = corridor.ask("GET", f"/v1/holds{query}", key=corridor.key(*scopes))
    assert answer.status == 200, answer.text
    return answer.body


def one(corridor: Corridor, hold: object, *scopes: Scope) -> dict[str, Any]:
    [found] = [h for h in listed(corridor, *scopes)["holds"] if h["hold"] == hold]
    return found


def test_a_transfer_is_held_and_released(corridor: Corridor) -> None:
    transfer = corridor.record(provision())["transfer"]
    body = {"transfer": transfer, "reason": REASON, "reference": REFERENCE}
    placed = place(corridor, body)
    assert place(corridor, body, 409)["code"] == "ALREADY_STANDS"
    found = one(corridor, placed["hold"], "records:write")
    assert found["kind"] == "transfer"
    assert found["released_at"] is None
    assert (found["transfer"], found["reason"]) == (transfer, REASON)
    assert found["reference"] == REFERENCE
    released = release(corridor, placed["hold"])
    assert released.status == 200
    assert released.body["position"] > placed["position"]
    assert one(corridor, placed["hold"], "records:write")["released_at"] is not None
    assert release(corridor, placed["hold"]).code == "DOES_NOT_STAND"


def test_persons_are_named_to_officers_alone_and_that_look_is_on_record(
    corridor: Corridor,
) -> None:
    placed = place(corridor, {"identifiers": [WHO], "reason": REASON})
    told = listed(corridor, "audit:read")
    [seen] = [h for h in told["holds"] if h["hold"] == placed["hold"]]
    assert set(seen) == {"hold", "position", "placed_at", "released_at", "kind"}
    assert seen["kind"] == "persons"
    assert "viewed_at_position" not in told
    head = corridor.head()
    whole = listed(corridor, "records:write")
    [seen] = [h for h in whole["holds"] if h["hold"] == placed["hold"]]
    assert seen["identifiers"] == [WHO]
    assert whole["viewed_at_position"] == head + 1
    newest = "SELECT topic FROM ledger.events ORDER BY notification_id DESC LIMIT 1"
    assert corridor.fetch(newest) == [("history-viewed",)]


def test_holds_come_in_pages_newest_first_and_all_of_them(corridor: Corridor) -> None:
    placed = [place(corridor, {"identifiers": [WHO], "reason": f"第{n}号"}) for n in range(3)]
    everything = [h["hold"] for h in listed(corridor, "audit:read")["holds"]]
    assert everything[:3] == [h["hold"] for h in reversed(placed)]
    found: list[str] = []
    query = "?limit=1"
    while True:
        page = listed(corridor, "audit:read", query=query)
        found += [h["hold"] for h in page["holds"]]
        if page["cursor"] is None:
            break
        query = f"?limit=1&cursor={page['cursor']}"
    assert found == everything
    release(corridor, placed[0]["hold"])
    standing = listed(corridor, "audit:read", query="?standing=true&limit=100")["holds"]
    assert placed[0]["hold"] not in {h["hold"] for h in standing}
    assert placed[1]["hold"] in {h["hold"] for h in standing}
