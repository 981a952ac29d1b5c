"""Memory does not grow with the register; batches are bounded by items and by persons."""

import tracemalloc
from pathlib import Path

import pytest

from api.resources.registers.formats import opened
from api.resources.registers.import_run import ITEMS_MAX, PERSONS_MAX, batches_of, checked
from api.resources.registers.mapping import mapping_of
from api.resources.registers.transfers import Transfers
from api.web.items import Sender
from tests.registers.writing import (
    AT,
    HEADINGS,
    MAPPING,
    SOURCE,
    csv_file,
    looked_at,
    usual_row,
    workbook,
)

FEW, MANY = 2_000, 6_000
GROWTH_BYTES_MAX = 1024 * 1024
"""Eight bytes a text, and what the allocator does not give back; the rows alone are 8 MB more."""


def peak(place: Path) -> int:
    """Bytes at most while the register is looked at."""
    mapping, sender = mapping_of(MAPPING), Sender("", SOURCE, may_mark=False)
    tracemalloc.start()
    try:
        with opened(place) as sheet:
            transfers = Transfers(sheet, mapping, lambda content: content.hex())
            for one in checked(transfers.units(), mapping, sender, lambda: AT):
                assert one.problems == ()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_register_three_times_as_long_takes_as_much_memory(tmp_path: Path, ending: str) -> None:
    peaks: list[int] = []
    for count in (FEW, MANY):
        rows = [HEADINGS, *(usual_row(n, n) for n in range(count))]
        place = tmp_path / f"{count}.{ending}"
        peaks.append(peak(workbook(place, rows) if ending == "xlsx" else csv_file(place, rows)))
    few, many = peaks
    assert many - few < GROWTH_BYTES_MAX


def test_a_batch_is_full_by_items_or_by_persons(tmp_path: Path) -> None:
    alone = [usual_row(n, n) for n in range(ITEMS_MAX + 1)]
    crowds = [usual_row(9_000 + n // 900, n) for n in range(900 * 7)]
    results = looked_at(csv_file(tmp_path / "r.csv", [HEADINGS, *alone, *crowds]))
    sizes = [len(batch) for batch in batches_of(iter(results))]
    assert sizes == [ITEMS_MAX, 1 + -(-(PERSONS_MAX - 1) // 900), 1]
    assert sum(sizes) == len(results)
