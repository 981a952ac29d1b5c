"""A keeper in a process of its own, which tests kill; and the ledger in which it has much to do."""

import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final
from uuid import UUID

from typing_extensions import override

from api.container import Container
from api.retention import RetentionIndex
from api.server import daily_job
from api.server.container_opener import opened
from api.server.startup_check import check_agreement
from api.settings.settings import Settings
from ledger.crypto.epoch import demo_masters, demo_secret
from ledger.postgres.roles import RoleUrls, role_urls
from ledger.retention.journal_file import Journal
from ledger.retention.parts import RunParts
from ledger.retention.run import RetentionRun
from ledger.service import Sealer
from ledger.store.append import Appender
from tests.database import LEDGER_NAME
from tests.journals import journal_in

AT: Final = datetime(2027, 5, 10, 1, 0, tzinfo=UTC)
"""The instant of the purge, 10:00 in Japan; also for whoever starts anew after a death."""

JOB: Final = "b" * 32
MOMENTS: Final = ("before the intent", "before the commit", "after the commit")
"""Where a process can die beside its erasure journal."""

_AGAIN_S: Final = 0.01


@dataclass(frozen=True, slots=True)
class Task:
    """One life of the keeper.

    Attributes:
        login: of its database, which another one prepared.
        dies: one of `MOMENTS`, and at which `records-expired`, from 0; None: not by itself.
    """

    login: str
    journal: Path
    dies: tuple[str, int] | None = None


class Deadly:
    """The erasure journal, beside which the process is killed at one exact moment."""

    def __init__(self, journal: Journal, moment: str, number: int) -> None:
        self._journal = journal
        self._dies = (moment, number)
        self._number = 0

    def intend(self, keys: Sequence[bytes], plan: UUID, at: datetime) -> None:
        self._passes("before the intent")
        self._journal.intend(keys, plan, at)
        self._passes("before the commit")

    def settle(self, gone: Sequence[bytes], position: int) -> None:
        self._passes("after the commit")
        self._journal.settle(gone, position)
        self._number += 1

    def _passes(self, moment: str) -> None:
        if (moment, self._number) == self._dies:
            os.kill(os.getpid(), signal.SIGKILL)


class _Finished(logging.Handler):
    """Hears the daily job say that the day's work is done, and repeats what hinders it."""

    heard = False

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.heard = self.heard or record.getMessage() in ("destroyed", "nothing was due")
        if record.levelno >= logging.WARNING:
            sys.stderr.write(f"{record.getMessage()}\n")


def keep(task: Task, begun: Connection) -> None:
    """Start as a keeper starts, do the day's work and end.

    Args:
        begun: is told when the work begins.
    """
    settings = Settings(
        name=LEDGER_NAME,
        database_url=task.login,
        journal_dir=task.journal,
        secret=demo_secret(),
        epoch_masters=demo_masters().masters,
    )
    urls = role_urls(task.login)
    check_agreement(settings, urls)
    with _followed(settings, urls) as house:
        begun.send_bytes(b"begun")
        if task.dies is not None:
            _until_death(house, Deadly(journal_in(task.journal), *task.dies))
            return
        finished = _Finished()
        daily_job.log.setLevel(logging.INFO)
        daily_job.log.addHandler(finished)
        daily = daily_job.Daily(house.retention(settings), house.now, JOB, expires=True)
        # What a killed process held, the database lets go a moment later.
        while not finished.heard:
            assert daily.run_due() != daily_job.AGAIN_S, "nothing that a person must end"
            time.sleep(_AGAIN_S)


@contextmanager
def _followed(settings: Settings, urls: RoleUrls) -> Generator[Container]:
    stop = threading.Event()
    with opened(settings, urls, lambda: AT) as house:
        following = threading.Thread(target=_follow, args=(house, stop))
        following.start()
        try:
            yield house
        finally:
            stop.set()
            following.join()


def _follow(house: Container, stop: threading.Event) -> None:
    ended = False
    try:
        house.follower().run(stop)
        ended = True
    finally:
        if not ended:
            # In a process of its own its death would be noticed, too.
            traceback.print_exc()
            os._exit(1)


def _until_death(house: Container, journal: Deadly) -> None:
    parts = RunParts(
        streams=house.streams,
        sealer=Sealer(house.keys, house.secret, house.name),
        append=Appender(house.writer, house.secret.event_mac).append,
        expiry_queries=house.expiry_queries,
        expiring=house.expiring,
        index=RetentionIndex(house.histories, house.reader),
        journal=journal,
    )
    retaining = RetentionRun(parts)
    # In the order of `daily_job.Daily`.
    retaining.plan(AT, JOB)
    house.exclusions().repeat(AT, JOB)
    retaining.expire(AT, JOB)
