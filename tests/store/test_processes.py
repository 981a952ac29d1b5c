"""Large inserts and several processes."""

import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from eventsourcing.persistence import StoredEvent

from ledger.crypto.pseudonyms import random_uuid
from ledger.store.append import Appender
from ledger.store.recorder import LedgerRecorder
from tests.database import Database
from tests.store.appending import append_share
from tests.store.samples import new_transfers, positions, writing

_HANG_SECONDS = 30


def test_a_large_insert_does_not_hang(database: Database) -> None:
    # The library's recorder hangs for good here: inside psycopg's pipeline mode both ends wait to
    # write once one call carries some 600 KB. Daemon threads, so that a hang fails and ends.
    stream = random_uuid()
    events = [StoredEvent(stream, n, "large", bytes(1_000)) for n in range(1, 3_001)]
    done: list[object] = []
    with writing(database) as connections:

        def insert() -> None:
            done.append(LedgerRecorder(connections).insert_events(events))
            done.append(positions(Appender(connections).append(new_transfers(2_000))))

        thread = threading.Thread(target=insert, daemon=True)
        thread.start()
        thread.join(_HANG_SECONDS)
        assert not thread.is_alive(), "the insert hangs"
    assert done == [tuple(range(1, 3_001)), list(range(3_001, 5_001))]


def test_two_processes_that_append_at_once_leave_no_hole(database: Database) -> None:
    spawn = multiprocessing.get_context("spawn")
    with (
        writing(database) as connections,
        spawn.Manager() as manager,
        ProcessPoolExecutor(2, mp_context=spawn) as processes,
    ):
        start = manager.Barrier(2)
        shares = [
            processes.submit(append_share, database.urls.writer, start, 40, size)
            for size in (3, 120)
        ]
        found = [share.result(60) for share in shares]
        assert sorted(found[0] + found[1]) == list(range(1, 40 * 123 + 1))
        # Neither had to wait until the other was done.
        assert min(found[0]) < max(found[1])
        assert min(found[1]) < max(found[0])
        assert len(LedgerRecorder(connections).facts_after(0, 5_000)) == 40 * 123


def test_threads_that_share_an_appender_leave_no_hole(database: Database) -> None:
    with writing(database, size_max=4) as connections, ThreadPoolExecutor(8) as threads:
        appender = Appender(connections)
        batches = [new_transfers(size) for size in (1, 2, 5, 130) * 10]
        results = list(threads.map(appender.append, batches))
        assert sorted(p for result in results for p in positions(result)) == list(
            range(1, 138 * 10 + 1)
        )
