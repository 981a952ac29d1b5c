"""One emitter's collective record of very many messages keeps nobody waiting.

Attack: an emitter sends message after message of one series, so that each takes longer to record
than the one before, in a batch that holds what others sent.
Held off by: a message is judged by itself, so that no message of its series is read when it is
recorded (`ledger.transfers.service`).
"""

from collections.abc import Iterator
from uuid import UUID

import pytest

from ledger.streams.streams import Streams
from tests.database import Database
from tests.ledger.given import data
from tests.ledger.inside import Inside, inside

ROUNDS = 3
AT_ONCE = 25


@pytest.fixture
def house(database: Database) -> Iterator[Inside]:
    with inside(database) as made:
        yield made


def message(n: int) -> dict[str, object]:
    day = f"2026-05-{n % 20 + 1:02}"
    return data(f"P{n}", method="collective", series_id="S1", transferred_on=day)


def test_no_message_of_a_series_is_read_when_one_more_is_recorded(
    house: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[UUID] = []
    facts = Streams.facts

    def reading(streams: Streams, chosen: list[UUID], *args: object) -> object:
        read.extend(chosen)
        return facts(streams, chosen, *args)  # pyright: ignore[reportArgumentType] -- as given

    monkeypatch.setattr(Streams, "facts", reading)
    for turn in range(ROUNDS):
        outcomes = house.send(
            [house.asked(f"t{turn}-{n}", message(turn * AT_ONCE + n)) for n in range(AT_ONCE)]
        )
        assert {one.status for one in outcomes} == {"recorded"}
    assert read == []
