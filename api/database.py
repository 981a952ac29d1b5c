"""The database that the settings name: an outer one by URL, or the embedded one."""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

from api.settings.settings import Settings
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.postgres import pidfile
from ledger.postgres.embedded_server import EmbeddedServer
from ledger.postgres.errors import OwnerNeededError, PostgresError
from ledger.postgres.home import default_home
from ledger.postgres.logins import taking_more
from ledger.postgres.migrate import WRITE_SIDE, MigrationPackage
from ledger.postgres.prepare import check_prepared, holds_ledger, prepare
from ledger.postgres.roles import READER, RoleUrls, role_urls, serving_urls
from ledger.retention.journal_file import Journal

log: Final = logging.getLogger(__name__)

DATABASE: Final = "ledger"
"""Name of the database in the embedded server."""

MIGRATIONS: Final = (WRITE_SIDE, MigrationPackage("projections", "projections.migrations"))
"""Migrations in order: the read side may use what the write side made."""


@contextmanager
def prepared(settings: Settings, *, by_owner: bool = False) -> Generator[RoleUrls, None, None]:
    """Connection strings, one a role, of a database with every migration applied.

    The embedded server is started when it does not run, and then stopped at the end.

    Args:
        by_owner: for a command of the database's owner. Where the roles that serve have logins of
            their own, nothing else connects as the owner, and so nothing else migrates.

    Raises:
        OwnerNeededError: the owner's login is not set.
        NotMigratedError: somebody must migrate, and this is no command of the owner.
    """
    logins = settings.database_logins
    if logins is not None and not by_owner:
        yield check_prepared(logins, settings.name, MIGRATIONS)
        return
    if settings.has_outer_database:
        yield prepare(owner_url(settings), settings.name, MIGRATIONS, logins=logins)
        return
    with EmbeddedServer(settings.home) as server:
        login, admin = server.url(DATABASE), server.admin_url()
        logins = server.logins(DATABASE)
        yield prepare(login, settings.name, MIGRATIONS, admin=admin, logins=logins)


def owner_url(settings: Settings) -> str:
    """The login that owns an outer database.

    Raises:
        OwnerNeededError: it is not set.
    """
    if settings.database_url is None:
        raise OwnerNeededError
    return settings.database_url


def warn_shared_logins(urls: RoleUrls) -> None:
    """Say in the log what is given up where a login of a role that serves may take others, too."""
    roles = taking_more(urls)
    if roles:
        log.warning(
            "one database login for several roles: whoever runs SQL of their own in one process "
            "may take the others, the owner of the tables too; set LEDGER_DATABASE_URL_WRITER, "
            "_PROJECTOR, _PURGER and _READER",
            extra={"names": ", ".join(roles)},
        )


class NoLedgerError(PostgresError):
    """Where a ledger should be there is none; nothing was made."""


@contextmanager
def existing(settings: Settings, *, by_owner: bool = False) -> Generator[RoleUrls, None, None]:
    """Like `prepared`, of a ledger that is there: nothing is made where there is none.

    Raises:
        NoLedgerError: there is none.
    """
    if settings.has_outer_database:
        logins = None if by_owner else settings.database_logins
        if not holds_ledger(owner_url(settings) if logins is None else logins[READER]):
            raise NoLedgerError(
                "there is no ledger in the database of LEDGER_DATABASE_URL: see that it is the "
                "right one"
            )
        with prepared(settings, by_owner=by_owner) as urls:
            yield urls
        return
    server = EmbeddedServer(settings.home)
    server.home.refuse_other_major()
    none = NoLedgerError(
        f"there is no ledger in {server.home.path}: see that LEDGER_HOME is the right one"
    )
    if not server.home.data.exists():
        raise none
    with server:
        if not holds_ledger(server.url(DATABASE), server.admin_url()):
            raise none
        with prepared(settings) as urls:
            yield urls


def find_urls(settings: Settings) -> RoleUrls:
    """Connection strings, one a role, of a database that another process prepared and keeps.

    For what serves: where it has logins of its own, the owner's is not among them.

    Raises:
        PostgresError: the embedded server does not run.
    """
    if settings.database_logins is not None:
        return serving_urls(settings.database_logins)
    if settings.has_outer_database:
        return role_urls(owner_url(settings))
    return serving_urls(EmbeddedServer(settings.home).logins(DATABASE))


def journal_of(settings: Settings) -> Journal | None:
    """The erasure journal of the ledger, begun or not; None: nobody said where it is.

    Without the ledger secret it can be looked at and copied, and nothing else.
    """
    folder = settings.journal_dir
    if folder is None and not settings.has_outer_database:
        folder = (settings.home or default_home()).absolute() / "journal"
    if folder is None:
        return None
    secret = settings.secret
    key = None if secret is None else LedgerSecret(secret, settings.name).journal_key
    return Journal(folder, settings.name, key)


def backup_secret_of(settings: Settings) -> LedgerSecret | None:
    """What makes the MAC of a backup's manifest; None without the ledger secret."""
    return None if settings.secret is None else LedgerSecret(settings.secret, settings.name)


def alive(settings: Settings) -> Callable[[], bool]:
    """Tells whether the embedded server runs; an outer database is somebody else's to watch."""
    if settings.has_outer_database:
        return lambda: True
    data = EmbeddedServer(settings.home).home.data
    return lambda: pidfile.is_alive(data)
