"""The database that the settings name: an outer one by URL, or the embedded one."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

from api.settings import Settings
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.postgres import pidfile
from ledger.postgres.embedded import EmbeddedServer
from ledger.postgres.errors import PostgresError
from ledger.postgres.home import default_home
from ledger.postgres.migrate import WRITE_SIDE, Room
from ledger.postgres.prepare import holds_ledger, prepare
from ledger.postgres.roles import PROJECTOR, RoleUrls, role_urls
from ledger.store.journal import Journal

DATABASE: Final = "ledger"
"""Name of the database in the embedded server."""

ROOMS: Final = (WRITE_SIDE, Room("projections", "projections.migrations", PROJECTOR))
"""Migrations in order: the read side may use what the write side made."""


@contextmanager
def prepared(settings: Settings) -> Generator[RoleUrls, None, None]:
    """Connection strings, one a role, of a database with every migration applied.

    The embedded server is started when it does not run, and then stopped at the end.
    """
    if settings.database_url is not None:
        yield prepare(settings.database_url, settings.name, ROOMS)
        return
    with EmbeddedServer(settings.home) as server:
        login, admin = server.url(DATABASE), server.admin_url()
        yield prepare(login, settings.name, ROOMS, admin=admin)


class NoLedgerError(PostgresError):
    """Where a ledger should be there is none; nothing was made."""


@contextmanager
def existing(settings: Settings) -> Generator[RoleUrls, None, None]:
    """Like `prepared`, of a ledger that is there: nothing is made where there is none.

    Raises:
        NoLedgerError: there is none.
    """
    if settings.database_url is not None:
        if not holds_ledger(settings.database_url):
            raise NoLedgerError(
                "there is no ledger in the database of LEDGER_DATABASE_URL: see that it is the "
                "right one"
            )
        with prepared(settings) as urls:
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


def found(settings: Settings) -> RoleUrls:
    """Connection strings, one a role, of a database that another process prepared and keeps.

    Raises:
        PostgresError: the embedded server does not run.
    """
    if settings.database_url is not None:
        return role_urls(settings.database_url)
    return role_urls(EmbeddedServer(settings.home).url(DATABASE))


def journal_of(settings: Settings) -> Journal | None:
    """The erasure journal of the ledger, begun or not; None: nobody said where it is.

    Without the ledger secret it can be looked at and copied, and nothing else.
    """
    folder = settings.journal_dir
    if folder is None and settings.database_url is None:
        folder = (settings.home or default_home()).absolute() / "journal"
    if folder is None:
        return None
    secret = settings.secret
    key = None if secret is None else LedgerSecret(secret, settings.name).journal_key
    return Journal(folder, settings.name, key)


def alive(settings: Settings) -> Callable[[], bool]:
    """Tells whether the embedded server runs; an outer database is somebody else's to watch."""
    if settings.database_url is not None:
        return lambda: True
    data = EmbeddedServer(settings.home).home.data
    return lambda: pidfile.is_alive(data)
