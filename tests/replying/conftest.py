"""A ledger a test, and one process that sets letters for all of them."""

from collections.abc import Iterator

import pytest

from api.documents import Renderer
from tests.database import Database
from tests.ledger.inside import Inside, inside
from tests.replying.desk import Desk, replies_of


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
