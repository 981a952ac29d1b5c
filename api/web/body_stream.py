"""Bodies that are taken in as they come: the rest of one that is refused is received, in bounds.

As `BodyLimit` does for others: many clients send everything before they look at an answer.
"""

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final, cast

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive
from typing_extensions import override

from api.problems.answers import refused
from api.web.intake import HANG_UP, discarded, waits_for_leave
from api.web.limiter import hung_up
from api.web.parameters import KnowingRoute
from ledger.errors import LedgerError

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_AHEAD: Final = 4
"""Pieces that wait to be read; the server hands over some 300 KiB at once."""


class StreamingRoute(KnowingRoute):
    """A route whose end point reads the body by `pieces`, or refuses to."""

    @override
    def get_route_handler(self) -> _Handler:
        """The handler; a refusal is answered once the body was received, or the line is cut."""
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            body = _Body(request.receive)
            try:
                return await handle(Request(request.scope, body))
            except LedgerError as error:
                response = refused(request, error)
            # Who waits for leave to send has sent nothing, and sees the answer at once.
            useless = waits_for_leave(request.scope) and not body.has_begun
            if not (body.is_whole or (not useless and await discarded(body))):
                response.raw_headers.extend(HANG_UP)
            return response

        return answered


class Pieces:
    """The body of a request, piece by piece as it comes, received ahead of who reads it.

    So a client that hangs up is noticed while what it sent before is worked on.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._given, self._taken = anyio.create_memory_object_stream[bytes](_AHEAD)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._taken

    async def received(self) -> None:
        """Receive the body; returns when the client hangs up, before its end or after it."""
        while (message := await self._receive())["type"] != "http.disconnect":
            await self._given.send(cast("bytes", message.get("body", b"")))
            if not message.get("more_body", False):
                # Never after a hang-up: half a body must not count as a whole one.
                self._given.close()
                await hung_up(self._receive)
                return

    def close(self) -> None:
        """Nobody reads any more."""
        self._given.close()
        self._taken.close()


class _Body:
    """What is received of a body, and whether there is more."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.has_begun = self.is_whole = False

    async def __call__(self) -> Message:
        message = await self._receive()
        self.has_begun = True
        self.is_whole = not message.get("more_body", False)
        return message
