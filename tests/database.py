"""Databases for tests: one temporary server a session, one cloned database a test.

A server that cannot start fails the tests; nothing is skipped.
"""

import itertools
import os
import secrets
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from importlib import util
from pathlib import Path
from typing import Final, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ledger.postgres.migrate import WRITE_SIDE, MigrationPackage
from ledger.postgres.prepare import prepare
from ledger.postgres.roles import SERVING, Logins, RoleUrls, role_urls
from tests.postgres.temporary import temporary_server

LEDGER_NAME: Final = "test-ledger"
EXTERNAL_VARIABLE: Final = "LEDGER_TEST_DATABASE_URL"
READ_SIDE: Final = MigrationPackage("projections", "projections.migrations")
_counter = itertools.count(1)


def rooms() -> tuple[MigrationPackage, ...]:
    """Every room that has migrations."""
    return (WRITE_SIDE, READ_SIDE) if util.find_spec(READ_SIDE.package) else (WRITE_SIDE,)


@dataclass(frozen=True, slots=True)
class Server:
    """A server for tests.

    Attributes:
        admin: connection string of somebody who may create databases and roles.
        login: connection string of the owner's login (any database).
        logins: those of the roles that serve (any database).
        template: name of a database with all migrations and the head row.
        prefix: begins the names of our databases.
        log: the server's own log; None on a server that is not ours.
    """

    admin: str = field(repr=False)
    login: str = field(repr=False)
    logins: Logins = field(repr=False)
    template: str
    prefix: str
    log: Path | None = None


@dataclass(frozen=True, slots=True)
class Database:
    """A prepared, empty ledger of its own.

    Attributes:
        urls: one connection string a role.
        admin: superuser's connection string, for looking and for breaking things.
        login: the owner's login, without a role taken.
        logins: those of the roles that serve, without a role taken; none: `login` is theirs too.
    """

    name: str
    urls: RoleUrls
    admin: str = field(repr=False)
    login: str = field(repr=False)
    ledger_name: str = LEDGER_NAME
    logins: Logins = field(default_factory=dict[str, str], repr=False)


@contextmanager
def running_server() -> Generator[Server, None, None]:
    """The session's server: temporary, or the one that LEDGER_TEST_DATABASE_URL names.

    The URL's user must be a superuser: tests break things that only a superuser can break.
    """
    prefix = f"ppltest_{os.getpid()}"
    external = os.environ.get(EXTERNAL_VARIABLE)
    if external:
        with (
            _login(external, prefix) as login,
            _logins(external, prefix) as logins,
            _prepared(external, login, logins, prefix) as server,
        ):
            yield server
        return
    with temporary_server() as embedded:
        admin, login = embedded.admin_url(), embedded.url("postgres")
        logins = embedded.logins("postgres")
        with _prepared(admin, login, logins, prefix) as server:
            yield replace(server, log=embedded.home.log)


@contextmanager
def _logins(admin: str, prefix: str) -> Generator[Logins, None, None]:
    """Logins of the roles that serve on a server that is not ours."""
    with ExitStack() as stack:
        yield {
            role: stack.enter_context(_login(admin, f"{prefix}_{role}"))
            for role in map(str, SERVING)
        }


@contextmanager
def _login(admin: str, prefix: str) -> Generator[str, None, None]:
    """A login of our own on a server that is not ours."""
    user, password = f"{prefix}_login", secrets.token_urlsafe(16)
    statement = sql.SQL("CREATE ROLE {} LOGIN NOINHERIT PASSWORD {}")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(statement.format(sql.Identifier(user), sql.Literal(password)))
    try:
        yield make_conninfo(admin, user=user, password=password)
    finally:
        _execute(admin, "DROP ROLE {}", user)


@contextmanager
def _prepared(admin: str, login: str, logins: Logins, prefix: str) -> Generator[Server, None, None]:
    template = f"{prefix}_template"
    prepare(
        make_conninfo(login, dbname=template),
        LEDGER_NAME,
        rooms(),
        admin=admin,
        logins=_in(template, logins),
    )
    try:
        yield Server(admin=admin, login=login, logins=logins, template=template, prefix=prefix)
    finally:
        _drop(admin, template)


@contextmanager
def empty_database(server: Server) -> Generator[str, None, None]:
    """The name of a database that holds nothing at all; dropped afterwards."""
    name = f"{server.prefix}_{next(_counter)}"
    _execute(server.admin, "CREATE DATABASE {} TEMPLATE template0", name)
    try:
        yield name
    finally:
        _drop(server.admin, name)


@contextmanager
def cloned_database(server: Server) -> Generator[Database, None, None]:
    """A copy of the template; dropped afterwards."""
    name = f"{server.prefix}_{next(_counter)}"
    _execute(
        server.admin, "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, server.template
    )
    try:
        login, logins = make_conninfo(server.login, dbname=name), _in(name, server.logins)
        yield Database(
            name=name,
            urls=role_urls(login, logins),
            admin=make_conninfo(server.admin, dbname=name),
            login=login,
            logins=logins,
        )
    finally:
        _drop(server.admin, name)


def _in(database: str, logins: Logins) -> Logins:
    return {role: make_conninfo(login, dbname=database) for role, login in logins.items()}


def _drop(admin: str, name: str) -> None:
    _execute(admin, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _execute(admin: str, statement: LiteralString, *names: str) -> None:
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
