"""From a connection string to a database that is ready for the ledger.

Steps, each done only where something is missing, so that they run at every start and also with
a user who may do none of them once an administrator did:
(1) the database, (2) roles, memberships, schemas, settings of the login, and a read side of before
goes to the owner, (3) migrations, (4) the head row with the ledger's name.
"""

import logging
import time
from collections.abc import Sequence
from typing import Final, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ledger.postgres.errors import (
    LedgerNameError,
    NotMigratedError,
    PostgresError,
    PreparationError,
)
from ledger.postgres.lock import locked
from ledger.postgres.logins import (
    check_settings,
    check_settings_by_any,
    make_logins,
    missing_logins,
    user_of,
)
from ledger.postgres.migrate import MigrationPackage, is_migrated, migrate
from ledger.postgres.privacy import QUIET_LOG, check_server_settings
from ledger.postgres.roles import (
    OWNER,
    PROJECTOR,
    PURGER,
    READER,
    ROLES,
    Logins,
    RoleUrls,
    role_urls,
    serving_urls,
)
from ledger.postgres.takeover import take_over

_ROUNDS: Final = 20
_PAUSE_SECONDS: Final = 0.0002
"""Others who use the pooler at that moment may hide what one round would show, and in step with us
every round: each waits longer than the one before."""
_PID: LiteralString = "SELECT pg_backend_pid()"


class PoolerError(PostgresError):
    """The connection string leads to a pooler that does not leave a connection its session."""

    def __init__(self) -> None:
        super().__init__(
            "the database is behind a pooler that gives each transaction another session, so "
            "locks would be lost: use a pool of sessions (PgBouncer: pool_mode = session), or "
            "connect to PostgreSQL itself"
        )


def check_sessions(url: str) -> None:
    """Pass when each connection of `url` has a session of its own.

    One connection is idle while another has a transaction. With a session of its own the idle one
    is served by the same process of the server as before, and the other never is.

    Raises:
        PoolerError: two connections share a session, or one does not keep it.
        psycopg.OperationalError: the database cannot be reached.
    """
    with (
        psycopg.connect(url, autocommit=True, prepare_threshold=None) as idle,
        psycopg.connect(url, autocommit=True, prepare_threshold=None) as busy,
    ):
        own = _process(idle)
        for number in range(_ROUNDS):
            time.sleep(number * _PAUSE_SECONDS)
            try:
                with busy.transaction():
                    # Asked first: in a pool of one session the idle one would wait for it.
                    if _process(busy) == own or _process(idle) != own:
                        raise PoolerError
            except psycopg.errors.ProtocolViolation:
                raise PoolerError from None  # a pool of statements refuses transactions


def _process(connection: psycopg.Connection) -> int:
    """The process of the server that answers."""
    row = connection.execute(_PID).fetchone()
    assert row is not None, "a function returns a row"
    return row[0]


log = logging.getLogger(__name__)

VERSION_MIN: Final = 150_000
"""PostgreSQL 15: NULLS NOT DISTINCT, and no CREATE in schema public for everybody."""
_VERSION_16: Final = 160_000
_VERSION_17: Final = 170_000
_ATTEMPTS_MAX: Final = 10
_MAINTENANCE: Final = "postgres"

_SELECT_ROLES: Final = "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)"
_IS_MEMBER: Final = "SELECT pg_has_role(%s::name, %s::name, %s)"
_SCHEMA_EXISTS: Final = "SELECT to_regnamespace(%s) IS NOT NULL"
_MAY_USE: Final = "SELECT has_schema_privilege(%s::name, 'projections', 'USAGE')"
_MAY_CONNECT: Final = "SELECT has_database_privilege(%s::name, current_database(), 'CONNECT')"
_OWNS_DATABASE: Final = """
    SELECT pg_has_role(current_user, datdba, 'USAGE')
    FROM pg_database WHERE datname = current_database()"""
# What a database has that was made before PostgreSQL 15.
_IS_PUBLIC_OPEN: Final = "SELECT has_schema_privilege('public', 'public', 'CREATE')"
_OWNS_PUBLIC: Final = """
    SELECT pg_has_role(current_user, nspowner, 'USAGE')
    FROM pg_namespace WHERE nspname = 'public'"""
