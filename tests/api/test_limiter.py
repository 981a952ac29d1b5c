"""Places for work that takes long: so much at once, in all and for each caller."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from api.problems.refusals import TooBusyError
from api.web.limiter import Limiter, while_connected

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
        async with places.place(caller):
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
