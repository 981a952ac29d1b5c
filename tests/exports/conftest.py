"""A filled ledger for the tests of one file; none of them changes it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.database import Database
from tests.exports.world import World, world


@pytest.fixture(scope="module")
def shared(
    request: pytest.FixtureRequest,
    shared_database: Database,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """Its bags have a report and a workbook where the file says `BESIDE = True`."""
    with world(shared_database, tmp_path_factory.mktemp("bags")) as made:
        made.fill()
        module: Any = request.module  # pyright: ignore[reportUnknownMemberType] -- no type
        made.beside = getattr(module, "BESIDE", False)
        yield made
