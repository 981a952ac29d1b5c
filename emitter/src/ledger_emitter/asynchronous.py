"""The emitter of a program with an event loop; the same outbox, the same sender."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from types import TracebackType
from typing import Final, Self, TypeVar

import httpx2

from ledger_emitter.answers import Heard
from ledger_emitter.backoff import Backoff
from ledger_emitter.daily_close import CloseQuery, DayClose, DayClosing, next_of
from ledger_emitter.delivery import Delivery, Destination, Post, Step, log
from ledger_emitter.emitter import BROKEN_S, CANDIDATE_POLL_S
from ledger_emitter.errors import EmitterError, OutboxFullError
from ledger_emitter.exchange import ask_async, async_client_of, post_async
from ledger_emitter.items import Item, encoded
from ledger_emitter.outbox import ROOM_POLL_S, Outbox
from ledger_emitter.records import Placed

_T = TypeVar("_T")


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
        self._destination: Final = destination
        self._backoff: Final = backoff or Backoff()
        self._stop = asyncio.Event()
        self._woken = asyncio.Event()
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="ledger-emitter")
        self._sending: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._sending = asyncio.create_task(self._run(), name="ledger-emitter")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
                placed = await self._on_disk(lambda: self.outbox.place(given))
            except OutboxFullError:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise
                await asyncio.sleep(min(left, ROOM_POLL_S))
            else:
                self._woken.set()
                return placed

    async def flush(self, wait_s: float) -> bool:
        """Wait until everything that was put so far has an answer; see `Emitter.flush`."""
        last, deadline = await self._on_disk(self.outbox.last_number), time.monotonic() + wait_s
        self._woken.set()
        while await self._on_disk(lambda: self.outbox.waits(last)):
            if time.monotonic() >= deadline:
                return False
            await asyncio.sleep(ROOM_POLL_S / 2)
        return True

    async def close_day(self, emitter: str, day: date, *, wait_s: float = 60.0) -> DayClose:
        """Close a day of this outbox's items; see `Emitter.close_day`."""
        steps = DayClosing(self.outbox, self._backoff, emitter, day, wait_s).steps()
        heard: Heard | None = None
        async with async_client_of(self._destination) as client:
            while True:
                # An exception cannot leave a future as StopIteration does.
                step = await self._on_disk(lambda heard=heard: next_of(steps, heard))
                heard = None
                match step:
                    case DayClose():
                        return step
                    case CloseQuery():
                        heard = await ask_async(client, self._destination, step)
                    case _:
                        self._woken.set()
                        await asyncio.sleep(step.seconds)

    async def close(self) -> None:
        """Stop sending, at once, and let go of the outbox. A request on its way is sent again."""
        self._stop.set()
        self._woken.set()
        if self._sending is not None:
            await self._sending
        await self._on_disk(self.outbox.close)
        self._disk.shutdown()

    async def _on_disk(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._disk, work)

    async def _run(self) -> None:
        try:
            while not self._stop.is_set():
                await self._send()
        finally:
            self.outbox.election.resign()

    async def _send(self) -> None:
        """As `Emitter._send`."""
        try:
            if await self._on_disk(self.outbox.election.is_won):
                async with async_client_of(self._destination) as client:
                    await self._walk(client)
            else:
                await _within(self._stop, CANDIDATE_POLL_S)
        except EmitterError as error:
            log.error("the outbox fails: %s; it is tried again", error)
            await _within(self._stop, BROKEN_S)
        except Exception as error:  # noqa: BLE001 -- a sender that dies silently loses everything
            log.log(logging.CRITICAL, "the sender broke: %s; it begins anew", type(error).__name__)
            await _within(self._stop, BROKEN_S)

    async def _walk(self, client: httpx2.AsyncClient) -> None:
        steps = Delivery(self.outbox, self._destination, self._backoff).steps()
        step = await self._on_disk(lambda: next(steps))
        while not self._stop.is_set():
            heard = await self._done(client, step)
            if heard is None and self._stop.is_set():
                return
            step = await self._on_disk(lambda heard=heard: steps.send(heard))

    async def _done(self, client: httpx2.AsyncClient, step: Step) -> Heard | None:
        """Carry out one step, or leave it when we are to stop."""
        if isinstance(step, Post):
            return await self._unless_stopped(client, step.body)
        if step.is_idle:
            await _within(self._woken, step.seconds)
            self._woken.clear()
        else:
            await _within(self._stop, step.seconds)
        return None

    async def _unless_stopped(self, client: httpx2.AsyncClient, body: bytes) -> Heard | None:
        asked = asyncio.create_task(post_async(client, self._destination, body))
        stopped = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait((asked, stopped), return_when=asyncio.FIRST_COMPLETED)
            return asked.result() if asked.done() else None
        finally:
            for task in (asked, stopped):
                task.cancel()
            await asyncio.gather(asked, stopped, return_exceptions=True)


async def _within(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, no longer than that."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
