"""Rejected items at rest: sealed, and gone with their key. What the doors do stands in doors."""

from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from ledger.errors import Defect, NotFoundError, SeparationOfDutiesError
from ledger.quarantine.service import MalformedItem, Quarantine
from tests.ledger.given import OTHER
from tests.ledger.inside import Inside

DEFECT = Defect("/data/items", "SCHEMA", "name at least one item")
ITEM = MalformedItem(
    {"id": "t1", "data": {"principals": ["見本 太郎"]}}, "https://one.example", (DEFECT,)
)


@pytest.fixture
def quarantine(house: Inside) -> Quarantine:
    return Quarantine(house.house.writer, house.house.keys, house.house.secret)


def test_an_item_waits_as_it_came_and_is_counted(house: Inside, quarantine: Quarantine) -> None:
    [kept] = quarantine.keep([ITEM], house.now)
    assert quarantine.keep([ITEM, ITEM], house.now) == [kept, kept]
    [waiting] = quarantine.page(None, 10).items
    assert (waiting.id, waiting.item, waiting.within) == (kept, ITEM.item, ITEM.within)
    assert (waiting.defects, waiting.attempts, waiting.state) == ((DEFECT,), 3, "open")


def test_an_item_is_sealed(house: Inside, quarantine: Quarantine) -> None:
    quarantine.keep([ITEM], house.now)
    with psycopg.connect(house.database.admin) as connection:
        [row] = connection.execute("SELECT q::text FROM ledger.quarantine q").fetchall()
    assert "見本" not in row[0]
    assert "one.example" not in row[0]
    assert "見本".encode().hex() not in row[0]


def test_an_item_whose_key_is_dead_still_waits_without_its_content(
    house: Inside, quarantine: Quarantine
) -> None:
    [kept] = quarantine.keep([ITEM], house.now)
    with psycopg.connect(house.database.admin, autocommit=True) as connection:
        connection.execute("DELETE FROM ledger.data_keys WHERE key_class = 'quarantine'")
    house.now += timedelta(minutes=6)  # longer than any key is cached
    waiting = quarantine.one(kept)
    assert (waiting.item, waiting.within, waiting.defects) == (None, None, ())


def test_discarding_takes_two_and_ends_it(house: Inside, quarantine: Quarantine) -> None:
    [kept] = quarantine.keep([ITEM], house.now)
    assert quarantine.discard(kept, "a" * 32) == "discard_proposed"
    with pytest.raises(SeparationOfDutiesError):
        quarantine.discard(kept, "a" * 32)
    assert quarantine.discard(kept, "b" * 32) == "discarded"
    with pytest.raises(NotFoundError):
        quarantine.one(kept)
    for gone in (kept, OTHER):
        with pytest.raises(NotFoundError):
            quarantine.discard(gone, "c" * 32)


def test_pages_follow_each_other(house: Inside, quarantine: Quarantine) -> None:
    items = [MalformedItem({"n": n}, None, (DEFECT,)) for n in range(5)]
    kept = set(quarantine.keep(items, house.now))
    seen: list[UUID] = []
    after: tuple[datetime, UUID] | None = None
    while page := quarantine.page(after, 2).items:
        assert len(page) <= 2
        seen += [one.id for one in page]
        after = (page[-1].received_at, page[-1].id)
    assert len(seen) == 5
    assert set(seen) == kept
