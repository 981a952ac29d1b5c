"""The head is noted outside the database each second, also where the database was frozen between.

Attack: somebody puts the database back to how it was some seconds ago, or stops its processes so
that whoever watches it waits for ever.

Held off by: the head that the erasure journal keeps, a second old at most; a wait that is bounded,
after which the connection is closed and the database is asked anew.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from api.database import MIGRATIONS
from api.server.startup_check import AgreementWatch, noting
from ledger.backup.agreement import LogBehindError
from ledger.postgres.prepare import prepare
from ledger.retention.journal_file import Journal
from tests.database import LEDGER_NAME, Database, Server
from tests.doors.freezing import frozen
from tests.ledger.inside import inside
from tests.postgres.backups import back_up, came_back, open_up
from tests.postgres.temporary import temporary_server

ANSWER_S_MAX: Final = 1.0


def until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def noted(journal: Journal) -> int:
    head = journal.last_head()
    return 0 if head is None else head.position


def test_a_database_that_is_put_back_by_seconds_is_refused(
    server: Server, database: Database, folder: Path, journal: Journal
) -> None:
    with inside(database) as house:
        house.record("one")
        open_up(journal, database)
        back_up(database, folder / "backup", "dump", journal)
        with noting(journal, database.urls, ANSWER_S_MAX) as watch:
            house.record("two")
            # A busy machine may be slow; the minute of before was not waited for.
            until(lambda: noted(journal) == house.head(), 10)
            watch.check()
    with came_back(server, folder / "backup") as again, pytest.raises(LogBehindError):
        open_up(journal, again)


def test_a_head_that_is_noted_is_not_written_again(database: Database, journal: Journal) -> None:
    with inside(database) as house:
        house.record("one")
        open_up(journal, database)
        watch = AgreementWatch(journal, database.urls)
        watch.note()
        head = journal.folder / "head.json"
        before = head.stat().st_ino, head.stat().st_mtime_ns
        watch.note()
        assert (head.stat().st_ino, head.stat().st_mtime_ns) == before
        house.record("two")
        watch.note()
        assert noted(journal) == house.head()
        watch.connections.close()


def test_a_frozen_database_is_hung_up_on_and_its_head_noted_once_it_thaws(journal: Journal) -> None:
    with temporary_server() as server:
        url = server.url("ledger")
        urls = prepare(url, LEDGER_NAME, MIGRATIONS, admin=server.admin_url())
        database = Database("ledger", urls, server.admin_url("ledger"), url)
        with inside(database) as house:
            house.record("one")
            open_up(journal, database)
            with noting(journal, urls, ANSWER_S_MAX) as watch:
                with frozen(server):
                    until(lambda: watch.connections.is_silent, 30)
                    watch.check()
                until(lambda: not watch.connections.is_silent, 30)
                house.record("two")
                until(lambda: noted(journal) == house.head(), 30)


def test_who_ends_while_the_database_is_frozen_does_not_wait_for_it(journal: Journal) -> None:
    with temporary_server() as server:
        url = server.url("ledger")
        urls = prepare(url, LEDGER_NAME, MIGRATIONS, admin=server.admin_url())
        open_up(journal, Database("ledger", urls, server.admin_url("ledger"), url))
        with ExitStack() as stack:
            with noting(journal, urls, ANSWER_S_MAX):
                time.sleep(ANSWER_S_MAX)
                stack.enter_context(frozen(server))
                begun = time.monotonic()
            assert time.monotonic() - begun < 20
