"""A PostgreSQL that somebody else runs: one URL is enough, a login for each role is better."""

from collections.abc import Callable, Mapping, Sequence
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
from ledger.postgres.roles import OWNER, PROJECTOR, ROLES, SERVING, role_urls, serving_urls
from projections.progress import progress_of
from tests.database import LEDGER_NAME, Database, Server, empty_database, rooms
from tests.postgres.backups import FAST, oldest_here
from tests.postgres.temporary import temporary_server
from tests.projections.older import before_owner

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


SERVERS: Final = pytest.mark.parametrize(
    "settings_of", [lambda: FAST, oldest_here], ids=["wheel", "oldest here"]
)
OWNERS: Final = (
    "SELECT relowner::regrole::text FROM pg_class"
    " WHERE relnamespace = 'projections'::regnamespace"
    " UNION SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'projections'"
)
# Whether the owner may be the projector, and make schemas.
GIVEN: Final = (
    "SELECT pg_has_role('ledger_owner', 'ledger_projector', 'MEMBER'),"
    " has_database_privilege('ledger_owner', current_database(), 'CREATE')"
)


def ran(admin: str, statements: Sequence[str]) -> None:
    """An administrator runs them."""
    with psycopg.connect(admin, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def before(admin: str) -> None:
    """The read side is the projector's, as a version before made it; every migration is applied."""
    with psycopg.connect(admin, autocommit=True) as connection:
        before_owner(connection)


def owners(admin: str) -> set[str]:
    with psycopg.connect(admin) as connection:
        return {name for (name,) in connection.execute(OWNERS)}


def needed(login: str, **more: object) -> list[str]:
    """What an administrator must run before this login can prepare its database."""
    with pytest.raises(PreparationError) as caught:
        prepare(login, LEDGER_NAME, rooms(), **more)  # pyright: ignore[reportArgumentType] -- handed on
    assert PASSWORD not in str(caught.value)
    assert "SCRAM" not in str(caught.value)
    return list(caught.value.statements)


@SERVERS
def test_a_user_who_may_create_roles_and_databases_needs_nobody(
    settings_of: Callable[[], EmbeddedSettings],
) -> None:
    with temporary_server(settings_of()) as server:
        ran(server.admin_url(), [MANAGER])
        login = url(server, "manager", "invented", "company")
        with pytest.raises(psycopg.OperationalError):
            prepare(url(server, "manager", "a guess", "never"), LEDGER_NAME, rooms())
        urls = prepare(login, LEDGER_NAME, rooms())
        assert prepare(login, LEDGER_NAME, rooms()) == urls
        each = (urls.owner, urls.writer, urls.projector, urls.purger, urls.reader)
        for role, taken in zip(ROLES, each, strict=True):
            with psycopg.connect(taken) as connection:
                assert connection.execute("SELECT current_user").fetchone() == (role,)
                if role != OWNER:
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        connection.execute("TRUNCATE ledger.sealed_parts")
        # It gives the read side of before to the owner.
        admin = server.admin_url("company")
        ran(admin, ["UPDATE projections.progress SET position = 7 WHERE serving"])
        before(admin)
        assert owners(admin) == {PROJECTOR}
        assert prepare(login, LEDGER_NAME, rooms()) == urls
        assert owners(admin) == {OWNER}
        with psycopg.connect(admin) as connection:
            assert connection.execute(GIVEN).fetchone() == (False, False)
            found = connection.execute("SELECT FROM pg_database WHERE datname = 'never'")
            assert found.fetchall() == []
        with psycopg.connect(urls.projector) as connection:
            assert progress_of(connection, "a").position == 7
            connection.execute("SELECT projections.serve('b')")
        # It makes a login for each role, with the passwords of their URLs.
        login, logins = url(server, "manager", "invented", "made"), own(server, "made")
        urls = prepare(login, LEDGER_NAME, rooms(), logins=logins)
        assert prepare(login, LEDGER_NAME, rooms(), logins=logins) == urls
        assert taking_more(urls) == []
        assert check_prepared(logins, LEDGER_NAME, rooms()).serving == urls.serving
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(make_conninfo(urls.reader, password="a guess"))


@SERVERS
def test_a_plain_user_is_told_what_an_administrator_must_run_and_then_works(
    settings_of: Callable[[], EmbeddedSettings],
) -> None:
    with temporary_server(settings_of()) as server:
        ran(server.admin_url(), [PLAIN, "CREATE DATABASE given", "CREATE DATABASE second"])
        missing = needed(url(server, "plain", "invented", "missing"))
        assert missing[0].startswith('CREATE DATABASE "missing"')
        login, admin = url(server, "plain", "invented", "given"), server.admin_url("given")
        ran(admin, needed(login))
        urls = prepare(login, LEDGER_NAME, rooms())
        with psycopg.connect(urls.reader) as connection:
            assert connection.execute("SELECT ledger FROM ledger.head").fetchone() == (LEDGER_NAME,)
        before(admin)
        statements = needed(login)
        assert owners(admin) == {PROJECTOR}
        assert len(statements) == 2
        ran(admin, statements)
        urls = prepare(login, LEDGER_NAME, rooms())
        assert owners(admin) == {OWNER}
        with psycopg.connect(urls.projector) as connection:
            connection.execute("SELECT projections.serve('b')")
        # The logins of the roles are made without their passwords.
        login, logins = url(server, "plain", "invented", "second"), own(server, "second")
        ran(server.admin_url("second"), needed(login, logins=logins))
        with psycopg.connect(server.admin_url(), autocommit=True) as connection:
            for role in SERVING:
                user = sql.Identifier(f"app_{role}")
                connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(user, PASSWORD))
        assert taking_more(prepare(login, LEDGER_NAME, rooms(), logins=logins)) == []


def test_a_superusers_url_has_the_roles_rights_only_and_logins_come_with_the_next_start() -> None:
    with temporary_server(FAST) as server:
        urls = prepare(server.admin_url("super"), LEDGER_NAME, rooms())
        with (
            psycopg.connect(urls.purger) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("INSERT INTO ledger.duties DEFAULT VALUES")
        # An embedded server of before has two logins; it is given the others.
        with psycopg.connect(server.admin_url(), autocommit=True) as connection:
            for user in LOGINS.values():
                connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(user)))
        kept = server.home.pgpass.read_text().splitlines(keepends=True)[:2]
        server.home.pgpass.write_text("".join(kept))
        with EmbeddedServer(server.home.path, FAST) as again:
            assert server.home.pgpass.read_text().startswith("".join(kept))
            assert server.home.pgpass.stat().st_mode & 0o777 == 0o600
            login, logins = again.url("ledger"), again.logins("ledger")
            urls = prepare(login, LEDGER_NAME, rooms(), admin=again.admin_url(), logins=logins)
            assert taking_more(urls) == []
