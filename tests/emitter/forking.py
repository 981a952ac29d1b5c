"""A process that forks while its threads write, and puts on both sides: `forking OUTBOX`.

It ends with 0 if each side did its part; the items are `parent-*`, `child-*` and `last`.
"""

import os
import sys
import threading
from pathlib import Path

from ledger_emitter import Outbox
from tests.emitter.transfers import item

FORKS = 10


def main(path: Path) -> int:
    outbox = Outbox(path)
    assert outbox.election.is_won()
    stop = threading.Event()

    def write() -> None:
        for number in range(100_000):
            outbox.put(item(f"parent-{number}"))
            if stop.is_set():
                return

    writing = threading.Thread(target=write)
    writing.start()
    codes = [_waited(_forked(outbox, f"child-{number}")) for number in range(FORKS)]
    stop.set()
    writing.join()
    return max(codes) or _outlived(outbox)


def _forked(outbox: Outbox, id_: str) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            outbox.put(item(id_))
            # The parent's lock is not the child's, and does not outlive the parent in it.
            code = 3 if outbox.election.is_won() else 0
        finally:
            os._exit(code)
    return child


def _outlived(outbox: Outbox) -> int:
    """The parent lets go of the outbox while its child goes on with it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            outbox.put(item("child-first"))
            os.read(reading, 1)
            outbox.put(item("last"))
            code = 0
        finally:
            os._exit(code)
    while not outbox.last_number() or not _knows(outbox, "child-first"):
        pass
    outbox.close()
    os.write(writing, b"1")
    return _waited(child)


def _knows(outbox: Outbox, id_: str) -> bool:
    with outbox.storage.reading() as connection:
        return connection.execute("SELECT 1 FROM items WHERE id = ?", (id_,)).fetchone() is not None


def _waited(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
