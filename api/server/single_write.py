"""An answer goes out in one write at the end of its turn of the loop, with those of the others.

uvicorn hands the head and the body to the socket one after the other, and the event loop sends each
at once: two system calls, two packets, and a client that is woken for a head alone. The answers of
one group commit are made in one turn: sent together, they wake a client once that waits for all of
them. A head that nothing follows in the same turn (a stream) goes out by itself at the turn's end.
"""

import asyncio
from collections.abc import Callable
from typing import Final, cast

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

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
