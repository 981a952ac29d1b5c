"""One emitter's collective record of very many messages keeps nobody waiting.

Attack: an emitter sends message after message of one series, so that each takes longer to record
than the one before, in a batch that holds what others sent.
Held off by: a series is read once, then what came since, and a batch asks for it once
(`ledger.application.judging`).
"""

from collections.abc import Iterator
from uuid import UUID

import pytest

from ledger import series
from ledger.streams import Streams
from tests.database import Database
from tests.ledger.given import data
from tests.ledger.inside import Inside, inside

ROUNDS = 6
AT_ONCE = 25


@pytest.fixture
def house(database: Database) -> Iterator[Inside]:
    with inside(database) as made:
        yield made


def message(n: int) -> dict[str, object]:
    day = f"2026-05-{n % 20 + 1:02}"
    return data(f"P{n}", method="collective", series_id="S1", transferred_on=day)


def test_a_message_reads_of_its_series_what_came_since_alone(
    house: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole: list[int] = []
    later: list[int] = []
    state, state_after = Streams.series_state, Streams.series_state_after

    def read(streams: Streams, stream: UUID, upto: int | None = None) -> series.State | None:
        found = state(streams, stream, upto)
        whole.append(found.version if found is not None else 0)
        return found

    def read_on(streams: Streams, before: series.State, stream: UUID, upto: int) -> series.State:
        found = state_after(streams, before, stream, upto)
        later.append(found.version - before.version)
        return found

    monkeypatch.setattr(Streams, "series_state", read)
    monkeypatch.setattr(Streams, "series_state_after", read_on)
    for turn in range(ROUNDS):
        outcomes = house.send(
            [house.asked(f"t{turn}-{n}", message(turn * AT_ONCE + n)) for n in range(AT_ONCE)]
        )
        assert {one.status for one in outcomes} == {"recorded"}
    assert len(whole) <= 1
    assert len(whole) + len(later) == ROUNDS - 1
    assert sum(whole) + sum(later) <= ROUNDS * AT_ONCE + 1


def test_a_worker_that_read_a_series_before_judges_as_one_that_reads_it_all(house: Inside) -> None:
    closing = {"transferred_on": None, "transferred_from": "2026-05-01"}
    contents = [message(0), {**message(1), **closing, "transferred_to": "2026-05-20"}, message(2)]
    found: list[list[object]] = []
    for name in ("same", "other"):
        ends: list[object] = []
        for n, content in enumerate(contents):
            sent = {**content, "series_id": name}
            known = {member: value for member, value in sent.items() if value is not None}
            [outcome] = house.send([house.asked(f"{name} {n}", known)])
            assert outcome.verdict is not None
            ends.append(outcome.verdict.retain_through)
            if name == "other":
                house.ledger = house.house.ledger()
        found.append(ends)
    assert found[0] == found[1]
