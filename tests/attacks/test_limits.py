"""What a connection may cost before anybody is known (`api.server.limits`).

Attack: whoever has no credentials costs memory, connections or time: endless heads, trailers,
slow bodies, silent connections, answers that are not read, requests in advance. Or one caller with
a key takes all places for connections, one request each.
Held off by: limits of the head, of the times of head, body and answer, and of connections, of
which one of nobody known goes first, or one of a caller that has very many; and those of nobody
known have a share of the places in any case (`api.server.limits`).
"""

import json
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.auth import CALLER, Caller
from api.server import limits
from api.server.limits import FIELDS_MAX, HEAD_BYTES_MAX, OVERHEAD_MAX, LimitedProtocol
from tests.serving.threads import served

SHORT_S = 0.5
LARGE_BYTES = 16 * 1024 * 1024
"""More than the system takes over of an answer that nobody reads."""
BEGUN: list[str] = []
"""One entry for each request that reached the application."""


async def echo(request: Request) -> Response:
    body = await request.body()
    return JSONResponse({"fields": [name for name, _ in request.headers.items()], "n": len(body)})


async def early(_: Request) -> Response:
    return Response(status_code=204)


async def known(request: Request) -> Response:
    actor = request.headers.get("x-actor", "somebody")
    request.scope[CALLER] = Caller(actor, "key", frozenset(), None)
    return await echo(request)


