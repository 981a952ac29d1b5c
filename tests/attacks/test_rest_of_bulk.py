"""Nobody learns from the rest of a large bulk transfer that a hidden person stands in it.

Attack: a bulk transfer of more persons than one event holds is excluded for one of them, whom a
hold or an open case keeps beyond its day; an officer asks whether the transfer is still there.
Held off by: of a transfer whose own part is gone, what lives is looked at; with every line of it
hidden it is unknown (`Streams.hidden_lines`).
"""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from ledger.transfers.transfer import State
from tests.bulk.sending import people, sender
from tests.database import Database
from tests.ledger.excluding import exclude
from tests.ledger.test_exclusions_stored import repeat
from tests.retaining.desk import received
from tests.retaining.keeper import Keeper, keeper

KEEPERS: dict[str, Callable[[Keeper, str], object]] = {
    "a hold": lambda kept, who: kept.hold("訴訟", who),
    "an open case": received,
}


@pytest.fixture
def kept(database: Database) -> Iterator[Keeper]:
    with keeper(database) as made:
        yield made


def a_large_one(kept: Keeper) -> UUID:
    """A bulk transfer that is excluded for one of its persons."""
    kept.on("2024-04-01")
    crowd = [*people(1_500), {"scheme": "member", "id": "P1"}, {"scheme": "member", "id": "P2"}]
    large = sender(kept.inside).sent("large", crowd, transferred_on="2024-04-01").outcome.transfer
    kept.inside.follow()
    exclude(kept.inside, kept.inside.house.exclusions().named([large])[0].position, of="P1")
    repeat(kept.inside)
    return large


def past_its_day(kept: Keeper, large: UUID) -> State:
    """What lives of it when its own part is destroyed."""
    for day in ("2026-12-01", "2027-04-02"):
        kept.on(day)
        repeat(kept.inside)
    kept.purge()
    repeat(kept.inside)
    state = kept.inside.house.streams.transfer_state(large)
    assert state is not None
    return state


@pytest.mark.parametrize("keeper_is", KEEPERS)
def test_with_the_hidden_person_alone_left_it_is_unknown_as_one_that_is_gone(
    kept: Keeper, keeper_is: str
) -> None:
    large, streams = a_large_one(kept), kept.inside.house.streams
    KEEPERS[keeper_is](kept, "P1")
    assert streams.hidden([large]) == set()  # many stand in it
    state = past_its_day(kept, large)
    assert [line.principal.id for line in state.lines.values()] == ["P1"]
    assert streams.visibility()(state) is None
    assert streams.hidden([large]) == {large}


def test_with_somebody_else_left_it_is_known_without_the_hidden_person(kept: Keeper) -> None:
    large, streams = a_large_one(kept), kept.inside.house.streams
    for one in ("P1", "P2"):
        kept.hold("訴訟", one)
    seen = streams.visibility()(past_its_day(kept, large))
    assert seen is not None
    assert [line.principal.id for line in seen.lines.values()] == ["P2"]
    assert streams.hidden([large]) == set()
