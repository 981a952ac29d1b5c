"""One sender inside a test."""

from collections.abc import Iterator

import pytest

from tests.bulk.sending import Sender, sender
from tests.database import Database
from tests.ledger.inside import Inside, inside


@pytest.fixture
def house(database: Database) -> Iterator[Inside]:
    with inside(database) as made:
        yield made


@pytest.fixture
def sending(house: Inside) -> Sender:
    return sender(house)
