"""A login for each role: what it may take, and how it comes to be."""

from collections.abc import Iterator, Mapping
from typing import Final

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ledger.postgres.embedded_server import EmbeddedServer, EmbeddedSettings
from ledger.postgres.errors import (
    LedgerNameError,
    NotMigratedError,
    OwnerNeededError,
    PreparationError,
)
from ledger.postgres.home import LOGIN, LOGINS, SUPERUSER
from ledger.postgres.logins import taking_more
from ledger.postgres.prepare import check_prepared, prepare
from ledger.postgres.roles import OWNER, ROLES, SERVING, role_urls, serving_urls
from tests.database import LEDGER_NAME, Database, Server, empty_database, rooms
from tests.postgres.temporary import temporary_server

MANAGER: Final = "CREATE ROLE manager LOGIN CREATEDB CREATEROLE PASSWORD 'invented'"
PLAIN: Final = "CREATE ROLE plain LOGIN PASSWORD 'invented'"
PASSWORD: Final = "an-invented-password"


@pytest.fixture
def foreign() -> Iterator[EmbeddedServer]:
    """A server on which nothing of ours was prepared."""
    with temporary_server(EmbeddedSettings(durable=False)) as running:
        with psycopg.connect(running.admin_url(), autocommit=True) as connection:
            connection.execute(MANAGER)
            connection.execute(PLAIN)
            connection.execute("CREATE DATABASE given")
        yield running


def url(server: EmbeddedServer, user: str, password: str, database: str) -> str:
    return make_conninfo(
        server.admin_url(), user=user, password=password, passfile="", dbname=database
    )


def own(server: EmbeddedServer, database: str) -> Mapping[str, str]:
    """A login for each role, as a deployment would name them."""
    return {str(role): url(server, f"app_{role}", PASSWORD, database) for role in SERVING}


@pytest.mark.parametrize("role", SERVING)
def test_the_login_of_a_role_takes_no_other_role_and_has_none_of_their_rights(
    shared_database: Database, role: str
) -> None:
    with psycopg.connect(shared_database.urls.serving[role], autocommit=True) as connection:
        row = connection.execute("SELECT session_user, current_user").fetchone()
        assert row == (LOGINS[role], role)
        for other in {*ROLES, SUPERUSER, LOGIN} - {role}:
            for statement in ("SET ROLE {}", "SET SESSION AUTHORIZATION {}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(sql.SQL(statement).format(sql.Identifier(other)))
        # Without its role it has nothing at all.
        connection.execute("SET ROLE NONE")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT FROM ledger.head")
        row = connection.execute(
            "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication"
            " FROM pg_roles WHERE rolname = session_user"
        ).fetchone()
        assert row == (False,)


def test_one_login_for_all_roles_takes_each_and_that_is_noticed(shared_database: Database) -> None:
    assert taking_more(shared_database.urls) == []
    single = role_urls(shared_database.login)
    assert taking_more(single) == list(SERVING)
    with psycopg.connect(single.writer, autocommit=True) as connection:
        connection.execute("SET ROLE ledger_owner")  # which is what is given up
    with_the_owners = {**shared_database.logins, "ledger_reader": shared_database.login}
    assert taking_more(serving_urls(with_the_owners)) == ["ledger_reader"]


def test_what_serves_has_no_owner(shared_database: Database) -> None:
    urls = check_prepared(shared_database.logins, LEDGER_NAME, rooms())
    with pytest.raises(OwnerNeededError, match="LEDGER_DATABASE_URL"):
        _ = urls.owner
    with pytest.raises(LedgerNameError):
        check_prepared(shared_database.logins, "another", rooms())


def test_what_serves_migrates_nothing(database: Database, server: Server) -> None:
    with psycopg.connect(database.admin) as connection:
        connection.execute(
            "DELETE FROM ledger.migrations WHERE room = 'ledger' AND number ="
            " (SELECT max(number) FROM ledger.migrations WHERE room = 'ledger')"
        )
    with pytest.raises(NotMigratedError, match="ledger migrate"):
        check_prepared(database.logins, LEDGER_NAME, rooms())
    with empty_database(server) as name:
        nothing = {role: make_conninfo(one, dbname=name) for role, one in server.logins.items()}
        with pytest.raises(NotMigratedError, match="ledger migrate"):
            check_prepared(nothing, LEDGER_NAME, rooms())


def test_who_may_make_roles_makes_the_logins_with_the_passwords_of_their_urls(
    foreign: EmbeddedServer,
) -> None:
    login, logins = url(foreign, "manager", "invented", "made"), own(foreign, "made")
    urls = prepare(login, LEDGER_NAME, rooms(), logins=logins)
    assert prepare(login, LEDGER_NAME, rooms(), logins=logins) == urls
    assert taking_more(urls) == []
    assert check_prepared(logins, LEDGER_NAME, rooms()).serving == urls.serving
    with psycopg.connect(urls.owner) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (OWNER,)
    wrong = make_conninfo(urls.reader, password="a guess")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(wrong)


def test_an_administrator_is_told_to_make_the_logins_and_no_password(
    foreign: EmbeddedServer,
) -> None:
    login, logins = url(foreign, "plain", "invented", "given"), own(foreign, "given")
    with pytest.raises(PreparationError) as caught:
        prepare(login, LEDGER_NAME, rooms(), logins=logins)
    assert PASSWORD not in str(caught.value)
    assert "SCRAM" not in str(caught.value)
    with psycopg.connect(foreign.admin_url("given"), autocommit=True) as connection:
        for statement in caught.value.statements:
            connection.execute(statement.encode())
        for role in SERVING:
            user = sql.Identifier(f"app_{role}")
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(user, PASSWORD))
    assert taking_more(prepare(login, LEDGER_NAME, rooms(), logins=logins)) == []


def test_an_embedded_server_of_before_gets_its_logins_at_the_next_start(
    foreign: EmbeddedServer,
) -> None:
    with psycopg.connect(foreign.admin_url(), autocommit=True) as connection:
        for user in LOGINS.values():
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(user)))
    lines = foreign.home.pgpass.read_text().splitlines(keepends=True)
    foreign.home.pgpass.write_text("".join(lines[:2]))
    with EmbeddedServer(foreign.home.path, EmbeddedSettings(durable=False)) as again:
        assert foreign.home.pgpass.read_text().startswith("".join(lines[:2]))
        assert foreign.home.pgpass.stat().st_mode & 0o777 == 0o600
        logins = again.logins("ledger")
        urls = prepare(
            again.url("ledger"), LEDGER_NAME, rooms(), admin=again.admin_url(), logins=logins
        )
        assert taking_more(urls) == []
