"""Bodies that are taken in as they come: the rest of one that is refused is received, in bounds.

As `BodyLimit` does for others: many clients send everything before they look at an answer.
"""

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, cast

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive
from typing_extensions import override

from api.http.intake import HANG_UP, discarded, waits_for_leave
from api.http.parameters import KnowingRoute
from api.problems import refused
from ledger.errors import LedgerError

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


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


async def pieces(request: Request) -> AsyncIterator[bytes]:
    """The body, piece by piece as it comes.

    Raises:
        ClientDisconnect: the client hung up before its end.
    """
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        yield cast("bytes", message.get("body", b""))
        if not message.get("more_body", False):
            return


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
