"""Is the process alive, is it ready, and its numbers."""

import asyncio
import time
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller
from api.auth.guard import Requires
from api.observability import Metrics
from api.observability.metrics import CONTENT_TYPE
from api.problems.documentation import problems
from api.problems.refusals import NotReadyError
from api.web.parameters import KnowingRoute

Check = Callable[[], object]
"""Returns when all is well and raises when not. Runs in a thread; its message is shown nowhere."""

REMEMBERED_S: Final = 1.0
"""Seconds for which a readiness answer is repeated: it is public, and a check costs a query."""


LOCAL: Final = Caller("0" * 32, "local", frozenset(), None)
"""Whoever reads the metrics from this machine itself, when a setting allows it."""


class Alive(BaseModel):
    """The process serves requests."""

    status: Literal["ok"] = "ok"


class Ready(Alive):
    """Every check passes; what others do for the ledger may be late all the same."""

    late: tuple[str, ...] | None = Field(
        None, description="What has a backlog for long: `witnesses` or `time_stamps` of the log"
    )


class Readiness:
    """Runs named checks, each within its time; one that hangs is not started a second time.

    Args:
        late: names what is late and fails nothing; it must answer at once.
    """

    def __init__(
        self,
        checks: Mapping[str, Check],
        *,
        seconds_max: float,
        late: Callable[[], tuple[str, ...]] = tuple,
    ) -> None:
        self._checks = dict(checks)
        self.late = late
        self._seconds_max = seconds_max
        self._running: dict[str, asyncio.Task[object]] = {}
        self._failing: tuple[str, ...] = ()
        self._known_until = float("-inf")

    async def failing(self) -> tuple[str, ...]:
        """Names of the checks that fail or take too long, sorted."""
        if time.monotonic() >= self._known_until:
            names = sorted(self._checks)
            passed = await asyncio.gather(*(self._passes(name) for name in names))
            self._failing = tuple(
                name for name, good in zip(names, passed, strict=True) if not good
            )
            self._known_until = time.monotonic() + REMEMBERED_S
        return self._failing

    async def _passes(self, name: str) -> bool:
        task = self._running.get(name)
        if task is None:
            task = asyncio.ensure_future(asyncio.to_thread(self._checks[name]))
            self._running[name] = task
            task.add_done_callback(lambda _: self._running.pop(name, None))
        done, _ = await asyncio.wait((task,), timeout=self._seconds_max)
        return bool(done) and not task.cancelled() and task.exception() is None


class MetricsReader(Requires):
    """Lets auditors and operators in, and on request whoever calls from this machine itself."""

    def __init__(self, *, on_loopback: bool) -> None:
        super().__init__(("audit:read", "admin:config"))
        self._on_loopback = on_loopback

    async def __call__(self, request: Request) -> Caller:  # pyright: ignore[reportImplicitOverride] -- typing.override is younger than Python 3.11
        """The caller, or `LOCAL` for a direct one on the loopback interface."""
        if self._on_loopback and _is_direct_and_local(request):
            return LOCAL
        return await super().__call__(request)


def _is_direct_and_local(request: Request) -> bool:
    # Behind a proxy on this machine everybody seems local; a proxy says so in one of these.
    # Who shows a key wants to be known by it.
    forwarded = ("forwarded", "x-forwarded-for", "x-real-ip", "via", "authorization")
    if request.client is None or any(name in request.headers for name in forwarded):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def routes(readiness: Readiness, metrics: Metrics, *, on_loopback: bool) -> APIRouter:
    """The endpoints of this module."""
    router = APIRouter(tags=["health"], route_class=KnowingRoute)
    reader = MetricsReader(on_loopback=on_loopback)

    @router.get("/health/live", responses=problems(422))
    async def live() -> Alive:  # pyright: ignore[reportUnusedFunction] -- the decorator takes it
        """The process serves requests; says nothing of the database."""
        return Alive()

    @router.get("/health/ready", responses=problems(422, 503), response_model_exclude_none=True)
    async def ready() -> Ready:  # pyright: ignore[reportUnusedFunction] -- the decorator takes it
        """Every check passes; else 503 with the names of those that do not."""
        if failing := await readiness.failing():
            raise NotReadyError(failing)
        return Ready(late=readiness.late() or None)

    @router.get(
        "/metrics",
        response_class=Response,
        responses={
            200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
            **problems(401, 403, 422),
        },
    )
    async def read_metrics(  # pyright: ignore[reportUnusedFunction] -- the decorator takes it
        caller: Annotated[Caller, Depends(reader)],
    ) -> Response:
        """Numbers of this process in the text format of Prometheus."""
        del caller
        return Response(metrics.exposition(), media_type=CONTENT_TYPE)

    return router
