"""Fixtures of the attacks: the pages, or the doors, of one ledger for the tests of one file."""

from collections.abc import Iterator

import pytest

from tests.database import Database
from tests.doors.corridor import Corridor, open_doors
from tests.pages.office import Office, open_office


@pytest.fixture(scope="module")
def office(shared_database: Database) -> Iterator[Office]:
    """The pages of one ledger for the tests of one file."""
    with open_office(shared_database.urls) as opened:
        yield opened


@pytest.fixture(scope="module")
def corridor(shared_database: Database) -> Iterator[Corridor]:
    with open_doors(shared_database.urls) as opened:
        yield opened
