"""Records carried forward: told as before to whom they concern, and to nobody else."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest

from ledger.errors import ExpiredError
from ledger.streams.history import HistoryEntry
from tests.ledger.carrying import (
    append,
    carried,
    copies_of,
    correct,
    die,
    everybody,
    held_key,
    keys_at,
    later_key,
    let_die,
    people,
)
from tests.ledger.given import data
from tests.ledger.inside import Inside

WHO = ("P1", "P2", "P3", "P4", "P5")
Told = dict[tuple[str, int], Sequence[HistoryEntry]]


def told(house: Inside, upto: int | None = None) -> Told:
    """What each person is told, as of each position up to `upto` (None: the head)."""
    head = house.follow()
    positions = range((head if upto is None else upto) + 1)
    return {(who, at): house.page(who, as_of=at).entries for who in WHO for at in positions}


def of(found: Told, *identifiers: str) -> Told:
    return {key: entries for key, entries in found.items() if key[0] in identifiers}


def test_of_a_record_that_is_carried_for_some_the_others_are_told_nothing(house: Inside) -> None:
    first = house.record("t1", data("P1", "P2", "P3"))
    before = told(house)
    carried(house, first.transfer, "P2")
    die(house, 1)
    after = told(house, 1)
    assert of(after, "P2") == {
        key: tuple(
            dataclasses.replace(
                one,
                entry=dataclasses.replace(one.entry, lines={1: one.entry.lines[1]}, gone=2),
            )
            for one in entries
        )
        for key, entries in of(before, "P2").items()
    }
    assert not any(of(after, "P1", "P3").values())
    assert not house.page("P1").expired
    [entry] = house.page("P2").entries
    assert entry.entry.persons == 3
    assert [(n, line.principal.id) for n, line in entry.lines] == [(1, "P2")]


def test_two_partial_copies_add_up_and_each_goes_with_its_own_key(house: Inside) -> None:
    first = house.record("t1", data(*WHO))
    one, other = held_key(house), held_key(house)
    carried(house, first.transfer, "P1", "P4", key=one)
    carried(house, first.transfer, "P4", "P5", key=other)
    die(house, 1)
    assert [who for who in WHO if house.page(who).entries] == ["P1", "P4", "P5"]
    state = house.house.streams.transfer_state(first.transfer)
    assert state is not None
    assert [*state.lines] == [0, 3, 4]
    # What both carry together can be carried on, in one copy, when neither lives longer.
    whole = carried(house, first.transfer, key=later_key(house))
    let_die(house.house, house.database, [one.id])
    let_die(house.house, house.database, [other.id])
    assert [who for who in WHO if house.page(who).entries] == ["P1", "P4", "P5"]
    die(house, *whole)
    assert house.house.streams.transfer_state(first.transfer, None) is not None
    with pytest.raises(ExpiredError):
        correct(house, first.transfer, items=["氏名"])


def test_a_correction_is_carried_with_its_original_and_missing_either_nothing_is_told(
    house: Inside,
) -> None:
    first = house.record("t1", data("P1", "P2", recorded_on="2026-04-05"))
    # Under another key: the period of the corrected day ends later.
    second = correct(house, first.transfer, transferred_on="2026-05-02", recorded_on="2026-05-10")
    assert len(keys_at(house.database, [1, second])) == 2
    before = told(house)
    originals = copies_of(house.house, first.transfer, everybody)
    append(house.house, first.transfer, later_key(house), house.now, originals[:1])
    die(house, 1, second)
    assert house.page("P1").entries == ()
    assert told(house, 1) == {key: entries for key, entries in before.items() if key[1] <= 1}
    append(house.house, first.transfer, later_key(house), house.now, originals[1:])
    assert told(house, second) == before


def test_whoever_was_corrected_away_does_not_come_back_with_a_copy(house: Inside) -> None:
    first = house.record("t1", data("P1", "P2", "P3"))
    correct(house, first.transfer, principals=people("P1", "P4", "P3"))
    correct(house, first.transfer, principals=people("P1", "P4"))
    before = told(house)
    carried(house, first.transfer, "P2", "P3")
    die(house, 1)
    after = told(house, 3)
    shown = {place for place, entries in after.items() if entries}
    assert shown == {place for place, entries in of(before, "P2", "P3").items() if entries}
    assert shown == {("P2", 1), ("P3", 1), ("P3", 2)}


def test_a_series_message_and_the_order_11_mark_are_what_they_were(house: Inside) -> None:
    message: dict[str, Any] = {"method": "collective", "series_id": "S1"}
    streams = [
        house.record("t1", data("P1", "P2", transferred_on="2026-05-01", **message)).transfer,
        house.record("t2", data("P1", "P2", transferred_on="2026-05-02", **message)).transfer,
        house.record("t3", data("P2"), mark=2).transfer,
    ]
    before = told(house)
    head = house.head()
    assert [len(one.messages) for one in before["P1", head]] == [2]
    assert [one.entry.order_11 for one in before["P2", head]] == [0]
    for stream in streams:
        carried(house, stream)
    die(house, 1, head)
    state = house.house.streams.transfer_state(streams[2])
    assert state is not None
    assert state.entry is not None
    assert state.entry.order_11 == 2
    # The series' own events went with the key of the series: how long it ran is gone, what its
    # messages say is not.
    after = told(house, head)
    assert [(one.position, one.items) for one in after["P1", head]] == [
        (1, before["P1", head][0].items)
    ]
    assert [[m.position for m in one.messages] for one in after["P2", head]] == [
        [m.position for m in one.messages] for one in before["P2", head]
    ]
