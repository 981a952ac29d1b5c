"""`batch`: 1,000 transfers a POST, against COPY of the same rows.

COPY gets the rows that were just stored, from memory, into another ledger with the same tables,
indexes, guards and rights: head, events and sealed parts of one POST in one durable transaction.
Nothing is parsed, judged, sealed or looked up there. `copy` hands psycopg the values of the rows;
`raw_copy` hands it bytes that PostgreSQL itself wrote out, so that only the server works.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from statistics import median
from typing import Final, LiteralString

import psycopg

from benchmarks.figures import ROUNDS, Figure, cores, flush_ms, interleaved, ratio, report
from benchmarks.load import Load, drive, request
from benchmarks.places import Place, durable_place, other_ledger
from benchmarks.processes import following, serving
from benchmarks.readings import caught_up, head
from benchmarks.samples import body

PATH: Final = "/v1/transfers"
CLIENTS: Final = 4
"""While one body is parsed another one is recorded; more would only wait."""

_EVENTS: LiteralString = """
    SELECT notification_id, originator_id, originator_version, topic, state, command, partition, mac
      FROM ledger.events
     WHERE notification_id > %s AND notification_id <= %s
     ORDER BY notification_id
"""
_PARTS: LiteralString = """
    SELECT s.partition, s.position, s.n, s.part, s.key_id
      FROM ledger.events AS e
      JOIN ledger.sealed_parts AS s ON s.partition = e.partition AND s.position = e.notification_id
     WHERE e.notification_id > %s AND e.notification_id <= %s
     ORDER BY s.position, s.n
"""
_EVENTS_OUT: LiteralString = f"COPY ({_EVENTS}) TO STDOUT (FORMAT binary)"
_PARTS_OUT: LiteralString = f"COPY ({_PARTS}) TO STDOUT (FORMAT binary)"
_EVENTS_IN: LiteralString = """
    COPY ledger.events (notification_id, originator_id, originator_version, topic, state, command,
                        partition, mac) FROM STDIN (FORMAT binary)
"""
_PARTS_IN: LiteralString = """
    COPY ledger.sealed_parts (partition, position, n, part, key_id) FROM STDIN (FORMAT binary)
"""
_EVENT_TYPES: Final = ("int8", "uuid", "int8", "text", "bytea", "uuid", "int4", "bytea")
_PART_TYPES: Final = ("int4", "int8", "int4", "bytea", "bytea")
_HEAD: LiteralString = "UPDATE ledger.head SET position = %s"
_PARTITIONS: LiteralString = "SELECT DISTINCT partition FROM ledger.sealed_parts"
_ENSURE: LiteralString = "SELECT ledger.ensure_partition(%s)"

_Values = list[tuple[object, ...]]
_Read = Callable[[psycopg.Connection, int, int], tuple[_Values | bytes, _Values | bytes]]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is sent a round."""

    requests: int = 16
    items: int = 1_000
    rounds: int = ROUNDS


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of one POST: `last` is their last position; events, then sealed parts."""

    last: int
    events: _Values | bytes
    parts: _Values | bytes


def run(size: Size | None = None) -> None:
    """Measure and print."""
    with durable_place() as place, following(place), serving(place) as port:
        report("batch", _measured(place, port, size or Size()))


def _measured(place: Place, port: int, size: Size) -> dict[str, Figure]:
    credential = place.credential()
    loads: list[Load] = []
    numbers = count()

    def batch() -> float:
        label = f"round-{next(numbers)}"
        sent = [
            request(PATH, body(n * size.items, size.items, label), credential)
            for n in range(size.requests)
        ]
        loads.append(drive(port, sent, CLIENTS, b'"recorded":%d' % size.items))
        return loads[-1].rate * size.items

    batch()
    copies = {
        name: _Copies(place, other_ledger(place, name).writer, size.items, read)
        for name, read in (("copy", _values), ("raw_copy", _raw))
    }
    loads.clear()
    runs = {"batch": batch} | {name: one.copy for name, one in copies.items()}
    found = interleaved(runs, size.rounds)
    return {
        "ratio": ratio(found["batch"], found["copy"]),
        "ratio_to_raw_copy": ratio(found["batch"], found["raw_copy"]),
        "cores": cores(),
        "flush_ms": flush_ms(place.folder),
        "items": size.items,
        "clients": CLIENTS,
        "batch_per_s": median(found["batch"]),
        "batch_latency_ms": median(load.latency_ms for load in loads),
        "copy_per_s": median(found["copy"]),
        "raw_copy_per_s": median(found["raw_copy"]),
    }


class _Copies:
    """Copies what is stored in the measured ledger into another one, and says how fast."""

    def __init__(self, place: Place, target: str, items: int, read: _Read) -> None:
        self._source = place.urls.reader
        self._target = target
        self._items = items
        self._read = read
        self._last = 0
        with psycopg.connect(self._source) as connection:
            partitions = connection.execute(_PARTITIONS).fetchall()
        with psycopg.connect(target, autocommit=True) as connection:
            for partition in partitions:
                connection.execute(_ENSURE, partition)
        self.copy()

    def copy(self) -> float:
        """Copy what is new; the rows a second."""
        caught_up(self._source)
        after, self._last = self._last, head(self._source)
        rows: list[_Rows] = []
        with psycopg.connect(self._source) as connection:
            for begin in range(after, self._last, self._items):
                end = min(begin + self._items, self._last)
                rows.append(_Rows(end, *self._read(connection, begin, end)))
        return (self._last - after) / self._seconds(rows)

    def _seconds(self, rows: list[_Rows]) -> float:
        with psycopg.connect(self._target, autocommit=True) as connection:
            started = time.perf_counter()
            for piece in rows:
                with connection.transaction(), connection.cursor() as cursor:
                    cursor.execute(_HEAD, (piece.last,), prepare=True)
                    _write(cursor, _EVENTS_IN, _EVENT_TYPES, piece.events)
                    _write(cursor, _PARTS_IN, _PART_TYPES, piece.parts)
            return time.perf_counter() - started


def _write(
    cursor: psycopg.Cursor, statement: LiteralString, types: tuple[str, ...], rows: _Values | bytes
) -> None:
    with cursor.copy(statement) as copy:
        if isinstance(rows, bytes):
            copy.write(rows)
            return
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _values(connection: psycopg.Connection, begin: int, end: int) -> tuple[_Values, _Values]:
    cursor = connection.cursor(binary=True)
    events = cursor.execute(_EVENTS, (begin, end)).fetchall()
    return events, cursor.execute(_PARTS, (begin, end)).fetchall()


def _raw(connection: psycopg.Connection, begin: int, end: int) -> tuple[bytes, bytes]:
    written: list[bytes] = []
    for statement in (_EVENTS_OUT, _PARTS_OUT):
        with connection.cursor().copy(statement, (begin, end)) as copy:
            written.append(b"".join(bytes(part) for part in copy))
    return written[0], written[1]
