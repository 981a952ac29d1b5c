"""A pooler that takes a connection its session away is refused before anything is made."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Final

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from ledger.postgres.prepare import PoolerError, bootstrap, check_sessions, prepare
from tests.database import LEDGER_NAME, Database, Server, empty_database, rooms
from tests.postgres.pooling import PoolMode, pooled
from tests.serving.processes import run
from tests.serving.test_starting import given_for, told

SENTENCE: Final = (
    "the database is behind a pooler that gives each transaction another session, so locks would "
    "be lost: use a pool of sessions (PgBouncer: pool_mode = session), or connect to PostgreSQL "
    "itself"
)
COMMANDS: Final = (
    ("serve",),
    ("follow",),
    ("migrate",),
    ("retention", "expire"),
    ("projections", "verify"),
)


@pytest.mark.parametrize(("mode", "size"), [("transaction", 1), ("statement", 20)])
def test_a_pool_of_transactions_or_statements_is_recognised(
    database: Database, folder: Path, mode: PoolMode, size: int
) -> None:
    with pooled(database.login, mode, folder, size) as url, pytest.raises(PoolerError):
        check_sessions(url)


def test_a_pool_of_transactions_is_recognised_while_others_use_it(
    database: Database, folder: Path
) -> None:
    ended = Event()

    def use(url: str) -> None:
        with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
            while not ended.is_set():
                connection.execute("SELECT 1")

    with pooled(database.login, "transaction", folder) as url, ThreadPoolExecutor(4) as others:
        for _ in range(4):
            others.submit(use, url)
        try:
            for _ in range(20):
                with pytest.raises(PoolerError):
                    check_sessions(url)
        finally:
            ended.set()


def test_a_pool_of_sessions_and_the_server_itself_pass(database: Database, folder: Path) -> None:
    check_sessions(database.login)
    with pooled(database.login, "session", folder) as url:
        check_sessions(url)


def test_nothing_is_made_behind_such_a_pooler(server: Server, folder: Path) -> None:
    with empty_database(server) as name:
        direct = make_conninfo(server.admin, dbname=name)
        with pooled(direct, "transaction", folder) as url:
            with pytest.raises(PoolerError):
                bootstrap(url)
            with pytest.raises(PoolerError):
                prepare(url, LEDGER_NAME, rooms())
        with psycopg.connect(direct) as connection:
            assert connection.execute("SELECT to_regnamespace('ledger')").fetchone() == (None,)


def test_every_command_that_works_on_the_ledger_says_so_and_ends(
    shared_database: Database, folder: Path
) -> None:
    with pooled(shared_database.login, "transaction", folder) as url:
        for words in COMMANDS:
            assert told(run(*words, given=given_for(url))) == SENTENCE, words
