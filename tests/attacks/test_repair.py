"""One person does not make a rejected item disappear by repairing it.

Attack: a keeper of rejected items states another transfer in place of the item, one that stands
already or one under another key; or tries by repairs, or by what leaves the list, whether a record
is hidden (Order 11).
Held off by: a repair keeps the source and id of the item, and what was recorded before lets go of
no item that does not state its key; whoever may not exclude gets one answer for every key that is
known, and an item leaves the list alike, and without the name of its transfer, whether that is
shown or hidden (`api.resources.quarantine.repair`, `ledger.quarantine.recorded_since`).
"""

from collections.abc import Iterator
from typing import Any

import pytest

from api.auth import Scope
from tests.database import Database
from tests.doors.corridor import Answer, Corridor, fresh_id, open_doors
from tests.doors.samples import SOURCE, provision
from tests.doors.test_exclusions import exclude

KEEPER = ("quarantine:write",)


@pytest.fixture(scope="module")
def corridor(shared_database: Database) -> Iterator[Corridor]:
    with open_doors(shared_database.urls) as opened:
        yield opened


def rejected(corridor: Corridor, **members: object) -> tuple[str, dict[str, Any]]:
    """Where a malformed item is kept, and the item."""
    item = {"source": SOURCE, "id": fresh_id(), "data": provision(items=[]), **members}
    given = {member: value for member, value in item.items() if value is not None}
    return corridor.send(given).body["quarantine"], given


def repair(corridor: Corridor, kept: str, item: object) -> Answer:
    key = corridor.key(*KEEPER, label="first")
    return corridor.ask("POST", f"/v1/quarantine/{kept}/repair", item, key=key)


def waits(corridor: Corridor, kept: str) -> bool:
    key = corridor.key(*KEEPER, label="first")
    page = corridor.ask("GET", "/v1/quarantine?limit=100", key=key).body
    assert page["cursor"] is None
    return kept in {one["id"] for one in page["items"]}


def test_an_item_is_not_repaired_as_another_transfer(corridor: Corridor) -> None:
    stands = {"source": SOURCE, "id": fresh_id(), "data": provision()}
    assert corridor.send(stands).status == 200
    for another in (stands, {**stands, "id": fresh_id()}):
        kept, _ = rejected(corridor)
        refused = repair(corridor, kept, another)
        assert (refused.status, refused.errors) == (422, {"/id": "REPAIR_OF_ANOTHER"})
        assert waits(corridor, kept)


def test_an_item_without_an_id_is_not_let_go_for_a_transfer_that_stands(
    corridor: Corridor,
) -> None:
    stands = {"source": SOURCE, "id": fresh_id(), "data": provision()}
    assert corridor.send(stands).status == 200
    kept, _ = rejected(corridor, id=None)
    refused = repair(corridor, kept, stands)
    assert (refused.status, refused.errors) == (422, {"/id": "REPAIR_KNOWN"})
    assert waits(corridor, kept)
    assert repair(corridor, kept, {**stands, "id": fresh_id()}).body["status"] == "recorded"


def known(corridor: Corridor, item: dict[str, Any], how: str) -> None:
    """Something is recorded under the key of the item, and shown or hidden."""
    marker = corridor.key("events:write", "records:exclude", source=SOURCE, label="marker")
    mark = {"order_11": "ii"} if how == "marked" else {}
    body = {"items": [{**item, "data": provision(items=["氏名"]), **mark}]}
    answer = corridor.ask("POST", "/v1/transfers", body, key=marker)
    assert answer.status == 200, answer.text
    if how == "excluded":
        [result] = answer.body["results"]
        assert exclude(corridor, result["transfer"]).status == 200


KNOWN = ("shown", "marked", "excluded")


@pytest.mark.parametrize("items", [["氏名"], ["住所"]], ids=["the same", "other content"])
@pytest.mark.parametrize("when", ["before", "since"])
def test_a_repair_tells_alike_of_what_is_shown_and_of_what_is_hidden(
    corridor: Corridor, items: list[str], when: str
) -> None:
    for how in KNOWN:
        item = {"source": SOURCE, "id": fresh_id(), "data": provision(items=[])}
        if when == "before":
            known(corridor, item, how)
        kept = corridor.send(item).body["quarantine"]
        if when == "since":
            known(corridor, item, how)
        refused = repair(corridor, kept, {**item, "data": provision(items=items)})
        assert (refused.status, refused.errors) == (422, {"/id": "REPAIR_KNOWN"}), how
        assert not {"transfer", "position", "lawful"} & refused.body.keys(), how
        assert waits(corridor, kept) is (when == "before"), how


def test_the_lists_tell_alike_of_what_was_recorded_since_shown_or_hidden(
    corridor: Corridor,
) -> None:
    def since(*scopes: Scope) -> dict[str, Any]:
        key = corridor.key("quarantine:write", *scopes, label="since")
        items = corridor.ask("GET", "/v1/quarantine/recorded-since", key=key).body["items"]
        return {one["id"]: one for one in items}

    rest: list[dict[str, Any]] = []
    for how in KNOWN:
        kept, item = rejected(corridor)
        known(corridor, item, how)
        assert not waits(corridor, kept), how
        told = since()[kept]
        assert "transfer" in since("records:exclude")[kept], how
        rest.append({one: told[one] for one in told if one not in ("id", "received_at")})
    assert rest == [rest[0]] * len(KNOWN)
    assert rest[0].keys() == {"codes", "attempts", "state"}


def test_an_item_that_was_settled_is_listed_as_before_once_its_transfer_is_excluded(
    corridor: Corridor,
) -> None:
    kept, item = rejected(corridor)
    sent = corridor.send({**item, "data": provision()}).body["results"][0]
    assert not waits(corridor, kept)
    key = corridor.key(*KEEPER, label="first")
    before = corridor.ask("GET", "/v1/quarantine/recorded-since", key=key).body
    assert kept in {one["id"] for one in before["items"]}
    assert exclude(corridor, sent["transfer"]).status == 200
    assert corridor.ask("GET", "/v1/quarantine/recorded-since", key=key).body == before