_LARGE_OBJECTS: Final[tuple[LiteralString, ...]] = (
    "lo_creat(integer)",
    "lo_create(oid)",
    "lo_from_bytea(oid, bytea)",
)
"""Functions that make large objects; the ledger has none."""
_MAY_CALL: Final = "SELECT has_function_privilege('public', %s, 'EXECUTE')"
_IS_OPEN: Final = "SELECT has_database_privilege('public', current_database(), 'TEMP')"
_IS_SUPERUSER: Final = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
_IS_QUIET: Final = "SELECT current_setting(%s) = %s"
_IS_QUIET_FOR: Final = """
    SELECT count(*) FROM pg_db_role_setting s
    JOIN pg_database d ON d.oid = s.setdatabase AND d.datname = current_database()
    JOIN pg_roles r ON r.oid = s.setrole AND r.rolname = %s
    WHERE s.setconfig @> %s"""
# Text sorts by code point on every host, whatever its locales are.
_CREATE_LIBC: Final = "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
_CREATE_BUILTIN: Final = (
    "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' "
    "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
)
_INSERT_HEAD: Final = (
    "INSERT INTO ledger.head (ledger, position) VALUES (%s, 0) ON CONFLICT DO NOTHING"
)
_SELECT_LEDGER: Final = "SELECT ledger FROM ledger.head"
# The catalogue, for whoever may not enter the schema.
_HEAD_EXISTS: Final = """
    SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = 'ledger' AND c.relname = 'head')"""
_DATABASE_EXISTS: Final = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = %s)"


def prepare(
    login: str,
    ledger_name: str,
    packages: Sequence[MigrationPackage],
    admin: str | None = None,
    logins: Logins | None = None,
) -> RoleUrls:
    """Make the database of `login` ready for the ledger `ledger_name`.

    Args:
        login: connection string of the user the program works as; names the database.
        ledger_name: 1 to 100 bytes; it enters every key and header, so it never changes.
        packages: the migrations, in order.
        admin: connection string of somebody who may create the database, roles and schemas;
            None: `login` does it, as far as something is missing.
        logins: of the roles that serve; None: `login` is theirs too.

    Raises:
        PreparationError: something is missing and the user may not make it.
        LoginSettingsError: see `check_settings`.
        PoolerError: see `check_sessions`.
        MigrationError: see `migrate`.
        LedgerNameError: the database holds another ledger.
    """
    urls = bootstrap(login, admin, logins, packages)
    if logins is not None:
        with psycopg.connect(urls.owner, autocommit=True) as connection:
            check_settings(connection, logins)
    migrate(urls.owner, packages)
    _name_ledger(urls.owner, ledger_name)
    with psycopg.connect(urls.writer, autocommit=True) as connection:
        for risk in check_server_settings(connection):
            log.warning("PostgreSQL's log may hold personal data: %s", risk)
    return urls


def check_prepared(
    logins: Logins, ledger_name: str, packages: Sequence[MigrationPackage]
) -> RoleUrls:
    """The roles that serve, of a database that `prepare` made ready. Makes nothing.

    Raises:
        NotMigratedError: it did not, or it was an older program's.
        LoginSettingsError: see `check_settings`.
        PoolerError: see `check_sessions`.
        MigrationError: the database is newer than this program.
        LedgerNameError: the database holds another ledger.
    """
    urls = serving_urls(logins)
    check_settings_by_any(logins)
    check_sessions(urls.writer)
    with psycopg.connect(urls.reader, autocommit=True) as connection:
        try:
            is_ready = is_migrated(connection, packages)
        except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
            raise NotMigratedError from None
        row = connection.execute(_SELECT_LEDGER).fetchone() if is_ready else None
    if row is None:
        raise NotMigratedError
    _check_name(row[0], ledger_name)
    return urls


