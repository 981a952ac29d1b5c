"""What is announced of a bulk transfer: every defect is named, and so many are under way."""

import asyncio
import threading
import tracemalloc
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import psycopg
import pytest
from starlette.types import Message

from api.resources.bulk.schemas import announced_of
from api.web.intake import DISCARDED_BYTES_MAX
from api.web.items import Sender
from ledger.clock import now
from ledger.transfers.bulk.errors import TooManyUploadsError
from tests.canary import traces
from tests.database import Database
from tests.doors.broken_parts import BROKEN, GOOD, stating
from tests.doors.bulk_sending import (
    NDJSON,
    PATH,
    abort,
    announce,
    announcement,
    carry_out,
    commit,
    inside_of,
    kept,
    look,
    ndjson,
    people,
    put,
    staged,
)
from tests.doors.corridor import SETTINGS, Answer, Corridor, fresh_id, open_doors
from tests.doors.samples import OTHER_SOURCE, REMOVED, SOURCE, provision
from tests.matrix import every


def test_the_source_is_checked_as_of_ordinary_transfers(corridor: Corridor) -> None:
    body = announcement([ndjson(people(1))], 1, source=OTHER_SOURCE)
    answer = corridor.ask("POST", PATH, body, key=corridor.emitter)
    assert (answer.status, answer.code) == (403, "SOURCE_NOT_ALLOWED")
    announce(corridor, {**body, "source": SOURCE + "/below"})


CHANGES: Final[list[tuple[dict[str, object], set[tuple[str, str]]]]] = [
    ({"lines": 0}, {("/lines", "SCHEMA")}),
    ({"lines": 5_000_001}, {("/lines", "SCHEMA")}),
    ({"lines": REMOVED, "parts": REMOVED}, {("/lines", "SCHEMA"), ("/parts", "SCHEMA")}),
    ({"parts": 10_001, "lines": 20_000}, {("/parts", "SCHEMA")}),
    ({"parts": 3, "lines": 2}, {("/parts", "SCHEMA")}),
    ({"sha256": "zz" * 32}, {("/sha256", "SCHEMA")}),
    ({"sha256": None, "id": ""}, {("/sha256", "SCHEMA"), ("/id", "SCHEMA")}),
    ({"more": 1}, {("/more", "SCHEMA")}),
    ({"order_11": "v"}, {("/order_11", "SCHEMA")}),
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


@every("changes, errors", CHANGES)
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


# -- Parts of bulk transfers that are not accepted leave nothing --


@pytest.fixture(scope="module")
def bulk(corridor: Corridor) -> str:
    """One that was announced with 5,000 lines in two parts."""
    return announce(corridor, {**announcement([GOOD, GOOD], 5_000)})["bulk"]


@every("name", BROKEN)
def test_a_broken_part_is_refused_with_the_place_and_leaves_nothing(
    corridor: Corridor, bulk: str, name: str
) -> None:
    content, headers, code, told = BROKEN[name]
    answer = put(corridor, bulk, 1, content, headers)
    assert answer.status in (415, 422), answer.text
    assert answer.code == code, answer.text
    if isinstance(told, str):
        assert answer.body["reason"] == told
    elif told is not None:
        assert answer.errors == told
    assert not traces(answer.text)
    assert kept(corridor, bulk) == (0, 0)
    assert look(corridor, bulk).body["there"] == {"parts": 0, "lines": 0}


def test_a_broken_part_does_not_take_the_place_of_a_good_one(corridor: Corridor) -> None:
    bulk = announce(corridor, announcement([GOOD], 3))["bulk"]
    assert put(corridor, bulk, 1, GOOD, {**NDJSON, **stating(GOOD)}).status == 200
    before = kept(corridor, bulk)
    for name in ("gzip cut short", "no JSON", "another hash"):
        content, headers, _, _ = BROKEN[name]
        assert put(corridor, bulk, 1, content, headers).status == 422
    assert kept(corridor, bulk) == before == (1, 1)
    assert commit(corridor, bulk).status == 202
    carry_out(corridor)


# -- over the wire ---------------------------------------------------------------------------------


def sending(corridor: Corridor, bulk: str, pieces: Iterator[bytes | None]) -> tuple[Any, int]:
    """The answer to a part that comes in these pieces, and how many of its bytes were asked for.

    None: the client hangs up.
    """
    asked, is_whole = 0, False
    answer: list[Message] = []
    path = f"{PATH}/{bulk}/parts/1"

    async def receive() -> Message:
        nonlocal asked, is_whole
        if is_whole:
            await asyncio.Event().wait()  # as a server: until the client hangs up
        piece = next(pieces, b"")
        if piece is None:
            return {"type": "http.disconnect"}
        asked += len(piece)
        is_whole = not piece
        return {"type": "http.request", "body": piece, "more_body": bool(piece)}

    async def send(message: Message) -> None:
        answer.append(message)

    headers = {**NDJSON, "authorization": f"Bearer {corridor.emitter}"}
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "PUT",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
        "state": {},
    }
    asyncio.run(corridor.app(scope, receive, send))
    return answer, asked


def test_of_a_line_of_100_mb_next_to_nothing_is_held_and_the_line_is_cut(
    corridor: Corridor, bulk: str
) -> None:
    piece = b"x" * 65_536
    tracemalloc.start()
    answer, asked = sending(corridor, bulk, iter([b'{"scheme":"', *[piece] * 1_600]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer[0]["status"] == 422
    assert b"LINE_TOO_LONG" in answer[1]["body"]
    assert (b"connection", b"close") in answer[0]["headers"]
    # What is refused is received for a while, as of every long body, and thrown away.
    # Some pieces are received ahead of who reads them.
    assert asked <= DISCARDED_BYTES_MAX + 8 * len(piece)
    assert peak < 4 << 20
    assert kept(corridor, bulk) == (0, 0)


def test_a_client_that_goes_away_midway_leaves_nothing(corridor: Corridor) -> None:
    persons = people(30_000, fresh_id())
    content = ndjson(persons)
    bulk = announce(corridor, announcement([content], len(persons)))["bulk"]
    seen: list[tuple[int, int]] = []

    def pieces() -> Iterator[bytes | None]:
        for begin in range(0, len(content) * 3 // 4, 65_536):
            yield content[begin : begin + 65_536]
        seen.append(kept(corridor, bulk))
        yield None

    sending(corridor, bulk, pieces())
    assert seen[0][1] > 0, "some of it was kept by then"
    assert kept(corridor, bulk) == (0, 0)
    assert put(corridor, bulk, 1, content).body["lines"] == 30_000
