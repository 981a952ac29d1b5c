"""Programs of our own in processes of their own: how they are started, spoken with and confined.

They read what strangers wrote. A frame is its size, 8 bytes big endian, and its bytes.
"""

import contextlib
import ctypes
import errno
import fcntl
import os
import platform
import resource
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Final, cast

from ledger.core_dumps import forbid_core_dumps

SIZE_BYTES: Final = 8
FILES_MAX: Final = 64
"""Descriptors that a confined process may have open."""
SECONDS_MAX: Final = 24 * 60 * 60
"""Of a processor, in all, where nothing less is said: no file that a person has takes as long."""
_KIB: Final = 1024
_STACK_BYTES: Final = 8 * 1024 * 1024
_RESERVED_BYTES: Final = 16 << 30
"""Of addresses, beyond the memory: allocators reserve them by the thread and use few. What is only
read costs no memory, and tables of pages, which no limit counts: a 512th of the addresses.
"""
_PIPE_BYTES: Final = 1 << 20

# Source: seccomp(2), capabilities(7), linux/seccomp.h, linux/bpf_common.h; audit.h and unistd.h.
_PR_SET_NO_NEW_PRIVS: Final = 38
_SET_MODE_FILTER, _ALL_THREADS = 1, 1
_CAPABILITIES: Final = 0x20080522
_LOAD, _AND, _IS, _RETURN = 0x20, 0x54, 0x15, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_ARGUMENTS, _HALF_BYTES = 16, 4
# What reading and setting take once everything is loaded and open. Nothing here opens, makes or
# names a file, a process, a thread or a connection, or keeps a signal away. For each call its
# numbers on `_MACHINES`.
_MACHINES: Final = {"x86_64": (0, 0xC000003E, 317), "aarch64": (1, 0xC00000B7, 277)}
_CALLS: Final = {
    "read": (0, 63),
    "write": (1, 64),
    "pread64": (17, 67),
    "lseek": (8, 62),
    "close": (3, 57),
    "brk": (12, 214),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "mremap": (25, 216),
    "munmap": (11, 215),
    "madvise": (28, 233),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "futex": (202, 98),
    "prctl": (157, 167),
    "getcwd": (79, 17),
    "gettid": (186, 178),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "sigaltstack": (131, 132),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "restart_syscall": (219, 128),
    "getrandom": (318, 278),
    "getrusage": (98, 165),
    "prlimit64": (302, 261),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
# What fails otherwise than refused: then the C library takes the path of the typesetter's folder as
# it is, without links.
_FAILING: Final = {
    (89, 78): errno.EINVAL,  # readlink, readlinkat
    (267, 78): errno.EINVAL,  # readlinkat
}
# Which half of an argument, how much of it is looked at, and what that must be.
_ONLY: Final = {
    # Private; neither a stack, which no limit counts, nor huge pages.
    "mmap": [(2 * 3, 0x4010F, 2)],
    "prctl": [(0, 0xFFFFFFFF, 15)],  # the name of a thread
    # Limits of its own, and no new one: the pointer to it is null.
    "prlimit64": [(0, 0xFFFFFFFF, 0), (2 * 2, 0xFFFFFFFF, 0), (2 * 2 + 1, 0xFFFFFFFF, 0)],
}
LIMITED_FROM_OUTSIDE: Final = sys.platform == "linux"
"""Whether a process may set limits of another one. Who is confined cannot set its own then."""


class WorkerProcess:
    """A program of our own in a process of its own, with two pipes and nothing else of ours.

    It has no argument, and no environment but where our code and files lie. Close it when done.

    Attributes:
        asks: what it reads; answers: what it writes.
    """

    def __init__(self, program: str) -> None:
        path = os.pathsep.join(one or str(Path.cwd()) for one in sys.path)
        temporary = os.environ.get("TMPDIR")
        self._process = subprocess.Popen(  # noqa: S603 -- our own program, no shell
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={
                "PYTHONPATH": path,
                "PYTHONUTF8": "1",
                **({"TMPDIR": temporary} if temporary else {}),
            },
            process_group=0,
        )
        self.asks = cast("IO[bytes]", self._process.stdin)
        self.answers = cast("IO[bytes]", self._process.stdout)
        for pipe in (self.asks, self.answers):
            # A long letter fills the usual size 400 times. Not every system lets a pipe be larger.
            with contextlib.suppress(OSError, AttributeError):
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def allow_seconds(self, seconds: int) -> None:
        """Let it take so much more time of a processor, from now on; then it is ended.

        It has confined itself. Where no process may set limits of another one, this does nothing,
        and the process itself calls `allow_seconds`.
        """
        if sys.platform == "linux":
            # Source: linux/posix-timers_types.h, the clock of another process's processor time.
            clock = (~self.pid << 3) | 2
            # One that ended meanwhile is met at its pipe.
            with contextlib.suppress(OSError):
                _, hard = resource.prlimit(self.pid, resource.RLIMIT_CPU)
                soft = min(int(time.clock_gettime(clock)) + 1 + seconds, hard)
                resource.prlimit(self.pid, resource.RLIMIT_CPU, (soft, hard))

    def kill(self) -> None:
        """End the process, from any thread: whoever waits for an answer meets the pipe's end."""
        self._process.kill()

    def close(self) -> None:
        """End the process, and what it started before it was confined."""
        if self.answers.closed:
            return
        # Nobody has waited for it, so its group is there; macOS refuses that of a dead one.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for pipe in (self.asks, self.answers):
            # What was not written goes with the process.
            with contextlib.suppress(OSError):
                pipe.close()
        self._process.wait()


def pipes() -> tuple[IO[bytes], IO[bytes]]:
    """In such a process: what is asked, and what takes the answers.

    What somebody prints is no answer, and may be a person's: it goes nowhere.
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return sys.stdin.buffer, answers


def send(pipe: IO[bytes], frame: bytes) -> None:
    """Write one frame, and let it go."""
    pipe.write(len(frame).to_bytes(SIZE_BYTES, "big"))
    pipe.write(frame)
    pipe.flush()


def receive(pipe: IO[bytes], bytes_max: int = sys.maxsize) -> bytes:
    """Read one frame.

    Raises:
        EOFError: the pipe ends before it does, or it would be longer than `bytes_max`.
    """
    size = pipe.read(SIZE_BYTES)
    length = int.from_bytes(size, "big")
    frame = pipe.read(length) if len(size) == SIZE_BYTES and length <= bytes_max else b""
    if len(size) < SIZE_BYTES or len(frame) < length:
        raise EOFError
    return frame


def confine(memory_bytes: int, file_bytes: int = 0, seconds: int = SECONDS_MAX) -> None:
    """Let this process take so much more memory, and reach nothing that it does not have open.

    What is loaded and open already stays: whatever the work imports, opens or reads of the system
    comes before. Called before anything of a stranger is read.

    - Memory: RLIMIT_DATA, so that programs and libraries do not count. macOS does not enforce it.
      Addresses, too (RLIMIT_AS), for the kernel's tables of pages count for nothing.
    - Files: `file_bytes` into any (RLIMIT_FSIZE), `FILES_MAX` open (RLIMIT_NOFILE).
    - Time of a processor: `seconds` in all (RLIMIT_CPU), whatever `allow_seconds` allows.
    - Threads: those that it has.
    - Calls of the system: on Linux, on x86_64 and aarch64, a filter for all threads refuses what is
      not in `_CALLS`, with EPERM: no file is opened, changed or removed, no process started,
      signalled or looked into, no thread started, no limit of its own set, no signal kept away, no
      memory shared, no network. A process of root keeps no privilege. Elsewhere, and where the
      kernel has no filters, the limits above hold alone, and that of threads does not.
    """
    forbid_core_dumps()
    if sys.platform == "linux":
        _lower(resource.RLIMIT_DATA, _status_bytes("VmData") + memory_bytes)
        addresses = _status_bytes("VmSize") + memory_bytes + _RESERVED_BYTES
        _lower(resource.RLIMIT_AS, addresses)
        _lower(resource.RLIMIT_STACK, _STACK_BYTES)
    _lower(resource.RLIMIT_FSIZE, file_bytes)
    _lower(resource.RLIMIT_NOFILE, FILES_MAX)
    _lower(resource.RLIMIT_CPU, _used_seconds() + seconds)
    _forbid_calls()


def allow_seconds(seconds: int) -> None:
    """Let this process take so much more time of a processor, from now on; then it is ended.

    Where another process may set its limits it must: see `WorkerProcess.allow_seconds`.
    """
    if LIMITED_FROM_OUTSIDE:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = _used_seconds() + seconds
    soft = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _used_seconds() -> int:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return int(used.ru_utime + used.ru_stime) + 1


def _lower(limit: int, value: int) -> None:
    _, hard = resource.getrlimit(limit)
    lowest = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(limit, (lowest, lowest))


def _status_bytes(name: str) -> int:
    """What counts now for RLIMIT_DATA (`VmData`) or RLIMIT_AS (`VmSize`)."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * _KIB
    return 0


def _forbid_calls() -> None:
    known = _MACHINES.get(platform.machine()) if sys.platform == "linux" else None
    if known is None:
        return
    column, machine, seccomp = known
    # Each step: what, where to go on if it is so and if not (over so many steps; None: it is
    # allowed), with which number.
    steps: list[tuple[int, int | None, int, int]] = [
        (_LOAD, 0, 0, 4),
        (_IS, 1, 0, machine),
        (_RETURN, 0, 0, _FAIL | errno.EPERM),
        (_LOAD, 0, 0, 0),
    ]
    for numbers, error in _FAILING.items():
        steps += [(_IS, 0, 1, numbers[column]), (_RETURN, 0, 0, _FAIL | error)]
    for name, numbers in _CALLS.items():
        if name in _ONLY:
            masks = _ONLY[name]
            steps.append((_IS, 0, 4 * len(masks), numbers[column]))
            for n, (half, mask, value) in enumerate(masks, 1):
                steps += [
                    (_LOAD, 0, 0, _ARGUMENTS + _HALF_BYTES * half),
                    (_AND, 0, 0, mask),
                    (_IS, 1 if n < len(masks) else None, 0, value),
                    (_RETURN, 0, 0, _FAIL | errno.EPERM),
                ]
        else:
            steps.append((_IS, None, 0, numbers[column]))
    steps += [(_RETURN, 0, 0, _FAIL | errno.EPERM), (_RETURN, 0, 0, _ALLOW)]
    allowed = len(steps) - 1
    code = b"".join(
        struct.pack("=HBBI", what, allowed - n - 1 if yes is None else yes, no, number)
        for n, (what, yes, no, number) in enumerate(steps)
    )
    kept = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(kept)))
    library = ctypes.CDLL(None)
    library.capset(struct.pack("=Ii", _CAPABILITIES, 0), bytes(24))
    # A kernel without filters refuses this; the rest still holds.
    library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    library.syscall(seccomp, _SET_MODE_FILTER, _ALL_THREADS, program)
