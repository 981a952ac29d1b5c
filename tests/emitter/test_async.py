"""The emitter of an event loop: the same outbox, and the loop never waits for the disk."""

import asyncio
import time
from pathlib import Path

import pytest

from ledger_emitter import AsyncEmitter, Destination, Emitter, Outbox, OutboxFullError
from tests.chaos.ledger import Ledger
from tests.chaos.standing import recorded
from tests.emitter.ledgers import destination
from tests.emitter.transfers import HASTY, item

FLUSH_S = 30.0
NOBODY = Destination("http://127.0.0.1:9", "plk_nobody")


def test_what_many_tasks_put_is_recorded_once(ledger: Ledger, outbox: Outbox, source: str) -> None:
    given = destination(ledger)

    async def main() -> None:
        async with AsyncEmitter(outbox, given, HASTY) as emitter:
            puts = [emitter.put(item(str(n % 200), source)) for n in range(300)]
            placed = await asyncio.gather(*puts)
            assert sum(one.is_new for one in placed) == 200
            assert await emitter.flush(FLUSH_S)

    asyncio.run(main())
    assert recorded(ledger, source) == {str(n): 1 for n in range(200)}


def test_whoever_waits_for_room_holds_up_nobody(path: Path) -> None:
    async def main() -> None:
        async with AsyncEmitter(Outbox(path, waiting_max=1), NOBODY, HASTY) as emitter:
            await emitter.put(item("1"))
            waiting = [emitter.put(item(f"w{n}"), wait_s=1.0) for n in range(20)]
            tasks = [asyncio.create_task(one) for one in waiting]
            begun, turns = time.monotonic(), 0
            while time.monotonic() - begun < 0.5:
                await asyncio.sleep(0.01)
                turns += 1
            assert turns > 10
            results = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(isinstance(one, OutboxFullError) for one in results)
            with pytest.raises(OutboxFullError):
                await emitter.put(item("2"))

    asyncio.run(main())


def test_closing_does_not_wait_for_an_answer_that_does_not_come(
    ledger: Ledger, outbox: Outbox, source: str
) -> None:
    given = destination(ledger)
    held, released, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def main() -> float:
        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            held.set()
            await released.wait()
            writer.close()
            await writer.wait_closed()
            ended.set()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            async with AsyncEmitter(
                outbox, Destination(f"http://127.0.0.1:{port}", "plk_x"), HASTY
            ) as emitter:
                await emitter.put(item("1", source))
                await asyncio.wait_for(held.wait(), FLUSH_S)
                begun = time.monotonic()
            passed = time.monotonic() - begun
            released.set()
            await ended.wait()
            return passed

    assert asyncio.run(main()) < 10
    with Emitter(Outbox(outbox.storage.path), given, HASTY) as emitter:
        assert emitter.flush(FLUSH_S)
    assert recorded(ledger, source) == {"1": 1}
