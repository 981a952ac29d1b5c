"""Sealed events to append; the store does not look into their bytes."""

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Final
from uuid import UUID

import psycopg
from psycopg.conninfo import conninfo_to_dict

from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import LedgerError
from ledger.format.envelope import Append, KeyRow, LookupRow, SealedEvent
from ledger.store.append import AppendedBatch, Appender
from ledger.store.connections import WRITER, Connections
from ledger.store.event_macs import EventMacs
from ledger.store.keys import KeyRows
from ledger.store.recorder import LedgerRecorder
from tests.database import Database
from tests.journals import EVENT_MAC, ROW_MAC
from tests.store.proxy import Proxy, proxied

KEY: Final = bytes(range(32))
DEAD_KEY: Final = bytes(reversed(range(32)))
MACS: Final = EventMacs(EVENT_MAC)
PARTITION: Final = 2029 * 4 + 1
# A short patience of the server with transactions whose client is gone, so that a test can see it.
_IMPATIENT: Final = WRITER + "; SET idle_in_transaction_session_timeout = '1500ms'"


@contextmanager
def writing(database: Database, size_max: int = 10) -> Generator[Connections]:
    """The writer's connections, with `KEY` in the key ring."""
    connections = Connections(database.urls.writer, WRITER, size_max)
    try:
        add_key(connections)
        yield connections
    finally:
        connections.close()


@contextmanager
def through_proxy(
    database: Database, settle_seconds: float = 20
) -> Generator[tuple[Proxy, Appender, LedgerRecorder]]:
    """An appender whose commits a proxy can cut, with `KEY` in the key ring."""
    with proxied(database.admin) as proxy:
        connections = Connections(proxy.url(database.urls.writer), _IMPATIENT)
        try:
            add_key(connections)
            yield (
                proxy,
                Appender(connections, MACS.mac, settle_seconds),
                LedgerRecorder(connections, MACS),
            )
        finally:
            connections.close()


def add_key(connections: Connections) -> None:
    KeyRows(connections, ROW_MAC).add(key_row(KEY))


def key_row(
    key_id: bytes, day: date | None = date(2029, 6, 1), owner: UUID | None = None
) -> KeyRow:
    return KeyRow(key_id, "record" if owner is None else "series", day, owner, "2026-48", bytes(60))


def bare(
    stream: UUID, version: int, command: UUID, topic: str = "transfer-completed"
) -> SealedEvent:
    """An event without a sealed part."""
    return SealedEvent(stream, version, topic, command, f'{{"version":{version}}}'.encode())


def sealed(
    stream: UUID, version: int, command: UUID, size: int = 800, key_id: bytes = KEY
) -> SealedEvent:
    return SealedEvent(
        stream=stream,
        version=version,
        type="provision-recorded",
        command=command,
        header=os.urandom(700),
        key_id=key_id,
        partition=PARTITION,
        sealed=os.urandom(size),
    )


def header(key: bytes, documents: int) -> bytes:
    """What a header says of its key and of the documents that are kept with the event."""
    attached = ",".join(["{}"] * documents)
    return f'{{"attached":[{attached}],"sealed":{{"key":"{key.hex()}"}}}}'.encode()


def one(event: SealedEvent, *lookups: LookupRow) -> Append:
    return Append((event,), lookups)


def new_transfer(size: int = 800) -> Append:
    """One sealed event: version 1 of a new stream, by a new command."""
    return one(sealed(random_uuid(), 1, random_uuid(), size))


def new_transfers(count: int) -> list[Append]:
    return [new_transfer() for _ in range(count)]


def positions(results: Sequence[AppendedBatch | LedgerError]) -> list[int]:
    """All positions of results that are all new."""
    found: list[int] = []
    for result in results:
        assert isinstance(result, AppendedBatch), result
        assert not result.known
        found.extend(result.positions)
    return found


def only(appender: Appender, append: Append) -> AppendedBatch | LedgerError:
    [result] = appender.append([append])
    return result


def end_lock(database: Database) -> None:
    """End the one session that holds a lock; its holder does not notice."""
    with psycopg.connect(database.admin, autocommit=True) as admin:
        ended = admin.execute(
            "SELECT pg_terminate_backend(a.pid, 10000) FROM pg_stat_activity AS a"
            " JOIN pg_locks AS l USING (pid)"
            " WHERE a.datname = current_database() AND l.locktype = 'advisory'"
        ).fetchall()
    assert ended == [(True,)]


def cut_off(database: Database, role: str = "writer") -> int:
    """What a restart of the server does to all connections of a role; how many there were."""
    user = conninfo_to_dict(getattr(database.urls, role))["user"]
    with psycopg.connect(database.admin, autocommit=True) as admin:
        row = admin.execute(
            "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename = %s",
            (user,),
        ).fetchone()
    assert row is not None
    return row[0]
