"""Reads, snapshots, the key ring's table; and the library's own recorder test cases."""

from collections.abc import Generator, Sequence
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import pytest
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    IntegrityError,
    Notification,
    ProgrammingError,
    StoredEvent,
)
from eventsourcing.tests import persistence as cases
from typing_extensions import override

from ledger.crypto.keyring import KeyTable
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import PositionHoleError, StoreUnavailableError
from ledger.format.envelope import StoredFact
from ledger.store.append import Appender
from ledger.store.connections import READER, Connections
from ledger.store.keys import KeyRows
from ledger.store.recorder import LedgerRecorder
from tests.database import Database
from tests.journals import ROW_MAC
from tests.store.samples import (
    KEY,
    MACS,
    bare,
    cut_off,
    key_row,
    new_transfers,
    one,
    only,
    positions,
    sealed,
    writing,
)


def test_facts_of_streams_come_in_position_order_up_to_a_position(database: Database) -> None:
    a, b = random_uuid(), random_uuid()
    events = [sealed(a, 1, random_uuid()), bare(b, 1, random_uuid()), sealed(a, 2, random_uuid())]
    with writing(database) as connections:
        positions(Appender(connections, MACS.mac).append([one(event) for event in events]))
        reads = LedgerRecorder(connections, MACS)
        facts = reads.facts_of_streams([b, a, random_uuid()], None)
        assert [(f.position, f.stream, f.version) for f in facts] == [
            (1, a, 1),
            (2, b, 1),
            (3, a, 2),
        ]
        assert [fact.sealed for fact in facts] == [event.sealed for event in events]
        assert reads.facts_of_streams([a], 2) == facts[:1]
        assert reads.facts_of_streams([], None) == []
        assert reads.facts_at([3, 1, 3]) == [facts[0], facts[2]]
        assert reads.facts_of_topics(["transfer-completed"], 0) == [facts[1]]
        assert reads.facts_of_topics(["transfer-completed"], 2) == []


def slowly(sizes: Sequence[int], limit: int, bytes_max: int) -> list[list[int]]:
    """The batches as the rule says: full, or the last fact reaches the bytes."""
    batches: list[list[int]] = [[]]
    held = 0
    for position, size in enumerate(sizes, 1):
        if len(batches[-1]) == limit or held >= bytes_max:
            batches.append([])
            held = 0
        batches[-1].append(position)
        held += size
    return batches


def test_a_batch_ends_by_its_bytes_and_nothing_is_skipped_or_read_twice(
    database: Database,
) -> None:
    random = Random(0)  # noqa: S311 -- a test
    # No part at all, small ones in their row, and large ones beside it.
    sizes = [random.choice([0, 0, 1, 800, 1_999, 2_000, 3_000, 70_000]) for _ in range(60)]
    events = [
        sealed(random_uuid(), 1, random_uuid(), size)
        if size
        else bare(random_uuid(), 1, UUID(int=n))
        for n, size in enumerate(sizes)
    ]
    with writing(database) as connections:
        positions(Appender(connections, MACS.mac).append([one(event) for event in events]))
        reads = LedgerRecorder(connections, MACS)
        for limit, bytes_max in ((5, 1), (50, 4_000), (3, 4_000), (60, 2**31)):
            batches: list[list[StoredFact]] = []
            reached = 0
            while facts := reads.facts_after(reached, limit, bytes_max):
                batches.append(facts)
                reached = facts[-1].position
            found = [[each.position for each in batch] for batch in batches]
            assert found == slowly(sizes, limit, bytes_max)
            flat = [each.sealed for batch in batches for each in batch]
            assert flat == [event.sealed for event in events]


def test_a_hole_in_the_positions_is_an_alarm(database: Database) -> None:
    with writing(database) as connections:
        positions(Appender(connections, MACS.mac).append(new_transfers(5)))
        with psycopg.connect(database.admin) as admin:
            admin.execute("ALTER TABLE ledger.events DISABLE TRIGGER events_immutable")
            admin.execute("DELETE FROM ledger.events WHERE notification_id = 3")
        reads = LedgerRecorder(connections, MACS)
        assert [fact.position for fact in reads.facts_after(0, 2)] == [1, 2]
        for after, limit in ((0, 10), (1, 2), (2, 1)):
            with pytest.raises(PositionHoleError, match="position 3 is missing"):
                reads.facts_after(after, limit)
        with pytest.raises(PositionHoleError, match="position 3 is missing"):
            reads.facts_at([1, 3, 5])


def test_judging_position_names_the_head_and_the_newest_notice(database: Database) -> None:
    with writing(database) as connections:
        appender, reads = Appender(connections, MACS.mac), LedgerRecorder(connections, MACS)
        assert reads.verdict_position() == (0, 0)
        only(appender, one(bare(random_uuid(), 1, random_uuid())))
        assert reads.verdict_position() == (1, 0)
        for topic in ("notice-published", "notice-withdrawn", "transfer-completed"):
            only(appender, one(bare(random_uuid(), 1, random_uuid(), topic)))
        assert reads.verdict_position() == (4, 3)


