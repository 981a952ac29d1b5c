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
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from api.services import services_of


@dataclass(slots=True)
class _Begun:
    """When the work of a request began, on the monotonic clock, and how coarse its grid is."""

    at: float = field(default_factory=time.monotonic)
    is_again: bool = False
    steps: int = 1


_begun: ContextVar[_Begun | None] = ContextVar("begun", default=None)


class EvenRoute(APIRoute):
    """A route whose answers leave on the grid of `Settings.even_answers_ms`.

    In a class with several bases it comes first: it waits after everything else is done.
    """

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, which answers on the grid."""
        handle = super().get_route_handler()

        async def even(request: Request) -> Response:
            begun = _Begun()
            _begun.set(begun)
            grid = services_of(request).settings.even_answers_ms / 1000
            try:
                return await handle(request)
            finally:
                await asyncio.sleep(rest_s(time.monotonic() - begun.at, grid * begun.steps))

        return even


def begin_again(steps: int = 1) -> None:
    """Let the grid of this request begin now, after a wait that depends on no record.

    The wait for the read side may end anywhere on the grid, and the work would then end before or
    after its next point, as it took a little less or more. Only the first call counts: behind it
    there is work whose time must not be seen.

    Args:
        steps: of the grid that make one of this request: for work that may take longer than an
            ordinary answer, of what is hidden too.
    """
    begun = _begun.get()
    if begun is not None and not begun.is_again:
        begun.at, begun.is_again, begun.steps = time.monotonic(), True, steps


def rest_s(elapsed: float, grid: float) -> float:
    """Seconds from `elapsed` to the next multiple of `grid`, at least one; 0 without a grid."""
    if grid <= 0:
        return 0
    return grid - elapsed % grid
