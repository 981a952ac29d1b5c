"""The test that every change of the store must pass, and a store that fails it."""

from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import pytest
from eventsourcing.dcb.api import DCBEvent
from eventsourcing.dcb.postgres_tt import PostgresTTDCBFactory
from eventsourcing.persistence import PersistenceError, StoredEvent
from eventsourcing.postgres import PostgresFactory
from psycopg.abc import ConnDict
from psycopg.conninfo import conninfo_to_dict

from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import StoreUnavailableError
from ledger.store.append import AppendedBatch, Appender
from ledger.store.connections import READER, Connections
from ledger.store.recorder import LedgerRecorder
from tests.database import Database
from tests.store.reader_loss import WRITERS, Store, watch
from tests.store.samples import bare, new_transfer, one, writing


@contextmanager
def _ours(database: Database) -> Generator[Store]:
    reader = Connections(database.urls.reader, READER)
    with writing(database, size_max=WRITERS + 2) as writer:
        appender, reads = Appender(writer), LedgerRecorder(reader)

        def insert(topic: str, count: int) -> list[int]:
            batch = [one(bare(random_uuid(), 1, random_uuid(), topic))]
            batch += [new_transfer(size=50) for _ in range(count - 1)]
            results = appender.append(batch)
            assert all(isinstance(result, AppendedBatch) for result in results)
            return [p for r in results if isinstance(r, AppendedBatch) for p in r.positions]

        def page(after: int, limit: int) -> list[int]:
            return [fact.position for fact in reads.facts_after(after, limit)]

        # 40001: whoever rolls back for a reason of its own answers that nothing is acknowledged.
        yield Store(("ledger", "events"), insert, page, StoreUnavailableError, "40001")
    reader.close()


def _from_passfile(to: ConnDict) -> str:
    """The library takes no passfile."""
    lines = Path(str(to["passfile"])).read_text().splitlines()
    return next(line.split(":")[4] for line in lines if line.split(":")[3] in ("*", to["user"]))


def _environment(database: Database, functions: str) -> dict[str, str]:
    to = conninfo_to_dict(database.admin)
    return {
        "POSTGRES_DBNAME": str(to["dbname"]),
        "POSTGRES_HOST": str(to["host"]),
        "POSTGRES_PORT": str(to.get("port") or 5432),
        "POSTGRES_USER": str(to["user"]),
        "POSTGRES_PASSWORD": str(to.get("password") or _from_passfile(to)),
        "POSTGRES_POOL_SIZE": "1",
        "POSTGRES_MAX_OVERFLOW": str(WRITERS + 2),
        "POSTGRES_ENABLE_DB_FUNCTIONS": functions,
    }


@contextmanager
def _library(database: Database, functions: str) -> Generator[Store]:
    with PostgresFactory(_environment(database, functions)) as factory:
        recorder = factory.application_recorder()

        def insert(topic: str, count: int) -> Sequence[int]:
            stream = random_uuid()
            events = [StoredEvent(stream, n, topic, b"state") for n in range(count)]
            return recorder.insert_events(events) or ()

        def page(after: int, limit: int) -> list[int]:
            found = recorder.select_notifications(after, limit, inclusive_of_start=False)
            return [notification.id for notification in found]

        yield Store(("public", "stored_events"), insert, page, PersistenceError, "P0001")


@contextmanager
def _library_dcb(database: Database) -> Generator[Store]:
    with PostgresTTDCBFactory(_environment(database, "no")) as factory:
        recorder = factory.dcb_recorder()

        def insert(topic: str, count: int) -> Sequence[int]:
            last = recorder.append([DCBEvent(type=topic, data=b"state") for _ in range(count)])
            return [last]

        def page(after: int, limit: int) -> list[int]:
            return [event.position for event in recorder.read(after=after, limit=limit)]

        table = ("public", "dcb_events_tt_main")
        yield Store(table, insert, page, PersistenceError, "P0001", ("id", "type"))


def test_a_reader_sees_every_position_once_and_in_order(database: Database) -> None:
    with _ours(database) as store:
        watched = watch(database, store, rounds=12, patience=0.5)
    assert watched.rollbacks > 0
    assert len(watched.stored) > WRITERS
    assert watched.stored == list(range(1, len(watched.stored) + 1))
    assert watched.seen == watched.stored
    assert sorted(watched.acknowledged) == watched.stored


@pytest.mark.parametrize(
    "store_of",
    [pytest.param(partial(_library, functions="yes"), id="functions"), _library_dcb],
)
def test_the_harness_catches_a_store_that_lets_a_reader_pass(
    database: Database, store_of: Callable[[Database], AbstractContextManager[Store]]
) -> None:
    with store_of(database) as store:
        watched = watch(database, store, rounds=4, patience=10)
    # The late row took its position first and was committed after rows that the reader had seen.
    assert min(watched.stored) in watched.lost
    assert set(watched.acknowledged) <= set(watched.stored)


def test_the_harness_raises_no_alarm_over_the_library_with_its_table_lock(
    database: Database,
) -> None:
    with _library(database, functions="no") as store:
        watched = watch(database, store, rounds=2, patience=0.5)
    assert watched.seen == watched.stored
