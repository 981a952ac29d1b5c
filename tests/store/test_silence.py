"""Who waits too long for an answer loses the connection; who only takes long does not (0078)."""

import threading
import time
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import psycopg
import pytest

from ledger.errors import StoreUnavailableError
from ledger.store.connections import READER, Connections
from tests.database import Database

SECONDS_MAX = 0.5


@dataclass(slots=True)
class Looking:
    """Looks every few hundredths of a second, as the thread of a process does."""

    connections: Connections
    hung_up: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self._stop.wait(0.02):
            self.hung_up += self.connections.look(SECONDS_MAX)

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
        assert connections.look(SECONDS_MAX) == 0
        assert not connections.is_silent
        asked(connections, 0)
