"""Connections lost at every moment of an append: nothing stands twice, nothing answered goes."""

import threading
import time

import psycopg
import pytest

from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import StoreUnavailableError
from ledger.store.append import AppendedBatch, Appender
from ledger.store.connections import WRITER, Connections
from ledger.store.recorder import LedgerRecorder
from tests.database import Database
from tests.store.proxy import Cut
from tests.store.samples import (
    bare,
    new_transfer,
    new_transfers,
    one,
    only,
    positions,
    through_proxy,
)


@pytest.mark.parametrize("cut", [Cut.BEFORE, Cut.SWALLOWED, Cut.AFTER])
@pytest.mark.parametrize("count", [1, 150])
def test_a_lost_answer_of_a_commit_is_settled_by_the_command_ids(
    database: Database, cut: Cut, count: int
) -> None:
    with through_proxy(database) as (proxy, appender, reads):
        first = new_transfer()
        positions(appender.append([first]))
        batch = new_transfers(count)
        proxy.cut = cut
        results = appender.append([*batch, first, batch[0]])
        assert proxy.cuts == 1
        # A small batch asks first whether all of it is new, and learns that it is not.
        done = b"COMMIT" if count > 1 else b"SELECT 1"
        assert (done in proxy.kept_back) == (cut is Cut.AFTER)
        # What this call appended is new, whichever of its commits did it; what was there is known.
        assert positions(results[:count]) == list(range(2, count + 2))
        assert results[count:] == [AppendedBatch((1,), known=True), AppendedBatch((2,), known=True)]
        assert reads.head() == count + 1
        assert len(reads.facts_after(0, 1_000)) == count + 1


def test_an_outcome_that_stays_unknown_is_not_acknowledged_and_found_later(
    database: Database,
) -> None:
    with through_proxy(database, settle_seconds=0.3) as (proxy, appender, reads):
        append = new_transfer()
        only(appender, new_transfer())
        proxy.cut, proxy.closed = Cut.AFTER, True
        with pytest.raises(StoreUnavailableError):
            appender.append([append])
        with pytest.raises(StoreUnavailableError):
            appender.append([append])
        proxy.closed = False
        assert only(appender, append) == AppendedBatch((2,), known=True)
        assert reads.head() == 2


def test_idle_connections_of_a_server_that_restarted_do_no_harm(database: Database) -> None:
    with through_proxy(database) as (_, appender, _reads):
        only(appender, new_transfer())
        _terminate_writers(database)
        assert only(appender, new_transfer()) == AppendedBatch((2,))


def test_backends_that_are_terminated_under_load_lose_and_repeat_nothing(
    database: Database,
) -> None:
    connections = Connections(database.urls.writer, WRITER)
    appender = Appender(connections)
    acknowledged: list[int] = []
    sent = [one(bare(random_uuid(), 1, random_uuid())) for _ in range(400)]

    def write(part: int) -> None:
        for append in sent[part::4]:
            while True:
                try:
                    result = only(appender, append)
                except StoreUnavailableError:
                    continue
                assert isinstance(result, AppendedBatch)
                acknowledged.extend(result.positions)
                break

    threads = [threading.Thread(target=write, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        _terminate_writers(database)
        time.sleep(0.02)
    for thread in threads:
        thread.join()
    facts = LedgerRecorder(connections).facts_after(0, 1_000)
    connections.close()
    assert sorted(acknowledged) == list(range(1, len(sent) + 1))
    assert sorted(fact.stream for fact in facts) == sorted(a.events[0].stream for a in sent)


def _terminate_writers(database: Database) -> None:
    with psycopg.connect(database.admin) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'ledger-writer'"
        )


def test_a_writer_that_hangs_does_not_hold_the_others_for_ever(database: Database) -> None:
    with through_proxy(database) as (_, appender, _reads):
        only(appender, new_transfer())
        with psycopg.connect(database.urls.writer) as hanging:
            hanging.execute("SET idle_in_transaction_session_timeout = '1500ms'")
            hanging.execute("SELECT FROM ledger.head FOR UPDATE")
            assert only(appender, new_transfer()) == AppendedBatch((2,))
            with pytest.raises(psycopg.Error):
                hanging.execute("SELECT")
