"""What the ledger holds of each day: followed, built anew, compared, told as of one position."""

from datetime import date, timedelta

import pytest

from ledger.clock import day_in_japan
from ledger.emitters.daily_close import DayHoldings
from ledger.emitters.id_set import EMPTY, hash_of, product_of
from ledger.emitters.service import CloseComparison, unrecorded
from projections.days import DayReader, SourceHashes, sums
from projections.rebuild import rebuild
from projections.verification import IndexDifference, differences
from tests.ledger.carrying import keys_at, let_die
from tests.ledger.given import data
from tests.ledger.inside import Inside
from tests.projections.log import log_of

SOURCE = "https://a.example.jp/export"


def named(house: Inside) -> list[IndexDifference]:
    return list(differences(house.connection, log_of(house.house), house.house.secret))


def yesterday(house: Inside) -> date:
    return day_in_japan(house.now) - timedelta(days=1)


def held(house: Inside, source: str, day: date) -> DayHoldings:
    return DayReader(house.house.reader, house.house.secret).holdings(source, day)


def sent(house: Inside, id_: str, **changes: object) -> None:
    house.record(id_, data("P1", **{"transferred_on": yesterday(house).isoformat(), **changes}))


def source_of(house: Inside) -> str:
    """The source under which `Inside.record` records."""
    [fact] = house.house.reads.facts_after(0, 1)
    [opened] = house.house.streams.opened([fact])
    assert opened.content is not None
    assert opened.content.record is not None
    return str(opened.content.record["source"])


def test_a_day_is_its_transfers_whatever_comes_after_them(house: Inside) -> None:
    for id_ in ("t1", "t2"):
        sent(house, id_)
    sent(house, "t3", transferred_on=(yesterday(house) - timedelta(days=1)).isoformat())
    house.follow()
    source = source_of(house)
    found = held(house, source, yesterday(house))
    assert (found.as_of, found.count) == (3, 2)
    assert hash_of(found.product) == hash_of(product_of([(source, "t2"), (source, "t1")]))
    sent(house, "t1")  # a duplicate
    house.follow()
    assert held(house, source, yesterday(house)).count == 2
    assert held(house, source, yesterday(house) - timedelta(days=9)) == DayHoldings(3, 0, EMPTY)


def test_a_row_confirms_no_guess_of_the_only_id_of_its_day(house: Inside) -> None:
    sent(house, "t1")
    house.follow()
    guess = product_of([(source_of(house), "t1")])
    assert held(house, source_of(house), yesterday(house)).product == guess
    rows = house.connection.execute("SELECT product FROM projections.days_a").fetchall()
    house.connection.rollback()
    assert rows
    assert guess.to_bytes(384, "big") not in {bytes(row[0]) for row in rows}


def test_a_prefix_at_a_boundary_holds_what_lies_below_it(house: Inside) -> None:
    sent(house, "t1")
    house.follow()
    source = source_of(house)
    scheme, _, rest = source.partition("://")
    host = rest.partition("/")[0]
    day = yesterday(house)
    assert held(house, f"{scheme}://{host}", day).count == 1
    assert held(house, f"{scheme}://{host[:-1]}", day).count == 0
    assert held(house, f"{scheme}://", day).count == 0


@pytest.mark.parametrize("batch", [1, 2, 2_000])
def test_a_rebuild_gives_the_same_days_in_whatever_batches(house: Inside, batch: int) -> None:
    for n in range(7):
        sent(house, f"t{n}", transferred_on=(yesterday(house) - timedelta(days=n % 2)).isoformat())
    house.follow()
    before = held(house, source_of(house), yesterday(house))
    follower = house.house.follower()
    follower.batch_max = batch
    rebuild(follower, house.connection)
    assert held(house, source_of(house), yesterday(house)) == before
    assert before.count == 4
    assert named(house) == []


def test_what_is_destroyed_was_recorded_and_its_day_is_compared_no_more(house: Inside) -> None:
    sent(house, "t1")
    house.follow()
    source, day = source_of(house), yesterday(house)
    let_die(house.house, house.database, keys_at(house.database, [1]))
    rebuild(house.house.follower(), house.connection)
    assert held(house, source, day).count == 0
    assert named(house) == []
    compared = CloseComparison(lambda _source: held(house, source, day), lambda _keys: frozenset())
    asked = ((source, "t1"), (source, "t2"))
    found = unrecorded(house.house.streams, day, asked, house.head(), compared)
    assert [(one.id, one.found) for one in found] == [("t2", "missing")]
    assert len(unrecorded(house.house.streams, day, asked, 0, compared)) == 2


def test_no_hash_of_a_bare_scheme_is_made(house: Inside) -> None:
    hashes = SourceHashes(house.house.secret)
    keys = set(hashes.sources(SOURCE))
    assert hashes.source(SOURCE) in keys
    assert hashes.source("https://a.example.jp") in keys
    assert not keys & {hashes.source(one) for one in ("https:", "https:/", "https://")}
    assert sums([], hashes) == {}