def bootstrap(
    login: str,
    admin: str | None = None,
    logins: Logins | None = None,
    packages: Sequence[MigrationPackage] = (),
) -> RoleUrls:
    """Make the database, the roles and the schemas, but nothing in them: steps (1) and (2).

    Args:
        login: see `prepare`.
        admin: see `prepare`.
        logins: see `prepare`.
        packages: see `prepare`; none: a read side that is there stays whose it is.

    Raises:
        PreparationError: see `prepare`.
        PoolerError: see `check_sessions`.
    """
    database = _database_of(login)
    builder = login if admin is None else make_conninfo(admin, dbname=database)
    _ensure_database(builder, database)
    if admin is None:  # else it is a server of our own, with nobody in front of it
        check_sessions(login)
    with psycopg.connect(builder, autocommit=True) as connection, locked(connection):
        _bootstrap(connection, user_of(login), logins or {}, packages)
    return role_urls(login, logins)


def holds_ledger(login: str, admin: str | None = None) -> bool:
    """Whether the database of `login` was made ready for a ledger. Makes nothing.

    Args:
        admin: see `prepare`.
    """
    database = _database_of(login)
    builder = login if admin is None else make_conninfo(admin, dbname=database)
    try:
        with psycopg.connect(builder) as connection:
            return _true(connection, _HEAD_EXISTS)
    except psycopg.OperationalError:
        with psycopg.connect(make_conninfo(builder, dbname=_MAINTENANCE)) as connection:
            if _true(connection, _DATABASE_EXISTS, database):
                raise
        return False


def missing_statements(
    connection: psycopg.Connection, login: str, logins: Logins | None = None
) -> list[sql.Composed]:
    """What must still be run so that these logins can work in this database, in order."""
    users = {role: user_of(url) for role, url in (logins or {}).items()}
    version = connection.info.server_version
    there: set[str] = {name for (name,) in connection.execute(_SELECT_ROLES, (list(ROLES),))}
    missing = list(missing_logins(connection, logins or {}))
    new = len(missing) > 0
    kind = "SET" if version >= _VERSION_16 else "MEMBER"
    grant = (
        "GRANT {} TO {} WITH INHERIT FALSE, SET TRUE"
        if version >= _VERSION_16
        else ("GRANT {} TO {}")
    )
    for role in ROLES:
        if role not in there:
            missing.append(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
        # The owner's login takes the others' roles as well: one login may serve for all.
        missing.extend(
            sql.SQL(grant).format(sql.Identifier(role), sql.Identifier(user))
            for user in ((login, users[role]) if role in users else (login,))
            # One that is still to be made may not be asked for.
            if role not in there or new or not _true(connection, _IS_MEMBER, user, role, kind)
        )
    missing += _missing_rights(connection, (login, *users.values()), new=new)
    missing += _missing_schemas(connection, new_roles=READER not in there)
    return missing


def _missing_rights(
    connection: psycopg.Connection, logins: Sequence[str], *, new: bool
) -> list[sql.Composed]:
    """Who may connect, and how loud the server's log is for them, as far as we may say.

    Args:
        logins: users; one of them may still have to be made.
        new: whether one has.
    """
    missing: list[sql.Composed] = []
    database = sql.Identifier(connection.info.dbname)
    closes = _true(connection, _IS_OPEN) and _true(connection, _OWNS_DATABASE)
    if closes:
        missing.append(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    if closes or new or not all(_true(connection, _MAY_CONNECT, login) for login in logins):
        # The roles too: a deployment may make each of them a login of its own.
        users = sql.SQL(", ").join(map(sql.Identifier, (*logins, *ROLES)))
        missing.append(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, users))
    if _true(connection, _OWNS_PUBLIC) and _true(connection, _IS_PUBLIC_OPEN):
        missing.append(sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC").format())
    if _true(connection, _IS_SUPERUSER):
        missing += [
            sql.SQL("REVOKE ALL ON FUNCTION pg_catalog.{} FROM PUBLIC").format(sql.SQL(function))
            for function in _LARGE_OBJECTS
            if _true(connection, _MAY_CALL, f"pg_catalog.{function}")
        ]
        missing += [
            sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}").format(
                sql.Identifier(login), database, sql.Identifier(name), sql.Literal(value)
            )
            for login in logins
            for name, value in QUIET_LOG.items()
            # Nothing to do where the whole server is quiet, as the embedded one is.
            if not _true(connection, _IS_QUIET, name, value)
            and not _true(connection, _IS_QUIET_FOR, login, [f"{name}={value}"])
        ]
    return missing


