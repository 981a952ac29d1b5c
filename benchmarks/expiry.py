"""`expiry`: many records destroyed on one day, while a steady writer goes on appending.

The baseline is the same writer on the same ledger before the run begins. The writer, the run and
the follower are processes of their own, as in production; the run is what `ledger retention plan`
and `ledger retention expire` do, with an erasure journal.
"""

import time
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Final, LiteralString

import psycopg
import typer
from psycopg.conninfo import make_conninfo

from api.container import Container
from api.database import DATABASE, journal_of
from benchmarks.closing import closed
from benchmarks.figures import Figure, cores, flush_ms, report
from benchmarks.memory import memory
from benchmarks.places import Place, durable_place
from benchmarks.processes import beside, following
from benchmarks.readings import caught_up, wal_bytes
from benchmarks.samples import SOURCE, data
from benchmarks.steady import APPENDS_PER_S, Stroke, between, percentile, steady_writer
from ledger.clock import day_in_japan, now
from ledger.commands import RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import CheckedTransfer, Json

RECORDS: Final = 1_000_000
AGE: Final = timedelta(days=3 * 366)
"""A record by itself is kept for three years: one of that age is due, whatever years were long."""
_BATCH: Final = 1_000
_SHOWN_EVERY: Final = 50_000

_DUE_KEYS: LiteralString = "SELECT key_id FROM ledger.data_keys WHERE day <= %s"
_LEFT: LiteralString = """
    SELECT (SELECT count(*) FROM ledger.data_keys WHERE key_id = ANY(%(keys)s)),
           (SELECT count(*) FROM ledger.sealed_parts WHERE key_id = ANY(%(keys)s)),
           (SELECT count(*) FROM projections.entries WHERE position <= %(last)s),
           (SELECT count(*) FROM ledger.sealed_parts WHERE position > %(last)s),
           (SELECT count(*) FROM projections.entries WHERE position > %(last)s)
"""
_BACKENDS: LiteralString = (
    "SELECT pid::text FROM pg_stat_activity WHERE backend_type = 'client backend'"
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much dies, and how long the writer is watched without it.

    Attributes:
        idle_seconds: before the run, and again after it.
    """

    records: int = RECORDS
    idle_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Run:
    """What the run says of itself; instants on the clock that all processes share.

    Attributes:
        memory_before, memory_peak: bytes of the process.
    """

    begun: float
    planned: float
    ended: float
    keys: int
    events: int
    index_rows: int
    memory_before: int
    memory_peak: int

    @property
    def plan_s(self) -> float:
        """Seconds of the plan."""
        return self.planned - self.begun

    @property
    def expire_s(self) -> float:
        """Seconds of the expiry."""
        return self.ended - self.planned


class NotDestroyedError(Exception):
    """Something that was due is left, or something else is gone."""


def run(size: Size | None = None) -> None:
    """Measure and print."""
    with durable_place() as place, following(place):
        report("expiry", _measured(place, size or Size()))


def _measured(place: Place, size: Size) -> dict[str, Figure]:
    with closing(place.house()) as house:
        _fill(house, place, size.records)
        last = house.reads.head()
    keys = _due_keys(place)
    _settle(place)
    # The run's process starts before the idle time, so that its start disturbs neither.
    with beside(_destroy, place) as runner, steady_writer(place) as writer:
        runner.recv()
        idle_begun = time.monotonic()
        time.sleep(size.idle_seconds)
        wal_begun = wal_bytes(place.urls.reader)
        runner.send(None)
        done: Run = runner.recv()
        wal = wal_bytes(place.urls.reader) - wal_begun
        server_memory = _server_memory(place)
        time.sleep(size.idle_seconds)
        after_ended = time.monotonic()
        writer.send(None)
        strokes: list[Stroke] = writer.recv()
        caught_up(place.urls.reader)
        _check(place, keys, last, size.records, done, len(strokes))
    series = closed(place, size.records)
    idle = between(strokes, idle_begun, done.begun)
    # The append that was on its way when it began counts too.
    busy = between(strokes, done.begun - 1 / APPENDS_PER_S, done.ended)
    after = between(strokes, done.ended, after_ended)
    return {
        "ratio": percentile(busy, 99) / percentile(idle, 99),
        "cores": cores(),
        "flush_ms": flush_ms(place.folder),
        "records": size.records,
        "appends_per_s": APPENDS_PER_S,
        **_latencies("idle", idle),
        **_latencies("busy", busy),
        **_latencies("after", after),
        "plan_s": done.plan_s,
        "expire_s": done.expire_s,
        "expired_per_s": done.events / done.expire_s,
        "memory_before_mb": done.memory_before / 1e6,
        "memory_peak_mb": done.memory_peak / 1e6,
        "server_memory_mb": server_memory / 1e6,
        "wal_mb": wal / 1e6,
        "keys": done.keys,
        "destroyed": done.events,
        "appended": len(busy),
        **series,
    }


def _latencies(name: str, rising: list[float]) -> dict[str, Figure]:
    return {
        f"{name}_p50_ms": percentile(rising, 50),
        f"{name}_p99_ms": percentile(rising, 99),
        f"{name}_max_ms": rising[-1],
    }


# -- what dies -----------------------------------------------------------------------------------


def _fill(house: Container, place: Place, records: int) -> None:
    """Record transfers as they were recorded on one day three years ago; the index follows."""
    ledger = house.ledger()
    at = now() - AGE
    # On a consent of before: a finding would have rows of its own in the read side.
    consent: Json = {"obtained": True, "at": "2020-01-05T10:00:00+09:00", "evidence": "会員規約"}
    day: dict[str, Json] = {"transferred_on": day_in_japan(at).isoformat(), "consent": consent}
    for begin in range(0, records, _BATCH):
        commands = [
            RecordTransfer(
                random_uuid(),
                "bench",
                SOURCE,
                f"old-{number}",
                CheckedTransfer(data(number) | day),
            )
            for number in range(begin, min(begin + _BATCH, records))
        ]
        ledger.record(commands, at)
        if (begin + _BATCH) % _SHOWN_EVERY == 0:
            caught_up(place.urls.reader)
            typer.echo(f"recorded {begin + _BATCH:,}", err=True)
    caught_up(place.urls.reader)


def _settle(place: Place) -> None:
    """Leave the tables as three years would have: vacuumed, and all of it on the disk."""
    with _admin(place) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


def _due_keys(place: Place) -> list[bytes]:
    with psycopg.connect(place.urls.reader) as connection:
        rows = connection.execute(_DUE_KEYS, (day_in_japan(now()),)).fetchall()
    return [row[0] for row in rows]


def _check(
    place: Place, keys: list[bytes], last: int, records: int, done: Run, appended: int
) -> None:
    """Everything that was due is gone, and everything else is there.

    Raises:
        NotDestroyedError: it is not so.
    """
    with psycopg.connect(place.urls.reader) as connection:
        left = connection.execute(_LEFT, {"keys": keys, "last": last}).fetchone()
    # Alive: what the writer appended, its first one too, and the plan. Only transfers have rows, of
    # their person and of their mark.
    wanted = (0, 0, 0, appended + 2, 2 * (appended + 1))
    told = (done.keys, done.events, done.index_rows)
    if left != wanted or told != (len(keys), records, 2 * records):
        raise NotDestroyedError(f"left {left}, expected {wanted}; the run says {told}")


# -- the run -------------------------------------------------------------------------------------


def _destroy(place: Place, pipe: Connection) -> None:
    settings = replace(place.settings(), journal_dir=place.folder / "journal")
    journal = journal_of(settings)
    assert journal is not None, "the settings say where it is"
    journal.begin(random_uuid(), now())
    with closing(place.house()) as house:
        retention = house.retention(settings)
        actor = house.secret.actor("bench", "expiry")
        before = memory("self", "VmHWM")
        pipe.send(None)
        pipe.recv()
        begun = time.monotonic()
        retention.plan(actor)
        planned = time.monotonic()
        expired = retention.expire(actor).expired
        ended = time.monotonic()
        done = Run(
            begun,
            planned,
            ended,
            keys=sum(len(one.keys) for one in expired),
            events=sum(one.events for one in expired),
            index_rows=sum(one.index_rows for one in expired),
            memory_before=before,
            memory_peak=memory("self", "VmHWM"),
        )
        pipe.send(done)
        pipe.recv()


def _server_memory(place: Place) -> int:
    """Bytes that the largest of PostgreSQL's processes with a client had of its own at most."""
    with _admin(place) as connection:
        found = connection.execute(_BACKENDS).fetchall()
    # The buffers that they all share count for each of them; that figure only grows.
    return max(memory(pid, "VmHWM") - memory(pid, "RssShmem") for (pid,) in found)


def _admin(place: Place) -> psycopg.Connection:
    return psycopg.connect(make_conninfo(place.admin, dbname=DATABASE), autocommit=True)
