"""One keeper inside a test."""

from collections.abc import Iterator

import pytest

from tests.database import Database
from tests.retaining.keeper import Keeper, keeper


@pytest.fixture
def kept(database: Database) -> Iterator[Keeper]:
    with keeper(database) as made:
        yield made
