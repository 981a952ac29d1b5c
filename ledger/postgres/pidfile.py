"""Whether a server runs in a data folder, and where it listens: what `postmaster.pid` is worth.

The file alone proves nothing: after a crash it stays, and its process id may be another program's
by then, or a zombie that nobody has reaped. So the process itself is looked at.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_NAME: Final = "postmaster.pid"
_SOCKET_LOCKS: Final = ".s.PGSQL.*.lock"
_LINES_MIN: Final = 6


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that runs (it may still be recovering).

    Attributes:
        host: folder of its Unix socket, or 127.0.0.1.
    """

    pid: int
    port: int
    host: str


def running(data: Path) -> RunningServer | None:
    """The server that runs in `data`; None when there is none or it has only just begun."""
    lines = _lines(data / _NAME)
    if len(lines) < _LINES_MIN or not _is_server(int(lines[0]), data):
        return None
    # Lines: pid, data folder, start time, port, socket folder, listen address
    # (PostgreSQL, src/include/utils/pidfile.h).
    return RunningServer(pid=int(lines[0]), port=int(lines[3]), host=lines[4] or lines[5])


def is_alive(data: Path) -> bool:
    """Whether the process of the pid file is a living server of `data`."""
    lines = _lines(data / _NAME)
    return bool(lines) and _is_server(int(lines[0]), data)


def remove_stale(data: Path, sockets: Path) -> list[Path]:
    """Remove the pid file, and the lock files of `sockets`, whose servers no longer run.

    PostgreSQL does so itself, but not when the process id was given to another program of the
    same user, or is a zombie's. Two servers in one folder stay impossible: the shared memory
    block of the folder is still PostgreSQL's own lock.

    Returns:
        What was removed.
    """
    removed: list[Path] = []
    for path in (data / _NAME, *sockets.glob(_SOCKET_LOCKS)):
        lines = _lines(path)
        if not path.exists() or (len(lines) > 1 and _is_server(int(lines[0]), Path(lines[1]))):
            continue
        if path.name == _NAME and is_alive(data):  # the folder was moved while the server ran
            continue
        path.unlink(missing_ok=True)
        removed.append(path)
    return removed


def _lines(path: Path) -> list[str]:
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return []
    return lines if lines and lines[0].lstrip("-").isdigit() else []


def _is_server(pid: int, data: Path) -> bool:
    if pid <= 0:
        return False
    return _is_server_linux(pid, data) if sys.platform == "linux" else _is_server_elsewhere(pid)


def _is_server_linux(pid: int, data: Path) -> bool:
    process = Path("/proc") / str(pid)
    try:
        # The name in parentheses may hold anything; the state letter follows its end.
        state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        if state in {"Z", "X"}:
            return False
        # The server's working folder is its data folder.
        return (process / "cwd").readlink() == data.resolve()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        # PermissionError: another user's process. The server is ours or, as root, we may look.
        return False


def _is_server_elsewhere(pid: int) -> bool:
    command = ["ps", "-o", "stat=,command=", "-p", str(pid)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603 -- a number of ours, no shell
    return bool(shown) and not shown.startswith("Z") and "postgres" in shown
