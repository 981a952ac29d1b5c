"""Parts of bulk transfers that are not accepted leave nothing."""

import asyncio
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.types import Message

from api.web.intake import DISCARDED_BYTES_MAX
from tests.canary import traces
from tests.doors.broken_parts import BROKEN, GOOD, stating
from tests.doors.bulk_sending import (
    NDJSON,
    PATH,
    announce,
    announcement,
    carry_out,
    commit,
    kept,
    look,
    ndjson,
    people,
    put,
)
from tests.doors.corridor import Corridor, fresh_id


@pytest.fixture(scope="module")
def bulk(corridor: Corridor) -> str:
    """One that was announced with 5,000 lines in two parts."""
    return announce(corridor, {**announcement([GOOD, GOOD], 5_000)})["bulk"]


@pytest.mark.parametrize("name", BROKEN)
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


def test_another_coding_is_told_which_ones_there_are(corridor: Corridor, bulk: str) -> None:
    answer = put(corridor, bulk, 1, GOOD, {**NDJSON, "content-encoding": "br"})
    assert answer.headers["accept-encoding"] == "gzip, zstd"


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


def test_many_wrong_lines_are_named_a_hundred_at_a_time(corridor: Corridor, bulk: str) -> None:
    answer = put(corridor, bulk, 1, b"x\n" * 500)
    assert [*answer.errors] == [f"/lines/{n}" for n in range(1, 101)]


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
