"""A person's history of very large records is read in pages that end at a number of bytes.

Attack: an emitter records transfers of nearly four mebibytes each about one person. A page of the
history has up to 500 records, on the desk 5,000: whoever asks for it makes the ledger read
gigabytes at once.

Held off by: a page ends, and has a cursor, where its transfers have more sealed bytes than
`projections.histories.PAGE_BYTES_MAX`; no more are read at once. What is left out of the page does
not count, so its end tells nothing of a record that is excluded (Order 11). The texts of a transfer
have at most 20,000 characters, a line end counted as 50: a letter can print any of them. One with
more is kept among the rejected items, to be repaired.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final
from uuid import UUID

import pytest

from ledger.format.envelope import StoredFact
from ledger.store.recorder import LedgerRecorder
from projections import histories
from projections.histories import HistoryPage
from tests.database import Database
from tests.ledger.given import data, person
from tests.ledger.inside import Inside, inside

pytestmark = pytest.mark.usefixtures("large_texts")
RECORDS: Final = 9
LARGE: Final = "x" * 40_000
BUDGET: Final = 150_000
"""Three large records and a part of a fourth."""


@pytest.fixture
def house(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inside]:
    monkeypatch.setattr(histories, "PAGE_BYTES_MAX", BUDGET)
    with inside(database) as made:
        yield made


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sealed bytes that were read at once."""
    found: list[int] = []
    facts_of = LedgerRecorder.facts_of_streams

    def counted(
        reads: LedgerRecorder,
        streams: Sequence[UUID],
        up_to: int | None,
        chunks: Collection[int] | None = None,
    ) -> list[StoredFact]:
        facts = facts_of(reads, streams, up_to, chunks)
        found.append(sum(len(one.sealed or b"") for one in facts))
        return facts

    monkeypatch.setattr(LedgerRecorder, "facts_of_streams", counted)
    return found


def pages(house: Inside, limit: int = 500) -> list[HistoryPage]:
    head = house.follow()
    made: list[HistoryPage] = []
    while not made or made[-1].cursor is not None:
        cursor = made[-1].cursor if made else None
        made.append(house.house.histories.page([person("P1")], head, cursor, limit))
    return made


def shown(house: Inside, limit: int = 500) -> list[list[int]]:
    return [[entry.position for entry in page.entries] for page in pages(house, limit)]


def record(house: Inside, *marks: int, text: str = LARGE) -> None:
    for n, mark in enumerate(marks):
        house.record(f"t{len(text)}-{n}", data("P1", items=[text]), mark)


def test_a_page_of_large_records_ends_at_its_bytes_and_all_pages_show_all(
    house: Inside, read: list[int]
) -> None:
    record(house, *[0] * RECORDS)
    assert shown(house) == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert 0 < max(read) <= BUDGET


def test_a_record_that_is_larger_than_a_page_is_a_page_of_its_own(house: Inside) -> None:
    record(house, 0, 0, text="x" * (BUDGET + 1))
    assert shown(house) == [[1], [2]]


def test_a_page_of_small_records_ends_at_their_number(house: Inside) -> None:
    record(house, *[0] * 5, text="x")
    assert shown(house, 2) == [[1, 2], [3, 4], [5]]


def test_excluded_records_do_not_count_so_that_the_end_of_a_page_tells_of_none(
    house: Inside, read: list[int]
) -> None:
    record(house, 0, 1, 1, 1, 0, 1, 1, 0, 0)
    assert shown(house) == [[1, 5, 8], [9]]
    assert max(read) <= BUDGET
