"""What a connection may cost before anybody is known: bytes, header fields, time, and its place.

uvicorn bounds none of these. The parser keeps a header field until it is whole, so bytes are
counted as they come in. Times are those of Apache's `mod_reqtimeout`: 20 s for the head of a
request, and a body that goes on at 500 bytes a second.

Source: RFC 6585, section 5 (431); RFC 9110, sections 6.5 (trailers), 15.5.9 (408).
"""

import asyncio
from typing import ClassVar, Final, cast

import orjson
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from api.problems import catalogue
from api.problems.answers import MEDIA_TYPE, problem
from api.problems.kind import Kind
from api.serving.one_write import OneWriteProtocol

HEAD_BYTES_MAX: Final = 64 * 1024
"""Of the request line and all header fields."""
FIELDS_MAX: Final = 100
"""Header fields of one request."""
HEAD_S_MAX: Final = 20.0
"""From the beginning of the connection, or from the first byte of a further request."""
BODY_S: Final = 20.0
BODY_RATE_MIN: Final = 500
"""Bytes a second, in each span of `BODY_S`; not while we do not read."""
CONNECTIONS_MAX: Final = 1_000
"""Of one process. A further one takes the place of the one that has asked for nothing longest."""
OVERHEAD_MAX: Final = 64 * 1024
"""Bytes of chunk sizes, their extensions and trailers, besides eight for each byte of the body."""


def _refusal(kind: Kind) -> bytes:
    """The answer to a request of which the head was not read: its language is not known."""
    content = orjson.dumps(problem(kind, {}, "en"))
    head = f"HTTP/1.1 {kind.status} {kind.title.en}\r\ncontent-type: {MEDIA_TYPE}\r\n"
    head += f"content-length: {len(content)}\r\nconnection: close\r\n\r\n"
    return head.encode() + content


class _TooLargeError(Exception):
    """Stops the parser."""


class LimitedProtocol(OneWriteProtocol):
    """The protocol of a connection, within the limits above."""

    _waiting: ClassVar[dict["LimitedProtocol", None]] = {}
    """Connections without a request that is whole up to its body, the longest first."""

    _timer: asyncio.TimerHandle | None = None
    _in_head = False
    _in_body = False
    _head_bytes = 0
    _fed = 0
    _given = 0
    _seen = 0
    _refused: Kind | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin to serve a connection, if need be in the place of another."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS_MAX:
            idle = next(iter(self._waiting), self)
            self._waiting.pop(idle, None)
            idle.transport.abort()
        if self.transport.is_closing():
            return
        self._waiting[self] = None
        self._timer = self.loop.call_later(HEAD_S_MAX, self._late)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._waiting.pop(self, None)
        self._stop_timer()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self._refused is not None:
            return
        self._fed += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            self._stop_timer()
        elif self._in_body:
            if self._fed - self._given > OVERHEAD_MAX + 8 * self._given:
                self._refuse(catalogue.HEADERS_TOO_LARGE)
            elif self._timer is None:
                self._seen = self._fed
                self._timer = self.loop.call_later(BODY_S, self._slow)
        elif self._in_head or self._is_free():
            if self._fed > HEAD_BYTES_MAX:
                self._refuse(catalogue.HEADERS_TOO_LARGE)
            elif self._timer is None:
                self._timer = self.loop.call_later(HEAD_S_MAX, self._late)

    @override
    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0

    @override
    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        self._head_bytes += len(url)
        super().on_url(url)

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        """A header field; a trailer is none, whatever it names."""
        if self._in_head:
            self._head_bytes += len(name) + len(value) + len(b": \r\n")
            super().on_header(name, value)

    @override
    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._stop_timer()
        self._in_head = False
        if self._head_bytes > HEAD_BYTES_MAX or len(self.headers) > FIELDS_MAX:
            self._refused = catalogue.HEADERS_TOO_LARGE
            raise _TooLargeError
        self._waiting.pop(self, None)
        self._in_body, self._fed, self._given = True, 0, 0
        super().on_headers_complete()

    @override
    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._given += len(body)
        super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        """The request is whole."""
        self._stop_timer()
        self._in_body, self._fed = False, 0
        super().on_message_complete()

    @override
    def on_response_complete(self) -> None:
        """The answer is given."""
        super().on_response_complete()
        if self.cycle.response_complete and not self.transport.is_closing():
            self._waiting[self] = None

    @override
    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser could not read, or was told not to."""
        del msg
        self._refuse(self._refused or catalogue.BAD_REQUEST)

    def _is_free(self) -> bool:
        """Whether every request so far is answered."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return cycle is None or cycle.response_complete

    def _refuse(self, kind: Kind) -> None:
        self._refused = kind
        self._stop_timer()
        if self._is_free():
            self.transport.write(_refusal(kind))
        self.transport.close()

    def _late(self) -> None:
        self._timer = None
        if self._in_head:
            self._refuse(catalogue.REQUEST_TIMEOUT)
        else:
            self.transport.close()

    def _slow(self) -> None:
        self._timer = None
        is_awaited = not (self.flow.read_paused or self.cycle.waiting_for_100_continue)
        if is_awaited and self._fed - self._seen < BODY_S * BODY_RATE_MIN:
            self.transport.close()
            return
        self._seen = self._fed
        self._timer = self.loop.call_later(BODY_S, self._slow)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
