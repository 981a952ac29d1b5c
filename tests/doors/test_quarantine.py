"""Rejected items: kept, listed, repaired, discarded by two."""

from typing import Any

import psycopg

from api.auth import Scope
from tests.canary import MEMBER, NAME, traces
from tests.database import Database
from tests.doors.corridor import Answer, Corridor, fresh_id, open_doors
from tests.doors.samples import OTHER_SOURCE, SOURCE, provision


def rejected(corridor: Corridor, **changes: object) -> dict[str, Any]:
    """A malformed item and where it is kept."""
    given = {"source": SOURCE, "id": fresh_id(), "data": provision(items=[], **changes)}
    answer = corridor.send(given)
    assert answer.status == 422
    return {"item": given, "kept": answer.body["quarantine"]}


def keeper(corridor: Corridor, label: str = "first") -> str:
    return corridor.key("quarantine:write", label=label)


def waiting(corridor: Corridor) -> dict[str, Any]:
    """What waits, by id, read page by page."""
    found: dict[str, Any] = {}
    cursor: str | None = None
    while True:
        path = "/v1/quarantine?limit=7"
        if cursor is not None:
            path += f"&cursor={cursor}"
        page = corridor.ask("GET", path, key=keeper(corridor))
        assert page.status == 200, page.text
        assert not found.keys() & {one["id"] for one in page.body["items"]}
        found |= {one["id"]: one for one in page.body["items"]}
        cursor = page.body["cursor"]
        if cursor is None:
            return found


def act(
    corridor: Corridor, kept: str, what: str, body: object = None, label: str = "first"
) -> Answer:
    return corridor.ask("POST", f"/v1/quarantine/{kept}/{what}", body, key=keeper(corridor, label))


def test_a_rejected_item_is_kept_once_and_counted(corridor: Corridor) -> None:
    one = rejected(corridor)
    again = corridor.send(one["item"])
    assert again.body["quarantine"] == one["kept"]
    found = waiting(corridor)[one["kept"]]
    assert found["item"] == one["item"]
    assert found["attempts"] == 2
    assert found["state"] == "open"
    assert found["errors"] == [
        {key: error[key] for key in ("pointer", "code", "detail")} for error in again.body["errors"]
    ]


def test_what_waits_is_paged_and_sealed(corridor: Corridor) -> None:
    kept = {rejected(corridor)["kept"] for _ in range(20)}
    assert kept <= waiting(corridor).keys()
    with psycopg.connect(corridor.urls.reader) as connection:
        rows = connection.execute("SELECT * FROM ledger.quarantine").fetchall()
    assert not traces(repr(rows))
    bad = corridor.ask("GET", "/v1/quarantine?cursor=yesterday", key=keeper(corridor))
    assert bad.errors == {"/query/cursor": "CURSOR_NOT_OF_THIS_QUESTION"}


def test_a_repaired_item_is_recorded_and_let_go(corridor: Corridor) -> None:
    one = rejected(corridor)
    still = act(corridor, one["kept"], "repair", one["item"])
    assert (still.status, still.errors) == (422, {"/data/items": "SCHEMA"})
    repaired = {**one["item"], "data": provision()}
    answer = act(corridor, one["kept"], "repair", repaired)
    assert answer.status == 200
    assert answer.body["status"] == "recorded"
    assert one["kept"] not in waiting(corridor)
    assert act(corridor, one["kept"], "repair", repaired).code == "NOT_FOUND"
    assert act(corridor, one["kept"], "discard").code == "NOT_FOUND"
    assert corridor.send(repaired).body["results"][0]["status"] == "duplicate"
    with psycopg.connect(corridor.urls.reader) as connection:
        row = connection.execute(
            "SELECT state, position, sealed FROM ledger.quarantine WHERE id = %s", (one["kept"],)
        ).fetchone()
    assert row == ("repaired", answer.body["position"], None)


