"""A bound for what a test does: a loop without an end is a failure that shows where it turns."""

import signal
import sys
import threading
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Final

SECONDS_MAX: Final = 600.0
"""Many times what the slowest test takes on a busy machine."""

_AGAIN_S: Final = 30.0
"""What is closed after a failure may wait for the same loop."""


class HangsError(BaseException):
    """It takes too long. No `Exception`: Hypothesis would run the same example again and again."""


@contextmanager
def bounded(seconds: float = SECONDS_MAX) -> Generator[None]:
    """Raise `HangsError`, with the stacks of all other threads, in what takes longer.

    Only in a process's first thread, as signals are.
    """

    def told(_number: int, _frame: FrameType | None) -> None:
        raise HangsError(f"longer than {seconds} s; the other threads:\n{_others()}")

    handler = signal.signal(signal.SIGALRM, told)
    outer = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *outer)
        signal.signal(signal.SIGALRM, handler)


def _others() -> str:
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    return "\n".join(
        f"{names.get(ident, ident)}\n{''.join(traceback.format_stack(frame))}"
        for ident, frame in sys._current_frames().items()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] -- documented
        if ident != threading.get_ident()
    )
