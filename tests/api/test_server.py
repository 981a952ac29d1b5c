"""The doors behind the real server, on a real socket."""

import asyncio
import contextlib
import http.client
import io
import json
import logging
import socket
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import closing
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from typing_extensions import override

from api.auth import Caller, make, requires
from api.observability.logs import TurnHandler
from api.server.limits import JoiningTransport, LimitedProtocol, OneWriteProtocol
from api.server.web import web_server
from api.settings.settings import Settings
from api.web.answers import JsonResponse
from api.web.bare_route import DirectRoute
from api.web.services import ServicesDep
from ledger.clock import now
from ledger.errors import NotFoundError
from ledger.values import Json
from tests.api.door import no_database, probe_app, whole_app
from tests.api.test_keys import bearer, owner, writer
from tests.database import Database
from tests.matrix import every
from tests.serving.threads import served

CANARY = "吉田 花子"


def failing() -> Exception:
    return ValueError(f"cannot handle {CANARY}")


@pytest.fixture
def port(written: io.StringIO) -> Iterator[int]:
    """A served application."""
    del written
    app = probe_app(no_database, trouble=failing)
    with served(app, lifespan="off") as opened:
        yield opened


def exchange(port: int, request: bytes) -> bytes:
    """Send raw bytes and read until the server ends the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        # Refused before all was sent: the answer is there nevertheless.
        with contextlib.suppress(ConnectionError):
            connection.sendall(request)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(65_536):
                answer += part
        return answer


LONG = 10_000_000
HEAD = b"POST /validated HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def test_a_client_that_sends_a_long_body_to_its_end_gets_the_refusal(port: int) -> None:
    headers = {"Content-Type": "application/json"}
    for body in (b" " * LONG, iter([b" " * 100_000] * 100)):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        with contextlib.closing(connection):
            connection.request("POST", "/validated", body, headers)
            answer = connection.getresponse()
            assert answer.status == 413
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert json.load(answer)["code"] == "BATCH_TOO_LARGE"
            # It was read to its end, so the connection goes on.
            connection.request("POST", "/validated", b'{"count": 1}', headers)
            assert connection.getresponse().read() == b"2"


def test_a_body_that_is_too_long_to_be_received_is_refused_and_the_connection_ends(
    port: int,
) -> None:
    announced = HEAD + b"Content-Length: 40000000\r\n\r\n"
    waiting = HEAD + b"Content-Length: 10000000\r\nExpect: 100-continue\r\n\r\n"
    for request in (announced, waiting):
        answer = exchange(port, request)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert answer.count(b"HTTP/1.1 ") == 1
        assert b"application/problem+json" in answer


def test_the_server_prints_nothing_of_a_request(port: int, written: io.StringIO) -> None:
    quoted = "%E5%90%89%E7%94%B0"
    for request in (
        f"GET /trouble/{quoted}?name={quoted} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        f"GET /{quoted} HTTP/1.1\r\nHost: x\r\nX-Name: {quoted}\r\nConnection: close\r\n\r\n",
        f"{quoted} is no HTTP\r\n\r\n",
    ):
        exchange(port, request.encode())
    told = [json.loads(line) for line in written.getvalue().splitlines()]
    assert {line["message"] for line in told} >= {"incident", "request"}
    assert "E5%90" not in written.getvalue()
    assert "吉田" not in written.getvalue()
    assert "\\u5409" not in written.getvalue()


# -- Head and body of an answer leave together, and nothing else about an answer changes --


LARGE = bytes(range(256)) * 8_192
LOOKS_LIKE_A_HEAD = b"HTTP/1.1 is the name of a protocol"


async def echo(request: Request) -> Response:
    return Response(await request.body())


async def large(_: Request) -> Response:
    return Response(LARGE)


async def nothing(_: Request) -> Response:
    return Response(status_code=204)


async def stream(request: Request) -> Response:
    async def parts() -> AsyncGenerator[bytes]:
        # Begins once the client has the head: a head that waited for it would wait for ever.
        has_head: threading.Event = request.app.state.has_head
        await asyncio.to_thread(has_head.wait)
        yield LOOKS_LIKE_A_HEAD
        yield LOOKS_LIKE_A_HEAD
        await asyncio.sleep(0.01)
        yield b"end"

    return StreamingResponse(parts())


@pytest.fixture
def app() -> Starlette:
    app = Starlette(
        routes=[
            Route("/echo", echo, methods=["POST"]),
            Route("/large", large),
            Route("/nothing", nothing),
            Route("/stream", stream),
        ]
    )
    app.state.has_head = threading.Event()
    return app


@pytest.fixture
def port_of_one_write(app: Starlette) -> Iterator[int]:
    with served(app, http=OneWriteProtocol) as opened:
        yield opened


def posted(body: bytes, *, close: bool = False) -> bytes:
    end = b"connection: close\r\n" if close else b""
    head = b"POST /echo HTTP/1.1\r\nhost: x\r\n" + end
    return head + b"content-length: %d\r\n\r\n" % len(body) + body


def connected(port_of_one_write: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port_of_one_write), timeout=60)


def rest(connection: socket.socket) -> bytes:
    answer = b""
    while part := connection.recv(65_536):
        answer += part
    return answer


class Written(asyncio.Transport):
    """A transport that notes in a list that others share what reaches it."""

    def __init__(self, name: str, order: list[tuple[str, bytes]]) -> None:
        super().__init__()
        self._name, self._order = name, order

    @override
    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert isinstance(data, bytes)
        self._order.append((self._name, data))

    @override
    def close(self) -> None:
        self._order.append((self._name, b"closed"))


HEAD_OF_ONE_WRITE = b"HTTP/1.1 200 OK\r\n\r\n"


def test_the_answers_of_one_turn_leave_one_after_another_at_its_end() -> None:
    order: list[tuple[str, bytes]] = []

    async def turn() -> None:
        loop = asyncio.get_running_loop()
        one, other = (JoiningTransport(Written(name, order), loop) for name in ("one", "other"))
        one.write(HEAD_OF_ONE_WRITE)
        one.write(b"body")
        other.write(HEAD_OF_ONE_WRITE)
        one.write(HEAD_OF_ONE_WRITE)
        other.write(b"other body")
        assert order == []
        await asyncio.sleep(0)
        assert order == [
            ("one", HEAD_OF_ONE_WRITE + b"body" + HEAD_OF_ONE_WRITE),
            ("other", HEAD_OF_ONE_WRITE + b"other body"),
        ]
        other.write(b"more of a stream")
        assert order[2:] == [("other", b"more of a stream")]

    asyncio.run(turn())


def test_a_client_reads_head_and_body_at_once(port_of_one_write: int) -> None:
    with connected(port_of_one_write) as connection:
        for n in range(50):
            connection.sendall(posted(b"body %d" % n))
            assert connection.recv(65_536).endswith(b"\r\n\r\nbody %d" % n)


def test_the_head_of_a_stream_waits_for_no_body(port_of_one_write: int, app: Starlette) -> None:
    with connected(port_of_one_write) as connection:
        connection.sendall(b"GET /stream HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        assert connection.recv(65_536).endswith(b"\r\n\r\n")
        app.state.has_head.set()
        size = b"%x\r\n" % len(LOOKS_LIKE_A_HEAD)
        chunk = size + LOOKS_LIKE_A_HEAD + b"\r\n"
        assert rest(connection) == chunk * 2 + b"3\r\nend\r\n0\r\n\r\n"


def test_requests_in_one_packet_are_answered_in_their_order(port_of_one_write: int) -> None:
    bodies = [b"%d" % n for n in range(20)]
    with connected(port_of_one_write) as connection:
        connection.sendall(b"".join(map(posted, bodies[:-1])) + posted(bodies[-1], close=True))
        answers = rest(connection).split(b"HTTP/1.1 200 OK\r\n")[1:]
    assert [one.split(b"\r\n\r\n")[1] for one in answers] == bodies


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/large", 200, LARGE),
        ("HEAD", "/large", 200, b""),
        ("GET", "/nothing", 204, b""),
        ("POST", "/echo", 200, b""),
        ("GET", "/unknown", 404, b"Not Found"),
    ],
)
def test_each_answer_is_whole_and_the_next_one_follows(
    port_of_one_write: int, method: str, path: str, status: int, body: bytes
) -> None:
    with closing(
        http.client.HTTPConnection("127.0.0.1", port_of_one_write, timeout=60)
    ) as connection:
        for _ in range(3):
            connection.request(method, path)
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (status, body)


def test_what_is_no_request_is_refused_and_the_connection_closed(port_of_one_write: int) -> None:
    with connected(port_of_one_write) as connection:
        connection.sendall(b"no request\r\n\r\n")
        assert rest(connection).startswith(b"HTTP/1.1 400 ")


def test_the_ledger_is_served_so() -> None:
    config = web_server(FastAPI(), Settings()).config
    config.load()
    assert config.http_protocol_class is LimitedProtocol
    assert issubclass(LimitedProtocol, OneWriteProtocol)


# -- Busy routes pass by the framework's inner layers, and answer as every other route does --


router = APIRouter(route_class=DirectRoute)
Reader = Annotated[Caller, Depends(requires("audit:read"))]


@router.post("/busy")
async def busy(request: Request, caller: Reader, inside: ServicesDep) -> Response:
    assert inside == request.app.state.services
    if await request.body() == b"refuse":
        raise NotFoundError
    return PlainTextResponse(caller.kind)


@pytest.fixture
def client(shared_database: Database) -> TestClient:
    key, credential = make("auditor", frozenset({"audit:read"}), None, at=now(), days=1)
    owner(shared_database).add(key)
    return TestClient(
        whole_app(writer(shared_database), routers=(router,)), headers=bearer(credential)
    )


def test_its_refusal_is_a_problem_in_the_language_asked_for(client: TestClient) -> None:
    answer = client.post("/busy", content=b"refuse", headers={"accept-language": "ja"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == "ja"


def test_its_guard_stands(client: TestClient) -> None:
    answer = client.post("/busy", headers={"authorization": "Bearer plk_nobody"})
    assert answer.status_code == 401


def test_another_method_is_not_allowed(client: TestClient) -> None:
    assert client.get("/busy").status_code == 405


# -- Log lines of one turn of the loop leave together, and none is lost or overtaken --


class Stream(io.StringIO):
    """Counts the writes."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []

    @override
    def write(self, text: str, /) -> int:
        self.writes.append(text)
        return super().write(text)


