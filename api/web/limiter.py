"""Work that takes a processor for long: so much at once, in all and for each caller (0112).

A request waits for its place on the event loop, where it takes no thread, and leaves when its
client hangs up. What it does then runs in threads of its kind of work: pages and the other
endpoints keep theirs.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeVar

import anyio
from anyio import to_thread
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from api.problems.refusals import TooBusyError

T = TypeVar("T")


class Limiter:
    """Places for one kind of work in one process. Belongs to the event loop.

    Args:
        in_all: requests that have a place at the same time.
        for_each: of these, those of one caller.
        waiting_max: of one caller that wait for a place; a further one is refused at once.
        wait_s: seconds that one waits.
        threads: that do the work of all who have a place.
    """

    def __init__(
        self, *, in_all: int, for_each: int, waiting_max: int, wait_s: float, threads: int
    ) -> None:
        self._in_all, self._for_each = in_all, for_each
        self._waiting_max, self._wait_s = waiting_max, wait_s
        self._threads: Final = anyio.CapacityLimiter(threads)
        self._under_way: Counter[str] = Counter()
        # In the order in which they came.
        self._waiting: list[tuple[str, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def slot(self, caller: str) -> AsyncGenerator[None]:
        """Have a place, as long as the block lasts.

        Raises:
            TooBusyError: there was none in time, or too many requests of the caller wait.
        """
        if self._is_free(caller):
            self._under_way[caller] += 1
        else:
            await self._wait(caller)
        try:
            yield
        finally:
            self._leave(caller)

    async def run(self, work: Callable[[], T]) -> T:
        """Do a part of the work in a thread, for who has a place; it is waited for in any case."""
        return await to_thread.run_sync(work, limiter=self._threads)

    def _is_free(self, caller: str) -> bool:
        return self._under_way.total() < self._in_all and self._under_way[caller] < self._for_each

    async def _wait(self, caller: str) -> None:
        if sum(one == caller for one, _ in self._waiting) >= self._waiting_max:
            raise TooBusyError
        come = asyncio.get_running_loop().create_future()
        self._waiting.append((caller, come))
        try:
            with anyio.fail_after(self._wait_s):
                await come
        except BaseException as error:
            if (caller, come) in self._waiting:
                self._waiting.remove((caller, come))
            else:
                self._leave(caller)  # the place came too late
            if isinstance(error, TimeoutError):
                raise TooBusyError from None
            raise

    def _leave(self, caller: str) -> None:
        self._under_way[caller] -= 1
        if not self._under_way[caller]:
            del self._under_way[caller]
        for one in list(self._waiting):
            waits, come = one
            if not come.done() and self._is_free(waits):
                self._waiting.remove(one)
                self._under_way[waits] += 1
                come.set_result(None)


async def while_connected(
    gone: Callable[[], Awaitable[None]],
    work: Callable[[], Awaitable[T]],
    stop: Callable[[], None] | None = None,
) -> T:
    """What `work` gives; it is cancelled when the client hangs up.

    Args:
        gone: returns when the client has hung up; is cancelled when the work has ended.
        stop: ends what the work does in a thread, which cannot be cancelled.

    Raises:
        ClientDisconnect: the client hung up; what else was raised meanwhile is of no interest.
    """

    async def watch(scope: anyio.CancelScope) -> None:
        await gone()
        scope.cancel()
        if stop is not None:
            stop()

    with anyio.CancelScope() as scope:
        watching = asyncio.create_task(watch(scope))
        try:
            return await work()
        except Exception:
            if not scope.cancel_called:
                raise
        finally:
            watching.cancel()
    raise ClientDisconnect


async def hung_up(receive: Receive) -> None:
    """Return when the client has hung up; its body was read to the end."""
    while (await receive())["type"] != "http.disconnect":
        pass
