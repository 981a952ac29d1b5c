"""What an item names as its earlier records keeps nobody else waiting.

Attack: an emitter records a bulk transfer of very many persons and names it as `base_record` of
item after item that leaves the persons out, or names records of a thousand persons each as
`derived_from`, so that two small requests are hours of work for everybody.
Held off by: an earlier record is read once a batch, and of its persons those alone that the items
look for (`ledger.transfers.verdict_inputs`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from uuid import UUID

import pytest

from ledger.format import event_reader
from ledger.format.envelope import StoredFact
from ledger.store.recorder import LedgerRecorder
from ledger.values import Json, PrincipalRef
from tests.bulk.sending import sender
from tests.database import Database
from tests.ledger.given import data
from tests.ledger.inside import Inside, inside

BULK = 2_500
ITEMS = 20
PERSONS = 300


@pytest.fixture
def house(database: Database) -> Iterator[Inside]:
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


def judged(house: Inside, items: Sequence[dict[str, object]], run: str) -> list[Collection[str]]:
    """The findings of each item, all of one batch."""
    outcomes = house.send([house.asked(f"{run}-{n}", item) for n, item in enumerate(items)])
    assert {one.status for one in outcomes} == {"recorded"}
    return [one.verdict.findings for one in outcomes if one.verdict is not None]


def test_a_base_of_many_persons_is_read_once_for_all_items_of_a_batch(
    house: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [{"scheme": "member", "id": f"P{n}"} for n in range(BULK)]
    base = str(sender(house).sent("bulk", people).outcome.transfer)
    omits: dict[str, object] = {"base_record": base, "omitted_items": ["PRINCIPAL"]}
    whose = [f"P{n}" if n % 2 else f"Q{n}" for n in range(ITEMS)]
    work = Work(monkeypatch)
    found = judged(house, [data(who, **omits) for who in whose], "one")
    assert len(work.chunks) == len(set(work.chunks)) > 1
    assert work.lines <= ITEMS
    differs = [() if who.startswith("P") else ("OMISSION_BASE_DIFFERENT",) for who in whose]
    assert found == differs


def test_no_person_of_a_record_that_is_only_derived_from_is_read(
    house: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [f"P{n}" for n in range(PERSONS)]
    earlier = [house.record(f"t{n}", data(*people)).transfer for n in range(3)]
    named: list[UUID] = [*earlier]
    work = Work(monkeypatch)
    derived = {"derived_from": [str(one) for one in named], "base_record": str(named[0])}
    items = [data("P1", **derived, omitted_items=["ITEMS"]) for _ in range(ITEMS)]
    assert judged(house, items, "derived") == [()] * ITEMS
    assert work.lines == 0


def test_a_base_is_read_with_the_persons_of_each_item_that_names_it(house: Inside) -> None:
    base = str(house.record("base", data("P1", "P2", "P3")).transfer)
    people = [("P1",), ("P2", "P3"), ("P1", "P4"), ("P4",), ("P3", "P1")]
    omits: dict[str, object] = {"base_record": base, "omitted_items": ["PRINCIPAL"]}
    found = judged(house, [data(*who, **omits) for who in people], "each")
    assert found == [("OMISSION_BASE_DIFFERENT",) if "P4" in who else () for who in people]
