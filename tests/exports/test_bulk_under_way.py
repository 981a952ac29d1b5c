"""What is being recorded in parts is in no bag but that of every event; complete, it is in all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bulk.sending import Sender, people, sender, split
from tests.bulk.test_interrupted import killed
from tests.database import Database
from tests.exports.verifying import checked
from tests.exports.world import WHY, World, rows, world
from tests.ledger.given import data

PERSONS = people(2_300)


@pytest.fixture
def made(database: Database, tmp_path: Path) -> Iterator[World]:
    with world(database, tmp_path) as made:
        yield made


def bags(world: World, name: str) -> list[list[str]]:
    """The identifiers of each record, plain and with everything; each bag is proven."""
    found: list[list[str]] = []
    for whole in (False, True):
        bag = world.bag(f"{name} {whole}", whole=whole, reason=WHY)
        code, said = checked(bag)
        assert code == 0, said
        is_begun = "1 records lack persons: their recording has not ended" in said
        assert is_begun is (whole and name == "before"), said
        found.append([str(len(row["events"])) for row in rows(bag)])
    return found


@pytest.mark.parametrize("left", [18, 22, 24])
def test_no_bag_but_that_of_every_event_shows_what_is_being_recorded(
    made: World, left: int
) -> None:
    sending: Sender = sender(made.house)
    made.house.record("t1", data("P1"))
    one = sending.staged("b1", split(PERSONS, 700))
    killed(made.house, one.bulk, left)
    there = made.house.head() - 1
    assert there > 0
    assert bags(made, "before") == [["1"], ["1", str(there)]]
    sending.commit(one.bulk)
    assert bags(made, "after") == [["1", "5"], ["1", "5"]]
