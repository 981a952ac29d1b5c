"""The value of Idempotency-Key: a string of RFC 9651, or the same without quotes."""

import asyncio
import itertools
import json
import re
from collections.abc import Iterator
from typing import cast

import pytest
from fastapi.testclient import TestClient
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from api.problems.refusals import (
    DuplicateMemberError,
    IdempotencyKeyMalformedError,
    MalformedBodyError,
    NotUtf8Error,
)
from api.web.idempotency import KEY_CHARACTERS_MAX, PARAMETER, key_of
from api.web.intake import BodyLimit, parse_json
from tests.api.door import BYTES_MAX, no_database, probe_app
from tests.matrix import every

JSON = {"content-type": "application/json"}


@every(
    "body, error, byte",
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


def has_repeats(body: bytes) -> bool:
    """The slow way to know it."""
    found: list[bool] = []

    def pairs(members: list[tuple[str, object]]) -> None:
        found.append(len({name for name, _ in members}) < len(members))

    json.loads(body, object_pairs_hook=pairs)
    return any(found)


names = st.sampled_from(["a", "b", ":", '":', "\\u003a", "é"])
values = st.recursive(
    st.sampled_from(["1", "null", '":"', '"\\u003a"', '"\\u003A:"', '"a\\":"', '"\\\\u003a"']),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: f"[{','.join(parts)}]")
        | st.lists(st.tuples(names, st.sampled_from(["", " ", "\n"]), inner), max_size=4).map(
            lambda members: (
                "{" + ",".join(f"{json.dumps(n)}{gap}:{v}" for n, gap, v in members) + "}"
            )
        )
    ),
)


@given(values)
@example('{"a":1,"a" :2}')
@example('{"a":1,"a":"\\u003a"}')
@example('{"\\u0061":1,"a":1}')
def test_a_member_that_stands_twice_is_refused_and_only_that(text: str) -> None:
    body = text.encode()
    if has_repeats(body):
        with pytest.raises(DuplicateMemberError):
            parse_json(body)
    else:
        assert parse_json(body) == json.loads(body)


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


def refused(
    body: Iterator[bytes], *headers: tuple[bytes, bytes], seconds: float = 10.0
) -> tuple[list[Message], int]:
    """What is sent to who sends `body`, of which one part may not come; how many were received.

    Up to 4,096 bytes are taken, and up to 16,384 received.
    """
    sent: list[Message] = []
    received = 0

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, send
        while (await receive()).get("more_body"):
            pass

    async def receive() -> Message:
        nonlocal received
        part = next(body, None)
        if part is None:
            await asyncio.Event().wait()
        received += 1
        return {"type": "http.request", "body": part, "more_body": part != b""}

    async def send(message: Message) -> None:
        sent.append(message)

    limit = BodyLimit(
        inner,
        bytes_max=4_096,
        items_max=1,
        discarded_bytes_max=16_384,
        discarded_s_max=seconds,
    )
    asyncio.run(limit({"type": "http", "headers": list(headers)}, receive, send))
    return sent, received


def test_a_path_that_bounds_its_own_bodies_gets_all_of_them_and_no_other_does() -> None:
    taken: list[str] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        del receive, send
        taken.append(scope["path"])

    async def nothing(*_: object) -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def sent(message: Message) -> None:
        del message

    limit = BodyLimit(inner, bytes_max=10, items_max=1, unbounded=("/large",))
    for path in ("/large", "/large/", "/other"):
        scope = {"type": "http", "path": path, "headers": [(b"content-length", b"11")]}
        asyncio.run(limit(scope, nothing, sent))
    assert taken == ["/large"]


HANG_UP = (b"connection", b"close")
PART = b"x" * 1_000


@every(
    "headers",
    [
        [(b"content-length", b"5000"), (b"expect", b"100-continue")],
        [(b"content-length", b"16385")],
        [(b"content-length", b"9" * 5_000)],
    ],
)
def test_a_body_that_need_not_come_is_refused_unread_and_the_connection_ends(
    headers: list[tuple[bytes, bytes]],
) -> None:
    sent, received = refused(iter([PART]), *headers)
    assert received == 0
    assert sent[0]["status"] == 413
    assert HANG_UP in sent[0]["headers"]


@every("headers", [[(b"content-length", b"9000")], []])
def test_a_long_body_is_received_to_its_end_before_it_is_refused(
    headers: list[tuple[bytes, bytes]],
) -> None:
    sent, received = refused(iter([PART] * 9 + [b""]), *headers)
    assert received == 10
    assert sent[0]["status"] == 413
    assert HANG_UP not in sent[0]["headers"]


def test_a_body_without_end_is_received_up_to_a_bound() -> None:
    sent, received = refused(itertools.repeat(PART))
    assert received == 17
    assert sent[0]["status"] == 413
    assert HANG_UP in sent[0]["headers"]


def test_a_body_that_stops_coming_is_waited_for_in_vain() -> None:
    for headers in ([(b"content-length", b"9000")], []):
        sent, received = refused(iter([PART] * 5), *headers, seconds=0.01)
        assert received == 5
        assert sent[0]["status"] == 413
        assert HANG_UP in sent[0]["headers"]


def test_an_announced_length_does_not_excuse_a_chunked_body() -> None:
    headers = [(b"content-length", b"10"), (b"transfer-encoding", b"chunked")]
    sent, _ = refused(itertools.repeat(PART), *headers)
    assert sent[0]["status"] == 413


PATTERN = re.compile(str(cast("dict[str, str]", PARAMETER["schema"])["pattern"]))
printable = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
keys = st.text(printable, min_size=1, max_size=KEY_CHARACTERS_MAX).filter(lambda k: k[0] != " ")


def quoted(key: str) -> str:
    """As RFC 9651, section 4.1.6 writes a string."""
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def read(value: str) -> str | None:
    """Character by character, as RFC 9651, section 4.2.5 reads a string; None when it is no key."""
    if not value.startswith('"'):
        bare = all("!" <= c <= "~" and c not in '",;\\' for c in value)
        return value if bare and 0 < len(value) <= KEY_CHARACTERS_MAX else None
    found, rest = "", list(value[1:])
    while rest:
        c = rest.pop(0)
        if c == '"':
            good = not rest and found[:1] not in ("", " ") and len(found) <= KEY_CHARACTERS_MAX
            return found if good else None
        if c == "\\":
            if not rest or rest[0] not in '"\\':
                return None
            c = rest.pop(0)
        elif not " " <= c <= "~":
            return None
        found += c
    return None


@given(keys)
def test_every_printable_key_comes_through_its_quotes(key: str) -> None:
    assert key_of([quoted(key)]) == key


@given(keys.filter(lambda key: not set(key) & set('",;\\ ')))
def test_a_key_is_the_same_without_quotes(key: str) -> None:
    assert key_of([key]) == key == key_of([f" {quoted(key)}\t"])


@given(
    st.text(max_size=300)
    | st.text(st.sampled_from('a "\\,;\x01é')).map(lambda text: f'"{text}"')
    | keys.map(quoted)
)
def test_a_value_is_read_as_the_standard_reads_it(value: str) -> None:
    expected = read(value.strip(" \t"))
    if expected is None:
        with pytest.raises(IdempotencyKeyMalformedError):
            key_of([value])
    else:
        assert key_of([value]) == expected
    if value == value.strip(" \t"):
        assert (expected is not None) == (PATTERN.fullmatch(value) is not None)


def test_one_request_has_one_key() -> None:
    with pytest.raises(IdempotencyKeyMalformedError):
        key_of(["a", "a"])
