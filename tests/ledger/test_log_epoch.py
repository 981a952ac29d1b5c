"""What the ledger records of an epoch of its log."""

import dataclasses
from datetime import UTC, datetime
from uuid import UUID

import pytest

from ledger.errors import MalformedError
from ledger.format.events import ExpiredEvent, Fact, LogEpochStarted
from ledger.log.epoch import StartedEpoch, StartLogEpoch, State, fold, start
from tests.matrix import every

COMMAND = StartLogEpoch(
    UUID(int=1),
    "0" * 32,
    2,
    "ledger.example.jp/main",
    300,
    bytes(32),
    bytes(range(32)),
    200,
    "11月24日のディスク障害",
    "運用担当 見本 花子",
)
STARTED = StartedEpoch(201, 2, COMMAND.note, 200)


def test_the_event_says_what_ended_and_why() -> None:
    assert start(COMMAND, State()) == LogEpochStarted(
        2,
        COMMAND.origin,
        300,
        COMMAND.root,
        COMMAND.note,
        200,
        COMMAND.reason,
        COMMAND.by,
    )


def test_an_epoch_that_stands_is_not_started_again() -> None:
    assert start(COMMAND, State((STARTED,), 1)) == STARTED
    later = dataclasses.replace(COMMAND, note=bytes(32), epoch=3)
    assert isinstance(start(later, State((STARTED,), 1)), LogEpochStarted)


TYPED = {
    "no reason": ({"reason": " "}, "/reason", "EMPTY"),
    "nobody": ({"by": ""}, "/by", "EMPTY"),
    "a reason of two lines": ({"reason": "一\n二"}, "/reason", "NOT_STORABLE"),
    "a name that never ends": ({"by": "見" * 2_001}, "/by", "NOT_STORABLE"),
    "a My Number": ({"reason": "123456789018"}, "/reason", "MY_NUMBER_SHOWN"),
}


@every("typed, pointer, code", TYPED.values())
def test_what_is_typed_is_looked_at(typed: dict[str, str], pointer: str, code: str) -> None:
    with pytest.raises(MalformedError) as refused:
        start(dataclasses.replace(COMMAND, **typed), State())
    assert [(one.pointer, one.code) for one in refused.value.defects] == [(pointer, code)]


def test_what_stands_in_clear_outlives_the_key_of_the_reason() -> None:
    facts = {"epoch": 2, "note": COMMAND.note.hex(), "parted_after": 200}
    at = datetime(2026, 11, 26, tzinfo=UTC)
    dead = Fact(201, UUID(int=2), 1, at, "0" * 32, ExpiredEvent("log-epoch-started"), None, facts)
    assert fold([dead]) == State((STARTED,), 1)
