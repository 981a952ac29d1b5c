"""What is announced of a bulk transfer: every defect is named, and so many are under way."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import psycopg
import pytest

from api.resources.bulk.schemas import announced_of
from api.web.items import Sender
from ledger.clock import now
from ledger.transfers.bulk.errors import TooManyUploadsError
from tests.database import Database
from tests.doors.bulk_sending import (
    PATH,
    abort,
    announce,
    announcement,
    carry_out,
    commit,
    inside_of,
    look,
    ndjson,
    people,
    put,
    staged,
)
from tests.doors.corridor import SETTINGS, Answer, Corridor, fresh_id, open_doors
from tests.doors.samples import OTHER_SOURCE, REMOVED, SOURCE, provision


def test_the_source_is_checked_as_of_ordinary_transfers(corridor: Corridor) -> None:
    body = announcement([ndjson(people(1))], 1, source=OTHER_SOURCE)
    answer = corridor.ask("POST", PATH, body, key=corridor.emitter)
    assert (answer.status, answer.code) == (403, "SOURCE_NOT_ALLOWED")
    announce(corridor, {**body, "source": SOURCE + "/below"})


CHANGES: Final[list[tuple[dict[str, object], set[tuple[str, str]]]]] = [
    ({"lines": 0}, {("/lines", "SCHEMA")}),
    ({"lines": True}, {("/lines", "SCHEMA")}),
    ({"lines": "5"}, {("/lines", "SCHEMA")}),
    ({"lines": 5_000_001}, {("/lines", "SCHEMA")}),
    ({"lines": REMOVED, "parts": REMOVED}, {("/lines", "SCHEMA"), ("/parts", "SCHEMA")}),
    ({"parts": 10_001, "lines": 20_000}, {("/parts", "SCHEMA")}),
    ({"parts": 3, "lines": 2}, {("/parts", "SCHEMA")}),
    ({"parts": 1.5}, {("/parts", "SCHEMA")}),
    ({"sha256": "9f"}, {("/sha256", "SCHEMA")}),
    ({"sha256": "zz" * 32}, {("/sha256", "SCHEMA")}),
    ({"sha256": None, "id": ""}, {("/sha256", "SCHEMA"), ("/id", "SCHEMA")}),
    ({"more": 1}, {("/more", "SCHEMA")}),
    ({"order_11": "v"}, {("/order_11", "SCHEMA")}),
    ({"data": REMOVED}, {("/data", "SCHEMA")}),
    ({"data": [], "lines": 0}, {("/data", "SCHEMA"), ("/lines", "SCHEMA")}),
    (
        {"data": provision(basis="nonsense", consent=REMOVED), "lines": 0},
        {("/data/basis", "SCHEMA"), ("/data/principals", "SCHEMA"), ("/lines", "SCHEMA")},
    ),
    (
        {"data": provision(principals=REMOVED, method="collective", series_id="s1")},
        {("/data/series_id", "NOT_IN_BULK")},
    ),
    (
        {"data": provision(principals=REMOVED, items=["a\0"], transferred_on="2999-01-01")},
        {("/data/items/0", "CONTROL_CHARACTER"), ("/data/transferred_on", "DATE_IN_FUTURE")},
    ),
]


@pytest.mark.parametrize(("changes", "errors"), CHANGES)
def test_every_defect_of_an_announcement_is_named(
    corridor: Corridor, changes: dict[str, object], errors: set[tuple[str, str]]
) -> None:
    body = {**announcement([ndjson(people(1))], 1), **changes}
    body = {name: value for name, value in body.items() if value is not REMOVED}
    answer = corridor.ask("POST", PATH, body, key=corridor.emitter)
    assert answer.status == 422, answer.text
    assert set(answer.errors.items()) == errors


def test_an_announcement_that_is_sent_again_under_its_key_begins_one(corridor: Corridor) -> None:
    body = announcement([ndjson(people(1))], 1)
    name = {"Idempotency-Key": f'"{fresh_id()}"'}
    first, again = (announce(corridor, body, **name) for _ in range(2))
    assert first == again


# -- how many --------------------------------------------------------------------------------------


def test_a_sender_has_so_many_under_way_and_is_told_which(database: Database) -> None:
    settings = replace(SETTINGS, bulk_uploads_max=2)
    with open_doors(database.urls, settings, followed=False) as corridor:
        begun = [staged(corridor, people(1))["bulk"] for _ in range(2)]
        body = announcement([ndjson(people(1))], 1)
        refused = corridor.ask("POST", PATH, body, key=corridor.emitter)
        assert (refused.status, refused.code) == (409, "TOO_MANY_UPLOADS")
        assert (refused.body["uploads"], refused.body["count"]) == (begun, 2)
        announce(corridor, body, corridor.key("events:write", source=SOURCE, label="other"))
        abort(corridor, begun[0])
        third = announce(corridor, body)["bulk"]
        commit(corridor, begun[1])
        announce(corridor, body)
        assert look(corridor, third).body["state"] == "uploading"


def test_no_more_are_begun_at_the_same_time_than_one_by_one(corridor: Corridor) -> None:
    inside = inside_of(corridor)
    sender = Sender("5e" * 16, SOURCE, may_mark=False)
    bodies = [announcement([ndjson(people(1))], 1) for _ in range(6)]
    refused: list[TooManyUploadsError] = []
    ready = threading.Barrier(len(bodies))

    def begin(body: dict[str, Any]) -> None:
        ready.wait()
        try:
            inside.bulk.begin(announced_of(body, sender, now()), now(), 3)
        except TooManyUploadsError as error:
            refused.append(error)

    threads = [threading.Thread(target=begin, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.count for one in refused] == [3, 3, 3]


@contextmanager
def full(corridor: Corridor, table_: str) -> Generator[None]:
    """What PostgreSQL answers when the disk has no room for a row of the table."""
    with psycopg.connect(corridor.urls.owner, autocommit=True) as owner:
        owner.execute(
            "CREATE FUNCTION ledger.no_room() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN RAISE EXCEPTION 'full' USING ERRCODE = 'disk_full'; END$$"
        )
        owner.execute(
            f"CREATE TRIGGER no_room BEFORE INSERT ON ledger.{table_}"
            " EXECUTE FUNCTION ledger.no_room()".encode()
        )
        try:
            yield
        finally:
            owner.execute("DROP FUNCTION ledger.no_room() CASCADE")


def test_a_full_disk_refuses_cleanly_and_the_part_goes_on_afterwards(corridor: Corridor) -> None:
    content = ndjson(people(3))
    bulk = announce(corridor, announcement([content], 3))["bulk"]
    another = announcement([content], 3)
    asks: dict[str, Callable[[], Answer]] = {
        "bulk_pieces": lambda: put(corridor, bulk, 1, content),
        "bulk_parts": lambda: put(corridor, bulk, 1, content),
        "bulk_transfers": lambda: corridor.ask("POST", PATH, another, key=corridor.emitter),
    }
    for name, ask in asks.items():
        with full(corridor, name):
            answer = ask()
        assert (answer.status, answer.code) == (503, "STORE_UNAVAILABLE"), name
        assert answer.headers["retry-after"] == "1"
    assert put(corridor, bulk, 1, content).status == 200
    assert commit(corridor, bulk).status == 202
    assert carry_out(corridor) == 1
