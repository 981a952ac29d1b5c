"""What arrives in one turn of the loop goes on together, and what it answers comes back apart."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import cast

from api.web.group_commit_loop import ENOUGH, GroupCommitLoop
from ledger.commands import RecordTransfer
from ledger.errors import StoreUnavailableError
from ledger.service import Ledger, RecordOutcome
from ledger.service.group import Tell, WorkerGroup
from tests.ledger.given import AT


class Recorder:
    """Stands where a `Ledger` would; an outcome is the command itself."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def record(self, commands: Sequence[RecordTransfer], _at: object) -> list[RecordOutcome]:
        names = cast("list[str]", list(commands))
        self.batches.append(names)
        if "lost" in names:
            raise StoreUnavailableError
        return cast("list[RecordOutcome]", names)


def named(*names: str) -> list[RecordTransfer]:
    return cast("list[RecordTransfer]", list(names))


def grouped(recorder: Recorder) -> WorkerGroup:
    return WorkerGroup(lambda: cast("Ledger", recorder), lambda: AT, workers=1)


def test_requests_of_one_turn_are_recorded_together_and_answered_apart() -> None:
    recorder = Recorder()
    group = grouped(recorder)
    turns = GroupCommitLoop(group)

    async def ask() -> list[list[RecordOutcome]]:
        both = turns.record(lambda: named("a", "b")), turns.record(lambda: named("c"))
        return list(await asyncio.gather(*both))

    try:
        answers = asyncio.run(ask())
    finally:
        group.stop()
    assert recorder.batches == [["a", "b", "c"]]
    assert answers == [["a", "b"], ["c"]]


class Counting:
    """Stands where a `WorkerGroup` would; answers at once, and keeps how much came at a time."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def hand_over(self, parts: Sequence[tuple[Sequence[RecordTransfer], Tell]]) -> None:
        self.sizes.append(len(parts))
        for commands, tell in parts:
            tell(cast("list[RecordOutcome]", list(commands)))


def test_a_stream_of_requests_without_a_pause_is_handed_over_all_the_same() -> None:
    group = Counting()
    turns = GroupCommitLoop(cast("WorkerGroup", group))

    async def ask() -> int:
        waiting: list[asyncio.Task[list[RecordOutcome]]] = []
        for number in range(2 * ENOUGH):
            waiting.append(asyncio.create_task(turns.record(partial(named, str(number)))))
            await asyncio.sleep(0)
        return sum(map(len, await asyncio.gather(*waiting)))

    assert asyncio.run(ask()) == 2 * ENOUGH
    assert group.sizes[0] == ENOUGH
    assert sum(group.sizes) == 2 * ENOUGH


def test_a_request_that_cannot_make_its_commands_fails_alone() -> None:
    group = grouped(Recorder())
    turns = GroupCommitLoop(group)

    def broken() -> list[RecordTransfer]:
        raise ValueError("a defect of ours")

    async def ask() -> list[list[RecordOutcome] | BaseException]:
        both = turns.record(broken), turns.record(lambda: named("c"))
        return list(await asyncio.gather(*both, return_exceptions=True))

    try:
        failed, answered = asyncio.run(ask())
    finally:
        group.stop()
    assert isinstance(failed, ValueError)
    assert answered == ["c"]


def test_who_gave_up_waiting_is_passed_over() -> None:
    group = grouped(Recorder())
    turns = GroupCommitLoop(group)

    async def ask() -> list[RecordOutcome]:
        gone = asyncio.ensure_future(turns.record(lambda: named("gone")))
        kept = asyncio.ensure_future(turns.record(lambda: named("kept")))
        await asyncio.sleep(0)
        gone.cancel()
        return await kept

    try:
        assert asyncio.run(ask()) == ["kept"]
    finally:
        group.stop()
