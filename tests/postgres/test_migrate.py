"""Migrations: once, in order, never edited; and no pooler that takes a session away."""

import importlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Final, Literal

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from ledger.postgres.account import server_account
from ledger.postgres.errors import LedgerNameError, MigrationError
from ledger.postgres.migrate import MigrationPackage, migrate, migrations
from ledger.postgres.prepare import PoolerError, bootstrap, check_sessions, prepare
from tests.database import LEDGER_NAME, Database, Server, empty_database, rooms
from tests.serving.processes import run
from tests.serving.test_starting import given_for, told

PoolMode = Literal["session", "transaction", "statement"]

_SECONDS_MAX: Final = 60


@contextmanager
def pooled(url: str, mode: PoolMode, folder: Path, size: int = 5) -> Generator[str]:
    """`url` by way of a pooler with that many sessions of the server.

    Args:
        folder: where the server's user may read and write.
    """
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        pytest.fail("pgbouncer is not installed: ./dev test installs it")
    with psycopg.connect(url) as connection:
        found = connection.info  # the password, too, wherever libpq has it from
        server = f"host={found.host} port={found.port} user={found.user} password={found.password}"
        named = {"dbname": found.dbname, "user": found.user}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lines = (
        "[databases]",
        f"* = {server}",
        "[pgbouncer]",
        "listen_addr = 127.0.0.1",
        f"listen_port = {port}",
        "unix_socket_dir =",
        "auth_type = any",
        f"pool_mode = {mode}",
        f"default_pool_size = {size}",
        "ignore_startup_parameters = options",
    )
    account = server_account()
    settings = folder / "pgbouncer.ini"
    settings.write_text("\n".join(lines) + "\n", "utf-8")
    settings.chmod(0o600)
    shutil.chown(settings, account.uid, account.gid)
    running = subprocess.Popen(
        [program, "--quiet", str(settings)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        user=account.uid if account.switched else None,
        group=account.gid if account.switched else None,
        extra_groups=[] if account.switched else None,
    )
    try:
        address = make_conninfo("", **named, host="127.0.0.1", port=port)
        _await(address, running)
        yield address
    finally:
        running.terminate()
        running.wait(_SECONDS_MAX)


def _await(address: str, running: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _SECONDS_MAX
    while True:
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            assert running.poll() is None, "the pooler ended"
            assert time.monotonic() < deadline, "the pooler does not listen"
            time.sleep(0.05)
        else:
            return


PACKAGE: Final = "room_of_a_migration_test"
ROOM: Final = MigrationPackage("trial", PACKAGE)
APPLIED: Final = "SELECT number FROM ledger.migrations WHERE room = 'trial' ORDER BY number"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a room's files, importable as a package."""
    folder = tmp_path / PACKAGE
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, PACKAGE, raising=False)
    importlib.invalidate_caches()
    (folder / "0001_first.sql").write_text("CREATE TABLE ledger.first (a integer);\n")
    return folder


def applied(database: Database) -> list[int]:
    with psycopg.connect(database.urls.owner) as connection:
        return [number for (number,) in connection.execute(APPLIED)]


def test_a_file_is_applied_once_and_never_edited_nor_is_a_newer_database_taken(
    database: Database, files: Path
) -> None:
    assert migrate(database.urls.owner, [ROOM]) == 1
    # Line ends of a checkout are no edit.
    first, second = files / "0001_first.sql", files / "0002_second.sql"
    content = first.read_bytes()
    first.write_bytes(content.replace(b"\n", b"\r\n"))
    assert migrate(database.urls.owner, [ROOM]) == 0
    first.write_text("CREATE TABLE ledger.first (a bigint);\n")
    with pytest.raises(MigrationError, match="0001_first was edited"):
        migrate(database.urls.owner, [ROOM])
    first.write_bytes(content)
    second.write_text("ALTER TABLE ledger.first ADD COLUMN b integer;")
    assert migrate(database.urls.owner, [ROOM]) == 1
    assert applied(database) == [1, 2]
    second.unlink()
    with pytest.raises(MigrationError, match="the database is newer than this program"):
        migrate(database.urls.owner, [ROOM])


def test_a_file_before_an_applied_one_is_refused(database: Database, files: Path) -> None:
    (files / "0003_third.sql").write_text("SELECT 1;")
    migrate(database.urls.owner, [ROOM])
    (files / "0002_late.sql").write_text("SELECT 1;")
    with pytest.raises(MigrationError, match="next free number"):
        migrate(database.urls.owner, [ROOM])


def test_a_failing_file_leaves_nothing_and_keeps_what_came_before(
    database: Database, files: Path
) -> None:
    (files / "0002_broken.sql").write_text("CREATE TABLE ledger.half (a integer); SELECT 1/0;")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(database.urls.owner, [ROOM])
    assert applied(database) == [1]
    with psycopg.connect(database.urls.owner) as connection:
        assert connection.execute("SELECT to_regclass('ledger.half')").fetchone() == (None,)


def test_several_starters_apply_each_file_once(database: Database, files: Path) -> None:
    # CONCURRENTLY waits for every snapshot: starters that wait for the lock must hold none.
    statement = "CREATE INDEX CONCURRENTLY IF NOT EXISTS first_a ON ledger.first (a);"
    (files / "0002_index.sql").write_text(f"-- no-transaction\n{statement}\n")
    with ThreadPoolExecutor(4) as pool:
        counts = pool.map(migrate, [database.urls.owner] * 4, [[ROOM]] * 4, timeout=120)
        assert sorted(counts) == [0, 0, 0, 2]


@pytest.mark.parametrize("name", ["1_short.sql", "0002-dash.sql", "0001_twice.sql"])
def test_a_misnamed_file_is_refused(files: Path, name: str) -> None:
    (files / name).write_text("SELECT 1;")
    with pytest.raises(MigrationError):
        migrations(ROOM)


def test_what_a_file_makes_belongs_to_the_owner(database: Database) -> None:
    with psycopg.connect(database.admin) as connection:
        owners = connection.execute(
            "SELECT DISTINCT relnamespace::regnamespace::text, relowner::regrole::text "
            "FROM pg_class WHERE relnamespace::regnamespace::text IN ('ledger', 'projections')"
        ).fetchall()
    assert set(owners) == {("ledger", "ledger_owner"), ("projections", "ledger_owner")}


def test_preparing_again_changes_nothing_and_another_name_is_refused(server: Server) -> None:
    with empty_database(server) as name:
        login = make_conninfo(server.login, dbname=name)
        with ThreadPoolExecutor(3) as pool:
            starting = [
                pool.submit(prepare, login, LEDGER_NAME, rooms(), admin=server.admin)
                for _ in range(3)
            ]
            assert len({start.result(timeout=120) for start in starting}) == 1
        # Without the administrator: everything is there, so nothing is asked of the login.
        urls = prepare(login, LEDGER_NAME, rooms())
        with psycopg.connect(urls.reader) as connection:
            row = connection.execute("SELECT ledger, position FROM ledger.head").fetchall()
            assert row == [(LEDGER_NAME, 0)]
            closed = "SELECT has_database_privilege('public', current_database(), %s)"
            for right in ("CONNECT", "TEMP"):
                shown = connection.execute(closed, (right,)).fetchone()
                assert shown == (False,), "it is closed to everybody else"
        with pytest.raises(LedgerNameError):
            prepare(login, "another-ledger", rooms())


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
