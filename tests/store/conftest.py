"""A ledger for questions about what dies."""

from collections.abc import Iterator

import pytest

from tests.database import Database
from tests.store.retained import Retained, retained


@pytest.fixture
def kept(database: Database) -> Iterator[Retained]:
    with retained(database) as made:
        yield made
