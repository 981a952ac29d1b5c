"""One at a time, whichever process; large inserts, silence, and who is killed lets go at once."""

import multiprocessing
import threading
import time
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent

from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import StoreUnavailableError
from ledger.store.advisory_lock import Lease, LeaseLostError, exclusive_lock
from ledger.store.append import Appender
from ledger.store.connections import READER, WRITER, Connections
from ledger.store.recorder import LedgerRecorder
from tests.database import Database
from tests.rounds import rounds
from tests.store.appending import append_share
from tests.store.proxy import proxied
from tests.store.samples import MACS, cut_off, end_lock, new_transfers, positions, writing

NUMBERS = (0, 1, -1, 7_091_726_530_416, -(1 << 63), (1 << 63) - 1)


@pytest.fixture
def writer(database: Database) -> Iterator[Connections]:
    with closing(Connections(database.urls.writer, WRITER)) as connections:
        yield connections


def test_one_at_a_time_holds_a_lock_and_another_lock_is_free(writer: Connections) -> None:
    for number in NUMBERS:
        with exclusive_lock(writer, number) as is_first:
            assert is_first
            with exclusive_lock(writer, number) as second, exclusive_lock(writer, 5) as other:
                assert second is None
                assert other is not None
        with exclusive_lock(writer, number) as is_alone:
            assert is_alone


def test_a_lock_that_is_lost_is_free_and_what_was_done_is_done(
    writer: Connections, database: Database
) -> None:
    with exclusive_lock(writer, 1) as is_alone:
        assert is_alone
        assert cut_off(database) == 1
        with exclusive_lock(writer, 1) as is_next:
            assert is_next
    with suppress(ZeroDivisionError), exclusive_lock(writer, 1) as is_alone:
        assert is_alone
        raise ZeroDivisionError
    with exclusive_lock(writer, 1) as is_alone:
        assert is_alone, "who fails lets go"


def test_a_connection_that_cannot_let_go_is_not_used_again(
    writer: Connections, database: Database
) -> None:
    with psycopg.connect(database.admin, autocommit=True) as admin:
        with exclusive_lock(writer, 1):
            admin.execute("REVOKE EXECUTE ON FUNCTION pg_advisory_unlock(bigint) FROM PUBLIC")
        try:
            with (
                closing(Connections(database.urls.writer, WRITER)) as others,
                exclusive_lock(others, 1) as is_alone,
            ):
                assert is_alone
        finally:
            admin.execute("GRANT EXECUTE ON FUNCTION pg_advisory_unlock(bigint) TO PUBLIC")


def test_of_a_database_that_is_gone_everybody_is_told_so(database: Database) -> None:
    with (
        proxied(database.admin) as proxy,
        closing(Connections(proxy.url(database.urls.writer), WRITER)) as writer,
    ):
        with exclusive_lock(writer, 1):
            pass
        proxy.closed = True
        assert cut_off(database) == 1
        for _ in range(2):
            with pytest.raises(StoreUnavailableError), exclusive_lock(writer, 1):
                pytest.fail("nobody holds a lock that there is not")
        proxy.closed = False
        with exclusive_lock(writer, 1) as is_alone:
            assert is_alone


def is_held(writer: Connections, lease: Lease) -> bool:
    """Whether the holder may write."""
    with writer.connection() as connection:
        try:
            lease.fenced(connection, lambda _: None)
        except LeaseLostError:
            return False
    return True


def leases(database: Database) -> int:
    with psycopg.connect(database.urls.owner) as connection:
        row = connection.execute("SELECT count(*) FROM ledger.leases").fetchone()
    assert row is not None
    return row[0]


def test_whoever_lost_its_lock_may_write_until_another_one_has_taken_over(
    writer: Connections, database: Database
) -> None:
    with exclusive_lock(writer, 1) as first:
        assert first is not None
        end_lock(database)
        assert is_held(writer, first), "nobody else has it"
        with exclusive_lock(writer, 1) as second:
            assert second is not None
            assert (is_held(writer, first), is_held(writer, second)) == (False, True)
        assert not is_held(writer, first), "what was taken over does not come back"
    assert leases(database) == 0
    with exclusive_lock(writer, 1):
        assert leases(database) == 1
        end_lock(database)
    assert leases(database) == 0, "nor is one left by who was not overtaken"


