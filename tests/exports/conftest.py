"""A filled ledger for the tests of one file; none of them changes it."""

from collections.abc import Iterator

import pytest

from tests.database import Database
from tests.exports.world import World, world


@pytest.fixture(scope="module")
def shared(shared_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(shared_database, tmp_path_factory.mktemp("bags")) as made:
        made.fill()
        yield made
