"""A PostgreSQL whose processes are frozen: they are there, they listen, and answer nothing."""

import os
import signal
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from ledger.postgres.embedded_server import EmbeddedServer


@contextmanager
def frozen(server: EmbeddedServer) -> Generator[None]:
    """Freeze the postmaster and all its children; thaw them at the end, whatever happens."""
    postmaster = int((server.home.data / "postmaster.pid").read_text().split("\n", 1)[0])
    stopped: list[int] = []
    try:
        # First who makes others, so that there are no more of them than are looked for.
        for pid in (postmaster, *_children(postmaster)):
            with suppress(ProcessLookupError):  # a worker of a moment that has ended by now
                os.kill(pid, signal.SIGSTOP)
                stopped.append(pid)
        yield
    finally:
        thaw(stopped)


def thaw(pids: list[int]) -> None:
    """Let processes go on; those that are gone by now are let be."""
    for pid in reversed(pids):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def _children(parent: int) -> list[int]:
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                found.append(int(stat.parent.name))
    return found
