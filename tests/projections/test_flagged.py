"""The list of transfers with findings: who sees which, in which parts, and when nobody does."""

from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from ledger.crypto.pseudonyms import LedgerSecret, random_uuid
from ledger.errors import ProjectionBehindError
from ledger.exclusions.exclusion import Exclude
from ledger.store.connections import READER
from projections.finding_list import FindingFilter, FindingsOutdatedError
from projections.finding_rows import LISTED, OPEN_ROWS
from projections.findings import FindingHashes
from tests.ledger.given import ACTOR, SOURCE, data
from tests.ledger.inside import Inside
from tests.projections.flagging import CODE, LAWLESS, counts, listed, reader, rows

# -- who sees what -------------------------------------------------------------------------------


def test_pages_and_counts_are_as_if_what_is_hidden_were_not_there(house: Inside) -> None:
    for n in range(12):
        house.record(f"t{n}", data("P1", **LAWLESS), mark=n % 3 and 1)
    excluded = ((7, 7),)
    command = Exclude(random_uuid(), ACTOR, excluded, "iv", "捜査")
    house.house.exclusions().change(command, house.now)
    seen = [10, 4, 1]
    assert listed(house, sees_all=True) == list(range(12, 0, -1))
    for limit in (1, 2, 3, 50):
        assert listed(house, limit=limit) == seen
    # A full page of what all may see is the last one, whatever is hidden behind it.
    page = reader(house).page(FindingFilter(limit=3), includes_hidden=False)
    assert page.following is None
    assert (counts(house).transfers, counts(house, sees_all=True).transfers) == (3, 12)
    assert counts(house).by_code == {CODE: 3}


def test_the_database_says_neither_what_is_marked_nor_whose_it_is(house: Inside) -> None:
    house.record("t1", data("P1", **LAWLESS), mark=1)
    house.record("t2", data("P1", **LAWLESS))
    house.follow()
    told = house.connection.execute(
        "SELECT mark::text, sources::text FROM projections.findings_a"
    ).fetchall()
    assert len({mark for mark, _ in told}) == 2
    assert len({sources for _, sources in told}) == 1
    assert SOURCE not in str(told)
    hashes = FindingHashes(house.house.secret)
    for position, is_marked in ((1, True), (2, False)):
        expected = UUID(bytes=hashes.mark(position, is_marked=is_marked))
        assert str(expected) in {mark for mark, _ in told}


def test_sources_are_asked_for_at_their_boundaries(house: Inside) -> None:
    house.record("t1", data("P1", **LAWLESS))
    for prefix in (SOURCE, "https:", "https://one.example"):
        assert listed(house, source=prefix) == [1]
    for other in ("https://one.exampl", "https://two.example", f"{SOURCE}/x", "h"):
        assert listed(house, source=other) == []


def test_counts_say_when_they_are_not_whole(house: Inside) -> None:
    for n in range(3):
        house.record(f"t{n}", data("P1", **LAWLESS))
    house.follow()
    bounded = reader(house, counted_max=2).counts(includes_hidden=False)
    assert (bounded.transfers, bounded.is_whole) == (2, False)
    exact = reader(house, counted_max=3).counts(includes_hidden=False)
    assert (exact.transfers, exact.unlawful, exact.is_whole) == (3, 3, True)


def test_rows_are_found_by_the_ranges_of_their_own_kind(house: Inside) -> None:
    house.record("t1", data("P1", **LAWLESS))
    house.follow()
    values = {
        "standings": [2],
        "unlawfuls": [True, False],
        "code": CODE,
        "before": 2**62,
        "position": 2**62,
        "source": None,
        "limit": 10,
    }
    with psycopg.connect(house.database.urls.reader, autocommit=True) as connection:
        connection.execute(READER)
        plans = [
            str(connection.execute(sql.SQL("EXPLAIN ") + sql.SQL(asked), values).fetchall())
            for asked in (LISTED, OPEN_ROWS)
        ]
    for plan, index in zip(plans, ("findings_a_listed", "findings_a_open"), strict=True):
        assert index in plan
        assert "Seq Scan on findings" not in plan


# -- behind and outdated -------------------------------------------------------------------------


def test_a_read_side_that_is_behind_is_waited_for(house: Inside) -> None:
    house.record("t1", data("P1", **LAWLESS))
    hurried = reader(house, wait_seconds=0.0)
    for ask in (
        lambda: hurried.page(FindingFilter(), includes_hidden=True),
        lambda: hurried.counts(includes_hidden=True),
    ):
        with pytest.raises(ProjectionBehindError):
            ask()
    house.follow()
    assert len(hurried.page(FindingFilter(), includes_hidden=True).found) == 1


def test_findings_of_another_key_are_none_until_they_are_built_anew(house: Inside) -> None:
    house.record("t1", data("P1", **LAWLESS))
    house.follow()
    inner = house.house
    inner.secret = inner.streams.secret = LedgerSecret(
        bytes(range(32)), house.database.ledger_name, versions={"lookup": 2}
    )
    house.record("t2", data("P1", **LAWLESS))
    house.follow()
    with pytest.raises(FindingsOutdatedError):
        reader(house).page(FindingFilter(), includes_hidden=True)
    assert {position for position, *_ in rows(house)} == {1}
