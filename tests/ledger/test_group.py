"""Group commit: who waits together is recorded together, and refused alone."""

import dataclasses
import threading
from collections.abc import Generator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import cast

import pytest

from ledger.commands import RecordTransfer
from ledger.errors import StoreUnavailableError
from ledger.service import Ledger, RecordOutcome
from ledger.service import group as group_room
from ledger.service.group import WorkerGroup
from tests.ledger.given import AT, command, data
from tests.ledger.inside import Inside
from tests.matrix import every

_SECONDS = 60


class Recorder:
    """Stands where a `Ledger` would, and shows what it was asked together."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.go = threading.Event()

    def record(self, commands: Sequence[RecordTransfer], _at: object) -> list[RecordOutcome]:
        self.batches.append(len(commands))
        self.go.wait(_SECONDS)
        if any(one.id == "lost" for one in commands):
            raise StoreUnavailableError
        if any(one.id == "broken" for one in commands):
            raise ValueError("a defect of ours")
        return [cast("RecordOutcome", one.id) for one in commands]


def asked(house: Inside, *keys: str) -> list[RecordTransfer]:
    return [house.asked(key) for key in keys]


def named(*keys: str) -> list[RecordTransfer]:
    return [dataclasses.replace(command(data()), id=key) for key in keys]


def test_each_request_gets_its_own_outcomes(house: Inside) -> None:
    group = WorkerGroup(house.house.ledger, lambda: house.now)
    try:
        futures = [group.record(asked(house, f"a{n}", f"b{n}")) for n in range(30)]
        outcomes = [future.result(_SECONDS) for future in futures]
    finally:
        group.stop()
    assert {one.status for pair in outcomes for one in pair} == {"recorded"}
    assert sorted(one.position for pair in outcomes for one in pair) == list(range(1, 61))
    keys = {event.stream: event.record["id"] for event in house.events()}
    for n, pair in enumerate(outcomes):
        assert [keys[str(one.transfer)] for one in pair] == [f"a{n}", f"b{n}"]


def test_a_repeat_that_waits_beside_the_first_is_recorded_once(house: Inside) -> None:
    group = WorkerGroup(house.house.ledger, lambda: house.now, workers=1)
    try:
        futures = [group.record(asked(house, "t1")) for _ in range(8)]
        outcomes = [future.result(_SECONDS)[0] for future in futures]
    finally:
        group.stop()
    assert sorted(one.status for one in outcomes) == ["duplicate"] * 7 + ["recorded"]
    assert {one.position for one in outcomes} == {1}


@contextmanager
def crowd(workers: int = 1) -> Generator[tuple[Recorder, WorkerGroup]]:
    """A group that is at work on a first request until the recorder goes on."""
    recorder = Recorder()
    group = WorkerGroup(lambda: cast("Ledger", recorder), lambda: AT, workers=workers)
    group.record(named("first"))
    while not recorder.batches:
        pass
    yield recorder, group
    group.stop()


def test_a_batch_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_room, "BATCH_MAX", 5)
    with crowd() as (recorder, group):
        futures = [group.record(named(f"{n}", f"{n}'")) for n in range(5)]
        recorder.go.set()
        assert [future.result(_SECONDS) for future in futures] == [
            [f"{n}", f"{n}'"] for n in range(5)
        ]
    assert recorder.batches == [1, 4, 4, 2]


@every("waiting, batches", [(47, [47]), (48, [24, 24]), (61, [31, 30]), (110, [55, 28, 27])])
def test_a_crowd_is_shared_by_halves_so_that_one_is_sealed_while_the_other_is_committed(
    waiting: int, batches: list[int]
) -> None:
    with crowd() as (recorder, group):
        futures = [group.record(named(f"t{n}")) for n in range(waiting)]
        recorder.go.set()
        for future in futures:
            future.result(_SECONDS)
    assert recorder.batches == [1, *batches]


def test_a_lost_database_is_told_to_all_who_waited_and_a_defect_to_whom_it_meets_alone() -> None:
    with crowd() as (recorder, group):
        lost = [group.record(named("lost")), group.record(named("t2"))]
        recorder.go.set()
        for future in lost:
            with pytest.raises(StoreUnavailableError):
                future.result(_SECONDS)
    with crowd() as (recorder, group):
        broken, fine = group.record(named("broken")), group.record(named("fine"))
        recorder.go.set()
        with pytest.raises(ValueError, match="defect"):
            broken.result(_SECONDS)
        assert fine.result(_SECONDS) == ["fine"]


def test_too_much_that_waits_is_refused_and_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_room, "WAITING_MAX", 3)
    with crowd() as (recorder, group):
        kept, refused = group.record(named("a", "b", "c")), group.record(named("d"))
        with pytest.raises(StoreUnavailableError):
            refused.result(0)
        recorder.go.set()
        assert kept.result(_SECONDS) == ["a", "b", "c"]


def test_stopping_records_what_waits_and_takes_nothing_more() -> None:
    recorder = Recorder()
    recorder.go.set()
    group = WorkerGroup(lambda: cast("Ledger", recorder), lambda: AT, workers=1)
    futures: list[Future[list[RecordOutcome]]] = [group.record(named(f"t{n}")) for n in range(5)]
    group.stop()
    assert [future.result(0) for future in futures] == [[f"t{n}"] for n in range(5)]
    with pytest.raises(StoreUnavailableError):
        group.record(named("late")).result(0)
