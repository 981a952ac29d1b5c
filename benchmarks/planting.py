"""A server that is slower for some people, as if its work told of what was left out."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any, Final, Literal
from unittest.mock import patch

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks.places import Place
from benchmarks.processes import beside, serve
from ledger.values import PrincipalRef
from projections.histories import Histories, HistoryPage

HEADER: Final = "x-bench"
"""`1` in requests that concern one of the slower people; the same size for all."""
DELAY_SECONDS: Final = 0.001


@dataclass(frozen=True, slots=True)
class Planted:
    """How the server differs from the one that serves.

    Attributes:
        grid_ms: `Settings.even_answers_ms`.
        where: the delay comes `before` the grid, while records are read, or `after` it, on the way
            out.
        whom: whose requests it slows.
    """

    grid_ms: int
    where: Literal["nowhere", "before", "after"] = "nowhere"
    whom: frozenset[PrincipalRef] = frozenset()


@contextmanager
def planted(place: Place, how: Planted) -> Generator[int]:
    """The port of such a server, in a process of its own."""
    with beside(_serve, place) as pipe:
        pipe.recv()
        pipe.send(how)
        yield pipe.recv()


def _serve(place: Place, ready: Connection) -> None:
    ready.send(None)
    how: Planted = ready.recv()
    page = Histories.page

    def slow(histories: Histories, principals: list[PrincipalRef], *given: Any) -> HistoryPage:  # noqa: ANN401 -- handed on as it comes
        found = page(histories, principals, *given)
        if how.where == "before" and how.whom.intersection(principals):
            time.sleep(DELAY_SECONDS)
        return found

    settings = replace(place.settings(), even_answers_ms=how.grid_ms)
    with patch.object(Histories, "page", slow):
        serve(place, settings, ready, _Late if how.where == "after" else _unchanged)


def _unchanged(app: FastAPI) -> ASGIApp:
    return app


class _Late:
    """The application, with a delay in front of some answers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_slow = (HEADER.encode(), b"1") in scope["headers"]

        async def late(message: Message) -> None:
            if is_slow and message["type"] == "http.response.start":
                # The loop's own timer has a resolution of one millisecond.
                await run_in_threadpool(time.sleep, DELAY_SECONDS)
            await send(message)

        await self._app(scope, receive, late)
