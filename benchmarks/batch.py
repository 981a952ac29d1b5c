"""`batch`: 1,000 transfers a POST, against COPY of the same rows.

COPY gets the rows that were just stored, as the bytes that the server itself wrote out, into a
second ledger with the same tables, indexes, guards and rights: head, events and sealed parts of one
POST in one transaction. Nothing is parsed, judged, sealed or looked up there.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from statistics import median
from typing import Final, LiteralString

import psycopg

from benchmarks.figures import ROUNDS, Figure, cores, flush_ms, interleaved, ratio, report
from benchmarks.load import Load, drive, request
from benchmarks.places import Place, durable_place, second_ledger
from benchmarks.processes import following, serving
from benchmarks.readings import caught_up, head
from benchmarks.samples import body

PATH: Final = "/v1/transfers"
CLIENTS: Final = 4
"""While one body is parsed another one is recorded; more would only wait."""

_EVENTS_OUT: LiteralString = """
    COPY (SELECT * FROM ledger.events
           WHERE notification_id > %s AND notification_id <= %s
           ORDER BY notification_id) TO STDOUT (FORMAT binary)
"""
_PARTS_OUT: LiteralString = """
    COPY (SELECT s.* FROM ledger.events AS e
            JOIN ledger.sealed_parts AS s
              ON s.partition = e.partition AND s.position = e.notification_id
           WHERE e.notification_id > %s AND e.notification_id <= %s
           ORDER BY s.position, s.n) TO STDOUT (FORMAT binary)
"""
_HEAD: LiteralString = "UPDATE ledger.head SET position = %s"
_EVENTS_IN: LiteralString = "COPY ledger.events FROM STDIN (FORMAT binary)"
_PARTS_IN: LiteralString = "COPY ledger.sealed_parts FROM STDIN (FORMAT binary)"
_PARTITIONS: LiteralString = "SELECT DISTINCT partition FROM ledger.sealed_parts"
_ENSURE: LiteralString = "SELECT ledger.ensure_partition(%s)"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is sent a round."""

    requests: int = 16
    items: int = 1_000
    rounds: int = ROUNDS


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of one POST, as binary COPY writes them; `last` is the position of the last one."""

    last: int
    events: bytes
    parts: bytes


def run(size: Size | None = None) -> None:
    """Measure and print."""
    with durable_place() as place, following(place), serving(place) as port:
        report("batch", _measured(place, port, size or Size()))


def _measured(place: Place, port: int, size: Size) -> dict[str, Figure]:
    credential = place.credential()
    loads: list[Load] = []
    numbers = count()
    copied = 0
    second = second_ledger(place).writer

    def batch() -> float:
        label = f"round-{next(numbers)}"
        sent = [
            request(PATH, body(n * size.items, size.items, label), credential)
            for n in range(size.requests)
        ]
        loads.append(drive(port, sent, CLIENTS, b'"recorded":%d' % size.items))
        return loads[-1].rate * size.items

    def copy() -> float:
        nonlocal copied
        caught_up(place.urls.reader)
        last = head(place.urls.reader)
        rows = list(_stored(place.urls.reader, copied, last, size.items))
        seconds = _copied(second, rows)
        rate = (last - copied) / seconds
        copied = last
        return rate

    batch()
    _make_partitions(place.urls.reader, second)
    copy()
    loads.clear()
    found = interleaved({"batch": batch, "copy": copy}, size.rounds)
    return {
        "ratio": ratio(found["batch"], found["copy"]),
        "cores": cores(),
        "flush_ms": flush_ms(place.folder),
        "items": size.items,
        "clients": CLIENTS,
        "batch_per_s": median(found["batch"]),
        "batch_latency_ms": median(load.latency_ms for load in loads),
        "copy_per_s": median(found["copy"]),
    }


def _make_partitions(source: str, target: str) -> None:
    with psycopg.connect(source) as connection:
        partitions = connection.execute(_PARTITIONS).fetchall()
    with psycopg.connect(target, autocommit=True) as connection:
        for partition in partitions:
            connection.execute(_ENSURE, partition)


def _stored(url: str, after: int, last: int, items: int) -> Iterator[_Rows]:
    """What the server holds beyond `after`, in the pieces in which it was committed."""
    with psycopg.connect(url) as connection:
        for begin in range(after, last, items):
            end = min(begin + items, last)
            yield _Rows(
                end, *(_out(connection, what, begin, end) for what in (_EVENTS_OUT, _PARTS_OUT))
            )


def _out(connection: psycopg.Connection, statement: LiteralString, begin: int, end: int) -> bytes:
    with connection.cursor().copy(statement, (begin, end)) as copy:
        return b"".join(bytes(part) for part in copy)


def _copied(url: str, rows: list[_Rows]) -> float:
    """Seconds of storing the rows again, a durable transaction a piece."""
    with psycopg.connect(url, autocommit=True) as connection:
        started = time.perf_counter()
        for piece in rows:
            with connection.transaction(), connection.cursor() as cursor:
                cursor.execute(_HEAD, (piece.last,), prepare=True)
                with cursor.copy(_EVENTS_IN) as copy:
                    copy.write(piece.events)
                with cursor.copy(_PARTS_IN) as copy:
                    copy.write(piece.parts)
        return time.perf_counter() - started