def test_a_snapshot_answers_as_of_one_moment(database: Database) -> None:
    stream = random_uuid()
    with writing(database) as connections:
        appender, reads = Appender(connections, MACS.mac), LedgerRecorder(connections, MACS)
        only(appender, one(bare(stream, 1, random_uuid())))
        with reads.snapshot() as snapshot:
            only(appender, one(bare(stream, 2, random_uuid())))
            assert snapshot.head() == 1
            assert snapshot.stream_versions([stream]) == {stream: 1}
            assert len(snapshot.facts_of_streams([stream], None)) == 1
        assert reads.head() == 2


def test_reads_survive_the_loss_of_idle_connections(database: Database) -> None:
    reader = Connections(database.urls.reader, READER)
    reads = LedgerRecorder(reader, MACS)
    try:
        assert reads.head() == 0
        cut_off(database, "reader")
        assert reads.head() == 0
        with reads.snapshot() as snapshot:
            cut_off(database, "reader")
            with pytest.raises(StoreUnavailableError):
                snapshot.head()
        assert reads.head() == 0
    finally:
        reader.close()


def test_the_key_that_stands_first_is_the_one(database: Database) -> None:
    owner = random_uuid()
    with writing(database) as connections:
        table: KeyTable = KeyRows(connections, ROW_MAC)
        rival = bytes(32)
        assert table.find("record", date(2029, 6, 1), None) == key_row(KEY)
        assert table.find("record", date(2029, 6, 2), None) is None
        assert table.add(key_row(rival)) == key_row(KEY)
        assert table.add(key_row(KEY)) == key_row(KEY)
        of_owner = key_row(rival, day=None, owner=owner)
        assert table.add(of_owner) == of_owner
        assert table.find("series", None, owner) == of_owner
        assert table.find("series", None, random_uuid()) is None
        assert {row.key_id for row in table.get({KEY, rival, b"?" * 32})} == {KEY, rival}
        assert table.get(()) == []


class FromZero(LedgerRecorder):
    """Our recorder, its streams counted from 0."""

    @override
    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        moved = [replace(e, originator_version=e.originator_version + 1) for e in stored_events]
        positions = super().insert_events(moved, **kwargs)
        return None if positions is None else list(positions)

    @override
    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        moved = super().select_events(
            originator_id,
            gt=None if gt is None else gt + 1,
            lte=None if lte is None else lte + 1,
            desc=desc,
            limit=limit,
        )
        return [replace(e, originator_version=e.originator_version - 1) for e in moved]

    @override
    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        moved = super().select_notifications(
            start, limit, stop, topics, inclusive_of_start=inclusive_of_start
        )
        return [replace(e, originator_version=e.originator_version - 1) for e in moved]


class WithoutPositions(FromZero):
    """As an aggregate recorder, which gives no positions back."""

    @override
    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        super().insert_events(stored_events, **kwargs)


class _OnOurDatabase(cases.RecorderTestCase):
    INITIAL_VERSION = 0
    connections: Connections

    @pytest.fixture(autouse=True)
    def _connected(self, database: Database) -> Generator[None]:
        with writing(database, size_max=16) as self.connections:
            yield


class TestAggregateRecorder(_OnOurDatabase, cases.AggregateRecorderTestCase):
    @override
    def create_recorder(self) -> AggregateRecorder:
        return WithoutPositions(self.connections, MACS)


class TestApplicationRecorder(
    _OnOurDatabase, cases.ApplicationRecorderTestCase[ApplicationRecorder]
):
    @override
    def create_recorder(self) -> ApplicationRecorder:
        return FromZero(self.connections, MACS)

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestNonInterleavingNotificationIDs(
    _OnOurDatabase, cases.NonInterleavingNotificationIDsBaseCase
):
    @override
    def create_recorder(self) -> ApplicationRecorder:
        return FromZero(self.connections, MACS)


def _events(stream: UUID, *versions: int, topic: str = "seen") -> list[StoredEvent]:
    return [StoredEvent(stream, version, topic, b"{}") for version in versions]


def test_an_insert_of_the_same_command_again_gives_the_first_positions(database: Database) -> None:
    with writing(database) as connections:
        recorder = LedgerRecorder(connections, MACS)
        stream, command = random_uuid(), random_uuid()
        first = recorder.insert_events(_events(stream, 1, 2), command=command)
        assert first == (1, 2)
        assert recorder.insert_events(_events(stream, 1, 2), command=command) == first
        assert recorder.max_notification_id() == 2


def test_an_insert_that_would_leave_a_gap_in_its_stream_is_refused(database: Database) -> None:
    with writing(database) as connections:
        recorder = LedgerRecorder(connections, MACS)
        with pytest.raises(IntegrityError):
            recorder.insert_events(_events(random_uuid(), 2))
        with pytest.raises(ProgrammingError):
            recorder.insert_events(_events(random_uuid(), 1, topic="x" * 201))
        assert recorder.max_notification_id() is None
