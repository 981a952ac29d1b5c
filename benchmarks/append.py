"""`append`: one transfer a POST from 64 clients, against an echo and against the library.

The echo answers the same bodies in the same server process, behind the same middleware. The library
is eventsourcing's own PostgreSQL recorder on the same server: 64 writers with a connection each,
one event of the same size an insert.
"""

import multiprocessing
import os
import threading
import time
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from benchmarks.figures import ROUNDS, Figure, cores, flush_ms, interleaved, ratio, report
from benchmarks.load import Load, drive, request
from benchmarks.places import Place, durable_place, empty_database
from benchmarks.processes import ECHO, following, serving
from benchmarks.samples import body
from ledger.crypto.pseudonyms import random_uuid

CLIENTS: Final = 64
PATH: Final = "/v1/transfers"
_CATCH_UP_SECONDS: Final = 60.0
_SIZE: Final = """
    SELECT coalesce(avg(octet_length(e.state) + octet_length(s.part)), 0)::integer
      FROM ledger.events e
      JOIN ledger.sealed_parts s ON s.partition = e.partition AND s.position = e.notification_id
     WHERE e.topic = 'provision-recorded'
"""
_LAG: Final = """
    SELECT h.position - p.position
      FROM ledger.head h, projections.progress p WHERE p.serving
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is sent a round.

    Attributes:
        requests: to the ledger and to the echo, each.
        inserts: of the library.
    """

    requests: int = 8_000
    inserts: int = 3_000
    rounds: int = ROUNDS


def run(size: Size | None = None) -> None:
    """Measure and print."""
    chosen = size or Size()
    with durable_place() as place, following(place), serving(place) as port:
        report("append", _measured(place, port, chosen))


def _measured(place: Place, port: int, size: Size) -> dict[str, Figure]:
    credential = place.credential()
    loads: list[Load] = []

    def bodies(label: str, count: int) -> list[bytes]:
        return [body(n, 1, label) for n in range(count)]

    def ledger(label: str, count: int) -> Load:
        sent = [request(PATH, one, credential) for one in bodies(label, count)]
        return drive(port, sent, CLIENTS, b'"recorded"')

    def append() -> float:
        loads.append(ledger(f"round-{len(loads)}", size.requests))
        return loads[-1].rate

    def echo() -> float:
        _wait_for_follower(place)
        sent = [request(ECHO, one, credential) for one in bodies("echo", size.requests)]
        return drive(port, sent, CLIENTS, b'"items"').rate

    ledger("warm", max(size.requests // 4, 1))
    with psycopg.connect(place.urls.reader) as connection:
        event_bytes = _number(connection, _SIZE)
    library_url = empty_database(place, "library")

    def library() -> float:
        _wait_for_follower(place)
        return _library(library_url, size.inserts, event_bytes)

    found = interleaved({"echo": echo, "append": append, "library": library}, size.rounds)
    rates = {name: sorted(rates)[len(rates) // 2] for name, rates in found.items()}
    return {
        "ratio": ratio(found["append"], found["echo"]),
        "ratio_to_library": ratio(found["append"], found["library"]),
        "cores": cores(),
        "flush_ms": flush_ms(place.folder),
        "clients": CLIENTS,
        "append_per_s": rates["append"],
        "append_latency_ms": sorted(load.latency_ms for load in loads)[len(loads) // 2],
        "echo_per_s": rates["echo"],
        "library_per_s": rates["library"],
        "event_bytes": event_bytes,
    }


def _wait_for_follower(place: Place) -> None:
    """What one measure leaves to be done must not be done during the next one."""
    deadline = time.monotonic() + _CATCH_UP_SECONDS
    with psycopg.connect(place.urls.reader, autocommit=True) as connection:
        while _number(connection, _LAG) and time.monotonic() < deadline:
            time.sleep(0.05)


def _number(connection: psycopg.Connection, statement: str) -> int:
    row = connection.execute(statement.encode()).fetchone()
    assert row is not None, "the statement has one row"
    return int(row[0])


# -- the library ---------------------------------------------------------------------------------


def _library(url: str, inserts: int, event_bytes: int) -> float:
    """Inserts a second of the library's recorder, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(insert_with_library, (url, inserts, event_bytes))


def insert_with_library(url: str, inserts: int, event_bytes: int) -> float:
    """Insert events from `CLIENTS` threads; return how many a second."""
    datastore = _datastore(url)
    recorder = PostgresApplicationRecorder(datastore)
    recorder.create_table()
    each = max(inserts // CLIENTS, 1)
    states = bytes(event_bytes)
    begun = threading.Barrier(CLIENTS + 1)

    def write() -> None:
        streams = [random_uuid() for _ in range(each + 1)]
        recorder.insert_events([_event(streams[-1], states)])  # connects, outside the measure
        begun.wait()
        for stream in streams[:-1]:
            recorder.insert_events([_event(stream, states)])

    threads = [threading.Thread(target=write) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    begun.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    datastore.close()
    return each * CLIENTS / seconds


def _event(stream: UUID, state: bytes) -> StoredEvent:
    return StoredEvent(
        originator_id=stream, originator_version=1, topic="provision-recorded", state=state
    )


def _datastore(url: str) -> PostgresDatastore:
    parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    # The library passes no such parameter on; libpq reads the variable. The process is ours alone.
    os.environ["PGPASSFILE"] = parts.get("passfile", "")
    return PostgresDatastore(
        dbname=parts["dbname"],
        host=parts["host"],
        port=parts.get("port", "5432"),
        user=parts["user"],
        password=parts.get("password", ""),
        pool_size=CLIENTS,
    )
