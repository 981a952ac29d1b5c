"""Within a bulk transfer a batch of the follower gathers what comes in; nowhere else it waits."""

from collections.abc import Callable, Sequence

import pytest

from ledger.format.envelope import StoredFact
from projections import entries
from projections.batches import LOOKS_MAX, Batches
from tests.bulk.sending import Sender, people
from tests.ledger.given import data
from tests.ledger.inside import Inside

PERSONS = people(2_300)


class Log:
    """A log that grows from one look to the next."""

    def __init__(self, facts: Sequence[StoredFact], heads: Sequence[int]) -> None:
        self._facts = facts
        self._heads = heads
        self.looks = 0

    def after(self, position: int, limit: int, _bytes_max: int) -> list[StoredFact]:
        head = self._heads[min(self.looks, len(self._heads) - 1)]
        self.looks += 1
        return list(self._facts[position:head][:limit])


Reading = Callable[[Sequence[int]], tuple[Log, Batches]]


@pytest.fixture
def facts(house: Inside, sending: Sender) -> list[StoredFact]:
    """One transfer; then a bulk transfer: recorded, three chunks, completed; then two more."""
    house.record("t1", data("P1"))
    sending.sent("b1", PERSONS)
    house.record("t2", data("P1"))
    house.record("t3", data("B7"))
    found = house.house.reads.facts_after(0, 100)
    assert len(found) == 8
    return found


@pytest.fixture
def reading(house: Inside, facts: list[StoredFact]) -> Reading:
    def made(heads: Sequence[int]) -> tuple[Log, Batches]:
        log = Log(facts, heads)
        inside = house.house
        opened = inside.streams.unsealed
        return log, Batches(log.after, opened, inside.secret, 100, 1 << 30)

    return made


@pytest.mark.parametrize(
    ("begin", "heads", "found"),
    [
        (0, [1], (1, 1)),  # no bulk transfer
        (0, [2, 8], (2, 1)),  # recorded, and no chunk yet
        (0, [3, 8], (3, 1)),  # somebody may wait for what stands before its first chunk
        (2, [3, 4, 4, 5, 6], (6, 5)),  # chunk by chunk, up to its completion
        (2, [3, 6], (6, 2)),
        (2, [3, 7, 8], (7, 2)),  # and for what stands behind it
        (2, [8], (8, 1)),
        (2, [4], (4, 1 + LOOKS_MAX)),  # whoever recorded it ended
    ],
)
def test_a_batch_of_chunks_ends_when_something_else_comes_or_nothing_any_more(
    house: Inside,
    facts: list[StoredFact],
    reading: Reading,
    begin: int,
    heads: list[int],
    found: tuple[int, int],
) -> None:
    (end, looks), (log, batches_) = found, reading(heads)
    batch = batches_.gathered(begin)
    assert batch is not None
    assert batch.facts == facts[begin:end]
    assert log.looks == looks
    events = house.house.streams.unsealed(facts[begin:end])
    assert batch.events == events
    assert batch.rows == entries.rows(events, house.house.secret)
    assert batch.size == sum(len(one.sealed or b"") for one in facts[begin:end])
