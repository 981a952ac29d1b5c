"""A reader that pages `position > cursor` sees every row once: every change of the store passes.

Many writers, one reader that never sleeps. A trigger in the database makes the writers unsteady
between their insert and their commit: it sleeps, it rolls back, and it holds one row, the late one,
until the reader has passed beyond it or cannot. So a store that lets a reader pass is caught every
time, and not only when the timing is unlucky.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final, LiteralString

import psycopg

from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import StoreUnavailableError
from ledger.store.append import AppendedBatch, Appender
from ledger.store.connections import READER, Connections
from ledger.store.recorder import LedgerRecorder
from tests.database import Database
from tests.store.samples import MACS, bare, new_transfer, one, writing

WRITERS: Final = 64
ROUNDS: Final = 12
PATIENCE_S: Final = 0.5
"""For so long the late row is held if the reader does not pass it."""

# 40001: whoever rolls back for a reason of its own answers that nothing is acknowledged.
UNSTEADY: Final[tuple[LiteralString, ...]] = (
    """
    CREATE FUNCTION public.unsteady() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM inserted WHERE inserted.topic = 'late') THEN
            PERFORM pg_advisory_xact_lock(7091);
            RETURN NULL;
        END IF;
        IF random() < 0.3 THEN
            PERFORM pg_sleep(random() * 0.004);
        END IF;
        IF random() < 0.15 THEN
            RAISE EXCEPTION 'rolled back by the test' USING ERRCODE = '40001';
        END IF;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER unsteady AFTER INSERT ON ledger.events REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION public.unsteady()
    """,
    "SELECT pg_advisory_lock(7091)",
)
LATE_WAITS: Final[LiteralString] = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7091 AND NOT granted"
)


def test_a_reader_sees_every_position_once_and_in_order(database: Database) -> None:
    acknowledged: list[int] = []
    rollbacks: list[int] = []
    seen: list[int] = []
    done, passed = threading.Event(), threading.Event()
    reading = Connections(database.urls.reader, READER)
    with (
        writing(database, size_max=WRITERS + 2) as writer,
        psycopg.connect(database.admin, autocommit=True) as admin,
        ThreadPoolExecutor(WRITERS + 2) as threads,
    ):
        appender, reads = Appender(writer, MACS.mac), LedgerRecorder(reading, MACS)

        def write(topic: str, inserts: int) -> None:
            for number in range(inserts):
                batch = [one(bare(random_uuid(), 1, random_uuid(), topic))]
                batch += [new_transfer(size=50) for _ in range(number % 3)]
                try:
                    results = appender.append(batch)
                except StoreUnavailableError:
                    rollbacks.append(1)
                    continue
                for result in results:
                    assert isinstance(result, AppendedBatch)
                    acknowledged.extend(result.positions)

        def read() -> None:
            while True:
                last_look = done.is_set()
                found = reads.facts_after(seen[-1] if seen else 0, 100)
                seen.extend(fact.position for fact in found)
                if found:
                    passed.set()
                elif last_look:
                    return

        for statement in UNSTEADY:
            admin.execute(statement)
        late = threads.submit(write, "late", 1)
        try:
            deadline = time.monotonic() + 10
            while admin.execute(LATE_WAITS).fetchone() != (1,):
                assert time.monotonic() < deadline, "the late writer does not wait"
                time.sleep(0.005)
            reader = threads.submit(read)
            writers = [threads.submit(write, "storm", ROUNDS) for _ in range(WRITERS)]
            passed.wait(PATIENCE_S)
        finally:
            admin.execute("SELECT pg_advisory_unlock(7091)")
        for each in (late, *writers):
            each.result(60)
        done.set()
        reader.result(60)
        rows = admin.execute("SELECT notification_id FROM ledger.events ORDER BY 1").fetchall()
    reading.close()
    stored = [row[0] for row in rows]
    assert rollbacks
    assert len(stored) > WRITERS
    assert stored == list(range(1, len(stored) + 1)) == seen == sorted(acknowledged)
