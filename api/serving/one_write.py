"""An answer goes out in one write: its head waits for its body.

uvicorn hands the head and the body to the socket one after the other, and the event loop sends each
at once: two system calls, two packets, and a client that is woken for a head alone. A head that
nothing follows in the same turn of the loop (a stream) goes out by itself at the turn's end.
"""

import asyncio
from typing import Final, cast

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD: Final = b"HTTP/1.1 "


class OneWriteProtocol(HttpToolsProtocol):
    """uvicorn's protocol of a connection, over a transport that joins head and body."""

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin to serve a connection."""
        super().connection_made(cast("asyncio.Transport", JoiningTransport(transport, self.loop)))


class JoiningTransport:
    """A transport whose writes keep their order and their bytes; everything else is the other's.

    Args:
        transport: what writes to the socket.
    """

    __slots__ = ("_head", "_loop", "_sending", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head: bytes | None = None
        self._sending: asyncio.Handle | None = None

    def write(self, data: bytes) -> None:
        """Write; a head of an answer with what is written next, or at the end of this turn."""
        head = self._head
        if head is not None:
            self._head = None
            self._transport.write(head + data)
        elif data.startswith(_HEAD):
            self._head = data
            if self._sending is None:
                self._sending = self._loop.call_soon(self._send)
        else:
            self._transport.write(data)

    def close(self) -> None:
        """Close once everything is written."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        self._sending = None
        if self._head is not None:
            head, self._head = self._head, None
            self._transport.write(head)

    def __getattr__(self, name: str) -> object:
        """Whatever else a transport can do."""
        return getattr(self._transport, name)
