"""A PostgreSQL that somebody else runs: one URL of an ordinary user is enough."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from ledger.postgres import binaries
from ledger.postgres.account import server_account
from ledger.postgres.embedded_server import EmbeddedSettings
from ledger.postgres.errors import PreparationError
from ledger.postgres.prepare import prepare
from ledger.postgres.roles import OWNER, PROJECTOR, ROLES
from projections.progress import progress_of
from tests.database import LEDGER_NAME, rooms
from tests.postgres.temporary import temporary_server
from tests.projections.older import before_owner

FAST: Final = EmbeddedSettings(durable=False)
MANAGER: Final = "CREATE ROLE manager LOGIN CREATEDB CREATEROLE PASSWORD 'invented'"
PLAIN: Final = "CREATE ROLE plain LOGIN PASSWORD 'invented'"


@dataclass(frozen=True)
class Foreign:
    """A server on which nothing of ours was prepared."""

    admin: str

    def url(self, user: str, database: str) -> str:
        """The URL a deployment would give us: user and password, nothing else."""
        return make_conninfo(
            self.admin, user=user, password="invented", passfile="", dbname=database
        )


def oldest_here() -> EmbeddedSettings:
    """The oldest supported PostgreSQL of this machine; the wheel's where there is no other."""
    account = server_account()
    system = [binaries.usable(path, account) for path in binaries.system_folders()]
    oldest = min((one for one in system if one), key=lambda one: one.major, default=None)
    return replace(FAST, programs=oldest.folder) if oldest else FAST


@pytest.fixture(params=["wheel", "oldest here"])
def foreign(request: pytest.FixtureRequest) -> Iterator[Foreign]:
    settings = FAST if request.param == "wheel" else oldest_here()
    with temporary_server(settings) as running:
        with psycopg.connect(running.admin_url(), autocommit=True) as connection:
            connection.execute(MANAGER)
            connection.execute(PLAIN)
        yield Foreign(running.admin_url())


def test_a_user_who_may_create_roles_and_databases_needs_nobody(foreign: Foreign) -> None:
    url = foreign.url("manager", "ledger_of_a_company")
    urls = prepare(url, LEDGER_NAME, rooms())
    assert prepare(url, LEDGER_NAME, rooms()) == urls
    for role, taken in zip(
        ROLES, (urls.owner, urls.writer, urls.projector, urls.purger, urls.reader), strict=True
    ):
        with psycopg.connect(taken) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (role,)
    with (
        psycopg.connect(urls.writer) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("DELETE FROM ledger.sealed_parts")


def test_a_plain_user_is_told_what_an_administrator_must_run_and_then_works(
    foreign: Foreign,
) -> None:
    with psycopg.connect(foreign.admin, autocommit=True) as connection:
        connection.execute("CREATE DATABASE given")
    url = foreign.url("plain", "given")
    with pytest.raises(PreparationError) as caught:
        prepare(url, LEDGER_NAME, rooms())
    with psycopg.connect(
        make_conninfo(foreign.admin, dbname="given"), autocommit=True
    ) as connection:
        for statement in caught.value.statements:
            connection.execute(statement.encode())
    urls = prepare(url, LEDGER_NAME, rooms())
    with psycopg.connect(urls.reader) as connection:
        assert connection.execute("SELECT ledger FROM ledger.head").fetchone() == (LEDGER_NAME,)


def test_a_plain_user_without_a_database_is_told_how_it_is_made(foreign: Foreign) -> None:
    with pytest.raises(PreparationError) as caught:
        prepare(foreign.url("plain", "missing"), LEDGER_NAME, rooms())
    assert caught.value.statements[0].startswith('CREATE DATABASE "missing"')


def test_a_superusers_url_works_with_the_roles_rights_only(foreign: Foreign) -> None:
    urls = prepare(make_conninfo(foreign.admin, dbname="super"), LEDGER_NAME, rooms())
    with (
        psycopg.connect(urls.purger) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("INSERT INTO ledger.duties DEFAULT VALUES")


def before(admin: str, statements: Sequence[str] = ()) -> None:
    """The read side is the projector's, as a version before made it; every migration is applied."""
    with psycopg.connect(admin, autocommit=True) as connection:
        before_owner(connection)
        for statement in statements:
            connection.execute(statement.encode())


def owners(admin: str) -> set[str]:
    with psycopg.connect(admin) as connection:
        return {
            name
            for (name,) in connection.execute(
                "SELECT relowner::regrole::text FROM pg_class"
                " WHERE relnamespace = 'projections'::regnamespace"
                " UNION SELECT nspowner::regrole::text FROM pg_namespace"
                " WHERE nspname = 'projections'"
            )
        }


def given(admin: str) -> tuple[object, ...] | None:
    """Whether the owner may be the projector, and make schemas."""
    with psycopg.connect(admin) as connection:
        return connection.execute(
            "SELECT pg_has_role('ledger_owner', 'ledger_projector', 'MEMBER'),"
            " has_database_privilege('ledger_owner', current_database(), 'CREATE')"
        ).fetchone()


def test_a_user_who_may_create_roles_gives_the_read_side_of_before_to_the_owner(
    foreign: Foreign,
) -> None:
    url = foreign.url("manager", "ledger_of_a_company")
    admin = make_conninfo(foreign.admin, dbname="ledger_of_a_company")
    urls = prepare(url, LEDGER_NAME, rooms())
    before(admin, ["UPDATE projections.progress SET position = 7 WHERE serving"])
    assert owners(admin) == {PROJECTOR}
    assert prepare(url, LEDGER_NAME, rooms()) == urls
    assert owners(admin) == {OWNER}
    assert given(admin) == (False, False)
    with psycopg.connect(urls.projector) as connection:
        assert progress_of(connection, "a").position == 7
        connection.execute("SELECT projections.serve('b')")


def test_a_plain_user_is_told_what_gives_the_read_side_of_before_to_the_owner(
    foreign: Foreign,
) -> None:
    with psycopg.connect(foreign.admin, autocommit=True) as connection:
        connection.execute("CREATE DATABASE given")
    admin, url = make_conninfo(foreign.admin, dbname="given"), foreign.url("plain", "given")
    with pytest.raises(PreparationError) as caught:
        prepare(url, LEDGER_NAME, rooms())
    before_statements = list(caught.value.statements)
    with psycopg.connect(admin, autocommit=True) as connection:
        for statement in before_statements:
            connection.execute(statement.encode())
    prepare(url, LEDGER_NAME, rooms())
    before(admin)
    with pytest.raises(PreparationError) as caught:
        prepare(url, LEDGER_NAME, rooms())
    assert owners(admin) == {PROJECTOR}
    assert len(caught.value.statements) == 2
    with psycopg.connect(admin, autocommit=True) as connection:
        for statement in caught.value.statements:
            connection.execute(statement.encode())
    urls = prepare(url, LEDGER_NAME, rooms())
    assert owners(admin) == {OWNER}
    with psycopg.connect(urls.projector) as connection:
        connection.execute("SELECT projections.serve('b')")


def test_wrong_credentials_are_an_error_and_create_nothing(foreign: Foreign) -> None:
    url = make_conninfo(foreign.url("manager", "never"), password="guess")
    with pytest.raises(psycopg.OperationalError):
        prepare(url, LEDGER_NAME, rooms())
    with psycopg.connect(foreign.admin) as connection:
        found = connection.execute("SELECT FROM pg_database WHERE datname = 'never'").fetchall()
    assert found == []
