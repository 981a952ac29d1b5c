"""A login for each role: what it may take; how it comes to be is in `test_external`."""

from collections.abc import Mapping
from typing import Final

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ledger.postgres.embedded_server import EmbeddedServer
from ledger.postgres.errors import (
    LedgerNameError,
    NotMigratedError,
    OwnerNeededError,
)
from ledger.postgres.home import LOGIN, LOGINS, SUPERUSER
from ledger.postgres.logins import taking_more
from ledger.postgres.prepare import check_prepared
from ledger.postgres.roles import ROLES, SERVING, role_urls, serving_urls
from tests.database import LEDGER_NAME, Database, Server, empty_database, rooms

MANAGER: Final = "CREATE ROLE manager LOGIN CREATEDB CREATEROLE PASSWORD 'invented'"
PLAIN: Final = "CREATE ROLE plain LOGIN PASSWORD 'invented'"
PASSWORD: Final = "an-invented-password"


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