def logger_to(stream: Stream) -> tuple[logging.Logger, TurnHandler]:
    handler = TurnHandler(stream)
    logger = logging.Logger("test", logging.INFO)  # noqa: LOG001 -- one of its own, which nobody configures
    logger.addHandler(handler)
    return logger, handler


def test_lines_of_one_turn_are_written_at_once() -> None:
    stream = Stream()
    logger, _ = logger_to(stream)

    async def turn() -> list[str]:
        logger.info("a")
        logger.info("b")
        before = list(stream.writes)
        await asyncio.sleep(0)
        return before

    assert asyncio.run(turn()) == []
    assert stream.writes == ["a\nb\n"]


def test_a_warning_is_written_at_once_after_what_was_waiting() -> None:
    stream = Stream()
    logger, _ = logger_to(stream)

    async def turn() -> list[str]:
        logger.info("a")
        logger.warning("b")
        return list(stream.writes)

    assert asyncio.run(turn()) == ["a\nb\n"]


# -- An answer in JSON has the headers that the framework would give it --


@every("content", [{}, {"name": "見本"}, [1] * 5_000, None])
@every("status", [200, 201, 409])
def test_an_answer_says_its_type_and_its_length_in_bytes(content: Json, status: int) -> None:
    answer = JsonResponse(content, status)
    plain = Response(bytes(answer.body), status, media_type="application/json")
    assert (answer.status_code, answer.raw_headers) == (status, plain.raw_headers)