def test_who_takes_over_does_not_begin_within_a_transaction_of_the_one_before(
    writer: Connections, database: Database
) -> None:
    with exclusive_lock(writer, 1) as first, writer.connection() as connection:
        assert first is not None
        with connection.transaction():
            first.check(connection)
            end_lock(database)
            with exclusive_lock(writer, 1) as second:
                assert second is None, "what the first one changes does not stand yet"
        with exclusive_lock(writer, 1) as second:
            assert second is not None
        with pytest.raises(LeaseLostError), connection.transaction():
            first.check(connection)


SECONDS_MAX = 0.5


@dataclass(slots=True)
class Looking:
    """Looks every few hundredths of a second, as the thread of a process does."""

    connections: Connections
    hung_up: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self._stop.wait(0.02):
            self.hung_up += self.connections.close_stalled(SECONDS_MAX)

    def stop(self) -> None:
        self._stop.set()


@contextmanager
def looking(connections: Connections) -> Generator[Looking]:
    look = Looking(connections)
    thread = threading.Thread(target=look.run)
    thread.start()
    try:
        yield look
    finally:
        look.stop()
        thread.join()


def asked(connections: Connections, *seconds: float) -> None:
    """One use of a connection: a statement of each length, one after the other."""

    def work(connection: psycopg.Connection) -> None:
        for one in seconds:
            connection.execute("SELECT pg_sleep(%s)", (one,))
            time.sleep(0.05)  # what a process does with an answer

    connections.read(work)


def test_a_statement_that_is_not_answered_in_time_is_hung_up(database: Database) -> None:
    with (
        closing(Connections(database.urls.reader, READER)) as connections,
        looking(connections) as look,
    ):
        begin = time.monotonic()
        with pytest.raises(StoreUnavailableError):
            asked(connections, 60)
        assert SECONDS_MAX <= time.monotonic() - begin < 10
    assert look.hung_up >= 1


def test_a_use_of_many_statements_may_take_as_long_as_it_takes(database: Database) -> None:
    with (
        closing(Connections(database.urls.reader, READER)) as connections,
        looking(connections) as look,
    ):
        asked(connections, *[0.1] * 10)
        assert look.hung_up == 0


def test_nobody_waits_for_a_database_that_is_silent_and_a_look_ends_it(database: Database) -> None:
    with closing(Connections(database.urls.reader, READER)) as connections:
        waiting: list[Future[None]] = []
        with ThreadPoolExecutor(1) as pool:
            with looking(connections):
                waiting.append(pool.submit(asked, connections, 60))
                while not connections.is_silent:
                    time.sleep(0.005)
            # Nobody looks now.
            connections.is_silent = True
            begin = time.monotonic()
            with pytest.raises(StoreUnavailableError):
                asked(connections, 0)
            assert time.monotonic() - begin < 0.1
            assert isinstance(waiting[0].exception(10), StoreUnavailableError)
        # The server answers: one process of it was slow.
        assert connections.close_stalled(SECONDS_MAX) == 0
        assert not connections.is_silent
        asked(connections, 0)


_HANG_SECONDS = 30
ROUNDS = rounds(40, at_least=20)


def test_a_large_insert_does_not_hang(database: Database) -> None:
    # The library's recorder hangs for good here: inside psycopg's pipeline mode both ends wait to
    # write once one call carries some 600 KB. Daemon threads, so that a hang fails and ends.
    stream = random_uuid()
    events = [StoredEvent(stream, n, "large", bytes(1_000)) for n in range(1, 3_001)]
    done: list[object] = []
    with writing(database) as connections:

        def insert() -> None:
            done.append(LedgerRecorder(connections, MACS).insert_events(events))
            done.append(positions(Appender(connections, MACS.mac).append(new_transfers(2_000))))

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
            processes.submit(append_share, database.urls.writer, start, ROUNDS, size)
            for size in (3, 120)
        ]
        found = [share.result(60) for share in shares]
        assert sorted(found[0] + found[1]) == list(range(1, ROUNDS * 123 + 1))
        # Neither had to wait until the other was done.
        assert min(found[0]) < max(found[1])
        assert min(found[1]) < max(found[0])
        assert len(LedgerRecorder(connections, MACS).facts_after(0, 5_000)) == ROUNDS * 123


def test_threads_that_share_an_appender_leave_no_hole(database: Database) -> None:
    with writing(database, size_max=4) as connections, ThreadPoolExecutor(8) as threads:
        appender = Appender(connections, MACS.mac)
        batches = [new_transfers(size) for size in (1, 2, 5, 130) * 10]
        results = list(threads.map(appender.append, batches))
        assert sorted(p for result in results for p in positions(result)) == list(
            range(1, 138 * 10 + 1)
        )
