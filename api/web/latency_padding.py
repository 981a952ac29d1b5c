"""Answers that leave on a grid of time: how long one took does not tell what was left out.

A record that is excluded under Order 11 costs its reading, or the look that finds it excluded, and
an answer without it would be a little later than one for which there was none. Every answer of an
even route, refusals too, leaves at the next multiple of the grid after its request came in. The
work of an ordinary answer ends long before the first one.

Source: `docs/reference/event-format.md`, section 6 (no time may tell).
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from api.web.padding_clock import RequestStart, begun_of, padding_s
from api.web.services import services_of


class EvenRoute(APIRoute):
    """A route whose answers leave on the grid of `Settings.even_answers_ms`.

    In a class with several bases it comes first: it waits after everything else is done.
    """

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, which answers on the grid."""
        handle = super().get_route_handler()

        async def even(request: Request) -> Response:
            begun = RequestStart()
            begun_of.set(begun)
            interval_s = services_of(request).settings.even_answers_ms / 1000
            try:
                return await handle(request)
            finally:
                await asyncio.sleep(
                    padding_s(time.monotonic() - begun.at, interval_s * begun.steps)
                )

        return even
