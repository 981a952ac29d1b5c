"""The doors behind the real server, on a real socket."""

import contextlib
import http.client
import io
import json
import socket
from collections.abc import Iterator

import pytest

from tests.api.door import no_database, probe_app
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
