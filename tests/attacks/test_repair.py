"""One person does not make a rejected item disappear by repairing it.

Attack: a keeper of rejected items states another transfer in place of the item, one that stands
already or one under another key; or tries by repairs whether a record is hidden (Order 11).
Held off by: a repair keeps the source and id of the item, and what was recorded before lets go of
no item that does not state its key (`api.wire.repair`).
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.database import Database
from tests.doors.corridor import Answer, Corridor, fresh_id, open_doors
from tests.doors.samples import SOURCE, provision

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


@pytest.mark.parametrize("items", [["氏名"], ["住所"]], ids=["the same", "other content"])
def test_no_repair_tells_that_a_record_is_hidden(corridor: Corridor, items: list[str]) -> None:
    kept, item = rejected(corridor)
    marker = corridor.key("events:write", "records:exclude", source=SOURCE, label="marker")
    marked = {**item, "data": provision(items=["氏名"]), "order_11": "ii"}
    body = {"items": [marked]}
    assert corridor.ask("POST", "/v1/transfers", body, key=marker).status == 200
    refused = repair(corridor, kept, {**item, "data": provision(items=items)})
    assert (refused.status, refused.errors) == (422, {"/id": "REPAIR_KNOWN"})
    assert not {"transfer", "position", "lawful"} & refused.body.keys()
    assert waits(corridor, kept)
