"""Keepers in processes of their own, and how far each has come with its purge."""

import multiprocessing
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Final, LiteralString

import psycopg

from tests.database import Database
from tests.retaining.purging import Task, keep

END_S_MAX: Final = 120.0
_LOOK_S: Final = 0.001

# The plan, the copies (one transaction), and each `records-expired`, since a position.
_STEPS: LiteralString = """
    SELECT count(*) FILTER (WHERE topic <> 'record-carried-forward')
           + max(CASE topic WHEN 'record-carried-forward' THEN 1 ELSE 0 END)
      FROM ledger.events WHERE notification_id > %s
"""


@dataclass(frozen=True, slots=True)
class Life:
    """A keeper's process.

    Attributes:
        process: it is dead after the context.
        before: the last position before its ledger's first purge.
    """

    process: ForkServerProcess
    before: int
    _begun: Callable[[], bool]
    _look: psycopg.Connection

    def steps(self) -> int:
        """What it has done: 0 nothing, 1 begun, 2 planned, 3 copied, one more a batch."""
        if not self._begun():
            return 0
        row = self._look.execute(_STEPS, (self.before,)).fetchone()
        assert row is not None
        return 1 + (row[0] or 0)

    def await_step(self, step: int) -> None:
        """Return when it has done that much, or has ended."""
        deadline = time.monotonic() + END_S_MAX
        while self.process.exitcode is None and self.steps() < step:
            assert time.monotonic() < deadline, f"it stays at step {self.steps()}"
            self.process.join(_LOOK_S)

    def ends(self) -> None:
        """Wait until it ends by itself, with its work done."""
        self.process.join(END_S_MAX)
        assert self.process.exitcode == 0, self.process.exitcode


@contextmanager
def life(
    database: Database, journal: Path, before: int, dies: tuple[str, int] | None = None
) -> Generator[Life]:
    """A keeper that begins the purge, or goes on with it; it is killed at the end."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([keep.__module__])
    begun, told = context.Pipe(duplex=False)
    process = context.Process(target=keep, args=(Task(database.login, journal, dies), told))
    with (
        begun,
        told,
        psycopg.connect(database.admin, autocommit=True) as look,
    ):
        process.start()
        try:
            yield Life(process, before, begun.poll, look)
        finally:
            process.kill()
            process.join()


def timed(one: Life, steps: int) -> list[float]:
    """How many seconds it stands at each step, from 0 to `steps`; it ends by itself."""
    stamps = [time.monotonic()]
    for step in range(1, steps + 1):
        one.await_step(step)
        stamps.append(time.monotonic())
    one.ends()
    stamps.append(time.monotonic())
    return [after - before for before, after in pairwise(stamps)]
