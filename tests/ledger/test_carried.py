"""Records carried forward: told as before to whom they concern, and to nobody else."""

import dataclasses
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from ledger.commands import CorrectTransfer, ReclassifyTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import CorruptRecordError, ExpiredError
from ledger.format.envelope import CopyContent, Original
from ledger.streams.history import HistoryEntry
from tests.ledger.carrying import (
    append,
    carried,
    carry,
    copies_of,
    correct,
    die,
    everybody,
    held_key,
    keys_at,
    later_key,
    let_die,
    nobody,
    only,
    people,
)
from tests.ledger.given import ACTOR, data
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


# -- carried forward: repeats, corrections, the index; and copies that are not what they say -------


def test_a_repeat_of_a_carried_record_is_known(house: Inside) -> None:
    asked = house.asked("t1", data("P1", "P2"))
    [first] = house.send([asked])
    carried(house, first.transfer, "P1")
    die(house, 1)
    [again, other] = house.send(
        [house.asked("t1", data("P1", "P2")), house.asked("t1", data("P1", items=["住所"]))]
    )
    assert (again.status, again.position, again.verdict) == ("duplicate", 1, first.verdict)
    assert other.status == "conflict"


@pytest.mark.parametrize("kind", [CorrectTransfer, ReclassifyTransfer])
def test_a_correction_speaks_of_the_living_lines_alone(
    house: Inside, kind: type[CorrectTransfer]
) -> None:
    first = house.record("t1", data("P1", "P2", "P3"))
    carried(house, first.transfer, "P2")
    die(house, 1)
    asked: list[dict[str, Any]] = [{"items": ["氏名"]}, {"principals": people("P2", "P9")}]
    for changes in asked:
        command = kind(random_uuid(), ACTOR, first.transfer, changes, "誤記")
        house.ledger.correct(command, house.now)
    corrections = [one for one in house.events() if one.type.startswith("transfer-")]
    assert [one.record.get("removed") for one in corrections] == [None, None]
    # Nobody takes the number of a line that died.
    assert max(corrections[1].lines) == 3
    assert [who for who in ("P1", "P2", "P3", "P9") if house.page(who).entries] == ["P2", "P9"]
    [entry] = house.page("P2").entries
    assert entry.record.data["items"] == ["氏名"]


def test_a_base_that_is_carried_for_nobody_still_says_what_it_says(house: Inside) -> None:
    first = house.record("base", data("P1", "P2"))
    carry(house.house, first.transfer, later_key(house), house.now, nobody)
    die(house, 1)
    state = house.house.streams.transfer_state(first.transfer)
    assert state is not None
    assert state.record is not None
    assert (state.effective_position, dict(state.lines)) == (1, {})
    assert state.record.data["items"] == ["氏名", "ご利用履歴"]
    assert house.page("P1").entries == ()
    with pytest.raises(ExpiredError):
        correct(house, first.transfer, items=["氏名"])


Copied = tuple[Original, CopyContent]


def faulty(right: Copied, other: Copied) -> dict[str, list[Copied]]:
    """Copies of the first original of which each has one fault."""
    original, copy = right
    (j, salt, line), *more = copy.lines
    assert copy.statement is not None

    def bent(**changes: Any) -> list[Copied]:  # noqa: ANN401 -- members of one dataclass
        return [(original, dataclasses.replace(copy, **changes))]

    [changed_record] = bent(record={**(copy.record or {}), "id": "t9"})
    return {
        "a changed line": bent(lines=((j, salt, line.replace(b"P1", b"P7")), *more)),
        "a changed statement": bent(
            statement=copy.statement.replace("氏名".encode(), "住所".encode())
        ),
        "a changed record beside a right one": [right, changed_record],
        "lines at other places": bent(lines=tuple((n + 1, s, one) for n, s, one in copy.lines)),
        "a line left out": bent(lines=tuple(more)),
        "the nodes of another original": bent(nodes=other[1].nodes),
        "the content of another original": [(original, other[1])],
        "another original's position": [(Original(other[0].position, original.version), copy)],
        "an event that has no content": [(Original(original.position, 2), copy)],
    }


def test_a_copy_that_is_not_of_its_original_is_refused_by_every_reader(house: Inside) -> None:
    key = later_key(house)
    other = house.record("other", data("P1", "P2", "P3")).transfer
    chosen = only("P1", "P3")
    [of_other] = copies_of(house.house, other, chosen)
    for n in range(9):
        first = house.record(f"t{n}", data("P1", "P2", "P3"))
        [right] = copies_of(house.house, first.transfer, chosen)
        planted = [*faulty(right, of_other).values()][n]
        positions = append(house.house, first.transfer, key, house.now, planted)
        house.now += timedelta(days=40)  # the next one is sealed under another key
        die(house, first.position)
        with pytest.raises(CorruptRecordError, match=f"position {positions[-1]}"):
            house.house.streams.facts([first.transfer], None)
        if len(planted) == 1:
            stored = house.house.reads.facts_at(positions)
            with pytest.raises(CorruptRecordError, match=f"position {positions[-1]}"):
                house.house.streams.opened(stored)


def test_a_copy_is_not_asked_while_its_original_lives(house: Inside) -> None:
    first = house.record("t1", data("P1", "P2", "P3"))
    [before] = house.page("P1").entries
    [(original, copy)] = copies_of(house.house, first.transfer, only("P1"))
    wrong = dataclasses.replace(copy, lines=())
    append(house.house, first.transfer, later_key(house), house.now, [(original, wrong)])
    house.follow()
    assert house.page("P1", as_of=1).entries == (before,)
