"""Places for work that takes long: so much at once, in all and for each caller."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi import APIRouter, FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect
from starlette.testclient import TestClient

from api.problems.refusals import TooBusyError
from api.web.group_commit_loop import GroupCommitLoop
from api.web.latency_padding import EvenRoute
from api.web.limiter import Limiter, while_connected
from api.web.padding_clock import padding_s, restart_padding, widen_padding
from ledger.commands import RecordTransfer
from ledger.errors import StoreUnavailableError
from ledger.service import Ledger, RecordOutcome
from ledger.service.group import WorkerGroup
from tests.ledger.given import AT
from tests.matrix import every

LONG_S = 600.0


def limiter(*, wait_s: float = LONG_S, waiting_max: int = 9) -> Limiter:
    return Limiter(in_all=3, for_each=2, waiting_max=waiting_max, wait_s=wait_s, threads=1)


class Holder:
    """Takes a place and keeps it until it is told to leave."""

    def __init__(self, places: Limiter, caller: str) -> None:
        self._leaves = asyncio.Event()
        self.has_place = False
        self._task = asyncio.create_task(self._hold(places, caller))

    async def _hold(self, places: Limiter, caller: str) -> None:
        async with places.slot(caller):
            self.has_place = True
            await self._leaves.wait()

    async def leave(self) -> None:
        self._leaves.set()
        await self._task

    async def refused(self) -> None:
        with pytest.raises(TooBusyError):
            await self._task

    async def go(self) -> None:
        self._task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await self._task


async def settled() -> None:
    """Everybody has gone as far as they can."""
    for _ in range(20):
        await asyncio.sleep(0)


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


async def holders(places: Limiter, callers: str) -> list[Holder]:
    made: list[Holder] = []
    for caller in callers:
        made.append(Holder(places, caller))
        await settled()
    return made


def have_places(found: list[Holder]) -> str:
    return "".join("x" if one.has_place else "-" for one in found)


def test_so_many_have_a_place_in_all_and_of_each_caller() -> None:
    async def test() -> None:
        found = await holders(limiter(), "aaabb")
        assert have_places(found) == "xx-x-"
        await found[0].leave()
        await settled()
        assert have_places(found) == "xxxx-", "the one that has waited for longest"
        await found[1].leave()
        await settled()
        assert have_places(found) == "xxxxx"
        for one in found[2:]:
            await one.leave()

    run(test)


def test_who_waits_for_the_own_limit_holds_nobody_else_up() -> None:
    async def test() -> None:
        found = await holders(limiter(), "aaab")
        assert have_places(found) == "xx-x"
        for one in found:
            await one.leave()

    run(test)


def test_who_waits_too_long_or_behind_too_many_is_refused() -> None:
    async def test() -> None:
        late = await holders(limiter(wait_s=0.0), "aaa")
        await late[2].refused()
        many = await holders(limiter(waiting_max=1), "aaaa")
        await many[3].refused()
        assert have_places(many) == "xx--"
        await many[0].leave()
        await settled()
        assert have_places(many) == "xxx-"
        for one in (*late[:2], *many[1:3]):
            await one.leave()

    run(test)


def test_who_goes_while_waiting_or_just_as_a_place_is_free_takes_none() -> None:
    async def test() -> None:
        places = limiter()
        found = await holders(places, "aaaa")
        await found[2].go()
        leaving = asyncio.create_task(found[0].leave())
        await asyncio.sleep(0)
        await found[3].go()
        await leaving
        more = await holders(places, "ab")
        assert have_places(more) == "xx", "two of three places are taken by nobody"
        for one in (found[1], *more):
            await one.leave()

    run(test)


def test_work_is_cancelled_and_stopped_when_the_client_hangs_up() -> None:
    async def test() -> None:
        has_gone, stopped = asyncio.Event(), asyncio.Event()

        async def gone() -> None:
            await has_gone.wait()

        async def work() -> None:
            has_gone.set()
            await asyncio.Event().wait()

        with pytest.raises(ClientDisconnect):
            await while_connected(gone, work, stopped.set)
        assert stopped.is_set()

    run(test)


# -- What arrives in one turn of the loop goes on together, and what it answers comes back apart --


class Recorder:
    """Stands where a `Ledger` would; an outcome is the command itself."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def record(self, commands: Sequence[RecordTransfer], _at: object) -> list[RecordOutcome]:
        names = cast("list[str]", list(commands))
        self.batches.append(names)
        if "lost" in names:
            raise StoreUnavailableError
        return cast("list[RecordOutcome]", names)


