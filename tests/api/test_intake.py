import asyncio
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from api.intake import BodyLimit, parse_json
from api.problems import BatchTooLargeError, MalformedBodyError, NotUtf8Error
from tests.api.door import BYTES_MAX, no_database, probe_app

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("body", "error", "byte"),
    [
        (b'{"a": "\xff"}', NotUtf8Error, 7),
        (b"\x80", NotUtf8Error, 0),
        (b'{"a": "\xe3\x81', NotUtf8Error, 7),
        ('{"氏名": }'.encode(), MalformedBodyError, 11),
        (b"\xef\xbb\xbf{}", MalformedBodyError, 0),
        (b"", MalformedBodyError, 0),
        (b"[NaN]", MalformedBodyError, 1),
        (b'"\\ud800"', MalformedBodyError, None),
        (b"[" * 2_000, MalformedBodyError, None),
    ],
)
def test_what_is_not_json_in_utf8_is_refused_at_its_byte(
    body: bytes, error: type[MalformedBodyError], byte: int | None
) -> None:
    with pytest.raises(error) as caught:
        parse_json(body)
    assert byte is None or caught.value.byte == byte


@given(st.binary(max_size=60))
def test_any_bytes_are_json_or_refused(body: bytes) -> None:
    byte = 0
    try:
        parse_json(body)
    except MalformedBodyError as error:
        byte = error.byte
    assert 0 <= byte <= len(body)


def post(content: bytes | Iterator[bytes]) -> tuple[int, dict[str, object]]:
    answer = TestClient(probe_app(no_database)).post("/validated", content=content, headers=JSON)
    return answer.status_code, answer.json() if answer.status_code != 200 else {}


def test_a_body_up_to_the_limit_is_read() -> None:
    body = b'{"count": 1}'.ljust(BYTES_MAX)
    assert post(body)[0] == 200
    assert post(iter([body[:9], body[9:]]))[0] == 200


def test_a_longer_body_is_refused_with_the_limits() -> None:
    body = b'{"count": 1}'.ljust(BYTES_MAX + 1)
    for content in (body, iter([body[:9], body[9:]])):
        status, answer = post(content)
        assert status == 413
        assert answer["code"] == "BATCH_TOO_LARGE"
        assert (answer["bytes_max"], answer["items_max"]) == (BYTES_MAX, 1_000)
        assert answer["errors"] == [
            {"pointer": "", "code": "BATCH_TOO_LARGE", "detail": answer["detail"]}
        ]


@pytest.mark.parametrize("length", [b"5000", b"9" * 5_000])
def test_an_announced_long_body_is_refused_unread_and_the_connection_ends(length: bytes) -> None:
    sent: list[Message] = []

    async def inner(*_: object) -> None:
        raise AssertionError

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "headers": [(b"content-length", length)]}
    asyncio.run(BodyLimit(inner, bytes_max=4_096, items_max=1)(scope, receive, send))
    assert sent[0]["status"] == 413
    assert (b"connection", b"close") in sent[0]["headers"]


def test_an_announced_length_does_not_excuse_a_chunked_body() -> None:
    sent: list[Message] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, send
        while True:
            await receive()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"x" * 1_000, "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-length", b"10"), (b"transfer-encoding", b"chunked")]
    scope = {"type": "http", "headers": headers}
    asyncio.run(BodyLimit(inner, bytes_max=4_096, items_max=1)(scope, receive, send))
    assert sent[0]["status"] == 413


def test_the_error_carries_the_limits() -> None:
    assert BatchTooLargeError(5, 7).bytes_max == 5
