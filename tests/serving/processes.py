"""The real commands in processes of their own, ended whatever a test does."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from api.settings.settings import Settings
from tests.database import Database
from tests.leaving import LEAVING
from tests.serving.warm import commands

SECONDS_MAX = 180.0
SHOWING = frozenset(("demo", "proof"))
"""Commands that show persons on purpose: to whoever tries the ledger, or has a proof."""
LEDGER = Path(sys.executable).with_name("ledger")


def environment(**settings: str) -> dict[str, str]:
    """The environment of a command: nothing of ours but `settings`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LEDGER_")}
    return {**kept, **settings}


def on_outer(database: Database, settings: Settings) -> dict[str, str]:
    """The environment of a command on a test's database, with the keys of `settings`."""
    [(epoch, master)] = settings.epoch_masters.items()
    assert settings.secret is not None
    return environment(
        LEDGER_NAME=database.ledger_name,
        LEDGER_DATABASE_URL=database.login,
        LEDGER_SECRET=settings.secret.hex(),
        LEDGER_EPOCH_MASTER=f"{epoch}:{master.hex()}",
    )


class Command:
    """A running command; what it prints is kept line by line."""

    def __init__(self, arguments: tuple[str, ...], given: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [LEDGER, *arguments],
            env=given,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as printed:
            for line in printed:
                self.lines.append(line.rstrip("\n"))

    @property
    def text(self) -> str:
        """Everything printed so far."""
        return "\n".join(self.lines)

    def line(self, pattern: str) -> re.Match[str]:
        """The first line that matches, once it is there."""
        deadline = time.monotonic() + SECONDS_MAX
        while True:
            ended = self.process.poll() is not None
            if ended:
                self._reading.join(SECONDS_MAX)
            for line in list(self.lines):
                if found := re.search(pattern, line):
                    return found
            assert not ended, f"ended before {pattern}:\n{self.text}"
            assert time.monotonic() < deadline, f"no {pattern} in time:\n{self.text}"
            time.sleep(0.05)

    def pid_of(self, worker: str) -> int:
        """The process id of a child, as the supervisor logged it."""
        found = self.line(rf'"worker":"{worker}"')
        return json.loads(found.string)["pid"]

    def interrupt(self) -> None:
        """What Ctrl-C does: SIGINT to everybody in the foreground group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self) -> int:
        """The exit code, once everything that it started has let go of its output too."""
        code = self.process.wait(SECONDS_MAX)
        self._reading.join(SECONDS_MAX)
        assert not self._reading.is_alive(), "somebody it started still lives"
        return code


@contextmanager
def command(*arguments: str, given: Mapping[str, str]) -> Generator[Command]:
    """A running command; killed at the end if it still runs."""
    running = Command(arguments, given)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.interrupt()
            try:
                running.process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(running.process.pid, signal.SIGKILL)
        running.end()
        _tell(arguments, given, running.lines)


def run(*arguments: str, given: Mapping[str, str]) -> tuple[int, str]:
    """Exit code and output of a command that ends by itself; see `tests.serving.warm`."""
    code, printed = commands().run(arguments, given)
    _tell(arguments, given, printed.splitlines())
    return code, printed.removesuffix("\n")


def _tell(arguments: tuple[str, ...], given: Mapping[str, str], lines: list[str]) -> None:
    """That has left the application."""
    is_log = '{"at":' if SHOWING & set(arguments) else ""
    logged = [line for line in lines if line.startswith(is_log)]
    LEAVING.tell("output of a command", "\n".join(logged))
    # A ledger with a home of its own has a PostgreSQL of its own, which logs there.
    for log in Path(given["LEDGER_HOME"]).glob("log/*") if "LEDGER_HOME" in given else ():
        LEAVING.tell("log of PostgreSQL", log.read_bytes())


def lives(pid: int) -> bool:
    """Whether the process exists; a zombie does not count."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
    except OSError:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return not Path("/proc/self").exists()
    return state != "Z"


def gone(pid: int) -> bool:
    """Whether the process ends within some seconds."""
    deadline = time.monotonic() + 60
    while lives(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
