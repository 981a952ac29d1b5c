"""The daily close through the doors: found, named, corrected, late, refused."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.auth import Scope
from api.web.items import MARKING
from ledger.emitters.id_set import hash_of, product_of
from tests.database import Database
from tests.doors.corridor import Answer
from tests.doors.emitting import Doors, opened
from tests.doors.samples import OTHER_SOURCE, SOURCE, provision

LOST, LATE = "t-lost", "t-late"


@pytest.fixture
def doors(database: Database) -> Iterator[Doors]:
    with opened(database, followed=True) as made:
        made.register()
        yield made


def send(doors: Doors, *ids: str, back: int = 1, source: str = SOURCE, **changes: object) -> None:
    data = provision(**{"transferred_on": doors.day(back), **changes})
    items = [{"source": source, "id": one, "data": data} for one in ids]
    answer = doors.corridor.send(*items)
    assert answer.status == 200, answer.text


def body(*ids: str, given: tuple[str, ...] | None = None) -> dict[str, Any]:
    id_hash = hash_of(product_of((SOURCE, one) for one in ids))
    named = {} if given is None else {"ids": [{"id": one} for one in given]}
    return {"count": len(ids), "hash": id_hash, **named}


def close(doors: Doors, close_: dict[str, Any], back: int = 1, **asked: Any) -> Answer:  # noqa: ANN401 -- a request's own
    key = doors.corridor.key("coverage:write", source=asked.get("source", SOURCE))
    emitter = asked.get("emitter", "ads")
    where = f"/v1/emitters/{emitter}/days/{asked.get('day', doors.day(back))}"
    return doors.corridor.ask("PUT", where, close_, key=key)


def standing(doors: Doors, back: int = 1) -> Any:  # noqa: ANN401 -- a body
    key = doors.corridor.key("coverage:write", source=SOURCE)
    return doors.corridor.ask("GET", f"/v1/emitters/ads/days/{doors.day(back)}", key=key).body


def state_of(doors: Doors, *further: Scope, back: int = 1) -> dict[str, Any]:
    key = doors.corridor.key("cases:read", *further)
    [own] = doors.corridor.ask("GET", "/v1/coverage", key=key).body["emitters"]
    return next(one for one in own["days"] if one["day"] == doors.day(back))


def test_a_day_with_one_lost_event_is_found_and_named_at_the_close(doors: Doors) -> None:
    send(doors, "t-1", "t-2", "t-3")
    said = ("t-1", "t-2", LOST, "t-3")
    found = close(doors, body(*said))
    assert found.status == 200, found.text
    assert (found.body["state"], found.body["ids_wanted"]) == ("differs", True)
    named = close(doors, body(*said, given=said)).body
    assert named["named"] == [{"source": SOURCE, "id": LOST, "found": "missing"}]
    assert (named["state"], named["missing"], named["unnamed"]) == ("gap", 1, 0)
    assert (named["recorded"], named["ids_wanted"]) == (3, False)
    # Everybody who relies on it is told.
    assert state_of(doors) == {"day": doors.day(1), "state": "gap", "lost": 1}
    coverage = doors.coverage(f"?from={doors.day(1)}&to={doors.day(1)}")
    assert coverage["is_complete"] is False
    assert coverage["letter"][-1].endswith("一部の記録を受信していないことを確認しています。")
    assert coverage["lines"][-1].endswith("の締めで1件の未受信")
    assert LOST not in str(coverage)
    assert doors.metrics()["ledger_days_short"] == 1


def test_a_transfer_after_the_close_is_recorded_and_the_day_is_late(doors: Doors) -> None:
    send(doors, "t-1")
    close(doors, body("t-1"))
    send(doors, LATE)
    told = standing(doors)
    assert (told["state"], told["recorded"], told["held"]) == ("late", 1, 2)
    # That there is more than may be known is told to those alone who may know of all.
    assert state_of(doors, MARKING)["state"] == "late"
    assert state_of(doors)["state"] == "match"
    assert close(doors, body("t-1", LATE)).body["state"] == "match"


def test_ids_are_looked_up_page_by_page_and_nothing_comes_of_it(doors: Doors) -> None:
    send(doors, "t-1", "t-2")
    send(doors, "t-3", back=2)
    head = doors.corridor.head()
    key = doors.corridor.key("coverage:write", source=SOURCE)
    where = f"/v1/emitters/ads/days/{doors.day(1)}/ids"
    ids = [{"id": one} for one in ("t-1", LOST, "t-3")]
    told = doors.corridor.ask("POST", where, {"ids": ids}, key=key).body
    assert told["given"] == 3
    assert [(one["id"], one["found"]) for one in told["named"]] == [
        ("t-3", "other_day"),
        (LOST, "missing"),
    ]
    assert doors.corridor.head() == head


WRONG: dict[str, tuple[dict[str, Any], dict[str, Any], int, str]] = {
    "today": (body("t-1"), {"back": 0}, 422, "/path/day"),
    "no day": (body("t-1"), {"day": "2026-02-30"}, 422, "/path/day"),
    "no hash": ({"count": 1}, {}, 422, "/hash"),
    "a hash in capitals": ({"count": 1, "hash": "A" * 64}, {}, 422, "/hash"),
    "a short hash": ({"count": 1, "hash": "a" * 63}, {}, 422, "/hash"),
    "a count below 0": ({"count": -1, "hash": "a" * 64}, {}, 422, "/count"),
    "more ids than counted": (body("t-1", given=("t-1", "t-2")), {}, 422, "/ids"),
    "other ids than hashed": (body("t-1", given=("t-2",)), {}, 422, "/hash"),
    "too many ids": (
        {"count": 20_000, "hash": "a" * 64, "ids": [{"id": f"{n}"} for n in range(10_001)]},
        {},
        422,
        "/ids",
    ),
    "another's source": (
        {"count": 1, "hash": "a" * 64, "ids": [{"source": OTHER_SOURCE, "id": "t-1"}]},
        {},
        422,
        "/ids/0/source",
    ),
    "an unknown emitter": (body("t-1"), {"emitter": "nobody"}, 404, ""),
    "another's emitter": (body("t-1"), {"source": OTHER_SOURCE}, 403, ""),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_close_that_cannot_be_one_is_refused_and_told_where(doors: Doors, name: str) -> None:
    wrong, asked, status, pointer = WRONG[name]
    head = doors.corridor.head()
    refused = close(doors, wrong, **asked)
    assert refused.status == status, refused.text
    assert refused.body["code"]
    if pointer:
        assert pointer in [one["pointer"] for one in refused.body["errors"]]
    assert doors.corridor.head() == head


def test_a_day_that_was_not_closed_has_no_close(doors: Doors) -> None:
    key = doors.corridor.key("coverage:write", source=SOURCE)
    where = f"/v1/emitters/ads/days/{doors.day(1)}"
    assert doors.corridor.ask("GET", where, key=key).status == 404
    assert [state_of(doors, back=back)["state"] for back in (1, 2)] == ["open", "overdue"]


def test_a_marked_record_of_a_closed_day_changes_nothing_that_others_read(doors: Doors) -> None:
    send(doors, "t-1")
    assert close(doors, body("t-1")).body["matches"]
    before = doors.coverage()
    marking = doors.corridor.key("events:write", MARKING, source=SOURCE, label="marking")
    data = provision(transferred_on=doors.day(1))
    item = {"source": SOURCE, "id": "t-hidden", "data": data, "order_11": "i"}
    assert doors.corridor.send(item, key=marking).status == 200
    assert standing(doors)["state"] == "late"
    after = doors.coverage()
    told = ("days", "gaps", "period")
    assert [[one[name] for name in told] for one in after["emitters"]] == [
        [one[name] for name in told] for one in before["emitters"]
    ]
    assert (after["lines"], after["letter"]) == (before["lines"], before["letter"])
    # Whoever counts it as all others closes anew, and nothing of it is to be seen.
    assert close(doors, body("t-1", "t-hidden")).body["state"] == "match"
    assert doors.coverage()["emitters"][0]["days"] == before["emitters"][0]["days"]
