"""Signals that ask a process to end: the first one is an exception, later ones change nothing."""

import signal
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import psycopg

ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a service manager, a closed terminal."""


class StopRequested(BaseException):
    """Somebody asked the process to end; no error."""


class StopSignal:
    """Whether a signal still interrupts.

    Attributes:
        requested: a signal interrupted.
    """

    def __init__(self) -> None:
        self.requested = False
        self._quiet = False

    def keep_quiet(self) -> None:
        """From here on no signal interrupts: the orderly end has begun and takes its course."""
        self._quiet = True

    def handle(self, number: int, frame: object) -> None:
        """The handler."""
        del number, frame
        if not self._quiet:
            self._quiet = self.requested = True
            raise StopRequested


@contextmanager
def stopping() -> Generator[StopSignal]:
    """Raise `StopRequested` in the main thread at the first signal, and only then.

    Raises:
        StopRequested: by a signal.
    """
    stop = StopSignal()
    before = {number: signal.signal(number, stop.handle) for number in ENDING}
    try:
        yield stop
    except psycopg.Error:
        if not stop.requested:
            raise
        # A statement was cut off, and tidying up after it failed in turn.
        raise StopRequested from None
    finally:
        stop.keep_quiet()
        for number, handler in before.items():
            signal.signal(number, handler)
