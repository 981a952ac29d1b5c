"""The grid on which answers leave."""

import asyncio
import time
from fractions import Fraction
from types import SimpleNamespace

from fastapi import APIRouter, FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.web.latency_padding import EvenRoute
from api.web.padding_clock import begin_again, coarsen, rest_s
from tests.matrix import every

ELAPSED = st.floats(0, 100)
GRIDS = st.floats(0.001, 1)
GRID_S = 0.2


@given(ELAPSED, GRIDS)
def test_an_answer_leaves_on_the_grid_and_never_early(elapsed: float, grid: float) -> None:
    rest = rest_s(elapsed, grid)
    assert 0 < rest <= grid
    steps = Fraction(elapsed + rest) / Fraction(grid)
    assert abs(steps - round(steps)) < Fraction(1, 10**6)
    assert round(steps) >= 1


@given(st.floats(0.001, 0.049), st.floats(0.001, 0.049))
def test_whatever_is_done_within_one_step_leaves_at_the_same_time(one: float, other: float) -> None:
    assert abs((one + rest_s(one, 0.05)) - (other + rest_s(other, 0.05))) < 1e-9


@given(ELAPSED)
def test_without_a_grid_nothing_waits(elapsed: float) -> None:
    assert rest_s(elapsed, 0) == 0


@every("restarts", [0, 1, 2])
def test_the_grid_begins_anew_after_a_wait(restarts: int) -> None:
    router = APIRouter(route_class=EvenRoute)
    waited = GRID_S * 0.9

    @router.get("/")
    async def answer() -> str:
        for _ in range(restarts):
            await asyncio.sleep(waited / restarts)
            begin_again()
        return "done"

    app = FastAPI()
    app.state.services = SimpleNamespace(settings=SimpleNamespace(even_answers_ms=GRID_S * 1000))
    app.router.routes.extend(router.routes)
    client = TestClient(app)
    began = time.monotonic()
    assert client.get("/").json() == "done"
    # Never early; how much later the machine decides. The second wait counts as work.
    first_wait = waited / restarts if restarts else 0
    assert time.monotonic() - began >= first_wait + GRID_S - 0.01


@every("order", ["at once", "before", "after"])
def test_longer_work_has_a_grid_of_its_own_that_is_coarser(order: str) -> None:
    router = APIRouter(route_class=EvenRoute)

    @router.get("/")
    async def answer() -> str:
        if order == "before":
            coarsen(3)
        begin_again(3 if order == "at once" else 1)
        if order == "after":
            coarsen(3)
        return "done"

    app = FastAPI()
    app.state.services = SimpleNamespace(settings=SimpleNamespace(even_answers_ms=GRID_S * 1000))
    app.router.routes.extend(router.routes)
    began = time.monotonic()
    assert TestClient(app).get("/").json() == "done"
    assert time.monotonic() - began >= 3 * GRID_S - 0.01