def named(*names: str) -> list[RecordTransfer]:
    return cast("list[RecordTransfer]", list(names))


def grouped(recorder: Recorder) -> WorkerGroup:
    return WorkerGroup(lambda: cast("Ledger", recorder), lambda: AT, workers=1)


def test_requests_of_one_turn_are_recorded_together_and_answered_apart() -> None:
    recorder = Recorder()
    group = grouped(recorder)
    turns = GroupCommitLoop(group)

    async def ask() -> list[list[RecordOutcome]]:
        both = turns.record(lambda: named("a", "b")), turns.record(lambda: named("c"))
        return list(await asyncio.gather(*both))

    try:
        answers = asyncio.run(ask())
    finally:
        group.stop()
    assert recorder.batches == [["a", "b", "c"]]
    assert answers == [["a", "b"], ["c"]]


def test_a_request_that_cannot_make_its_commands_fails_alone() -> None:
    group = grouped(Recorder())
    turns = GroupCommitLoop(group)

    def broken() -> list[RecordTransfer]:
        raise ValueError("a defect of ours")

    async def ask() -> list[list[RecordOutcome] | BaseException]:
        both = turns.record(broken), turns.record(lambda: named("c"))
        return list(await asyncio.gather(*both, return_exceptions=True))

    try:
        failed, answered = asyncio.run(ask())
    finally:
        group.stop()
    assert isinstance(failed, ValueError)
    assert answered == ["c"]


def test_who_gave_up_waiting_is_passed_over() -> None:
    group = grouped(Recorder())
    turns = GroupCommitLoop(group)

    async def ask() -> list[RecordOutcome]:
        gone = asyncio.ensure_future(turns.record(lambda: named("gone")))
        kept = asyncio.ensure_future(turns.record(lambda: named("kept")))
        await asyncio.sleep(0)
        gone.cancel()
        return await kept

    try:
        assert asyncio.run(ask()) == ["kept"]
    finally:
        group.stop()


# -- The grid on which answers leave --


ELAPSED = st.floats(0, 100)
GRIDS = st.floats(0.001, 1)
GRID_S = 0.2


@given(ELAPSED, GRIDS)
def test_an_answer_leaves_on_the_grid_and_never_early(elapsed: float, grid: float) -> None:
    rest = padding_s(elapsed, grid)
    assert 0 < rest <= grid
    steps = Fraction(elapsed + rest) / Fraction(grid)
    assert abs(steps - round(steps)) < Fraction(1, 10**6)
    assert round(steps) >= 1


@given(st.floats(0.001, 0.049), st.floats(0.001, 0.049))
def test_whatever_is_done_within_one_step_leaves_at_the_same_time(one: float, other: float) -> None:
    assert abs((one + padding_s(one, 0.05)) - (other + padding_s(other, 0.05))) < 1e-9


@given(ELAPSED)
def test_without_a_grid_nothing_waits(elapsed: float) -> None:
    assert padding_s(elapsed, 0) == 0


@every("restarts", [0, 1, 2])
def test_the_grid_begins_anew_after_a_wait(restarts: int) -> None:
    router = APIRouter(route_class=EvenRoute)
    waited = GRID_S * 0.9

    @router.get("/")
    async def answer() -> str:
        for _ in range(restarts):
            await asyncio.sleep(waited / restarts)
            restart_padding()
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
            widen_padding(3)
        restart_padding(3 if order == "at once" else 1)
        if order == "after":
            widen_padding(3)
        return "done"

    app = FastAPI()
    app.state.services = SimpleNamespace(settings=SimpleNamespace(even_answers_ms=GRID_S * 1000))
    app.router.routes.extend(router.routes)
    began = time.monotonic()
    assert TestClient(app).get("/").json() == "done"
    assert time.monotonic() - began >= 3 * GRID_S - 0.01
