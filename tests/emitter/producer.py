"""A process that puts items and tells each one that is on disk: `producer OUTBOX PREFIX COUNT`."""

import sys
from pathlib import Path

from ledger_emitter import Outbox
from tests.emitter.transfers import item


def main(path: Path, prefix: str, count: int) -> None:
    with Outbox(path, wait_s=600) as outbox:
        for number in range(count):
            one = item(f"{prefix}-{number}")
            outbox.put(one)
            sys.stdout.write(f"{one.id}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
