"""An item that was corrected and sent again leaves the quarantine by itself."""

from typing import Any

from api.auth import Scope
from tests.doors.corridor import Corridor, fresh_id
from tests.doors.samples import SOURCE, provision
from tests.doors.test_quarantine import act, keeper, rejected, waiting


def since(corridor: Corridor, *scopes: Scope) -> dict[str, Any]:
    """What was recorded since, by id."""
    key = corridor.key("quarantine:write", *scopes, label="since")
    answer = corridor.ask("GET", "/v1/quarantine/recorded-since", key=key)
    assert answer.status == 200, answer.text
    return {one["id"]: one for one in answer.body["items"]}


def again(corridor: Corridor, one: dict[str, Any], **members: object) -> dict[str, Any]:
    """The item, corrected."""
    given = {**one["item"], "data": provision(), **members}
    [result] = corridor.send(given).body["results"]
    assert result["status"] == "recorded"
    return result


def test_what_was_recorded_since_leaves_the_list_and_names_its_transfer(
    corridor: Corridor,
) -> None:
    # given: two rejected items, one of them sent again as it should be
    one, other = rejected(corridor), rejected(corridor)
    result = again(corridor, one)

    # when
    left = waiting(corridor)

    # then: who may exclude alone reads as which transfer
    assert one["kept"] not in left
    assert other["kept"] in left
    settled = since(corridor)
    told = {
        "id": one["kept"],
        "received_at": settled[one["kept"]]["received_at"],
        "codes": ["SCHEMA"],
        "attempts": 1,
        "state": "recorded_since",
    }
    assert settled[one["kept"]] == told
    named = {"transfer": result["transfer"], "position": result["position"]}
    assert since(corridor, "records:exclude")[one["kept"]] == told | named
    assert other["kept"] not in settled
    # What it said is let go, as after a repair, and nobody repairs or discards it any more.
    kept = dict(corridor.fetch("SELECT id::text, sealed FROM ledger.quarantine"))
    assert kept[one["kept"]] is None
    assert act(corridor, one["kept"], "discard").status == 404


def test_an_item_of_a_transfer_that_stood_before_waits(corridor: Corridor) -> None:
    given = {"source": SOURCE, "id": fresh_id(), "data": provision()}
    assert corridor.send(given).status == 200
    kept = corridor.send({**given, "data": provision(items=[])}).body["quarantine"]
    assert kept in waiting(corridor)
    assert kept not in since(corridor)


def test_a_proposal_to_discard_it_is_void(corridor: Corridor) -> None:
    one = rejected(corridor)
    assert act(corridor, one["kept"], "discard").body["state"] == "discard_proposed"
    again(corridor, one)
    assert one["kept"] not in waiting(corridor)
    assert act(corridor, one["kept"], "discard", label="second").status == 404
    assert one["kept"] in since(corridor)


def test_a_page_is_full_of_what_still_waits(corridor: Corridor) -> None:
    for one in [rejected(corridor) for _ in range(9)]:
        again(corridor, one)
    still = rejected(corridor)["kept"]
    page = corridor.ask("GET", "/v1/quarantine?limit=100", key=keeper(corridor)).body["items"]
    assert still in {one["id"] for one in page}
    small = corridor.ask("GET", "/v1/quarantine?limit=1", key=keeper(corridor)).body
    assert len(small["items"]) == 1
