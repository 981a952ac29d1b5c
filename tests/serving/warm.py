"""Commands in processes of their own that have nothing to import: a warm process forks them.

A command begins by importing for a second of a processor, and a run makes hundreds of them. What
runs is `api.cli.main`, as the script `ledger` does, in a new session with nothing to read. The
script itself starts whatever `tests.serving.processes.command` starts.

Run by `commands`: `python -c … FD`. Over the socket come a request and the pipe to print to; each
is answered over a socket of its own with the exit code.
"""

import atexit
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Final, NoReturn, TypedDict

_BYTES_MAX: Final = 1 << 20
_PROGRAM: Final = "from tests.serving.warm import serve; serve()"
_ROOT: Final = Path(__file__).parents[2]


class _Asked(TypedDict):
    """One command: what it is given, and in which folder it runs."""

    arguments: list[str]
    given: dict[str, str]
    at: str


class Commands:
    """The warm process, once something is to be run; it ends with this one."""

    def __init__(self) -> None:
        self._near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far:
            self.process: Final = subprocess.Popen(
                [sys.executable, "-P", "-c", _PROGRAM, str(far.fileno())],
                pass_fds=(far.fileno(),),
                env={**os.environ, "PYTHONPATH": str(_ROOT)},
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def run(self, arguments: tuple[str, ...], given: Mapping[str, str]) -> tuple[int, str]:
        """Exit code and output of one command, at the end of all that it started."""
        reading, printing = os.pipe()
        near, far = socket.socketpair()
        with near, open(reading, encoding="utf-8") as printed:  # noqa: PTH123 -- a descriptor
            asked = json.dumps(_Asked(arguments=[*arguments], given={**given}, at=str(Path.cwd())))
            try:
                socket.send_fds(self._near, [asked.encode()], [printing, far.fileno()])
            finally:
                os.close(printing)
                far.close()
            text = printed.read()
            code = near.recv(16)
        assert code, f"the command left no exit code:\n{text}"
        return int(code), text

    def close(self) -> None:
        """End the warm process."""
        self._near.close()
        self.process.wait()


@cache
def commands() -> Commands:
    """Those of this process."""
    made = Commands()
    atexit.register(made.close)
    return made


# -- in the warm process --------------------------------------------------------------------------


def serve() -> None:
    """Import what commands need, and run what is asked for until nobody is there to ask."""
    import api.cli  # noqa: PLC0415 -- in that process alone

    gc.disable()
    for one in iter_modules(api.cli.__path__, "api.cli."):
        import_module(one.name)
    for name in ("api.container", "api.server.reasons", "api.server.secrets"):
        import_module(name)
    gc.freeze()  # else each command would look through it, and copy it
    gc.enable()
    # Nobody waits for those that wait for a command.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    asking = socket.socket(fileno=int(sys.argv[1]))
    while True:
        asked, descriptors, _, _ = socket.recv_fds(asking, _BYTES_MAX, 2)
        if not asked:
            return
        if os.fork() == 0:
            asking.close()
            _answer(json.loads(asked), *descriptors)
        for one in descriptors:
            os.close(one)


def _answer(asked: _Asked, printing: int, answering: int) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    command = os.fork()
    if command == 0:
        os.close(answering)
        _become(asked, printing)
    os.close(printing)
    _, status = os.waitpid(command, 0)
    os.write(answering, str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(asked: _Asked, printing: int) -> NoReturn:
    """What the script `ledger` does, with the end of an interpreter."""
    os.setsid()
    for one in (1, 2):
        os.dup2(printing, one)
    os.close(printing)
    # Those of the warm process know what it prints to: whether one can seek there.
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w")
    sys.stderr = sys.__stderr__ = os.fdopen(2, "w", buffering=1, errors="backslashreplace")
    os.chdir(asked["at"])
    os.environ.clear()
    os.environ.update(asked["given"])
    sys.argv = ["ledger", *asked["arguments"]]
    code: object = 0
    try:
        from api.cli import main  # noqa: PLC0415 -- there already

        main()
    except SystemExit as end:
        code = end.code
    except BaseException as error:  # noqa: BLE001 -- as at the end of an interpreter
        traceback.print_exception(error)
        code = 1
    if not isinstance(code, int):
        print(code or "", end="\n" if code else "", file=sys.stderr)  # noqa: T201 -- as at the end of an interpreter
        code = 1 if code else 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
