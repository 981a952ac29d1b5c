"""An audit bag as a ledger: loaded into a database that is gone afterwards.

Its secret and its master are made for this alone; whatever depends on them is made anew of what the
events say: MACs, rows of the index, rows that lead to streams. Only whom exclusions name has the
key that stands in them.

Source: decision 0130.
"""

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import islice
from typing import Final

import psycopg

from api.container import Container
from api.database import DATABASE, MIGRATIONS
from ledger.clock import now
from ledger.crypto.epoch import MASTER_BYTES, FixedMasters, closed
from ledger.crypto.pseudonyms import SECRET_BYTES, LedgerSecret
from ledger.crypto.secrets import Secrets
from ledger.exports.audit_reader import AuditBag
from ledger.exports.audit_rows import RowLoader
from ledger.format.envelope import KeyRow, LookupRow
from ledger.format.event_reader import fact_of
from ledger.format.events import IdentifiersLinked, IdentifiersUnlinked
from ledger.postgres.embedded_server import EmbeddedServer, EmbeddedSettings
from ledger.postgres.prepare import prepare
from ledger.postgres.roles import RoleUrls
from ledger.postgres.temporary import temporary_folder
from ledger.store.recorder import LedgerRecorder
from projections.log.event_check import LogFault
from projections.log.full_check import examined

_EPOCH: Final = "audit"
_EVENTS_AT_ONCE: Final = 200
_FACTS_AT_ONCE: Final = 500
_LINKS: Final = (IdentifiersLinked.TYPE, IdentifiersUnlinked.TYPE)


@contextmanager
def loaded(bag: AuditBag) -> Generator[Container]:
    """The ledger that the bag holds, without an index, while the context is open.

    Args:
        bag: that was checked.

    Raises:
        verify.Refused: something in it contradicts itself.
        PostgresError: no server can be started here.
    """
    # It is lost on purpose: nothing needs to survive a crash.
    settings = EmbeddedSettings(durable=False)
    with temporary_folder(settings) as folder, EmbeddedServer(folder, settings) as server:
        login, logins = server.url(DATABASE), server.logins(DATABASE)
        admin = server.admin_url()
        urls = prepare(login, bag.ledger, MIGRATIONS, admin=admin, logins=logins)
        with filled(bag, urls) as container:
            yield container


@contextmanager
def filled(
    bag: AuditBag, urls: RoleUrls, clock: Callable[[], datetime] = now
) -> Generator[Container]:
    """As `loaded`, in an empty ledger that is there.

    Args:
        urls: of a database with every migration applied.
    """
    masters = FixedMasters({_EPOCH: os.urandom(MASTER_BYTES)})
    secrets = Secrets(os.urandom(SECRET_BYTES), masters, bag.persons())
    _put_rows(bag, urls, secrets)
    with closing(Container(urls, bag.ledger, secrets, clock)) as container:
        with psycopg.connect(urls.owner, autocommit=True) as connection:
            secret = container.secret
            loader = RowLoader(connection, secret.row_mac, secret.event_mac)
            loader.put_lookups(_lookups(container))
        yield container


def indexed(container: Container) -> Iterator[LogFault]:
    """Hash all of a loaded bag again, then make its index; what contradicts itself.

    Raises:
        CorruptRecordError: so much does that no index can be made.
    """
    read, prove = container.streams.opened, container.secret.expiry_proof
    reads = LedgerRecorder(container.reader)
    result = examined(reads, container.reader, read, fact_of, None, prove)
    yield from result.faults
    with psycopg.connect(container.urls.projector, autocommit=True) as connection:
        container.follower().catch_up(connection, container.reads.head())


def _put_rows(bag: AuditBag, urls: RoleUrls, secrets: Secrets) -> None:
    secret = LedgerSecret(secrets.secret, bag.ledger)
    partitions = dict[bytes, int]()

    def rows() -> Iterator[KeyRow]:
        for key in bag.data_keys():
            partitions[key.id] = key.partition
            yield closed(key, bag.ledger, secrets.masters)

    with psycopg.connect(urls.owner, autocommit=True) as connection:
        loader = RowLoader(connection, secret.row_mac, secret.event_mac)
        loader.put_keys(rows())
        draft = bag.draft()
        if draft is not None:
            loader.put_draft(draft)
        events = bag.stored_events()
        while some := list(islice(events, _EVENTS_AT_ONCE)):
            loader.put_events(some, partitions)


def _lookups(container: Container) -> Iterator[LookupRow]:
    """The rows by which the links of a person are found, as their events say."""
    streams, position = container.streams, 0
    while stored := streams.reads.facts_of_topics(_LINKS, position, _FACTS_AT_ONCE):
        position = stored[-1].position
        for opened in streams.opened(stored):
            yield from streams.lookup_rows(opened)
