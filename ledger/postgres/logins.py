"""Logins of the roles that serve: made where they are missing, and what each may take."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from ledger.postgres.roles import ROLES, Logins, RoleUrls

_EXISTS: LiteralString = "SELECT FROM pg_roles WHERE rolname = %s"
_TAKEN: LiteralString = """
    SELECT rolname FROM pg_roles
     WHERE rolname = ANY(%s) AND pg_has_role(session_user, oid, 'MEMBER')
"""
_CREATE: Final = "CREATE ROLE {} LOGIN NOINHERIT"


def user_of(url: str) -> str:
    """The user of a connection string; asks the server where libpq chooses one (PGUSER, the OS)."""
    user = conninfo_to_dict(url).get("user")
    if user:
        return str(user)
    with psycopg.connect(url) as connection:
        return connection.info.user


def missing_logins(connection: psycopg.Connection, logins: Logins) -> Iterator[sql.Composed]:
    """What must be run so that there are logins; without passwords, for it may be printed."""
    for url in logins.values():
        user = user_of(url)
        if connection.execute(_EXISTS, (user,)).fetchone() is None:
            yield sql.SQL(_CREATE).format(sql.Identifier(user))


def make_logins(connection: psycopg.Connection, logins: Logins) -> None:
    """Make the logins that are missing, each with the password of its connection string.

    Raises:
        psycopg.errors.InsufficientPrivilege: the user may make no roles.
    """
    for url in logins.values():
        make_login(connection, user_of(url), partial(_password_in, url))


def make_login(connection: psycopg.Connection, user: str, password: Callable[[], str]) -> None:
    """Make a login if it is missing.

    Args:
        password: asked for when it is; empty: it has none.
    """
    if connection.execute(_EXISTS, (user,)).fetchone() is not None:
        return
    statement = sql.SQL(_CREATE).format(sql.Identifier(user))
    if secret := password():
        # The verifier: no statement ever holds the password itself.
        verifier = connection.pgconn.encrypt_password(
            secret.encode(), user.encode(), b"scram-sha-256"
        )
        statement += sql.SQL(" PASSWORD {}").format(sql.Literal(verifier.decode()))
    connection.execute(statement)


def _password_in(url: str) -> str:
    return str(conninfo_to_dict(url).get("password") or "")


def taking_more(urls: RoleUrls) -> list[str]:
    """The roles that serve through a login that may take other roles of the ledger, too."""
    found: list[str] = []
    for role, url in urls.serving.items():
        with psycopg.connect(url, autocommit=True) as connection:
            taken = {name for (name,) in connection.execute(_TAKEN, (list(ROLES),))}
        if taken != {role}:
            found.append(role)
    return found
