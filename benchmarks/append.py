"""`append`: one transfer a POST from 64 clients, against an echo and against the library.

The echo answers the same bodies in the same server process, behind the same middleware: once as an
endpoint of the framework, once as a bare route of its router. The library is eventsourcing's own
PostgreSQL recorder on the same server: 64 writers with a connection each, one event of the same
size an insert.
"""

import multiprocessing
import os
import threading
import time
from dataclasses import dataclass
from statistics import median
from typing import Final
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg.conninfo import conninfo_to_dict

from benchmarks.figures import ROUNDS, Figure, cores, flush_ms, interleaved, ratio, report
from benchmarks.load import Load, drive, request
from benchmarks.places import Place, durable_place, empty_database
from benchmarks.processes import BARE_ECHO, ECHO, following, serving
from benchmarks.readings import caught_up, event_bytes
from benchmarks.samples import body
from ledger.crypto.pseudonyms import random_uuid

CLIENTS: Final = 64
PATH: Final = "/v1/transfers"


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

    def echo(path: str) -> float:
        caught_up(place.urls.reader)
        sent = [request(path, one, credential) for one in bodies("echo", size.requests)]
        return drive(port, sent, CLIENTS, b'"items"').rate

    ledger("warm", max(size.requests // 4, 1))
    size_of_event = event_bytes(place.urls.reader)
    library_url = empty_database(place, "library")

    def library() -> float:
        caught_up(place.urls.reader)
        return _library(library_url, size.inserts, size_of_event)

    # Minutes of a machine differ by more than what is asked: ours is first once, and last once.
    found = interleaved(
        {
            "echo": lambda: echo(ECHO),
            "append": append,
            "library": library,
            "bare_echo": lambda: echo(BARE_ECHO),
            "library again": library,
            "append again": append,
        },
        size.rounds,
    )
    for name in ("append", "library"):
        found[name] = [
            (one + other) / 2
            for one, other in zip(found[name], found[f"{name} again"], strict=True)
        ]
    return {
        "ratio": ratio(found["append"], found["echo"]),
        "ratio_to_bare_route": ratio(found["append"], found["bare_echo"]),
        "ratio_to_library": ratio(found["append"], found["library"]),
        "cores": cores(),
        "flush_ms": flush_ms(place.folder),
        "clients": CLIENTS,
        "append_per_s": median(found["append"]),
        "append_latency_ms": median(load.latency_ms for load in loads),
        "echo_per_s": median(found["echo"]),
        "bare_echo_per_s": median(found["bare_echo"]),
        "library_per_s": median(found["library"]),
        "event_bytes": size_of_event,
    }


# -- the library ---------------------------------------------------------------------------------


def _library(url: str, inserts: int, state_bytes: int) -> float:
    """Inserts a second of the library's recorder, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(insert_with_library, (url, inserts, state_bytes))


def insert_with_library(url: str, inserts: int, state_bytes: int) -> float:
    """Insert events from `CLIENTS` threads; return how many a second."""
    datastore = _datastore(url)
    recorder = PostgresApplicationRecorder(datastore)
    recorder.create_table()
    each = max(inserts // CLIENTS, 1)
    state = bytes(state_bytes)
    begun = threading.Barrier(CLIENTS + 1)

    def write() -> None:
        streams = [random_uuid() for _ in range(each + 1)]
        recorder.insert_events([_event(streams[-1], state)])  # connects, outside the measure
        begun.wait()
        for stream in streams[:-1]:
            recorder.insert_events([_event(stream, state)])

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
