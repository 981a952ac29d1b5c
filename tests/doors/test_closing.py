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
from tests.doors.samples import SOURCE, provision

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
