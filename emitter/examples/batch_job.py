"""A nightly job: sends every transfer of a file, and ends when all have an answer.

    python batch_job.py transfers.ndjson outbox.db https://ledger.example.jp key.txt

A line is {"id": …, "data": …}. Killed at any moment and run again, it sends what is missing.
"""

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ledger_emitter import Destination, Emitter, Item, Outbox

SOURCE = "https://platform-a.example.jp/ad-export"
AT_ONCE = 500


def main(lines: Path, outbox_file: Path, url: str, key_file: Path) -> int:
    """Send all lines; 0 when the ledger took them all."""
    # A job may wait for room as long as it takes; a web request should not (wait_s=0).
    outbox = Outbox(outbox_file, wait_s=3_600)
    destination = Destination(url, lambda: key_file.read_text("utf-8").strip())
    with Emitter(outbox, destination) as emitter:
        items = items_of(lines)
        while some := list(islice(items, AT_ONCE)):
            emitter.put_many(some)
        if not emitter.flush(wait_s=600):
            print("the ledger has not answered all yet; the next run goes on", file=sys.stderr)
            return 1
        refused = outbox.status().refused
        print(f"sent; {refused} items wait for a person")
        return 1 if refused else 0


def items_of(lines: Path) -> Iterator[Item]:
    """The items of a file. Their ids come from the file, so a second run names the same ones."""
    with lines.open("rb") as file:
        for line in file:
            given = json.loads(line)
            yield Item(SOURCE, given["id"], given["data"])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4])))
