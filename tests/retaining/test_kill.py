"""kill -9 in the middle of a purge: whoever starts anew ends it as if nothing had happened."""

import multiprocessing
import random
import signal
import time
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Final

import psycopg
import pytest

from ledger.expiry import KEYS_PER_EVENT_MAX
from ledger.store.journal import ERASURES, Journal
from tests.database import LEDGER_NAME, Database, Server, cloned_database
from tests.retaining.busy import fill
from tests.retaining.endings import Ending, ending
from tests.retaining.keeper import keeper
from tests.retaining.purging import MOMENTS, Task, keep

SEED: Final = 20_270_510
KILLS: Final = 30
CUT_OFF_MIN: Final = 10
"""So many of them must really have ended a run before its end."""

END_S_MAX: Final = 120.0


@dataclass(frozen=True, slots=True)
class Origin:
    """A ledger on the day of a purge, from which others are copied.

    Attributes:
        server: whose databases are copies of it.
        before: its last position.
        undisturbed: what the purge leaves when nobody is killed.
        seconds: how long that takes.
    """

    server: Server
    before: int
    undisturbed: Ending
    seconds: float


@pytest.fixture(scope="module")
def origin(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    with cloned_database(server) as database:
        with keeper(database) as kept:
            fill(kept)
            before = kept.inside.head()
        source = replace(server, template=database.name)
        for run in ("cold", "warm"):
            folder = tmp_path_factory.mktemp(run)
            with cloned_database(source) as copy:
                begin = time.monotonic()
                with life(copy, folder) as process:
                    process.join(END_S_MAX)
                seconds = time.monotonic() - begin
                assert process.exitcode == 0
                undisturbed = ending(copy, folder, before)
        yield Origin(source, before, undisturbed, seconds)


@contextmanager
def life(
    database: Database, folder: Path, dies: tuple[str, int] | None = None
) -> Generator[ForkServerProcess]:
    """A keeper in a process of its own; it is dead afterwards."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.retaining.purging"])
    process = context.Process(target=keep, args=(Task(database.login, folder, dies),))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def test_killed_at_any_moment_it_is_ended_by_the_next_as_if_undisturbed(
    origin: Origin, tmp_path: Path
) -> None:
    dice = random.Random(SEED)  # noqa: S311 -- when to kill, nothing secret
    # One in each thirtieth of the run, so that no part of it is passed over.
    moments = [(n + dice.random()) / KILLS * origin.seconds for n in range(KILLS)]
    for n, moment in enumerate(moments):
        with cloned_database(origin.server) as database:
            folder = tmp_path / f"{n}"
            t0=time.monotonic()
            with life(database, folder) as process:
                process.join(moment)
            print(n, round(moment,3), process.exitcode, end=" ")
            with psycopg.connect(database.admin) as a:
                print(a.execute("select count(*) filter (where topic='expiry-planned'), count(*) filter (where topic='record-carried-forward'), count(*) filter (where topic='records-expired') from ledger.events where notification_id > %s",(origin.before,)).fetchone(), end=" ")
            j = Journal(folder, LEDGER_NAME)
            print(len(j.erased())/32 if j.exists else None, len(j.intended()) if j.exists else None, end=" ")
            with life(database, folder) as process:
                process.join(END_S_MAX)
            assert process.exitcode == 0
            print(round(time.monotonic()-t0,2), end=" ")
            assert ending(database, folder, origin.before) == origin.undisturbed
            print(round(time.monotonic()-t0,2))
