"""What a connection may cost before anybody is known: bytes, header fields, time, and its place.

uvicorn bounds none of these. The parser keeps a header field until it is whole, so bytes are
counted as they come in. Times are those of Apache's `mod_reqtimeout`: 20 s for the head of a
request, and a body that goes on at 500 bytes a second. An answer must be read: its bytes go on in
each span of 20 s, and no request is begun before the answer to the one before is sent.

Source: RFC 6585, section 5 (431); RFC 9110, sections 6.5 (trailers), 15.5.9 (408); RFC 9112,
section 9.3.2 (who pipelines must be ready to send again what was not answered).
"""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import Callable, Mapping
from typing import ClassVar, Final, cast

import orjson
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.auth import CALLER, Caller
from api.problems.answers import MEDIA_TYPE, problem
from api.problems.kind import ProblemKind
from api.problems.kinds import KINDS

_HEAD: Final = b"HTTP/1.1 "
HELD_BYTES_MAX: Final = 64 * 1024
"""What is more than this of one answer does not wait: the transport says when it is too much."""


class OneWriteProtocol(HttpToolsProtocol):
    """uvicorn's protocol of a connection, over a transport that joins head and body.

    Attributes:
        joining: that transport.
    """

    joining: "JoiningTransport"

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin to serve a connection."""
        self.joining = JoiningTransport(transport, self.loop)
        super().connection_made(cast("asyncio.Transport", self.joining))


class JoiningTransport:
    """A transport whose writes keep their order and their bytes; everything else is the other's.

    Args:
        transport: what writes to the socket.

    Attributes:
        on_close: called when no more is written, and what was is perhaps not sent yet.
    """

    __slots__ = ("_given", "_held", "_loop", "_sending", "_transport", "on_close")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: bytes | None = None
        self._sending: asyncio.Handle | None = None
        self._given = 0
        self.on_close: Callable[[], None] | None = None

    @property
    def sent(self) -> int:
        """Bytes that the system has taken over, of all that was written."""
        return self._given - len(self._held or b"") - self._transport.get_write_buffer_size()

    def write(self, data: bytes) -> None:
        """Write; an answer, from its head on, at the end of this turn."""
        self._given += len(data)
        held = self._held
        if held is not None:
            if len(held) + len(data) > HELD_BYTES_MAX:
                # Not joined: a copy for each reader who does not read would fill the memory.
                self._flush()
                self._transport.write(data)
            else:
                self._held = held + data
        elif data.startswith(_HEAD):
            self._held = data
            if self._sending is None:
                self._sending = self._loop.call_soon(self._send)
        else:
            self._transport.write(data)

    def close(self) -> None:
        """Close once everything is written."""
        self._flush()
        self._transport.close()
        if self.on_close is not None:
            self.on_close()

    def _send(self) -> None:
        self._sending = None
        self._flush()

    def _flush(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            self._transport.write(held)

    def __getattr__(self, name: str) -> object:
        """Whatever else a transport can do."""
        return getattr(self._transport, name)


HEAD_BYTES_MAX: Final = 64 * 1024
"""Of the request line and all header fields."""
FIELDS_MAX: Final = 100
"""Header fields of one request."""
HEAD_S_MAX: Final = 20.0
"""From the beginning of the connection, or from the first byte of a further request."""
BODY_S: Final = 20.0
BODY_RATE_MIN: Final = 32 * 1024
"""Bytes a second, in each span of `BODY_S`; not while we do not read. Who asks is checked before
the body: so long a key that was revoked meanwhile may still be used by a request that has begun."""
UNKNOWN_BODY_S_MAX: Final = 60.0
"""For a whole body whose answer needs it, as long as the caller is not known."""
TRAILING_BYTES_MAX: Final = 256 * 1024 * 1024
"""Of a body that goes on after its answer: a browser shows an answer only once it has sent all."""
WRITE_S: Final = 20.0
"""In each such span something that was written is sent, or the connection is aborted."""
CONNECTIONS_MAX: Final = 1_000
"""Of one process. A further one takes the place of another, see `LimitedProtocol`."""
KNOWN_MAX: Final = 100
"""Connections of one caller that keep their places before those of nobody known."""
UNKNOWN_SHARE: Final = 100
"""Places that those of nobody known have in any case: who has just come is not known yet."""
OVERHEAD_MAX: Final = 64 * 1024
"""Bytes of chunk sizes, their extensions and trailers, besides eight for each byte of the body."""

_AT_ONCE: Final = struct.pack("ii", 1, 0)


def _refusal(kind: ProblemKind) -> bytes:
    """The answer to a request of which the head was not read: its language is not known."""
    content = orjson.dumps(problem(kind, {}, "en"))
    head = f"HTTP/1.1 {kind.status} {kind.title.en}\r\ncontent-type: {MEDIA_TYPE}\r\n"
    head += f"content-length: {len(content)}\r\nconnection: close\r\n\r\n"
    return head.encode() + content


class _TooLargeError(Exception):
    """Stops the parser."""


class _TooEarlyError(Exception):
    """Stops the parser, too."""


class LimitedProtocol(OneWriteProtocol):
    """The protocol of a connection, within the limits above.

    Where all places are taken, a new connection takes the place of the one that has gone longest
    without a whole head or an answer: bytes that trickle do not count. One whose caller is known
    goes only when all the others are known, too, or its caller has more than `KNOWN_MAX`, or those
    of nobody known have no more than their share.
    """

    _places: ClassVar[dict["LimitedProtocol", None]] = {}
    """All connections, the one that goes first at the beginning."""

    _known: ClassVar[Counter[str]] = Counter()
    """Caller → connections that were last answered to them."""

    _answered_to: str | None = None
    _timer: asyncio.TimerHandle | None = None
    _writing: asyncio.TimerHandle | None = None
    _sent = 0
    _in_head = False
    _in_body = False
    _head_bytes = 0
    _body_since = 0.0
    _fed = 0
    _given = 0
    _trailing_bytes = 0
    _seen = 0
    _refused: ProblemKind | None = None
    _is_last = False

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin to serve a connection, if need be in the place of another."""
        super().connection_made(transport)
        self.joining.on_close = self._watch_writing
        if len(self._places) >= CONNECTIONS_MAX:
            self._evict()
        self._places[self] = None
        self._timer = self.loop.call_later(HEAD_S_MAX, self._late)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._places.pop(self, None)
        self._count_as(None)
        self._stop_timer()
        self.joining.on_close = None  # which refers to this connection
        if self._writing is not None:
            self._writing.cancel()
        super().connection_lost(exc)

    @override
    def pause_writing(self) -> None:
        """More is written than is sent."""
        super().pause_writing()
        self._watch_writing()

    @override
    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self._refused is not None or self._is_last:
            return
        self._fed += len(data)
        super().data_received(data)
        if self._is_last or self.transport.is_closing():
            self._stop_timer()
        elif self._in_body:
            if self._fed - self._given > OVERHEAD_MAX + 8 * self._given:
                self._refuse(KINDS["headers-too-large"])
            elif self._timer is None:
                self._seen = self._fed
                self._timer = self.loop.call_later(BODY_S, self._slow)
        elif self._in_head or self._is_free():
            if self._fed > HEAD_BYTES_MAX:
                self._refuse(KINDS["headers-too-large"])
            elif self._timer is None:
                self._timer = self.loop.call_later(HEAD_S_MAX, self._late)

    @override
    def on_message_begin(self) -> None:
        """A request begins; none before the answer to the one before is sent."""
        if not self._is_free():
            # The answer under way says that the connection closes, and does.
            self.cycle.keep_alive = False
            self._is_last = True
            raise _TooEarlyError
        if self.flow.write_paused:
            self._is_last = True
            self.transport.close()
            raise _TooEarlyError
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
            self._refused = KINDS["headers-too-large"]
            raise _TooLargeError
        self._go_on()
        self._in_body, self._fed, self._given, self._trailing_bytes = True, 0, 0, 0
        self._body_since = self.loop.time()
        super().on_headers_complete()

    @override
    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._given += len(body)
        if self._is_free():
            self._trailing_bytes += len(body)
            if self._trailing_bytes > TRAILING_BYTES_MAX:
                self.transport.close()
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
        self._go_on()
        if self in self._places:
            self._count_as(self._caller())

    @override
    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser could not read, or was told not to."""
        del msg
        if not self._is_last:
            self._refuse(self._refused or KINDS["bad-request"])

    def _is_free(self) -> bool:
        """Whether every request so far is answered."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return cycle is None or cycle.response_complete

    def _caller(self) -> str | None:
        """Who calls, or who called last; None: we do not know."""
        scope = cast("Mapping[str, object] | None", self.scope)
        caller = None if scope is None else cast("Caller | None", scope.get(CALLER))
        return None if caller is None else caller.actor

    def _is_known(self) -> bool:
        return self._caller() is not None

    def _count_as(self, caller: str | None) -> None:
        """Count as a connection of the caller, and of nobody else."""
        if self._answered_to is not None:
            self._known[self._answered_to] -= 1
            if not self._known[self._answered_to]:
                del self._known[self._answered_to]
        self._answered_to = caller
        if caller is not None:
            self._known[caller] += 1

    def _is_excess(self) -> bool:
        """Whether the caller has more connections than keep their places."""
        return self._answered_to is not None and self._known[self._answered_to] > KNOWN_MAX

    def _go_on(self) -> None:
        """Count as the one that went on last, unless the place is already another's."""
        if self in self._places:
            del self._places[self]
            self._places[self] = None

    def _evict(self) -> None:
        gone = self._first_to_go()
        del self._places[gone]
        gone._count_as(None)  # noqa: SLF001 -- of the same kind
        gone._hang_up()  # noqa: SLF001 -- of the same kind

    def _first_to_go(self) -> "LimitedProtocol":
        """The one whose place is taken: in the order of the places, one that is not busy first."""
        if self._known.total() > max(CONNECTIONS_MAX - UNKNOWN_SHARE, 0):
            among = [one for one in self._places if one._answered_to is not None]  # noqa: SLF001 -- of the same kind
            among = [one for one in among if one._is_excess()] or among  # noqa: SLF001 -- of the same kind
            return next((one for one in among if one._is_free()), among[0])  # noqa: SLF001 -- of the same kind
        goes = (
            one
            for one in self._places
            if not one._is_known() or (one._is_excess() and one._is_free())  # noqa: SLF001 -- of the same kind
        )
        return next(goes, None) or next(iter(self._places))

    def _hang_up(self) -> None:
        """End the connection at once; nothing that is unsent is kept, by the system neither."""
        if self.transport.get_write_buffer_size() > 0:
            connected = cast("socket.socket", self.transport.get_extra_info("socket"))
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.transport.abort()

    def _refuse(self, kind: ProblemKind) -> None:
        self._refused = kind
        self._stop_timer()
        if self._is_free():
            self.transport.write(_refusal(kind))
        self.transport.close()

    def _late(self) -> None:
        self._timer = None
        if self._in_head:
            self._refuse(KINDS["request-timeout"])
        else:
            self.transport.close()

    def _slow(self) -> None:
        self._timer = None
        is_awaited = not (self.flow.read_paused or self.cycle.waiting_for_100_continue)
        is_slow = self._fed - self._seen < BODY_S * BODY_RATE_MIN
        if is_awaited and (is_slow or self._is_too_long()):
            self.transport.close()
            return
        self._seen = self._fed
        self._timer = self.loop.call_later(BODY_S, self._slow)

    def _is_too_long(self) -> bool:
        """Whether somebody unknown has kept the application waiting for a body for too long."""
        waits = self.loop.time() - self._body_since
        return waits >= UNKNOWN_BODY_S_MAX and not (self._is_free() or self._is_known())

    def _watch_writing(self) -> None:
        """See to it that what is written is sent."""
        if self._writing is None and self.transport.get_write_buffer_size() > 0:
            self._sent = self.joining.sent
            self._writing = self.loop.call_later(WRITE_S, self._unread)

    def _unread(self) -> None:
        self._writing = None
        if self.transport.get_write_buffer_size() > 0 and self.joining.sent == self._sent:
            self._hang_up()
            return
        self._watch_writing()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
