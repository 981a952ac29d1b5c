"""What an export remembers of cells and counterparties is forgotten with it: some are people."""

import pytest

from ledger.exports import records, summary, tables
from ledger.exports.rows import ExportedRecord, PersonsShown, row_of
from ledger.values import Json
from tests.exports.world import WHY, World


def remembered() -> tuple[int, int]:
    """How many cells, and how many counterparties."""
    cells, parties = vars(tables)["_remembered"], vars(summary)["_party_of"]
    return cells.cache_info().currsize, parties.cache_info().currsize


def test_nothing_is_remembered_after_an_export(shared: World) -> None:
    shared.bag("remembered", identified=True, reason=WHY)
    assert remembered() == (0, 0)


def test_nothing_is_remembered_of_an_export_that_fails(
    shared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_row(number: int, kept: ExportedRecord, persons: PersonsShown) -> dict[str, Json]:
        if number > 1:
            assert remembered()[0] > 0, "of the first row"
            raise MemoryError
        return row_of(number, kept, persons)

    monkeypatch.setattr(records, "row_of", one_row)
    with pytest.raises(MemoryError):
        shared.bag("failed", identified=True, reason=WHY)
    assert remembered() == (0, 0)
