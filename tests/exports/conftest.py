"""A filled ledger for the tests of one file; none of them changes it."""

from collections.abc import Iterator
from typing import Final

import pytest

from tests.database import Database
from tests.exports.world import World, world

BESIDE: Final = frozenset(("test_others.py", "test_report.py", "test_workbook.py"))
"""Files whose bags have a report and a workbook."""


@pytest.fixture(scope="module")
def shared(
    request: pytest.FixtureRequest,
    shared_database: Database,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    with world(shared_database, tmp_path_factory.mktemp("bags")) as made:
        made.fill()
        made.beside = request.path.name in BESIDE
        yield made
