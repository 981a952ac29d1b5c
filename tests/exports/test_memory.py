"""Memory is flat: it follows the size of a batch, not the number of records."""

import tracemalloc
from pathlib import Path

import pytest

from ledger.exports import summary, tables
from tests.database import Database
from tests.exports.world import WHY, World, world
from tests.ledger.given import data


def test_memory_does_not_grow_with_the_records(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.log.log_root._BATCH", 50)
    for batch in ("LEAVES", "BATCH"):
        for module in ("records", "exporter"):
            monkeypatch.setattr(f"ledger.exports.{module}.{batch}", 50)
    peaks: list[int] = []
    with world(database, tmp_path) as made:
        for last in (200, 1_400):
            begin = made.house.head()
            asked = [made.house.asked(f"m{n}", data("P1", "P2")) for n in range(begin, last)]
            made.house.send(asked)
            del asked
            made.bag(f"warm {last}", beside=True)
            tracemalloc.start()
            made.bag(f"measured {last}", beside=True)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0], peaks


def remembered() -> tuple[int, int]:
    """How many cells, and how many counterparties."""
    cells, parties = vars(tables)["_remembered"], vars(summary)["_party_of"]
    return cells.cache_info().currsize, parties.cache_info().currsize


def test_nothing_is_remembered_after_an_export(shared: World) -> None:
    shared.bag("remembered", beside=True, identified=True, reason=WHY)
    assert remembered() == (0, 0)
