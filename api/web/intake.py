"""What comes in: how long a body may be, of which type, and JSON in UTF-8 or nothing."""

import asyncio
import json
import re
from collections.abc import Collection
from typing import Final, cast

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override

from api.problems.answers import refusal_response
from api.problems.refusals import (
    BatchTooLargeError,
    DuplicateMemberError,
    MalformedBodyError,
    NotUtf8Error,
    UnsupportedMediaTypeError,
)
from ledger.values import Json

_ESCAPED_COLON: Final = re.compile(rb"\\u003[aA]")

# A body that is not read to its end: the server would go on to read what was refused.
HANG_UP: Final = [(b"connection", b"close")]

DISCARDED_BYTES_MAX: Final = 32 * 1024 * 1024
DISCARDED_S_MAX: Final = 10.0


class BodyLimit:
    """Refuses longer bodies, by their announced length or while they stream in (413).

    Many clients send the whole body before they look at an answer, and lose the answer when the
    connection closes meanwhile. So the rest is received and thrown away first, within bounds;
    beyond them the connection is closed.

    Args:
        discarded_bytes_max: longest body, in bytes, of which the rest is received.
        discarded_s_max: longest time, in seconds, for which it is.
        unbounded: paths that bound their bodies themselves, as they stream in; as routes write
            them, with names in braces for what may stand there.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        bytes_max: int,
        items_max: int,
        discarded_bytes_max: int = DISCARDED_BYTES_MAX,
        discarded_s_max: float = DISCARDED_S_MAX,
        unbounded: Collection[str] = (),
    ) -> None:
        self._app = app
        self._unbounded = re.compile("|".join(map(_pattern, unbounded)) or "(?!)")
        self._bytes_max = bytes_max
        self._items_max = items_max
        self._discarded_bytes_max = discarded_bytes_max
        self._discarded_s_max = discarded_s_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or self._unbounded.fullmatch(scope.get("path", "")):
            await self._app(scope, receive, send)
            return
        length, chunked = _announced(scope)
        if length is not None and length > self._bytes_max:
            # Who waits for leave to send has sent nothing, and sees the answer at once.
            useless = waits_for_leave(scope) or length > self._discarded_bytes_max
            is_whole = not useless and await self._discarded(receive)
            await self._refuse(scope, receive, send, is_whole=is_whole)
        elif length is not None and not chunked:
            # The server holds the sender to the announced length, so nobody need count.
            await self._app(scope, receive, send)
        else:
            await self._counted(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0
        too_long = False
        answered = False
        is_whole = False

        async def receive_counted() -> Message:
            nonlocal received, too_long, is_whole
            message = await receive()
            received += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if received > self._bytes_max:
                too_long = True
                raise BatchTooLargeError(self._bytes_max, self._items_max)
            return message

        async def send_unless_too_long(message: Message) -> None:
            # Who reads the body may turn our refusal into another one: ours is the true reason.
            nonlocal answered
            if not too_long:
                answered = answered or message["type"] == "http.response.start"
                await send(message)

        try:
            await self._app(scope, receive_counted, send_unless_too_long)
        except BatchTooLargeError:
            too_long = True
        if too_long and not answered:
            is_whole = is_whole or await self._discarded(receive, received)
            await self._refuse(scope, receive, send, is_whole=is_whole)

    async def _discarded(self, receive: Receive, received: int = 0) -> bool:
        left = self._discarded_bytes_max - received
        return await discarded(receive, left, self._discarded_s_max)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, *, is_whole: bool) -> None:
        error = BatchTooLargeError(self._bytes_max, self._items_max)
        response = refusal_response(Request(scope), error)
        if not is_whole:
            response.raw_headers.extend(HANG_UP)
        await response(scope, receive, send)


async def discarded(
    receive: Receive, bytes_max: int = DISCARDED_BYTES_MAX, s_max: float = DISCARDED_S_MAX
) -> bool:
    """Receive the rest of a body and keep nothing of it; whether its end was reached."""
    left = bytes_max
    try:
        async with asyncio.timeout(s_max):
            while left >= 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    return True
    except TimeoutError:
        pass
    return False


def _pattern(path: str) -> str:
    return re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))


def _announced(scope: Scope) -> tuple[int | None, bool]:
    """The announced length in bytes, if any, and whether the body comes in chunks."""
    length: int | None = None
    chunked = False
    for name, value in cast("list[tuple[bytes, bytes]]", scope["headers"]):
        if name == b"content-length" and value.isdigit():
            # A longer number exceeds every limit; Python would refuse to read a very long one.
            length = int(value[:20])
        elif name == b"transfer-encoding":
            chunked = True
    return length, chunked


def waits_for_leave(scope: Scope) -> bool:
    """Whether the client sends the body only after `100 Continue` (RFC 9110, section 10.1.1)."""
    headers = cast("list[tuple[bytes, bytes]]", scope["headers"])
    return any(name == b"expect" and value.lower() == b"100-continue" for name, value in headers)


def media_type(request: Request, *allowed: str) -> str:
    """The media type of the body without its parameters, in lower case.

    Raises:
        UnsupportedMediaTypeError: it is not one of `allowed` (none given: any will do), or its
            charset is not UTF-8.
    """
    # By hand: the framework's headers are an object of their own, made anew for each request.
    headers = cast("list[tuple[bytes, bytes]]", request.scope["headers"])
    given = [value for name, value in headers if name == b"content-type"]
    content_type = given[0].decode("latin-1") if given else ""
    if content_type in allowed:
        return content_type  # as nearly everybody writes it
    stated, _, parameters = content_type.lower().partition(";")
    stated = stated.strip()
    charsets = [
        value.strip(' "')
        for name, _, value in (one.partition("=") for one in parameters.split(";"))
        if name.strip() == "charset"
    ]
    if (allowed and stated not in allowed) or any(
        charset not in ("utf-8", "utf8", "us-ascii") for charset in charsets
    ):
        raise UnsupportedMediaTypeError
    return stated


def parse_json(body: bytes) -> Json:
    """JSON (RFC 8259) in UTF-8 without a byte order mark, as I-JSON narrows it (RFC 7493).

    Raises:
        NotUtf8Error: the bytes are not UTF-8.
        MalformedBodyError: they are, but no JSON: `NaN`, a lone surrogate and 255 levels of
            nesting are none either.
        DuplicateMemberError: an object names a member twice; readers would disagree on its value.
    """
    try:
        value = cast("Json", orjson.loads(body))
    except orjson.JSONDecodeError as found:
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            raise NotUtf8Error(error.start) from None
        # orjson counts characters; a client looks for the byte.
        raise MalformedBodyError(len(text[: found.pos].encode())) from None
    _refuse_repeated_members(body, value)
    return value


def _refuse_repeated_members(body: bytes, value: Json) -> None:
    """The parser keeps the last one of repeated members, and with it one colon fewer.

    A colon stands after each name, and inside strings, where only an escape can hide it: so equal
    numbers mean that nothing was dropped. Writing the value again costs a fifth of reading it.
    """
    try:
        colons = orjson.dumps(value).count(b":")
    except TypeError:
        raise MalformedBodyError(0) from None  # nested more deeply than can be written again
    if b"\\u003" in body and _ESCAPED_COLON.search(body):
        json.loads(body, object_pairs_hook=_without_repeats)
    elif body.count(b":") != colons:
        raise DuplicateMemberError


def _without_repeats(pairs: list[tuple[str, object]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise DuplicateMemberError


class ReadRequest(Request):
    """A request whose body is read and parsed already."""

    def __init__(self, request: Request, value: Json) -> None:
        super().__init__(request.scope, request.receive)
        self._parsed = value

    @override
    async def body(self) -> bytes:
        """Whatever is not empty: only `json` is asked for the content."""
        return b"null"

    @override
    async def json(self) -> Json:
        """The value that was parsed."""
        return self._parsed


async def read_json(request: Request) -> Json:
    """The whole body as JSON; see `parse_json`."""
    return parse_json(await read_body(request))


class TooLongError(Exception):
    """A body is longer than its reader takes."""


async def read_body(request: Request, bytes_max: int | None = None) -> bytes:
    """The whole body. As `Request.body`, without its two generators and its copy.

    Args:
        bytes_max: how long it may be; None: as long as `BodyLimit` lets it be.

    Raises:
        ClientDisconnect: the client hung up before its end.
        TooLongError: it is longer; no more of it is read.
    """
    parts: list[bytes] = []
    size = 0
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(cast("bytes", message.get("body", b"")))
        size += len(parts[-1])
        if bytes_max is not None and size > bytes_max:
            raise TooLongError
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)
