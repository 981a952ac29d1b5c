"""A service with an event loop: each transfer is put as it happens, and the service goes on.

    python stream.py outbox.db https://ledger.example.jp key.txt < transfers.ndjson

A line is {"id": …, "data": …}, e.g. from a message queue: it is taken as done once it is on disk.
"""

import asyncio
import json
import sys
from pathlib import Path

from ledger_emitter import AsyncEmitter, Destination, Item, Outbox, OutboxFullError

SOURCE = "https://platform-a.example.jp/ad-export"


async def main(outbox_file: Path, url: str, key_file: Path) -> None:
    """Emit one item a line until the input ends."""
    outbox = Outbox(outbox_file, waiting_max=50_000)
    destination = Destination(url, lambda: key_file.read_text("utf-8").strip())
    async with AsyncEmitter(outbox, destination) as emitter:
        while line := await asyncio.to_thread(sys.stdin.buffer.readline):
            given = json.loads(line)
            try:
                await emitter.put(Item(SOURCE, given["id"], given["data"]), wait_s=30)
            except OutboxFullError:
                # Not put, so not done: the queue delivers it again.
                print("no room; stopped before this line", file=sys.stderr)
                raise
            print("done", flush=True)  # here the message would be acknowledged
        await emitter.flush(wait_s=10)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