def _missing_schemas(connection: psycopg.Connection, *, new_roles: bool) -> list[sql.Composed]:
    missing: list[sql.Composed] = []
    if not _true(connection, _SCHEMA_EXISTS, "ledger"):
        missing.append(
            sql.SQL("CREATE SCHEMA ledger AUTHORIZATION {}").format(sql.Identifier(OWNER))
        )
    created = not _true(connection, _SCHEMA_EXISTS, "projections")
    if created:
        missing.append(
            sql.SQL("CREATE SCHEMA projections AUTHORIZATION {}").format(sql.Identifier(OWNER))
        )
    if created or new_roles or not _true(connection, _MAY_USE, PROJECTOR):
        readers = sql.SQL(", ").join([sql.Identifier(READER), sql.Identifier(PURGER)])
        missing += [
            sql.SQL("SET ROLE {}").format(sql.Identifier(OWNER)),
            sql.SQL("GRANT USAGE ON SCHEMA projections TO {}, {}").format(
                sql.Identifier(PROJECTOR), readers
            ),
            # What a later migration adds is read by the same.
            sql.SQL(
                "ALTER DEFAULT PRIVILEGES IN SCHEMA projections GRANT SELECT ON TABLES TO {}"
            ).format(readers),
            sql.SQL("RESET ROLE").format(),
        ]
    return missing


def _bootstrap(
    connection: psycopg.Connection, login: str, logins: Logins, packages: Sequence[MigrationPackage]
) -> None:
    if connection.info.server_version < VERSION_MIN:
        raise PreparationError(("-- PostgreSQL 15 or newer is needed",))
    statements: list[sql.Composed] = []
    is_ready = False
    for attempt in range(_ATTEMPTS_MAX):
        to_make = len(list(missing_logins(connection, logins)))
        statements = missing_statements(connection, login, logins)
        try:
            make_logins(connection, logins)
            for statement in statements[to_make:]:  # what is printed for them has no password
                connection.execute(statement)
            # Of what was taken over nobody has rights yet: the statements once more.
            is_ready = is_ready or not take_over(connection, packages)
        except psycopg.errors.InsufficientPrivilege as error:
            texts = tuple(f"{statement.as_string(connection)};" for statement in statements)
            raise PreparationError(texts) from error
        except (
            # Roles belong to the whole server: somebody prepares another database of it right now.
            psycopg.errors.DuplicateObject,
            psycopg.errors.UniqueViolation,
            psycopg.errors.InternalError,
        ):
            connection.execute("RESET ROLE")
            if attempt == _ATTEMPTS_MAX - 1:
                raise
            time.sleep(0.05 * (attempt + 1))
        else:
            if is_ready:
                return
            is_ready = True


def _ensure_database(url: str, database: str) -> None:
    """Create the database if it is not there and its creator may."""
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        maintenance = make_conninfo(url, dbname=_MAINTENANCE)
        with psycopg.connect(maintenance, autocommit=True) as connection:
            if _true(connection, _DATABASE_EXISTS, database):
                raise
            builtin = connection.info.server_version >= _VERSION_17
            statement = sql.SQL(_CREATE_BUILTIN if builtin else _CREATE_LIBC).format(
                sql.Identifier(database)
            )
            try:
                connection.execute(statement)
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                return
            except psycopg.errors.InsufficientPrivilege as error:
                raise PreparationError((f"{statement.as_string(connection)};",)) from error


def _name_ledger(url: str, ledger_name: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(_INSERT_HEAD, (ledger_name,))
        row = connection.execute(_SELECT_LEDGER).fetchone()
    _check_name(None if row is None else row[0], ledger_name)


def _check_name(found: str | None, ledger_name: str) -> None:
    if found != ledger_name:
        raise LedgerNameError("the database holds a ledger of another name than the setting says")


def _true(connection: psycopg.Connection, query: LiteralString, *values: object) -> bool:
    row = connection.execute(query, values).fetchone()
    return row is not None and bool(row[0])


def _database_of(url: str) -> str:
    parts = conninfo_to_dict(url)
    return str(parts.get("dbname") or parts.get("user") or "")