def test_a_marked_item_is_known_to_those_alone_who_may_mark(corridor: Corridor) -> None:
    given = {"source": SOURCE, "id": fresh_id(), "data": provision(items=[]), "order_11": "iv"}
    marking = corridor.key("events:write", "records:exclude", source=SOURCE)
    kept = corridor.send(given, key=marking).body["quarantine"]
    assert kept not in waiting(corridor)
    assert act(corridor, kept, "repair", {**given, "data": provision()}).status == 404
    assert act(corridor, kept, "discard").status == 404
    chief = corridor.key("quarantine:write", "records:exclude", label="chief")
    page = corridor.ask("GET", "/v1/quarantine?limit=100", key=chief).body
    assert kept in {one["id"] for one in page["items"]}


def test_the_same_content_of_two_emitters_is_kept_apart(corridor: Corridor) -> None:
    nobody = {"data": {"principals": [{"scheme": "member", "id": MEMBER, "name": NAME}]}}
    other = corridor.key("events:write", source=OTHER_SOURCE)
    first = corridor.send(nobody).body["quarantine"]
    second = corridor.send(nobody, key=other).body["quarantine"]
    assert first != second


def test_neither_a_page_nor_a_cursor_nor_the_count_tells_of_a_marked_item(
    database: Database,
) -> None:
    with open_doors(database.urls) as corridor:
        chief = corridor.key("quarantine:write", "records:exclude", label="chief")
        marking = corridor.key("events:write", "records:exclude", source=SOURCE)
        desk = corridor.key("cases:read")

        def told(key: str) -> list[tuple[int, bool]]:
            """How many items each page of two has, and whether another one is said to follow."""
            pages: list[tuple[int, bool]] = []
            cursor = ""
            while True:
                page = corridor.ask("GET", f"/v1/quarantine?limit=2{cursor}", key=key).body
                pages.append((len(page["items"]), page["cursor"] is not None))
                if page["cursor"] is None:
                    return pages
                assert "~" not in page["cursor"]
                cursor = f"&cursor={page['cursor']}"

        def mark() -> None:
            given = {"source": SOURCE, "id": fresh_id(), "data": provision(items=[])}
            assert corridor.send({**given, "order_11": "i"}, key=marking).status == 422

        def count(key: str) -> int:
            return corridor.ask("GET", "/v1/coverage", key=key).body["quarantine"]

        for _ in range(4):
            mark()
            rejected(corridor)
        mark()
        assert told(keeper(corridor)) == [(2, True), (2, False)]
        assert sum(size for size, _ in told(chief)) == 9
        seer = corridor.key("cases:read", "records:exclude", label="chief")
        assert (count(desk), count(keeper(corridor)), count(seer)) == (4, 4, 9)


def test_an_item_of_before_there_was_a_flag_is_opened_to_see_whether_it_is_marked(
    database: Database,
) -> None:
    with open_doors(database.urls) as corridor:
        marking = corridor.key("events:write", "records:exclude", source=SOURCE)
        plain = rejected(corridor)["kept"]
        given = {"source": SOURCE, "id": fresh_id(), "data": provision(items=[])}
        marked = corridor.send({**given, "order_11": "i"}, key=marking).body["quarantine"]
        with psycopg.connect(database.admin) as admin:
            admin.execute("UPDATE ledger.quarantine SET restricted = NULL")
        assert (
            corridor.ask("GET", "/v1/coverage", key=corridor.key("cases:read")).body["quarantine"]
            == 0
        )
        assert waiting(corridor).keys() == {plain}
        assert act(corridor, marked, "discard").status == 404
        chief = corridor.key("quarantine:write", "records:exclude", label="chief")
        page = corridor.ask("GET", "/v1/quarantine?limit=100", key=chief).body
        assert {one["id"] for one in page["items"]} == {plain, marked}


# -- An item that was corrected and sent again leaves the quarantine by itself --


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
