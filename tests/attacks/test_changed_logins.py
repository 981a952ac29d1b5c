"""Logins of the database that change themselves.

Attack: whoever has the login of a role that serves changes its password, or gives it settings with
which nothing works any more: a time limit of a millisecond, a role that it may not take, a library
that is not there. PostgreSQL lets every login do so, and no right takes it away.

Held off by: the embedded server gives its logins their passwords at each start, and takes their
settings back. On another server the start and `ledger migrate` refuse, name the login and say what
an administrator must run. Until then the service stands still.
"""

from collections.abc import Iterator
from typing import Final

import psycopg
import pytest

from ledger.postgres.embedded_server import EmbeddedServer, EmbeddedSettings
from ledger.postgres.errors import LoginSettingsError
from ledger.postgres.home import LOGINS
from ledger.postgres.prepare import check_prepared, prepare
from ledger.postgres.roles import SERVING, RoleUrls
from tests.database import LEDGER_NAME, rooms
from tests.postgres.backups import FAST
from tests.postgres.temporary import temporary_folder, temporary_server
from tests.postgres.test_logins import MANAGER, own, url

CHANGES: Final = (
    "ALTER ROLE CURRENT_USER SET statement_timeout = '1ms'",
    "ALTER ROLE CURRENT_USER SET \"search_path\" = 'nowhere'",
    "ALTER ROLE CURRENT_USER IN DATABASE ledger SET role = 'ledger_owner'",
    "ALTER ROLE CURRENT_USER IN DATABASE ledger SET idle_session_timeout = '1ms'",
    "ALTER ROLE CURRENT_USER PASSWORD 'invented'",
)


def prepared(server: EmbeddedServer) -> RoleUrls:
    logins = server.logins("ledger")
    return prepare(
        server.url("ledger"), LEDGER_NAME, rooms(), admin=server.admin_url(), logins=logins
    )


def test_a_login_that_changed_itself_works_again_from_the_next_start() -> None:
    with temporary_folder(FAST) as folder:
        with EmbeddedServer(folder, FAST) as server:
            urls, logins = prepared(server), server.logins("ledger")
            for role in SERVING:
                with psycopg.connect(logins[role], autocommit=True) as connection:
                    connection.execute("SET statement_timeout = 0")
                    for change in CHANGES:
                        connection.execute(change)
                with pytest.raises(psycopg.OperationalError):
                    psycopg.connect(urls.serving[role]).close()
        with EmbeddedServer(folder, FAST) as server:
            prepared(server)
            for role in SERVING:
                with psycopg.connect(urls.serving[role], autocommit=True) as connection:
                    assert connection.execute("SHOW statement_timeout").fetchone() == ("0",)
                    assert connection.execute("SELECT current_user").fetchone() == (role,)
                    connection.execute("SELECT FROM ledger.head")
                with psycopg.connect(server.admin_url("ledger")) as connection:
                    left = "SELECT FROM pg_db_role_setting WHERE setrole = to_regrole(%s)"
                    assert connection.execute(left, (LOGINS[role],)).fetchall() == []


@pytest.fixture(scope="module")
def foreign() -> Iterator[EmbeddedServer]:
    """A server that is not ours, with a manager who is no superuser."""
    with temporary_server(EmbeddedSettings(durable=False)) as running:
        with psycopg.connect(running.admin_url(), autocommit=True) as connection:
            connection.execute(MANAGER)
        yield running


def test_a_login_that_changed_itself_elsewhere_is_named_with_what_to_run(
    foreign: EmbeddedServer,
) -> None:
    logins = own(foreign, "ledger")
    manager = url(foreign, "manager", "invented", "ledger")
    prepare(manager, LEDGER_NAME, rooms(), logins=logins)
    missed: list[str] = []
    for role in SERVING:
        for change in CHANGES[:-1]:
            with psycopg.connect(logins[role], autocommit=True) as connection:
                connection.execute("SET ROLE NONE")  # another test gives the logins a role
                connection.execute(change)
            for start in (
                lambda: prepare(manager, LEDGER_NAME, rooms(), logins=logins),
                lambda: check_prepared(logins, LEDGER_NAME, rooms()),
            ):
                with pytest.raises(LoginSettingsError) as raised:
                    start()
                said = str(raised.value)
                if f'ALTER ROLE "app_{role}"' not in said:
                    missed.append(f"{role}: {change}")
            with psycopg.connect(foreign.admin_url("ledger"), autocommit=True) as connection:
                for statement in said.splitlines()[1:]:
                    connection.execute(statement.encode())
            check_prepared(logins, LEDGER_NAME, rooms())
    assert missed == []


def test_what_a_pooler_needs_of_a_login_is_no_such_change(foreign: EmbeddedServer) -> None:
    logins = own(foreign, "pooled")
    manager = url(foreign, "manager", "invented", "pooled")
    prepare(manager, LEDGER_NAME, rooms(), logins=logins)
    with psycopg.connect(foreign.admin_url("pooled"), autocommit=True) as connection:
        for role in SERVING:
            connection.execute(f"ALTER ROLE app_{role} SET role = '{role}'".encode())
            connection.execute(f"ALTER ROLE app_{role} SET timezone = 'UTC'".encode())
            connection.execute(f"ALTER ROLE app_{role} SET log_min_messages = 'fatal'".encode())
    prepare(manager, LEDGER_NAME, rooms(), logins=logins)
    check_prepared(logins, LEDGER_NAME, rooms())
