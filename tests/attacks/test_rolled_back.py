"""What is excluded under Order 11, put back as it was before somebody was excluded.

Attack: whoever has the login of the writer, and neither the ledger secret nor a master, keeps the
row of what is excluded, waits until a record is excluded, and puts the row of before in its place:
the record is in the person's history again, though no two persons lifted it. Or they let the row
name a key that there is not, so that an older daily event stands in its place.

Held off by: a number in the row that rises by one with each writing, which a trigger of the owner's
sees to, and which is in the authenticated data of what is sealed: an earlier seal does not open
under a later number, and then nobody is shown anything (0113). What the owner puts back, number and
all, is named by `ledger fsck` where a daily event told it, and `ledger exclusions repeat` refuses.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from typing import Any, Final, LiteralString

import psycopg
import pytest

from ledger.errors import CorruptRecordError
from ledger.exclusions.current import ExclusionsLostError, ExclusionsMissingError
from tests.canary import MEMBER
from tests.database import Database
from tests.ledger.excluding import (
    append_daily,
    exclude,
    rows,
    second_house,
    store_version_1,
)
from tests.ledger.given import data, person
from tests.ledger.inside import Inside, inside

JOB: Final = "d" * 32
DAY: Final = timedelta(days=1)
_ROW: Final[LiteralString] = "SELECT token, key_id, sealed, number FROM ledger.exclusions"
_TRIGGER: Final = "TRIGGER exclusions_number_rises"


@pytest.fixture
def house(database: Database) -> Iterator[Inside]:
    """A ledger with two records of one person, the first of which gets excluded."""
    with inside(database) as made:
        made.record("one", data(MEMBER))
        made.record("two", data(MEMBER))
        yield made


def stands(house: Inside) -> Sequence[Any]:
    [row] = rows(house, _ROW)
    return row


def as_writer(house: Inside, statement: LiteralString, *values: object) -> None:
    with psycopg.connect(house.database.urls.writer, autocommit=True) as connection:
        assert connection.execute(statement, values).rowcount == 1


def put_back(house: Inside, row: Sequence[Any], number: int) -> None:
    as_writer(
        house,
        "UPDATE ledger.exclusions SET token = %s, key_id = %s, sealed = %s, number = %s",
        *row[:3],
        number,
    )


def shown(house: Inside) -> list[int]:
    """What a process reads that has read nothing before."""
    as_of = house.follow()
    with closing(second_house(house)) as other:
        page = other.histories.page([person(MEMBER)], as_of, None, 1_000)
    return [one.position for one in page.entries]


def test_the_row_of_before_is_refused_or_does_not_open(house: Inside) -> None:
    exclude(house, 2)
    before = stands(house)
    exclude(house, 1)
    now = stands(house)
    assert shown(house) == []
    for number in (before[3], now[3], now[3] + 2, 0, -1):
        with pytest.raises(psycopg.DatabaseError):
            put_back(house, before, number)
    with pytest.raises(psycopg.DatabaseError):
        as_writer(
            house,
            "UPDATE ledger.exclusions SET token = %s, key_id = %s, sealed = %s",
            *before[:3],
        )
    assert (stands(house), shown(house)) == (now, [])
    put_back(house, before, now[3] + 1)
    with pytest.raises(CorruptRecordError):
        shown(house)
    # The process that read the row before does not go on with what it knew.
    with pytest.raises(CorruptRecordError):
        house.house.streams.hiding.standing()


def test_a_row_of_before_there_were_numbers_does_not_come_back_either(house: Inside) -> None:
    store_version_1(house.house, house.now, as_draft=True)  # excludes position 1
    before = stands(house)
    assert (before[3], shown(house)) == (0, [2])
    exclude(house, 2)
    assert (stands(house)[3], shown(house)) == (1, [])
    put_back(house, before, 2)
    with pytest.raises(CorruptRecordError):
        shown(house)


def test_a_row_that_names_a_key_that_there_is_not_brings_back_no_daily_event(
    house: Inside,
) -> None:
    house.house.exclusions().repeat(house.now, JOB)  # nothing is excluded yet
    exclude(house, 1)
    row = stands(house)
    put_back(house, (row[0], bytes(32), row[2]), row[3] + 1)
    with pytest.raises(ExclusionsLostError):
        shown(house)


def as_owner_put_back(house: Inside, row: Sequence[Any]) -> None:
    with psycopg.connect(house.database.urls.owner) as connection:
        connection.execute(f"ALTER TABLE ledger.exclusions DISABLE {_TRIGGER}")
        connection.execute(
            "UPDATE ledger.exclusions SET token = %s, key_id = %s, sealed = %s, number = %s", row
        )
        connection.execute(f"ALTER TABLE ledger.exclusions ENABLE ALWAYS {_TRIGGER}")


def gaps(house: Inside) -> list[int | None]:
    return list(house.house.streams.hiding.gaps())


def test_what_the_owner_puts_back_is_named_once_a_daily_event_has_told_it(house: Inside) -> None:
    exclude(house, 2)
    before = stands(house)
    exclude(house, 1)
    # A limit: what no daily event has told yet is shown again, and nothing tells.
    told = stands(house)
    as_owner_put_back(house, before)
    assert (shown(house), gaps(house)) == ([1], [])
    as_owner_put_back(house, told)
    event = house.house.exclusions().repeat(house.now, JOB).position
    assert (shown(house), gaps(house)) == ([], [])
    as_owner_put_back(house, before)
    assert (shown(house), gaps(house)) == ([1], [None])
    for _ in range(2):
        with pytest.raises(ExclusionsMissingError, match=f"position {event} "):
            house.house.exclusions().repeat(house.now, JOB)
        house.now += DAY  # nor does the event of another day take it over
    assert house.head() == event


def no_lift_told(house: Inside) -> None:
    """A daily event without it, as a version before made it of a row that was put back."""
    key = house.house.keys.key_for("exclusion", day=house.now.date() + timedelta(days=1_000))
    stream = house.house.streams.hiding.rows.newest()
    assert stream is not None
    append_daily(house.house, {"v": 2, "excluded": []}, house.now, stream.stream, key, 2)


def nothing(_: Inside) -> None:
    pass


@pytest.mark.parametrize(("then", "named"), [(no_lift_told, [4]), (nothing, [])])
def test_a_daily_event_that_leaves_something_out_is_named(
    house: Inside, then: Callable[[Inside], None], named: list[int]
) -> None:
    exclude(house, 1)
    assert house.house.exclusions().repeat(house.now, JOB).position == 3
    then(house)
    assert gaps(house) == named
