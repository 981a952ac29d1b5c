"""Programs of our own in processes of their own: how they are started, spoken with and confined.

They read what strangers wrote. A frame is its size, 8 bytes big endian, and its bytes.
"""

import contextlib
import ctypes
import os
import platform
import resource
import struct
import subprocess
import sys
from pathlib import Path
from typing import IO, Final

from ledger.core_dumps import forbid_core_dumps

SIZE_BYTES: Final = 8
FILES_MAX: Final = 64
"""Descriptors that a confined process may have open."""
_KIB: Final = 1024

# Source: seccomp(2), linux/seccomp.h, linux/bpf_common.h; numbers of audit.h and unistd.h.
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_FILTER: Final = 2
_LOAD, _IS, _IS_AT_LEAST, _HAS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOWED, _REFUSED = 0x7FFF0000, 0x00050001
_OTHER_ABI: Final = 0x40000000
# For each machine: its number; socket, socketpair, execve, execveat, io_uring_setup, which makes
# sockets too, creat, openat2, whose flags lie out of sight; then open and openat with the number of
# the argument that has their flags.
_CALLS: Final = {
    "x86_64": (0xC000003E, (41, 53, 59, 322, 425, 85, 437), ((2, 1), (257, 2))),
    "aarch64": (0xC00000B7, (198, 199, 221, 281, 425, 437), ((56, 2),)),
}
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_ARGUMENTS, _ARGUMENT_BYTES = 16, 8


def started(program: str) -> subprocess.Popen[bytes]:
    """A process with two pipes; no argument, no environment but where our code and files lie."""
    path = os.pathsep.join(one or str(Path.cwd()) for one in sys.path)
    temporary = os.environ.get("TMPDIR")
    return subprocess.Popen(  # noqa: S603 -- our own program, no shell
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


def confine(memory_bytes: int, file_bytes: int = 0, seconds: int | None = None) -> None:
    """Let this process take so much more memory, few files, none to write, and no network.

    What is loaded and open already stays. Called before anything of a stranger is read.

    - Memory: RLIMIT_DATA, so that programs and libraries do not count. macOS does not enforce it.
    - Files: `file_bytes` into any (RLIMIT_FSIZE), `FILES_MAX` open (RLIMIT_NOFILE); on Linux, on
      x86_64 and aarch64, a filter refuses to open one for writing.
    - Network: nothing is inherited but two pipes; the filter refuses sockets and programs.
      Elsewhere nothing but the files' number forbids one.
    - Time of a processor: `seconds` in all (RLIMIT_CPU), whatever `allow_seconds` allows.
    """
    forbid_core_dumps()
    if sys.platform == "linux":
        _lower(resource.RLIMIT_DATA, _data_bytes() + memory_bytes)
    _lower(resource.RLIMIT_FSIZE, file_bytes)
    _lower(resource.RLIMIT_NOFILE, FILES_MAX)
    if seconds is not None:
        _lower(resource.RLIMIT_CPU, _used_seconds() + seconds)
    _forbid_calls()


def allow_seconds(seconds: int) -> None:
    """Let this process take so much more time of a processor, from now on; then it is ended."""
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


def _data_bytes() -> int:
    """What counts for RLIMIT_DATA now."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmData:"):
                return int(line.split()[1]) * _KIB
    return 0


def _forbid_calls() -> None:
    known = _CALLS.get(platform.machine()) if sys.platform == "linux" else None
    if known is None:
        return
    machine, calls, opens = known
    # Each step: what, where to go on if it is so and if not (over so many steps), with which
    # number. Whatever is not refused by one goes on to the next; the last two are the verdicts.
    steps: list[tuple[int, int | None, int | None, int]] = [
        (_LOAD, 0, 0, 4),
        (_IS, 0, None, machine),
        (_LOAD, 0, 0, 0),
        (_IS_AT_LEAST, None, 0, _OTHER_ABI),
        *((_IS, None, 0, call) for call in calls),
    ]
    for call, flags in opens:
        steps += [
            (_IS, 0, 3, call),
            (_LOAD, 0, 0, _ARGUMENTS + _ARGUMENT_BYTES * flags),
            (_HAS, None, 0, _WRITING),
            (_LOAD, 0, 0, 0),
        ]
    refused = len(steps) + 1
    program = [
        (what, *(refused - n - 1 if to is None else to for to in (yes, no)), number)
        for n, (what, yes, no, number) in enumerate(steps)
    ]
    program += [(_RETURN, 0, 0, _ALLOWED), (_RETURN, 0, 0, _REFUSED)]
    code = b"".join(struct.pack("=HBBI", *step) for step in program)
    kept = ctypes.create_string_buffer(code, len(code))
    told = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(kept)))
    library = ctypes.CDLL(None)
    # A kernel without filters refuses this; the rest still holds.
    library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    library.prctl(_PR_SET_SECCOMP, _FILTER, told, 0, 0)
