"""The emitter of a program with an event loop: the same outbox, the same sender in its thread."""

import asyncio
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Final, Self, TypeVar

from ledger_emitter.backoff import Backoff
from ledger_emitter.daily_close import DayClose
from ledger_emitter.emitter import Emitter
from ledger_emitter.errors import OutboxFullError
from ledger_emitter.exchange import Destination
from ledger_emitter.items import Item, encoded
from ledger_emitter.outbox import FULL_POLL_S, Outbox
from ledger_emitter.records import Placed

_T = TypeVar("_T")
_CLOSING_S: Final = 0.5
"""How long the request on its way is waited for when the emitter is closed."""


class AsyncEmitter:
    """As `Emitter`, for asyncio: `async with` starts and ends it.

    The outbox is written in one thread of its own, so the event loop never waits for the disk.

    Args:
        outbox: closed with the emitter.
        destination: where to send.
        backoff: waiting times.
    """

    def __init__(
        self, outbox: Outbox, destination: Destination, backoff: Backoff | None = None
    ) -> None:
        self.outbox: Final = outbox
        self._start: Final = lambda: Emitter(outbox, destination, backoff)
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="ledger-emitter")
        self._emitter: Emitter | None = None

    async def __aenter__(self) -> Self:
        self._emitter = self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def put(self, item: Item, *, wait_s: float | None = None) -> Placed:
        """Put one item; see `Outbox.put`."""
        return (await self.put_many((item,), wait_s=wait_s))[0]

    async def put_many(self, items: Iterable[Item], *, wait_s: float | None = None) -> list[Placed]:
        """Put all of these or none; see `Outbox.put_many`. Waiting for room holds up nobody else.

        Whoever is cancelled meanwhile does not know whether they are in the outbox: putting them
        again puts them once.
        """
        given = [(item.source, item.id, encoded(item)) for item in items]
        deadline = time.monotonic() + (self.outbox.wait_s if wait_s is None else wait_s)
        while True:
            try:
                placed = await self._on_disk(lambda: self.outbox.enqueue(given))
            except OutboxFullError:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise
                await asyncio.sleep(min(left, FULL_POLL_S))
            else:
                self._wake()
                return placed

    async def flush(self, wait_s: float) -> bool:
        """Wait until everything that was put so far has an answer; see `Emitter.flush`."""
        last, deadline = await self._on_disk(self.outbox.last_number), time.monotonic() + wait_s
        self._wake()
        while await self._on_disk(lambda: self.outbox.waits(last)):
            if time.monotonic() >= deadline:
                return False
            await asyncio.sleep(FULL_POLL_S / 2)
        return True

    async def close_day(self, emitter: str, day: date, *, wait_s: float = 60.0) -> DayClose:
        """Close a day of this outbox's items; see `Emitter.close_day`.

        Whoever is cancelled meanwhile does not know whether it is closed.
        """
        assert self._emitter is not None, "inside `async with`"
        return await asyncio.to_thread(self._emitter.close_day, emitter, day, wait_s=wait_s)

    async def close(self) -> None:
        """Stop sending, at once, and let go of the outbox. A request on its way is sent again."""
        if self._emitter is None:
            await self._on_disk(self.outbox.close)
        else:
            await asyncio.to_thread(self._emitter.close, _CLOSING_S)
        self._disk.shutdown()

    def _wake(self) -> None:
        if self._emitter is not None:
            self._emitter.wake()

    async def _on_disk(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._disk, work)
