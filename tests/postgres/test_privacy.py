"""Nothing that a statement carries reaches the server's log."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, LiteralString

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from ledger.postgres.embedded_server import EmbeddedServer, EmbeddedSettings
from ledger.postgres.home import LOGINS
from ledger.postgres.prepare import prepare
from ledger.postgres.privacy import QUIET_LOG, check_server_settings
from ledger.postgres.roles import RoleUrls
from tests.database import LEDGER_NAME, rooms
from tests.postgres.temporary import temporary_server

CANARY: Final = "kanaria-7f3a"

DUPLICATES: Final = (
    "INSERT INTO ledger.duties SELECT '00000000-0000-8000-8000-000000000001', %(c)s, %(c)s, 'b' "
    "FROM generate_series(1, 2)"
)
FAILING: Final[tuple[LiteralString, ...]] = (
    # unique violation, with the key in DETAIL
    DUPLICATES,
    # check violation, with the row in DETAIL
    "INSERT INTO ledger.duties VALUES (gen_random_uuid(), 's', %(c)s, %(c)s)",
    # not-null violation, with the row in DETAIL
    "INSERT INTO ledger.duties VALUES (NULL, 's', %(c)s, 'b')",
    # the value in the message itself
    "SELECT %(c)s::uuid",
    "SELECT (%(c)s || '')::integer",
    # an error of the statement's own
    "DO $$ BEGIN RAISE EXCEPTION 'kanaria-7f3a'; END $$",
    "DO $$ BEGIN RAISE WARNING 'kanaria-7f3a'; END $$",
    # no such column
    'SELECT "kanaria-7f3a"',
    # refused
    "DELETE FROM ledger.events WHERE topic = %(c)s",
)


LOUD: Final = {
    "log_statement": "all",
    "log_min_error_statement": "error",
    "log_error_verbosity": "default",
    "log_min_messages": "warning",
    "log_min_duration_statement": "0",
    "log_parameter_max_length": "-1",
    "log_parameter_max_length_on_error": "64",
    "debug_print_plan": "on",
}


@pytest.fixture(scope="module")
def embedded() -> Iterator[EmbeddedServer]:
    # Durable, because one of the tests crashes it.
    with temporary_server(EmbeddedSettings(durable=True)) as running:
        yield running


@pytest.fixture(scope="module")
def urls(embedded: EmbeddedServer) -> RoleUrls:
    return prepare(embedded.url("private"), LEDGER_NAME, rooms(), admin=embedded.admin_url())


def logged(embedded: EmbeddedServer) -> str:
    return embedded.home.log.read_text()


def fail_with_canaries(url: str) -> None:
    for statement in FAILING:
        values = {"c": CANARY} if "%(c)s" in statement else None
        with psycopg.connect(url, autocommit=True) as connection:
            try:
                connection.execute(statement, values)
            except psycopg.Error:
                continue


def test_a_failing_statement_leaves_no_value_in_the_log(
    embedded: EmbeddedServer, urls: RoleUrls
) -> None:
    for url in (urls.writer, urls.owner, embedded.admin_url("private")):
        fail_with_canaries(url)
        with (
            psycopg.connect(url, autocommit=True) as connection,
            pytest.raises(psycopg.Error),
            connection.cursor().copy("COPY ledger.duties FROM STDIN") as copy,
        ):
            copy.write(f"{CANARY}\t{CANARY}\t{CANARY}\t{CANARY}\n".encode())
    assert "database system is ready" in logged(embedded)
    assert CANARY not in logged(embedded)


def test_a_killed_session_leaves_no_statement_in_the_log(
    embedded: EmbeddedServer, urls: RoleUrls
) -> None:
    with (
        ThreadPoolExecutor(1) as pool,
        psycopg.connect(urls.writer, autocommit=True) as connection,
        psycopg.connect(embedded.admin_url(), autocommit=True) as admin,
    ):
        backend = connection.info.backend_pid
        asleep = pool.submit(connection.execute, "SELECT pg_sleep(300), 'kanaria-7f3a'")
        event = "SELECT wait_event FROM pg_stat_activity WHERE pid = %s"
        until(lambda: admin.execute(event, (backend,)).fetchone() == ("PgSleep",))
        os.kill(backend, signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            asleep.result(timeout=120)
    until(lambda: "terminated by signal 9" in logged(embedded))
    until(lambda: logged(embedded).count("ready to accept connections") >= 2)
    assert CANARY not in logged(embedded)


def until(holds: Callable[[], bool]) -> None:
    for _ in range(3_000):
        if holds():
            return
        time.sleep(0.02)
    pytest.fail("it did not come to that")


def test_the_embedded_server_is_quiet_for_everybody(
    embedded: EmbeddedServer, urls: RoleUrls
) -> None:
    for url in (urls.writer, embedded.url("private"), embedded.admin_url()):
        with psycopg.connect(url) as connection:
            assert check_server_settings(connection) == []
            there = "SELECT name FROM pg_settings WHERE name = ANY(%s)"
            rows = connection.execute(there, (list(QUIET_LOG),)).fetchall()
            assert {name for (name,) in rows} == set(QUIET_LOG)


def test_a_loud_setting_or_a_loaded_module_that_logs_plans_is_named(
    embedded: EmbeddedServer,
) -> None:
    for name, value in LOUD.items():
        url = make_conninfo(embedded.admin_url(), options=f"-c {name}={value}")
        with psycopg.connect(url) as connection:
            assert [line.split()[0] for line in check_server_settings(connection)] == [name]
    with psycopg.connect(embedded.admin_url()) as connection:
        connection.execute("LOAD 'auto_explain'")
        assert check_server_settings(connection) == []
        connection.execute("SET auto_explain.log_min_duration = 0")
        told = "auto_explain.log_min_duration is 0, safe is off"
        assert check_server_settings(connection) == [told]


def test_no_password_is_in_a_connection_string_or_readable_by_others(
    embedded: EmbeddedServer, urls: RoleUrls
) -> None:
    path: Path = embedded.home.pgpass
    assert path.stat().st_mode & 0o777 == 0o600
    passwords = [line.split(":")[-1] for line in path.read_text().splitlines()]
    assert len(set(passwords)) == len(passwords) == 2 + len(LOGINS), "each login has its own"
    for text in (urls.writer, embedded.admin_url(), repr(urls), logged(embedded)):
        assert not any(password in text for password in passwords)