async def large(_: Request) -> Response:
    return Response(bytes(LARGE_BYTES))


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    app = Starlette(
        routes=[
            Route("/", echo, methods=["GET", "POST"]),
            Route("/early", early, methods=["POST"]),
            Route("/known", known, methods=["GET", "POST"]),
            Route("/large", large),
        ]
    )

    async def noted(scope: Scope, receive: Receive, send: Send) -> None:
        BEGUN.append(scope["type"])
        await app(scope, receive, send)

    with served(noted, http=LimitedProtocol) as opened:
        yield opened


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times that a test can wait for."""
    monkeypatch.setattr(limits, "HEAD_S_MAX", SHORT_S)
    monkeypatch.setattr(limits, "BODY_S", SHORT_S)
    monkeypatch.setattr(limits, "WRITE_S", SHORT_S)


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def rest_of(connection: socket.socket) -> bytes:
    """What comes until the other side ends it, however it does."""
    found = b""
    try:
        while piece := connection.recv(65_536):
            found += piece
    except ConnectionError:
        pass
    return found


def answer(port: int, *pieces: bytes) -> tuple[int, dict[str, object]]:
    """Status and body of the last answer to what is sent; 0 where there is none."""
    with closing(connected(port)) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
        except ConnectionError:
            pass  # refused before all of it was sent
        found = rest_of(connection)
    if not found:
        return 0, {}
    head, _, body = found.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body or b"{}")


def get(*fields: bytes, path: bytes = b"/") -> bytes:
    lines = (b"GET " + path + b" HTTP/1.1", b"host: x", b"connection: close", *fields)
    return b"\r\n".join(lines) + b"\r\n\r\n"


TOO_LARGE = {
    "one field": (get(b"a: " + b"x" * HEAD_BYTES_MAX),),
    "one name": (get(b"x" * HEAD_BYTES_MAX + b": a"),),
    "many fields": (get(*(b"a%d: %b" % (n, b"x" * 1_000) for n in range(70))),),
    "too many fields": (get(*(b"a: b" for _ in range(FIELDS_MAX - 1))),),
    "an address": (get(path=b"/?" + b"x" * HEAD_BYTES_MAX),),
    "a field that never ends": (b"GET / HTTP/1.1\r\na: ", *(b"x" * 1_000_000 for _ in range(30))),
    "empty lines alone": tuple(b"\r\n" * 50_000 for _ in range(4)),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_a_head_that_is_too_large_is_refused_as_soon_as_it_is(port: int, name: str) -> None:
    status, problem = answer(port, *TOO_LARGE[name])
    # Whoever goes on sending may find the connection reset before the answer is read.
    assert status == 431 or (status == 0 and len(TOO_LARGE[name]) > 1)
    if status:
        assert problem["code"] == "HEADERS_TOO_LARGE"


def test_a_head_within_the_limits_is_read(port: int) -> None:
    # Two fields are in every request here.
    many = get(*(b"a: b" for _ in range(FIELDS_MAX - 2)))
    assert answer(port, many)[0] == 200
    assert answer(port, get(b"a: " + b"x" * (HEAD_BYTES_MAX - 200)))[0] == 200


def chunked(*trailers: bytes) -> bytes:
    head = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
    return head + b"3\r\nabc\r\n0\r\n" + b"".join(one + b"\r\n" for one in trailers) + b"\r\n"


def test_a_trailer_is_no_header(port: int) -> None:
    status, told = answer(port, chunked(b"authorization: Bearer x", b"cookie: y"))
    assert (status, told["n"]) == (200, 3)
    assert told["fields"] == ["host", "connection", "transfer-encoding"]


@pytest.mark.parametrize(
    "endless",
    [b"3\r\nabc\r\n0\r\n" + b"a: b\r\n" * OVERHEAD_MAX, b"3;" + b"x" * OVERHEAD_MAX * 8],
    ids=["trailers", "an extension"],
)
def test_what_is_about_the_body_and_not_of_it_does_not_go_on(port: int, endless: bytes) -> None:
    head = chunked().partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    status, _ = answer(port, head, *(endless[n : n + 9_000] for n in range(0, len(endless), 9_000)))
    assert status in (0, 431)


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n"
TWO_LENGTHS = {
    "a length and chunks": (
        b"content-length: %d\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" % (5 + len(SMUGGLED))
    ),
    "chunks and a length": (
        b"transfer-encoding: chunked\r\ncontent-length: %d\r\n\r\n0\r\n\r\n" % (5 + len(SMUGGLED))
    ),
    "two lengths": b"content-length: 0\r\ncontent-length: %d\r\n\r\n" % len(SMUGGLED),
    "a length that is none": b"content-length: +0\r\n\r\n",
    "chunks that are not the last coding": b"transfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "a space before the colon": b"transfer-encoding : chunked\r\n\r\n0\r\n\r\n",
    "a line end of its own": b"a: b\ncontent-length: 0\r\n\r\n",
}


@pytest.mark.parametrize("name", TWO_LENGTHS)
def test_a_request_of_which_the_end_is_uncertain_ends_the_connection(port: int, name: str) -> None:
    """What one reader takes for the body is another one's next request (smuggling)."""
    with closing(connected(port)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nhost: x\r\n" + TWO_LENGTHS[name] + SMUGGLED)
        found = rest_of(connection)
    assert found.startswith(b"HTTP/1.1 400 "), found
    assert found.count(b"HTTP/1.1 ") == 1, "the rest was read as a request"


@pytest.mark.usefixtures("hasty")
def test_who_says_nothing_is_hung_up_on_and_who_stammers_is_told(port: int) -> None:
    with closing(connected(port)) as connection:
        assert rest_of(connection) == b""
    with closing(connected(port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nhost: ")
        assert rest_of(connection).startswith(b"HTTP/1.1 408 ")


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("path", [b"/", b"/early"])
def test_a_body_that_does_not_go_on_is_hung_up_on(port: int, path: bytes) -> None:
    with closing(connected(port)) as connection:
        connection.sendall(
            b"POST " + path + b" HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc"
        )
        assert b"200" not in rest_of(connection)


def test_silent_connections_keep_nobody_out(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CONNECTIONS_MAX", 40)
    with ExitStack() as silent:
        opened = [silent.enter_context(closing(connected(port))) for _ in range(400)]
        for one in opened[::2]:
            one.sendall(b"GET / HTTP/1.1\r\n")
        assert answer(port, get())[0] == 200
        assert rest_of(opened[0]) == b"", "the oldest one makes room"


ONE = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


def deaf(port: int) -> socket.socket:
    """A connection that takes over next to nothing until somebody reads."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.settimeout(30)
    connection.connect(("127.0.0.1", port))
    return connection


def is_reset(connection: socket.socket) -> bool:
    """Whether the other side hangs up, told without reading what it has sent."""
    poll = select.poll()
    poll.register(connection, 0)
    return bool(poll.poll(10_000))


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("fields", [b"", b"connection: close\r\n"], ids=["kept", "closing"])
def test_who_does_not_read_is_hung_up_on(port: int, fields: bytes) -> None:
    with closing(deaf(port)) as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nhost: x\r\n" + fields + b"\r\n")
        assert is_reset(connection)


def pause() -> None:
    """Less than what is sent may wait for."""
    time.sleep(SHORT_S / 3)


@pytest.mark.parametrize("first", [ONE, b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n"])
def test_a_request_that_does_not_wait_for_the_answer_before_is_not_begun(
    port: int, first: bytes
) -> None:
    with closing(connected(port)) as connection:
        connection.sendall(first + ONE * 50)
        found = rest_of(connection)
    assert found.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in found.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert found.startswith(b"HTTP/1.1 200 ")


FORM = b"POST %b HTTP/1.1\r\nhost: x\r\ncontent-length: 30000000\r\n\r\na"
WITHOUT_AN_END = {
    "answers that are not read": b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n" * 12,
    "bodies that do not come": FORM % b"/",
    "bodies that go on after their answers": FORM % b"/early",
}


@pytest.mark.parametrize("name", WITHOUT_AN_END)
def test_requests_without_an_end_keep_nobody_out(
    port: int, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(limits, "CONNECTIONS_MAX", 40)
    before = len(BEGUN)
    with ExitStack() as there:
        for _ in range(80):
            there.enter_context(closing(deaf(port))).sendall(WITHOUT_AN_END[name])
        while len(BEGUN) < before + 40:  # as many as there are places
            pause()
        for _ in range(3):
            assert answer(port, get())[0] == 200


def told(connection: socket.socket, request: bytes) -> bytes:
    connection.sendall(request)
    return connection.recv(65_536)


def of(actor: str) -> bytes:
    return f"GET /known HTTP/1.1\r\nhost: x\r\nx-actor: {actor}\r\n\r\n".encode()


def serves(connections: list[socket.socket], request: bytes = ONE) -> None:
    for one in connections:
        assert told(one, request).startswith(b"HTTP/1.1 200 ")


def are_gone(connections: list[socket.socket]) -> bool:
    return [rest_of(one) for one in connections] == [b""] * len(connections)


Crowd = Callable[[int], list[socket.socket]]


@pytest.fixture
def crowd(port: int) -> Iterator[Crowd]:
    """Makes so many connections at once."""
    with ExitStack() as there:
        yield lambda n: [there.enter_context(closing(connected(port))) for _ in range(n)]


def bound(monkeypatch: pytest.MonkeyPatch, **bounds: int) -> None:
    for name, most in bounds.items():
        monkeypatch.setattr(limits, name, most)


def test_who_is_known_keeps_the_place_while_anybody_unknown_has_one(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound(monkeypatch, CONNECTIONS_MAX=10, UNKNOWN_SHARE=1)
    friends = crowd(9)
    serves(friends, of("somebody"))
    *pushed_out, newest = crowd(30)
    assert are_gone(pushed_out)
    serves([newest])
    serves(friends, of("somebody"))


def test_a_caller_of_very_many_connections_loses_the_oldest_of_them_and_nobody_else_any(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound(monkeypatch, CONNECTIONS_MAX=12, UNKNOWN_SHARE=2, KNOWN_MAX=3)
    friend = crowd(1)
    serves(friend, of("friend"))
    greedy = crowd(11)
    serves(greedy, of("greedy"))
    serves(crowd(8))  # none of these pushes out another
    assert are_gone(greedy[:8])
    serves(friend, of("friend"))
    serves(greedy[8:], of("greedy"))


def test_who_has_just_come_has_a_share_of_the_places_though_all_others_are_known(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound(monkeypatch, CONNECTIONS_MAX=10, UNKNOWN_SHARE=4)
    known = crowd(10)
    for n, one in enumerate(known):
        serves([one], of(f"caller-{n}"))
    probes = crowd(4)
    serves(probes)
    assert are_gone(known[:4])
    # The share is theirs: a fifth takes the place of the first of them, not of one known.
    serves(crowd(1))
    assert are_gone(probes[:1])
    for n, one in enumerate(known[4:], 4):
        serves([one], of(f"caller-{n}"))


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(("path", "is_read"), [(b"/", False), (b"/known", True)])
def test_a_body_of_nobody_known_takes_no_longer_than_a_time_in_all(
    port: int, monkeypatch: pytest.MonkeyPatch, path: bytes, *, is_read: bool
) -> None:
    monkeypatch.setattr(limits, "UNKNOWN_BODY_S_MAX", 2 * SHORT_S)
    piece = b"x" * int(limits.BODY_RATE_MIN * SHORT_S)
    head = (
        b"POST " + path + b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
    )
    with closing(connected(port)) as connection:
        try:
            connection.sendall(head % (20 * len(piece)))
            for _ in range(19):
                connection.sendall(piece)
                pause()
            connection.sendall(piece)
        except ConnectionError:
            pass  # hung up
        assert rest_of(connection).startswith(b"HTTP/1.1 200 ") == is_read


def test_a_body_does_not_go_on_without_an_end_after_its_answer(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "TRAILING_BYTES_MAX", 1_000_000)
    with closing(connected(port)) as connection:
        connection.sendall(b"POST /early HTTP/1.1\r\nhost: x\r\ncontent-length: 999999999\r\n\r\n")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 204 ")
        sent = 0
        with suppress(ConnectionError):
            while sent < 200:
                connection.sendall(b"x" * 1_000_000)
                sent += 1
        assert sent < 200
