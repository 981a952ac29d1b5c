"""The append: order, refusals alone, command ids, what is stored with an event."""

from dataclasses import replace

import psycopg
import pytest

from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import KeyGoneError, StreamMovedError, UnstorableError
from ledger.format.envelope import DutyRow, LookupRow, SealedEvent
from ledger.store.append import AppendedBatch, Appender
from ledger.store.plan_writer import COPY_BYTES_MIN, COPY_EVENTS_MIN
from ledger.store.recorder import LedgerRecorder
from tests.database import Database
from tests.store.samples import (
    DEAD_KEY,
    KEY,
    PARTITION,
    bare,
    new_transfer,
    new_transfers,
    one,
    only,
    positions,
    sealed,
    writing,
)


@pytest.mark.parametrize("count", [1, COPY_EVENTS_MIN - 1, COPY_EVENTS_MIN, 1_000])
def test_a_batch_is_read_back_as_it_was_appended(database: Database, count: int) -> None:
    appends = new_transfers(count)
    with writing(database) as connections:
        assert positions(Appender(connections).append(appends)) == list(range(1, count + 1))
        facts = LedgerRecorder(connections).facts_after(0, count + 1)
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
            random_uuid(), 1, "reply-stored", random_uuid(), b"{}", KEY, PARTITION, b"s", documents
        )
        for documents in ((b"a", b"b"), (bytes(COPY_BYTES_MIN),))
    )
    with writing(database) as connections:
        Appender(connections).append([one(small)])
        Appender(connections).append([one(large)])
        reads = LedgerRecorder(connections)
        assert reads.attached(1) == [b"a", b"b"]
        assert reads.attached(2) == [bytes(COPY_BYTES_MIN)]
        assert reads.attached(3) == []


def test_a_repeated_command_answers_the_first_positions(database: Database) -> None:
    first, other = new_transfer(), new_transfer()
    with writing(database) as connections:
        appender = Appender(connections)
        assert only(appender, first) == AppendedBatch((1,))
        results = appender.append([first, other, first, other])
        assert results == [
            AppendedBatch((1,), known=True),
            AppendedBatch((2,)),
            AppendedBatch((1,), known=True),
            AppendedBatch((2,), known=True),
        ]
        assert LedgerRecorder(connections).head() == 2


def test_one_conflict_in_a_batch_is_refused_alone(database: Database) -> None:
    taken = random_uuid()
    with writing(database) as connections:
        appender = Appender(connections)
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
        appender = Appender(connections)
        first, second = appender.append(appends[:2])
        assert first == AppendedBatch((1,))
        assert isinstance(second, StreamMovedError)
        assert second.stream == streams[0]
        third, fourth = appender.append([appends[2], again])
        assert isinstance(third, StreamMovedError)
        assert fourth == AppendedBatch((2,))
        assert [
            row.stream for row in LedgerRecorder(connections).lookups([key], [kind])
        ] == streams[:1]


def test_nothing_is_sealed_under_a_dead_key(database: Database) -> None:
    stream = random_uuid()
    with writing(database) as connections:
        event, lookup, fine = Appender(connections).append(
            [
                one(sealed(stream, 1, random_uuid(), key_id=DEAD_KEY)),
                one(bare(stream, 1, random_uuid()), LookupRow("link", KEY[:16], stream, DEAD_KEY)),
                new_transfer(),
            ]
        )
    assert isinstance(event, KeyGoneError)
    assert event.key_id == DEAD_KEY
    assert isinstance(lookup, KeyGoneError)
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
        results = Appender(connections).append(batch)
        refused = [result for result in results if isinstance(result, UnstorableError)]
        assert [results.index(result) for result in refused] == [2, 5]
        assert [result.sqlstate for result in refused] == ["23514", "22023"]
        assert positions([r for r in results if isinstance(r, AppendedBatch)]) == list(range(1, 8))
        assert len(LedgerRecorder(connections).facts_after(0, 10)) == 7


def test_one_person_in_two_duties_is_refused_alone_by_the_table(database: Database) -> None:
    asked = [
        replace(new_transfer(), duties=(DutyRow(random_uuid(), "approve/3/0", "a", approver),))
        for approver in ("b", "a", "c")
    ]
    with writing(database) as connections:
        results = Appender(connections).append([new_transfer(), *asked])
        assert positions([r for r in results if isinstance(r, AppendedBatch)]) == [1, 2, 3]
        assert isinstance(refused := results[2], UnstorableError)
        assert (refused.sqlstate, refused.constraint) == ("23514", "duties_two_people")
        assert len(LedgerRecorder(connections).facts_after(0, 10)) == 3
    with psycopg.connect(database.admin) as connection:
        rows = connection.execute("SELECT subject, step, preparer, approver FROM ledger.duties")
        wanted = [(d.subject, d.step, d.preparer, d.approver) for a in asked for d in a.duties]
        assert set(rows.fetchall()) == {wanted[0], wanted[2]}
