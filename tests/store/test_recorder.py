"""The library's own recorder test cases, run against ours.

They count versions from 0 or from 1 as they like; our streams begin at 1, and the table holds them
to it. So the recorder under test moves every version by one, and does nothing else.
"""

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

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

from ledger.crypto.pseudonyms import random_uuid
from ledger.store.connections import Connections
from ledger.store.recorder import LedgerRecorder
from tests.database import Database
from tests.store.samples import writing


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
        return WithoutPositions(self.connections)


class TestApplicationRecorder(
    _OnOurDatabase, cases.ApplicationRecorderTestCase[ApplicationRecorder]
):
    @override
    def create_recorder(self) -> ApplicationRecorder:
        return FromZero(self.connections)

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestNonInterleavingNotificationIDs(
    _OnOurDatabase, cases.NonInterleavingNotificationIDsBaseCase
):
    @override
    def create_recorder(self) -> ApplicationRecorder:
        return FromZero(self.connections)


def _events(stream: UUID, *versions: int, topic: str = "seen") -> list[StoredEvent]:
    return [StoredEvent(stream, version, topic, b"{}") for version in versions]


def test_an_insert_of_the_same_command_again_gives_the_first_positions(database: Database) -> None:
    with writing(database) as connections:
        recorder = LedgerRecorder(connections)
        stream, command = random_uuid(), random_uuid()
        first = recorder.insert_events(_events(stream, 1, 2), command=command)
        assert first == (1, 2)
        assert recorder.insert_events(_events(stream, 1, 2), command=command) == first
        assert recorder.max_notification_id() == 2


def test_an_insert_that_would_leave_a_gap_in_its_stream_is_refused(database: Database) -> None:
    with writing(database) as connections:
        recorder = LedgerRecorder(connections)
        with pytest.raises(IntegrityError):
            recorder.insert_events(_events(random_uuid(), 2))
        with pytest.raises(ProgrammingError):
            recorder.insert_events(_events(random_uuid(), 1, topic="x" * 201))
        assert recorder.max_notification_id() is None
