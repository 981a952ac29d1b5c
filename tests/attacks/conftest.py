"""Fixtures of the attacks: the pages of one ledger for the tests of one file."""

from collections.abc import Iterator

import pytest

from tests.database import Database
from tests.pages.office import Office, open_office


@pytest.fixture(scope="module")
def office(shared_database: Database) -> Iterator[Office]:
    """The pages of one ledger for the tests of one file."""
    with open_office(shared_database.urls) as opened:
        yield opened
