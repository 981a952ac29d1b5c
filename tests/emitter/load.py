"""An emitting process that is killed and goes on: `load OUTBOX URL KEY_FILE SOURCE NAME TOLD`.

It puts items one after another, and writes the id of each that is on disk into the file TOLD. What
it began and did not tell it puts again when it is started again, as a job does.
"""

import itertools
import sys
import time
from pathlib import Path
from typing import Final

from ledger_emitter import Destination, Emitter, Item, Outbox
from tests.emitter.transfers import HASTY, item

PAUSE_S: Final = 0.02
"""Between two puts: at most 50 a second, from each process."""

BAD_EVERY: Final = 40
"""One in so many items is malformed."""

_REPEATED: Final = 5


def emitted(source: str, name: str, number: int) -> Item:
    """The item of that number: always the same."""
    if number % BAD_EVERY == BAD_EVERY - 1:
        return item(f"{name}-{number}", source, items=[])
    return item(f"{name}-{number}", source)


def main(outbox: Path, url: str, key_file: Path, source: str, name: str, told: Path) -> None:
    begun = told.read_text("utf-8").count("\n") if told.exists() else 0
    destination = Destination(url, key_file.read_text("utf-8").strip(), timeout_s=5)
    with (
        told.open("a", encoding="utf-8") as telling,
        Emitter(Outbox(outbox, wait_s=120, waiting_max=5_000), destination, HASTY) as emitter,
    ):
        for number in range(max(0, begun - _REPEATED), begun):
            emitter.put(emitted(source, name, number))
        for number in itertools.count(begun):
            emitter.put(emitted(source, name, number))
            telling.write(f"{name}-{number}\n")
            telling.flush()
            time.sleep(PAUSE_S)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        sys.argv[2],
        Path(sys.argv[3]),
        sys.argv[4],
        sys.argv[5],
        Path(sys.argv[6]),
    )
