"""What a reading can do in its own process instead of reading: turn without an end, die, answer."""

import contextlib
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, Final

from ledger.workers.confined_reader import FRAME_BYTES_MAX, Batch, ReaderLimits, serve

PROGRAM: Final = "from tests.attacks.turning import main; main()"
SLOW: Final = "from tests.attacks.turning import slow; slow()"
LEAVING: Final = "from tests.attacks.turning import leave; leave()"
ROW: Final[Batch] = {"row": 1}

Reading = tuple[dict[str, Any], Callable[[object], Iterator[Batch]]]


def _turn() -> None:
    while True:
        pass


def _working() -> Iterator[Batch]:
    """Each batch for itself takes less than it may."""
    while True:
        for _ in range(2_000_000):
            pass
        yield ROW


def _opening() -> Iterator[Batch]:
    """Nothing is answered: see `main`."""
    yield ROW


def _turning() -> Iterator[Batch]:
    yield ROW
    _turn()


def _dying() -> Iterator[Batch]:
    yield ROW
    os.kill(os.getpid(), signal.SIGKILL)


def _growing() -> Iterator[Batch]:
    yield ROW
    yield {"row": len(bytearray(200 << 20))}


def _endless() -> Iterator[Batch]:
    yield ROW
    yield "x" * FRAME_BYTES_MAX


def _nested() -> Iterator[Batch]:
    yield ROW
    told: list[object] = []
    for _ in range(sys.getrecursionlimit()):
        told = [told]
    yield told


READINGS: Final = {
    one.__name__.strip("_"): one
    for one in (_opening, _turning, _working, _dying, _growing, _endless, _nested)
}
LIMITS: Final = ReaderLimits(memory_bytes=150 << 20, opening_s=1, batch_s=1, in_all_s=2)


def main() -> None:
    def opened(asked: Mapping[str, Any], file: BinaryIO) -> Reading:
        name = asked["name"]
        if name == "opening":
            _turn()
        assert file.read() == b"a file"
        return {"name": name}, lambda _begin: READINGS[name]()

    serve(opened, LIMITS)


def _waiting() -> int:
    """A process that does nothing, and is in no pipe's way."""
    child = os.fork()
    if child == 0:
        os.closerange(0, 10)
        signal.alarm(60)
        signal.pause()
    return child


def leave() -> None:
    """Read beside a process that was made before, and try to make one later."""
    child = _waiting()

    def opened(_asked: object, _file: object) -> Reading:
        try:
            later = _waiting()
        except PermissionError:
            later = None
        return {"child": child, "later": later}, lambda _begin: iter([ROW])

    serve(opened, LIMITS)


def slow() -> None:
    """Allow itself for one answer what all may take, and take more than it was allowed."""

    def opened(_asked: object, _file: object) -> Reading:
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))
        while time.process_time() < hard - 2:
            pass
        return {}, lambda _begin: iter([ROW])

    serve(opened, ReaderLimits(LIMITS.memory_bytes, LIMITS.opening_s, LIMITS.batch_s, in_all_s=8))
