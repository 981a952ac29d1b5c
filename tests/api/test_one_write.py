"""Head and body of an answer leave together, and nothing else about an answer changes."""

import asyncio
import http.client
import socket
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import closing

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from typing_extensions import override

from api.server.limits import LimitedProtocol
from api.server.single_write import JoiningTransport, OneWriteProtocol
from api.server.web import web_server
from api.settings.settings import Settings
from tests.serving.threads import served

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
def port(app: Starlette) -> Iterator[int]:
    with served(app, http=OneWriteProtocol) as opened:
        yield opened


def posted(body: bytes, *, close: bool = False) -> bytes:
    end = b"connection: close\r\n" if close else b""
    head = b"POST /echo HTTP/1.1\r\nhost: x\r\n" + end
    return head + b"content-length: %d\r\n\r\n" % len(body) + body


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=60)


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


HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


def test_the_answers_of_one_turn_leave_one_after_another_at_its_end() -> None:
    order: list[tuple[str, bytes]] = []

    async def turn() -> None:
        loop = asyncio.get_running_loop()
        one, other = (JoiningTransport(Written(name, order), loop) for name in ("one", "other"))
        one.write(HEAD)
        one.write(b"body")
        other.write(HEAD)
        one.write(HEAD)
        other.write(b"other body")
        assert order == []
        await asyncio.sleep(0)
        assert order == [("one", HEAD + b"body" + HEAD), ("other", HEAD + b"other body")]
        other.write(b"more of a stream")
        assert order[2:] == [("other", b"more of a stream")]

    asyncio.run(turn())


def test_a_client_reads_head_and_body_at_once(port: int) -> None:
    with connected(port) as connection:
        for n in range(50):
            connection.sendall(posted(b"body %d" % n))
            assert connection.recv(65_536).endswith(b"\r\n\r\nbody %d" % n)


def test_the_head_of_a_stream_waits_for_no_body(port: int, app: Starlette) -> None:
    with connected(port) as connection:
        connection.sendall(b"GET /stream HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        assert connection.recv(65_536).endswith(b"\r\n\r\n")
        app.state.has_head.set()
        size = b"%x\r\n" % len(LOOKS_LIKE_A_HEAD)
        chunk = size + LOOKS_LIKE_A_HEAD + b"\r\n"
        assert rest(connection) == chunk * 2 + b"3\r\nend\r\n0\r\n\r\n"


def test_requests_in_one_packet_are_answered_in_their_order(port: int) -> None:
    bodies = [b"%d" % n for n in range(20)]
    with connected(port) as connection:
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
    port: int, method: str, path: str, status: int, body: bytes
) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        for _ in range(3):
            connection.request(method, path)
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (status, body)


def test_what_is_no_request_is_refused_and_the_connection_closed(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"no request\r\n\r\n")
        assert rest(connection).startswith(b"HTTP/1.1 400 ")


def test_the_ledger_is_served_so() -> None:
    config = web_server(FastAPI(), Settings()).config
    config.load()
    assert config.http_protocol_class is LimitedProtocol
    assert issubclass(LimitedProtocol, OneWriteProtocol)
