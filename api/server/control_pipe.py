"""The line between a process of the ledger and its supervisor: the process's standard input.

It leads both ways. The process learns from it that the supervisor is gone: it closes. The
supervisor learns from it, in words, what keeps the process from its work.
"""

import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final, cast

import orjson

END: Final = "end"
"""Subject of a process's last words; every other subject is the name of a readiness check."""

_BYTES_MAX: Final = 65_536

Reporter = Callable[[str, str | None], None]
"""Takes a subject and a sentence for an operator; None: what was said of the subject is over."""


def say(subject: str, why: str | None) -> None:
    """Tell the supervisor; nothing happens when there is none."""
    # Not a socket, or nobody at the other end: then the log is all there is.
    with suppress(OSError):
        os.write(0, orjson.dumps({subject: why}) + b"\n")


def wait_for_the_end() -> None:
    """Return when the supervisor is gone."""
    # Nobody writes: the read ends with the supervisor. Not `sys.stdin`: a thread that waits in it
    # holds a lock that the end of the interpreter needs.
    with suppress(OSError):
        while os.read(0, 1):
            pass


def on_the_end(stop: Callable[[], None]) -> None:
    """Call `stop` in a thread of its own when the supervisor is gone."""

    def wait() -> None:
        wait_for_the_end()
        stop()

    threading.Thread(target=wait, name="supervisor", daemon=True).start()


class ControlPipe:
    """The supervisor's end.

    Attributes:
        messages: what the process said last of each subject that still matters.
    """

    def __init__(self) -> None:
        self._ours, self._theirs = socket.socketpair()
        self._ours.settimeout(0)
        self._unfinished = b""
        self.messages: dict[str, str] = {}

    def standard_input(self) -> int:
        """The descriptor to start the process with; `started` afterwards."""
        return self._theirs.fileno()

    def started(self) -> None:
        """Let go of the process's end, which it has now."""
        self._theirs.close()

    def hear(self) -> None:
        """Take in what was said meanwhile; never waits."""
        with suppress(OSError):
            while part := self._ours.recv(_BYTES_MAX):
                self._unfinished += part
        *lines, self._unfinished = self._unfinished.split(b"\n")
        for line in lines:
            for subject, why in cast("dict[str, str | None]", orjson.loads(line)).items():
                if why is None:
                    self.messages.pop(subject, None)
                else:
                    self.messages[subject] = why

    def close(self) -> None:
        """Hang up."""
        self._ours.close()
        self._theirs.close()
