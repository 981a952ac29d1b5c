"""A ledger a test, and one process that sets letters for all of them."""

from collections.abc import Iterator

import pytest

from api.documents import Renderer
from tests.database import Database
from tests.ledger.inside import Inside, inside
from tests.replying.auditing import DAY, Office
from tests.replying.desk import Desk, replies_of
from tests.retaining.keeper import keeper


@pytest.fixture(scope="session")
def renderer() -> Iterator[Renderer]:
    made = Renderer()
    yield made
    made.close()


@pytest.fixture
def house(database: Database) -> Iterator[Inside]:
    with inside(database) as made:
        yield made


@pytest.fixture
def desk(house: Inside, renderer: Renderer) -> Desk:
    return Desk(house, replies_of(house, renderer))


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    """Three records of a person, one of them with somebody else, and one of that other person."""
    with keeper(database) as kept:
        kept.on(DAY)
        made = Office(kept)
        kept.sent("a", "P1")
        kept.sent("b", "P1", "P2", items=["氏名"])
        kept.sent("c", "P1")
        kept.sent("d", "P2")
        yield made
