"""Fixtures of the doors."""

from collections.abc import Iterator

import pytest

from tests.database import Database
from tests.doors.corridor import Corridor, open_doors


@pytest.fixture(scope="module")
def corridor(shared_database: Database) -> Iterator[Corridor]:
    """The doors of one ledger for the tests of one file."""
    with open_doors(shared_database.urls) as opened:
        yield opened
