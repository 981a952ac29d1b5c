"""Sealed parts that are missing though their key stands: nobody takes them for what has expired."""

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from ledger.errors import CorruptRecordError
from projections.rebuild import rebuild
from projections.verification import differences
from tests.ledger.inside import Inside
from tests.projections.log import log_of

HOLE = "position 2: the sealed part is missing, though its key stands"


def lose(house: Inside, position: int, *, and_key: bool = False) -> None:
    """Take the part away behind the application's back; with it the key, as a purge does."""
    with psycopg.connect(house.database.urls.purger) as purger:
        if and_key:
            purger.execute(
                "DELETE FROM ledger.data_keys WHERE key_id ="
                " (SELECT key_id FROM ledger.sealed_parts WHERE position = %s)",
                (position,),
            )
        purger.execute("DELETE FROM ledger.sealed_parts WHERE position = %s", (position,))


def filled(house: Inside) -> None:
    """Two transfers of one person; the second is kept for longer, under another key."""
    house.record("t1")
    house.now += timedelta(days=30)
    house.record("t2")
    house.follow()


def of_the_state(house: Inside) -> None:
    [stream] = {one.stream for one in house.house.reads.facts_at([2])}
    house.house.streams.transfer_state(stream)


def of_the_history(house: Inside) -> None:
    house.page("P1")


def of_the_verification(house: Inside) -> None:
    inside = house.house
    list(differences(house.connection, log_of(inside), inside.secret))


def of_the_rebuild(house: Inside) -> None:
    rebuild(house.house.follower(), house.connection)


def of_the_topics(house: Inside) -> None:
    house.house.streams.facts_of_topics(["provision-recorded"], 0)


READERS: list[Callable[[Inside], None]] = [
    of_the_state,
    of_the_history,
    of_the_verification,
    of_the_topics,
    of_the_rebuild,
]


def test_a_missing_part_is_a_fault_for_whoever_reads(house: Inside) -> None:
    filled(house)
    for read in READERS[:-1]:
        read(house)
    lose(house, 2)
    for read in READERS:
        with pytest.raises(CorruptRecordError, match=HOLE) as caught:
            read(house)
        assert caught.value.position == 2, read


def test_a_key_that_another_process_destroyed_is_dead_though_it_is_remembered(
    house: Inside,
) -> None:
    filled(house)
    for read in READERS:
        read(house)
    lose(house, 2, and_key=True)
    for read in READERS:
        read(house)
    assert [entry.position for entry in house.page("P1").entries] == [1]


def test_the_follower_stops_at_a_missing_part(house: Inside) -> None:
    house.record("t1")
    house.follow()
    house.record("t2")
    lose(house, 2)
    with pytest.raises(CorruptRecordError, match=HOLE):
        house.follow()
    assert house.house.histories.reached() == 1


def test_whoever_names_the_holes_himself_reads_past_them(house: Inside) -> None:
    filled(house)
    lose(house, 2)
    stored = house.house.reads.facts_after(0, 10)
    events = house.house.streams.opened(stored, with_holes=True)
    assert [one.content is None for one in events] == [False, True]
