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

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

import pytest

from ledger.format import event_reader
from ledger.format.envelope import StoredFact
from ledger.format.json import canonical
from ledger.store.recorder import LedgerRecorder
from ledger.streams.streams import Streams
from ledger.values import Json, PrincipalRef
from projections import histories
from projections.histories import HistoryPage
from tests.bulk.sending import sender
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


def test_excluded_records_do_not_count_so_that_the_end_of_a_page_tells_of_none(
    house: Inside, read: list[int]
) -> None:
    record(house, 0, 1, 1, 1, 0, 1, 1, 0, 0)
    assert shown(house) == [[1, 5, 8], [9]]
    assert max(read) <= BUDGET


@pytest.mark.parametrize("more", [{}, {"method": "collective", "series_id": "S1"}])
def test_the_search_of_a_case_reads_large_records_no_more_at_once_than_a_page(
    house: Inside, read: list[int], more: dict[str, str]
) -> None:
    """Attack: an emitter records very many of the largest transfers about one person. The search of
    a case, and each later step that looks at its records, reads all of them at once; each names a
    thousand records that it was made of, which no reply tells.
    Held off by: they are read as the pages of a history are, by their bytes, messages of one
    series, too, and what they were made of is not kept.
    """
    made_of = [f"{n:0>1000}" for n in range(50)]
    days = [{"transferred_on": f"2026-05-{n + 1:02}"} for n in range(RECORDS)]
    for n, day in enumerate(days):
        house.record(f"t{n}", data("P1", derived_from=made_of, **day, **more))
    head = house.follow()
    read.clear()
    entries, _ = house.house.histories.all_entries([person("P1")], head, 2_000)
    assert {one.transfer for entry in entries for one in entry.messages} == {
        one.stream for one in house.house.reads.facts_of_topics(["provision-recorded"], 0)
    }
    assert 0 < max(read) <= BUDGET
    kept = [canonical(entry.record.data) for entry in entries]
    assert max(map(len, kept)) < len(made_of[0])


BULK = 2_500
ITEMS = 20
PERSONS = 300


@pytest.fixture
def ledger(database: Database) -> Iterator[Inside]:
    with inside(database) as made:
        yield made


class Work:
    """Chunks that were read, and lines that were made of what was read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.chunks: list[int] = []
        self.lines = 0
        facts_at, principal_of = LedgerRecorder.facts_at, event_reader.principal_of

        def read(reads: LedgerRecorder, positions: Sequence[int]) -> list[StoredFact]:
            self.chunks += positions
            return facts_at(reads, positions)

        def counted(stated: Mapping[str, Json]) -> PrincipalRef:
            self.lines += 1
            return principal_of(stated)

        monkeypatch.setattr(LedgerRecorder, "facts_at", read)
        monkeypatch.setattr(event_reader, "principal_of", counted)


def judged(ledger: Inside, items: Sequence[dict[str, object]], run: str) -> list[Collection[str]]:
    """The findings of each item, all of one batch."""
    outcomes = ledger.send([ledger.asked(f"{run}-{n}", item) for n, item in enumerate(items)])
    assert {one.status for one in outcomes} == {"recorded"}
    return [one.verdict.findings for one in outcomes if one.verdict is not None]


def test_a_base_of_many_persons_is_read_once_for_all_items_of_a_batch(
    ledger: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attack: an emitter records a bulk transfer of very many persons and names it as `base_record`
    of item after item that leaves the persons out, or names records of a thousand persons
    each as `derived_from`, so that two small requests are hours of work for everybody.
    Held off by: an earlier record is read once a batch, and of its persons those alone that the
    items look for (`ledger.transfers.verdict_inputs`).
    """
    people = [{"scheme": "member", "id": f"P{n}"} for n in range(BULK)]
    base = str(sender(ledger).sent("bulk", people).outcome.transfer)
    omits: dict[str, object] = {"base_record": base, "omitted_items": ["PRINCIPAL"]}
    whose = [f"P{n}" if n % 2 else f"Q{n}" for n in range(ITEMS)]
    work = Work(monkeypatch)
    found = judged(ledger, [data(who, **omits) for who in whose], "one")
    assert len(work.chunks) == len(set(work.chunks)) > 1
    assert work.lines <= ITEMS
    differs = [() if who.startswith("P") else ("OMISSION_BASE_DIFFERENT",) for who in whose]
    assert found == differs


def test_no_person_of_a_record_that_is_only_derived_from_is_read(
    ledger: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [f"P{n}" for n in range(PERSONS)]
    earlier = [ledger.record(f"t{n}", data(*people)).transfer for n in range(3)]
    named: list[UUID] = [*earlier]
    work = Work(monkeypatch)
    derived = {"derived_from": [str(one) for one in named], "base_record": str(named[0])}
    items = [data("P1", **derived, omitted_items=["ITEMS"]) for _ in range(ITEMS)]
    assert judged(ledger, items, "derived") == [()] * ITEMS
    assert work.lines == 0


ROUNDS = 3
AT_ONCE = 25


def message(n: int) -> dict[str, object]:
    day = f"2026-05-{n % 20 + 1:02}"
    return data(f"P{n}", method="collective", series_id="S1", transferred_on=day)


def test_no_message_of_a_series_is_read_when_one_more_is_recorded(
    ledger: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attack: an emitter sends message after message of one series, so that each takes longer to
    record than the one before, in a batch that holds what others sent.
    Held off by: a message is judged by itself, so that no message of its series is read when it
    is recorded (`ledger.transfers.service`).
    """
    read: list[UUID] = []
    facts = Streams.facts

    def reading(streams: Streams, chosen: list[UUID], *args: object) -> object:
        read.extend(chosen)
        return facts(streams, chosen, *args)  # pyright: ignore[reportArgumentType] -- as given

    monkeypatch.setattr(Streams, "facts", reading)
    for turn in range(ROUNDS):
        outcomes = ledger.send(
            [ledger.asked(f"t{turn}-{n}", message(turn * AT_ONCE + n)) for n in range(AT_ONCE)]
        )
        assert {one.status for one in outcomes} == {"recorded"}
    assert read == []
