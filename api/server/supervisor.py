"""Starts the processes of a ledger, and ends all of them when one ends.

Each runs in a session of its own, so that Ctrl-C at a terminal reaches only the supervisor, which
ends them in order: first the web processes, which finish their requests, then the others.
Nothing is restarted here: what ended once may end again, and a service manager knows better. The
exceptions are those on which no answer depends: the keeper, which does the daily job of retention,
the integrator, which signs the log, and the committer, which records bulk transfers.
"""

import logging
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from api.server.control_pipe import END, ControlPipe
from api.settings.settings import Settings

POLL_S: Final = 0.1
"""Seconds between two looks at the processes."""

_DATABASE_S: Final = 1.0
"""Seconds between two looks at the embedded PostgreSQL."""

_AGAIN_S: Final = 60.0
"""Seconds until one on which no answer depends is started again after it ended."""

_TASKS: Final = {"keeper": "keep", "integrator": "integrate", "committer": "commit"}

_GRACE_S: Final = 5.0
"""Seconds beyond `stop_s_max` in which a process may commit and close; then it is killed."""

log = logging.getLogger(__name__)


class ProcessEndedError(Exception):
    """A process ended that should not; the message names it and how it ended."""


class AddressError(Exception):
    """The address to listen at is taken, or not this machine's."""


@dataclass(frozen=True, slots=True)
class Child:
    """One running process.

    Attributes:
        line: what it says.
    """

    name: str
    process: subprocess.Popen[bytes]
    line: ControlPipe


class Supervisor:
    """The processes of one ledger, as long as the context is open.

    Args:
        settings: those of `environment`.
        environment: the whole environment of the processes.
        listening: a bound socket for the web processes; this process need not keep it.
        database: whether the database that is ours to watch is alive.
        agreed: passes while the database is not put back, see `AgreementWatch`.
        follower: whether the follower runs here too, not elsewhere.
        keeper: whether the daily job of retention runs here.
    """

    def __init__(  # noqa: PLR0913 -- what it watches, each by name
        self,
        settings: Settings,
        environment: Mapping[str, str],
        listening: socket.socket,
        database: Callable[[], bool],
        agreed: Callable[[], None],
        *,
        follower: bool = True,
        keeper: bool = True,
    ) -> None:
        self._settings = settings
        self._environment = dict(environment)
        self._listening = listening
        self._database = database
        self._agreed = agreed
        self._follower = follower
        flags = {
            "keeper": keeper,
            "integrator": settings.log_verifier is not None,
            "committer": True,
        }
        self._due = {name: 0.0 for name, is_enabled in flags.items() if is_enabled}
        self._aside: list[Child] = []
        self._web: list[Child] = []
        self._others: list[Child] = []
        self._database_due = 0.0

    def __enter__(self) -> Self:
        """Start the processes."""
        try:
            if self._follower:
                self._others.append(self._started("follower", "follow"))
            for n in range(1, self._settings.http_workers + 1):
                self._web.append(self._started(f"web process {n}", "web", n))
            self._keep()
        except BaseException:
            self.stop()
            raise
        # Only who answers may hold the address: else callers would wait here for nobody.
        self._listening.close()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes."""
        self.stop()

    def check(self) -> None:
        """Pass while all is well.

        Raises:
            ProcessEndedError: a process or the embedded PostgreSQL ended by itself.
            LogBehindError: the database was put back to an older state.
        """
        self._agreed()
        for child in (*self._web, *self._others):
            code = child.process.poll()
            child.line.hear()
            if code is not None:
                # Who loses the database while it starts ends too: the cause is told, not that.
                self._check_database()
                raise ProcessEndedError(_obituary(child, code))
        self._keep()
        # Seldom: on some systems it takes a program of its own to look.
        if time.monotonic() > self._database_due:
            self._database_due = time.monotonic() + _DATABASE_S
            self._check_database()

    def failing_checks(self) -> dict[str, str]:
        """The readiness checks that fail, and why, as the web processes say."""
        failures: dict[str, str] = {}
        for child in self._web:
            child.line.hear()
            failures |= child.line.messages
        failures.pop(END, None)
        return failures

    def _keep(self) -> None:
        """Start those on which no answer depends, and again some time after they ended."""
        for child in list(self._aside):
            code = child.process.poll()
            child.line.hear()
            if code is not None:
                log.error("%s; it is started again", _end_of(child, code))
                child.line.close()
                self._aside.remove(child)
        running = {child.name for child in self._aside}
        for name, due in self._due.items():
            if name not in running and time.monotonic() > due:
                self._due[name] = time.monotonic() + _AGAIN_S
                self._aside.append(self._started(name, _TASKS[name]))

    def _check_database(self) -> None:
        if not self._database():
            raise ProcessEndedError("the embedded PostgreSQL ended; everything ends with it")

    def stop(self) -> None:
        """End the processes in order; kill what does not end in time."""
        for children in (self._web, [*self._aside, *self._others]):
            for child in children:
                child.process.terminate()
            deadline = time.monotonic() + self._settings.stop_s_max + _GRACE_S
            for child in children:
                _end(child, deadline)

    def _started(self, name: str, task: str, number: int = 0) -> Child:
        command = [sys.executable, "-P", "-m", "api.server.child", task]
        descriptors: tuple[int, ...] = ()
        if task == "web":
            descriptors = (self._listening.fileno(),)
            command += [str(descriptors[0]), str(number)]
        line = ControlPipe()
        process = subprocess.Popen(  # noqa: S603 -- our own program, no shell
            command,
            stdin=line.standard_input(),
            env=self._environment,
            pass_fds=descriptors,
            start_new_session=True,
        )
        line.started()
        log.info("started", extra={"worker": name, "pid": process.pid})
        return Child(name, process, line)


def _obituary(child: Child, code: int) -> str:
    """Why everything ends."""
    reason = _end_of(child, code)
    return reason if END in child.line.messages else f"{reason}; everything ends with it"


def _end_of(child: Child, code: int) -> str:
    """The process's own last words, or else how it ended."""
    if END in child.line.messages:
        return f"the {child.name} ended: {child.line.messages[END]}"
    how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
    return f"the {child.name} {how}"


def _end(child: Child, deadline: float) -> None:
    try:
        child.process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        log.error("killed: it did not end in time", extra={"worker": child.name})  # noqa: TRY400 -- no traceback is wanted
        child.process.kill()
        child.process.wait()
    child.line.close()


def listening_socket(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes a free one.

    Raises:
        AddressError: see there.
    """
    try:
        [(family, *_, address), *_] = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        bound = socket.socket(family, socket.SOCK_STREAM)
        try:
            # An address whose last connections are still being closed may be taken at once.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
        except OSError:
            bound.close()
            raise
    except OSError as error:
        raise AddressError(f"{host} port {port}: {error.strerror}") from error
    return bound


def url_of(bound: socket.socket) -> str:
    """Where the socket's server can be reached from this machine."""
    host, port = bound.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 -- compared, not bound
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104 -- compared, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
