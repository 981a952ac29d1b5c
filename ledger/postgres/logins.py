"""Logins of the roles that serve: made where they are missing, and what each may take.

PostgreSQL lets each login change its own password and settings, and no right takes that away.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Final, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from ledger.postgres.errors import LoginSettingsError
from ledger.postgres.privacy import QUIET_LOG
from ledger.postgres.roles import ROLES, Logins, RoleUrls

_EXISTS: LiteralString = "SELECT FROM pg_roles WHERE rolname = %s"
_TAKEN: LiteralString = """
    SELECT rolname FROM pg_roles
     WHERE rolname = ANY(%s) AND pg_has_role(session_user, oid, 'MEMBER')
"""
# What of it only a superuser may set, no login has given itself.
_SETTINGS: LiteralString = """
    SELECT r.rolname, d.datname, split_part(one, '=', 1), substr(one, strpos(one, '=') + 1)
      FROM pg_db_role_setting AS s
      JOIN pg_roles AS r ON r.oid = s.setrole
      LEFT JOIN pg_database AS d ON d.oid = s.setdatabase
     CROSS JOIN LATERAL unnest(s.setconfig) AS one
      LEFT JOIN pg_settings AS g ON lower(g.name) = lower(split_part(one, '=', 1))
     WHERE r.rolname = ANY(%s) AND (g.context IS NULL OR g.context NOT LIKE 'superuser%%')
     ORDER BY 1, 2 NULLS FIRST, 3
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
        statement += _with_password(connection, user, secret)
    connection.execute(statement)


def take_back(connection: psycopg.Connection, user: str, password: str) -> None:
    """Undo what a login of ours may have changed of itself: its password and its settings.

    Args:
        connection: of the superuser, in autocommit.
    """
    role = sql.Identifier(user)
    given = connection.execute(_SETTINGS, ([user],)).fetchall()
    for database in dict.fromkeys(row[1] for row in given):
        place = sql.SQL(" IN DATABASE {}").format(sql.Identifier(database)) if database else None
        connection.execute(sql.SQL("ALTER ROLE {}{} RESET ALL").format(role, place or sql.SQL("")))
    connection.execute(
        sql.SQL("ALTER ROLE {}").format(role) + _with_password(connection, user, password)
    )


def check_settings(connection: psycopg.Connection, logins: Logins) -> None:
    """Pass when no login has settings that can stop its work and that the ledger did not make.

    Args:
        connection: of any role.

    Raises:
        LoginSettingsError: names the logins and how the settings are taken back.
    """
    roles = {user_of(url): role for role, url in logins.items()}
    users: dict[str, None] = {}
    statements: list[str] = []
    for user, database, name, value in connection.execute(_SETTINGS, (list(roles),)):
        ours = {**QUIET_LOG, "role": roles[user], "timezone": "UTC"}
        if database not in (None, connection.info.dbname) or ours.get(name.lower()) == value:
            continue
        users[user] = None
        place = sql.SQL(" IN DATABASE {}").format(sql.Identifier(database)) if database else None
        statement = sql.SQL("ALTER ROLE {}{} RESET {};").format(
            sql.Identifier(user), place or sql.SQL(""), sql.Identifier(name)
        )
        statements.append(statement.as_string(connection))
    if users:
        raise LoginSettingsError(users, statements)


def check_settings_by_any(logins: Logins) -> None:
    """The same, by the first of the logins that gets so far; none does: pass.

    Raises:
        LoginSettingsError: see `check_settings`.
    """
    for url in logins.values():
        with (
            suppress(psycopg.OperationalError),
            psycopg.connect(url, autocommit=True) as connection,
        ):
            check_settings(connection, logins)
            return


def _with_password(connection: psycopg.Connection, user: str, password: str) -> sql.Composed:
    """The verifier: no statement ever holds the password itself."""
    verifier = connection.pgconn.encrypt_password(
        password.encode(), user.encode(), b"scram-sha-256"
    )
    return sql.SQL(" PASSWORD {}").format(sql.Literal(verifier.decode()))


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
