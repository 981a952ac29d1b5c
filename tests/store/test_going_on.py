"""A command whose events are appended in several transactions: its stream's version tells."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

import psycopg
import pytest

from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import KeyGoneError, StreamMovedError
from ledger.format.envelope import Append
from ledger.store.append import AppendedBatch, Appender
from ledger.store.recorder import LedgerRecorder
from tests.database import Database
from tests.store.proxy import Cut
from tests.store.samples import new_transfer, one, only, sealed, through_proxy, writing


@pytest.mark.parametrize("at_once", [True, False])
def test_what_goes_on_is_appended_after_earlier_events_of_its_command(
    database: Database, *, at_once: bool
) -> None:
    stream, command = random_uuid(), random_uuid()
    begun = one(sealed(stream, 1, command))
    on = [Append((sealed(stream, version, command),), goes_on=True) for version in (2, 3)]
    with writing(database) as connections:
        appender = Appender(connections)
        if at_once:
            *results, repeat = appender.append([begun, *on, new_transfer(), begun])
            assert repeat == AppendedBatch((1,), known=True)
        else:
            results = [appender.append([append])[0] for append in (begun, *on, new_transfer())]
        assert results == [AppendedBatch((position,)) for position in (1, 2, 3, 4)]
        assert LedgerRecorder(connections).of_command(command) == [
            (stream, 1),
            (stream, 2),
            (stream, 3),
        ]
        # The first one is a repeat by its command, what goes on by its version.
        assert appender.append([begun]) == [AppendedBatch((1, 2, 3), known=True)]
        [again] = appender.append([on[1]])
        [gap] = appender.append([Append((sealed(stream, 5, command),), goes_on=True)])
        assert isinstance(again, StreamMovedError)
        assert isinstance(gap, StreamMovedError)
        assert LedgerRecorder(connections).head() == 4


def on(stream: UUID, command: UUID, version: int) -> Append:
    """The event of that version, of a command of which earlier ones stand."""
    return Append((sealed(stream, version, command),), goes_on=True)


@pytest.mark.parametrize("cut", [Cut.BEFORE, Cut.SWALLOWED, Cut.AFTER])
def test_after_a_lost_answer_the_version_tells_whether_it_stands(
    database: Database, cut: Cut
) -> None:
    stream, command = random_uuid(), random_uuid()
    with through_proxy(database) as (proxy, appender, reads):
        appender.append([one(sealed(stream, 1, command))])
        proxy.cut = cut
        [result] = appender.append([on(stream, command, 2)])
        assert proxy.cuts == 1
        assert (b"SELECT 1" in proxy.kept_back) == (cut is Cut.AFTER), "it is one call"
        if cut is Cut.AFTER:
            assert isinstance(result, StreamMovedError)
        else:
            assert result == AppendedBatch((2,))
        assert appender.append([on(stream, command, 3)]) == [AppendedBatch((3,))]
        assert reads.of_command(command) == [(stream, 1), (stream, 2), (stream, 3)]
        assert [fact.position for fact in reads.facts_after(0, 100)] == [1, 2, 3]


def test_what_goes_on_under_a_key_that_died_is_refused(database: Database) -> None:
    stream, command = random_uuid(), random_uuid()
    next_one = on(stream, command, 2)
    [event] = next_one.events
    with writing(database) as connections:
        appender = Appender(connections)
        appender.append([one(sealed(stream, 1, command))])
        with psycopg.connect(database.admin) as admin:
            admin.execute("DELETE FROM ledger.data_keys WHERE key_id = %s", (event.key_id,))
        [refused] = appender.append([next_one])
        assert isinstance(refused, KeyGoneError)
        assert LedgerRecorder(connections).head() == 1


def test_of_several_that_append_the_same_version_one_does(database: Database) -> None:
    stream, command = random_uuid(), random_uuid()
    with writing(database) as connections:
        appender = Appender(connections)
        appender.append([one(sealed(stream, 1, command))])
        asked = [on(stream, command, version) for version in range(2, 22) for _ in range(4)]
        with ThreadPoolExecutor(4) as threads:
            results = list(threads.map(partial(only, appender), asked))
        done = [one for one in results if isinstance(one, AppendedBatch)]
        assert sorted(done, key=lambda each: each.positions) == [
            AppendedBatch((position,)) for position in range(2, 2 + len(done))
        ]
        assert LedgerRecorder(connections).of_command(command) == [
            (stream, version) for version in range(1, 2 + len(done))
        ]
        assert len(done) > 1
