"""Fixtures of the pages."""

from collections.abc import Iterator

import pytest

from tests.database import Database
from tests.pages.casework import Work
from tests.pages.office import Office, Person, open_office


@pytest.fixture(scope="module")
def office(shared_database: Database) -> Iterator[Office]:
    """The pages of one ledger for the tests of one file."""
    with open_office(shared_database.urls) as opened:
        yield opened


@pytest.fixture
def work(office: Office) -> Work:
    """The desk of that office, over the API."""
    return Work(office)


@pytest.fixture
def officer(office: Office) -> Person:
    """An officer who is signed in."""
    return office.person("officer")
