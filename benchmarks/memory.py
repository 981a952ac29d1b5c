"""Resident memory and CPU time of processes, as Linux counts them."""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_POLL_SECONDS: Final = 0.1
_PROCESSES: Final = Path("/proc")


@dataclass(slots=True)
class Seen:
    """What was seen of the processes that this one started.

    Attributes:
        memory: bytes, the largest peak of one.
        began, ended: process → CPU seconds at the first look and at the last one.
    """

    memory: int = 0
    began: dict[str, float] = field(default_factory=dict[str, float])
    ended: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds of those that were there at the first look."""
        return sum(self.ended[pid] - began for pid, began in self.began.items())


def memory(process: str, name: str) -> int:
    """A figure of the process, in bytes. `ru_maxrss` would hold what its parent had at the fork."""
    try:
        lines = (_PROCESSES / process / "status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0  # it has just ended
    for line in lines:
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return 0


def forget_peak() -> None:
    """Let this process's peak begin anew at what it has now."""
    # Where it is not allowed, the peak is that of all its life.
    with contextlib.suppress(OSError):
        (_PROCESSES / "self" / "clear_refs").write_text("5", encoding="ascii")


def held(size: int) -> None:
    """Have the machine hold so many bytes of memory for whoever asks next.

    A hypervisor takes back what lies idle for some seconds, and who touches it first waits for it:
    three times as long as for what was just in use.
    """
    touch = f"bytearray({size})"
    subprocess.run([sys.executable, "-c", touch], check=True)  # noqa: S603 -- our own program


def cpu_seconds(process: str) -> float | None:
    """CPU seconds of the process so far, all threads; None when it has ended."""
    try:
        stat = (_PROCESSES / process / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    user, system = stat.rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def children_seen() -> Generator[Seen]:
    """The processes that this one started, and those that they did, looked at until the end.

    One that ends by itself takes its figures along, so it is asked again and again.
    """
    found, stop = Seen(), threading.Event()
    for pid in _descendants("self"):
        if (used := cpu_seconds(pid)) is not None:
            found.began[pid] = found.ended[pid] = used

    def look() -> None:
        is_last = False
        while not is_last:
            is_last = stop.is_set()
            for pid in _descendants("self"):
                found.memory = max(found.memory, memory(pid, "VmHWM"))
                if (used := cpu_seconds(pid)) is not None:
                    found.ended[pid] = used
            stop.wait(_POLL_SECONDS)

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield found
    finally:
        stop.set()
        looking.join()


def _descendants(process: str) -> list[str]:
    found: list[str] = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in (_PROCESSES / process / "task").iterdir():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                found += (task / "children").read_text(encoding="ascii").split()
    return [*found, *(further for one in found for further in _descendants(one))]
