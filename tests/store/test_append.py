"""The append: order, refusals alone, command ids, and answers that were lost at every moment."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from uuid import UUID

import psycopg
import pytest

from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import (
    KeyDestroyedError,
    StoreUnavailableError,
    StreamMovedError,
    UnstorableError,
)
from ledger.format.envelope import Append, AppendCondition, DutyRow, LookupRow, SealedEvent
from ledger.store.append import AppendedBatch, Appender
from ledger.store.connections import WRITER, Connections
from ledger.store.plan_writer import COPY_BYTES_MIN, COPY_EVENTS_MIN
from ledger.store.recorder import LedgerRecorder
from tests.database import Database
from tests.store.proxy import Cut
from tests.store.samples import (
    DEAD_KEY,
    KEY,
    MACS,
    PARTITION,
    bare,
    cut_off,
    header,
    new_transfer,
    new_transfers,
    one,
    only,
    positions,
    sealed,
    through_proxy,
    writing,
)


@pytest.mark.parametrize("count", [1, COPY_EVENTS_MIN - 1, COPY_EVENTS_MIN, 1_000])
def test_a_batch_is_read_back_as_it_was_appended(database: Database, count: int) -> None:
    appends = new_transfers(count)
    with writing(database) as connections:
        assert positions(Appender(connections, MACS.mac).append(appends)) == list(
            range(1, count + 1)
        )
        facts = LedgerRecorder(connections, MACS).facts_after(0, count + 1)
        with connections.connection() as connection:
            row = connection.execute("SHOW synchronous_commit").fetchone()
            assert row == ("on",), "a commit is on disk before it is acknowledged"
    assert [(f.position, f.stream, f.version, f.type, f.header, f.sealed) for f in facts] == [
        (position, e.stream, e.version, e.type, e.header, e.sealed)
        for position, [e] in enumerate((a.events for a in appends), 1)
    ]


def test_attached_documents_are_kept_with_their_event(database: Database) -> None:
    small, large = (
        SealedEvent(
            random_uuid(),
            1,
            "reply-stored",
            random_uuid(),
            header(KEY, len(documents)),
            KEY,
            PARTITION,
            b"s",
            documents,
        )
        for documents in ((b"a", b"b"), (bytes(COPY_BYTES_MIN),))
    )
    with writing(database) as connections:
        Appender(connections, MACS.mac).append([one(small)])
        Appender(connections, MACS.mac).append([one(large)])
        reads = LedgerRecorder(connections, MACS)
        assert reads.attached(1) == [b"a", b"b"]
        assert reads.attached(2) == [bytes(COPY_BYTES_MIN)]
        assert reads.attached(3) == []


def test_a_repeated_command_answers_the_first_positions(database: Database) -> None:
    first, other = new_transfer(), new_transfer()
    with writing(database) as connections:
        appender = Appender(connections, MACS.mac)
        assert only(appender, first) == AppendedBatch((1,))
        results = appender.append([first, other, first, other])
        assert results == [
            AppendedBatch((1,), known=True),
            AppendedBatch((2,)),
            AppendedBatch((1,), known=True),
            AppendedBatch((2,), known=True),
        ]
        assert LedgerRecorder(connections, MACS).head() == 2


def test_one_conflict_in_a_batch_is_refused_alone(database: Database) -> None:
    taken = random_uuid()
    with writing(database) as connections:
        appender = Appender(connections, MACS.mac)
        only(appender, one(bare(taken, 1, random_uuid())))
        batch = new_transfers(3)
        batch.insert(1, one(sealed(taken, 1, random_uuid())))  # exists
        batch.insert(3, one(sealed(random_uuid(), 2, random_uuid())))  # does not exist
        results = appender.append(batch)
        assert [type(result) for result in results] == [
            AppendedBatch,
            StreamMovedError,
            AppendedBatch,
            StreamMovedError,
            AppendedBatch,
        ]
        assert isinstance(results[1], StreamMovedError)
        assert results[1].stream == taken
        assert [r.positions for r in results if isinstance(r, AppendedBatch)] == [(2,), (3,), (4,)]


@pytest.mark.parametrize("kind", ["directive", "notice"])
def test_a_unique_lookup_names_one_stream(database: Database, kind: str) -> None:
    streams = [random_uuid() for _ in range(3)]
    key = bytes(range(16))
    appends = [
        one(bare(stream, 1, random_uuid()), LookupRow(kind, key, stream, KEY)) for stream in streams
    ]
    again = one(bare(streams[0], 2, random_uuid()), LookupRow(kind, key, streams[0], KEY))
    with writing(database) as connections:
        appender = Appender(connections, MACS.mac)
        first, second = appender.append(appends[:2])
        assert first == AppendedBatch((1,))
        assert isinstance(second, StreamMovedError)
        assert second.stream == streams[0]
        third, fourth = appender.append([appends[2], again])
        assert isinstance(third, StreamMovedError)
        assert fourth == AppendedBatch((2,))
        assert [
            row.stream for row in LedgerRecorder(connections, MACS).lookups([key], [kind])
        ] == streams[:1]


def test_what_rests_on_an_event_that_did_not_come_is_refused_once_it_came(
    database: Database,
) -> None:
    def resting(since: int, *types: str) -> Append:
        event = bare(random_uuid(), 1, random_uuid(), "hold-placed")
        return Append((event,), condition=AppendCondition(since, types))

    with writing(database) as connections:
        appender = Appender(connections, MACS.mac)
        looked = positions(appender.append(new_transfers(3)))[-1]
        # The second of a batch sees the first; other types and earlier events do not count.
        results = appender.append(
            [
                resting(looked, "records-expired", "hold-placed"),
                resting(looked, "hold-placed"),
                resting(looked, "records-expired"),
                resting(looked - 1, "provision-recorded"),
            ]
        )
        took = [isinstance(one, AppendedBatch) for one in results]
        assert took == [True, False, True, False]
        assert {type(one) for one in results if not isinstance(one, AppendedBatch)} == {
            StreamMovedError
        }
        head = LedgerRecorder(connections, MACS).head()
        with ThreadPoolExecutor(8) as pool:
            one_look = [pool.submit(only, appender, resting(head, "hold-placed")) for _ in range(8)]
        assert sum(isinstance(one.result(), AppendedBatch) for one in one_look) == 1


def test_nothing_is_sealed_under_a_dead_key(database: Database) -> None:
    stream = random_uuid()
    with writing(database) as connections:
        event, lookup, fine = Appender(connections, MACS.mac).append(
            [
                one(sealed(stream, 1, random_uuid(), key_id=DEAD_KEY)),
                one(bare(stream, 1, random_uuid()), LookupRow("link", KEY[:16], stream, DEAD_KEY)),
                new_transfer(),
            ]
        )
    assert isinstance(event, KeyDestroyedError)
    assert event.key_id == DEAD_KEY
    assert isinstance(lookup, KeyDestroyedError)
    assert fine == AppendedBatch((1,))


def test_what_the_database_does_not_take_is_refused_alone(database: Database) -> None:
    too_large = one(SealedEvent(random_uuid(), 1, "x", random_uuid(), bytes(70_000)))
    no_quarter = one(
        SealedEvent(random_uuid(), 1, "x", random_uuid(), b"{}", KEY, 5, sealed=b"part")
    )
    batch = new_transfers(7)
    batch.insert(2, too_large)
    batch.insert(5, no_quarter)
    with writing(database) as connections:
        results = Appender(connections, MACS.mac).append(batch)
        refused = [result for result in results if isinstance(result, UnstorableError)]
        assert [results.index(result) for result in refused] == [2, 5]
        assert [result.sqlstate for result in refused] == ["23514", "22023"]
        assert positions([r for r in results if isinstance(r, AppendedBatch)]) == list(range(1, 8))
        assert len(LedgerRecorder(connections, MACS).facts_after(0, 10)) == 7


def test_one_person_in_two_duties_is_refused_alone_by_the_table(database: Database) -> None:
    asked = [
        replace(new_transfer(), duties=(DutyRow(random_uuid(), "approve/3/0", "a", approver),))
        for approver in ("b", "a", "c")
    ]
    with writing(database) as connections:
        results = Appender(connections, MACS.mac).append([new_transfer(), *asked])
        assert positions([r for r in results if isinstance(r, AppendedBatch)]) == [1, 2, 3]
        assert isinstance(refused := results[2], UnstorableError)
        assert (refused.sqlstate, refused.constraint) == ("23514", "duties_two_people")
        assert len(LedgerRecorder(connections, MACS).facts_after(0, 10)) == 3
    with psycopg.connect(database.admin) as connection:
        rows = connection.execute("SELECT subject, step, preparer, approver FROM ledger.duties")
        wanted = [(d.subject, d.step, d.preparer, d.approver) for a in asked for d in a.duties]
        assert set(rows.fetchall()) == {wanted[0], wanted[2]}


@pytest.mark.parametrize("at_once", [True, False])
def test_what_goes_on_is_appended_after_earlier_events_of_its_command(
    database: Database, *, at_once: bool
) -> None:
    stream, command = random_uuid(), random_uuid()
    begun = one(sealed(stream, 1, command))
    on = [Append((sealed(stream, version, command),), goes_on=True) for version in (2, 3)]
    with writing(database) as connections:
        appender = Appender(connections, MACS.mac)
        if at_once:
            *results, repeat = appender.append([begun, *on, new_transfer(), begun])
            assert repeat == AppendedBatch((1,), known=True)
        else:
            results = [appender.append([append])[0] for append in (begun, *on, new_transfer())]
        assert results == [AppendedBatch((position,)) for position in (1, 2, 3, 4)]
        assert LedgerRecorder(connections, MACS).of_command(command) == [
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
        assert LedgerRecorder(connections, MACS).head() == 4


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
        appender = Appender(connections, MACS.mac)
        appender.append([one(sealed(stream, 1, command))])
        with psycopg.connect(database.admin) as admin:
            admin.execute("DELETE FROM ledger.data_keys WHERE key_id = %s", (event.key_id,))
        [refused] = appender.append([next_one])
        assert isinstance(refused, KeyDestroyedError)
        assert LedgerRecorder(connections, MACS).head() == 1


def test_of_several_that_append_the_same_version_one_does(database: Database) -> None:
    stream, command = random_uuid(), random_uuid()
    with writing(database) as connections:
        appender = Appender(connections, MACS.mac)
        appender.append([one(sealed(stream, 1, command))])
        asked = [on(stream, command, version) for version in range(2, 22) for _ in range(4)]
        with ThreadPoolExecutor(4) as threads:
            results = list(threads.map(partial(only, appender), asked))
        done = [one for one in results if isinstance(one, AppendedBatch)]
        assert sorted(done, key=lambda each: each.positions) == [
            AppendedBatch((position,)) for position in range(2, 2 + len(done))
        ]
        assert LedgerRecorder(connections, MACS).of_command(command) == [
            (stream, version) for version in range(1, 2 + len(done))
        ]
        assert len(done) > 1


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
        cut_off(database)
        assert only(appender, new_transfer()) == AppendedBatch((2,))


def test_backends_that_are_terminated_under_load_lose_and_repeat_nothing(
    database: Database,
) -> None:
    connections = Connections(database.urls.writer, WRITER)
    appender = Appender(connections, MACS.mac)
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
        cut_off(database)
        time.sleep(0.02)
    for thread in threads:
        thread.join()
    facts = LedgerRecorder(connections, MACS).facts_after(0, 1_000)
    connections.close()
    assert sorted(acknowledged) == list(range(1, len(sent) + 1))
    assert sorted(fact.stream for fact in facts) == sorted(a.events[0].stream for a in sent)


def test_a_writer_that_hangs_does_not_hold_the_others_for_ever(database: Database) -> None:
    with through_proxy(database) as (_, appender, _reads):
        only(appender, new_transfer())
        with psycopg.connect(database.urls.writer) as hanging:
            hanging.execute("SET idle_in_transaction_session_timeout = '1500ms'")
            hanging.execute("SELECT FROM ledger.head FOR UPDATE")
            assert only(appender, new_transfer()) == AppendedBatch((2,))
            with pytest.raises(psycopg.Error):
                hanging.execute("SELECT")
