"""What is measured: a ledger of its own on an embedded server that flushes every commit."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from api.auth import ApiKeyTable, Scope, make, person_owner
from api.container import Container, Secrets
from api.database import DATABASE, MIGRATIONS
from api.settings.settings import Settings
from benchmarks.samples import SOURCE
from ledger.clock import now
from ledger.crypto.epoch import demo_masters, demo_secret
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.postgres.embedded_server import EmbeddedServer, EmbeddedSettings
from ledger.postgres.prepare import prepare
from ledger.postgres.roles import RoleUrls, role_urls
from ledger.postgres.temporary import temporary_folder

LEDGER: Final = "bench"
SECRETS: Final = Secrets(demo_secret(), demo_masters())
"""Published keys: what they seal here is invented and gone a minute later."""
_DURABLE: Final = "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)"
_WANTED: Final = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


class NotDurableError(Exception):
    """The server does not flush its commits; no figure of it may be shown."""


@dataclass(frozen=True, slots=True)
class Place:
    """A prepared database.

    Attributes:
        login: the application's login, without a role taken.
        admin: superuser's connection string, for making other databases beside it.
        folder: on the same disk as the server's data.
    """

    urls: RoleUrls
    login: str = field(repr=False)
    admin: str = field(repr=False)
    folder: Path

    def house(self) -> Container:
        """The inside of the house, on this database."""
        return Container(self.urls, LEDGER, SECRETS)

    def settings(self) -> Settings:
        """What a process of this ledger is set to; the defaults but for the name and the keys."""
        return Settings(name=LEDGER, secret=SECRETS.secret, epoch_masters=demo_masters().masters)

    @property
    def admin_of_ledger(self) -> str:
        """Superuser's connection string of the ledger's own database."""
        return make_conninfo(self.admin, dbname=DATABASE)

    def credential(self, *more: Scope, label: str = "bench") -> str:
        """A new API key of the platform that sends; `more` scopes beside its own."""
        scopes: frozenset[Scope] = frozenset({"events:write", "records:read", *more})
        # Every set of scopes is somebody else's: who prepares a reply does not approve it.
        owner = person_owner("/".join([label, *sorted(more)]))
        key, credential = make(label, scopes, SOURCE, at=now(), days=1, owner=owner)
        mac = LedgerSecret(SECRETS.secret, LEDGER).row_mac
        ApiKeyTable(lambda: psycopg.connect(self.urls.owner), mac).add(key)
        return credential


@contextmanager
def durable_place() -> Generator[Place]:
    """A ledger on a new embedded server with its usual settings, removed at the end.

    Raises:
        NotDurableError: the server was told not to flush.
    """
    settings = EmbeddedSettings()
    with temporary_folder(settings) as folder, EmbeddedServer(folder, settings) as server:
        login, admin = server.url(DATABASE), server.admin_url()
        urls = prepare(login, LEDGER, MIGRATIONS, admin=admin)
        _check_durable(urls.writer)
        yield Place(urls, login, admin, folder)


def other_ledger(place: Place, name: str) -> RoleUrls:
    """Another empty ledger on the same server: the same tables, indexes, guards and rights."""
    login = make_conninfo(place.login, dbname=name)
    prepare(login, LEDGER, MIGRATIONS, admin=place.admin)
    return role_urls(login)


def empty_database(place: Place, name: str) -> str:
    """Connection string of an empty database on the same server, as its superuser."""
    with psycopg.connect(place.admin, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return make_conninfo(place.admin, dbname=name)


def _check_durable(url: str) -> None:
    with psycopg.connect(url) as connection:
        found = dict(connection.execute(_DURABLE, (list(_WANTED),)).fetchall())
    if found != _WANTED:
        raise NotDurableError(f"expected {_WANTED}, found {found}")
