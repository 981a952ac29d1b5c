"""Carried forward: repeats, corrections, the index; and copies that are not what they say."""

import dataclasses
from typing import Any

import pytest

from ledger.commands import CorrectTransfer, ReclassifyTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import CorruptRecordError, ExpiredError
from ledger.format.envelope import CopyContent, Original
from tests.ledger.carrying import (
    append,
    carried,
    carry,
    copies_of,
    correct,
    die,
    later_key,
    nobody,
    only,
    people,
)
from tests.ledger.given import ACTOR, data
from tests.ledger.inside import Inside


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


FAULTS = (
    "a changed line",
    "a changed statement",
    "a changed record beside a right one",
    "lines at other places",
    "a line left out",
    "the nodes of another original",
    "the content of another original",
    "another original's position",
    "an event that has no content",
)


def _planted(
    fault: str, right: tuple[Original, CopyContent], other: tuple[Original, CopyContent]
) -> list[tuple[Original, CopyContent]]:
    original, copy = right
    (j, salt, line), *more = copy.lines
    changes: dict[str, Any] = {}
    match fault:
        case "a changed line":
            changes = {"lines": ((j, salt, line.replace(b"P1", b"P7")), *more)}
        case "a changed statement":
            assert copy.statement is not None
            changes = {"statement": copy.statement.replace("氏名".encode(), "住所".encode())}
        case "a changed record beside a right one":
            changes = {"record": {**(copy.record or {}), "id": "t9"}}
            return [right, (original, dataclasses.replace(copy, **changes))]
        case "lines at other places":
            changes = {"lines": tuple((n + 1, salt, line) for n, salt, line in copy.lines)}
        case "a line left out":
            changes = {"lines": tuple(more)}
        case "the nodes of another original":
            changes = {"nodes": other[1].nodes}
        case "the content of another original":
            copy = other[1]
        case "another original's position":
            original = Original(other[0].position, original.version)
        case _:
            original = Original(original.position, 2)
    return [(original, dataclasses.replace(copy, **changes))]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_copy_that_is_not_of_its_original_is_refused_by_every_reader(
    house: Inside, fault: str
) -> None:
    first = house.record("t1", data("P1", "P2", "P3"))
    second = house.record("t2", data("P1", "P2", "P3"))
    right, other = (
        copies_of(house.house, one.transfer, only("P1", "P3"))[0] for one in (first, second)
    )
    planted = _planted(fault, right, other)
    append(house.house, first.transfer, later_key(house), house.now, planted)
    die(house, 1)
    with pytest.raises(CorruptRecordError, match=r"position [34]"):
        house.house.streams.facts([first.transfer], None)
    stored = house.house.reads.facts_after(0, 10)
    if fault != "a changed record beside a right one":
        with pytest.raises(CorruptRecordError, match="position 3"):
            house.house.streams.opened(stored)
        with pytest.raises(CorruptRecordError, match="position 3"):
            house.house.streams.opened(stored[2:])


def test_a_copy_is_not_asked_while_its_original_lives(house: Inside) -> None:
    first = house.record("t1", data("P1", "P2", "P3"))
    [before] = house.page("P1").entries
    [(original, copy)] = copies_of(house.house, first.transfer, only("P1"))
    wrong = dataclasses.replace(copy, lines=())
    append(house.house, first.transfer, later_key(house), house.now, [(original, wrong)])
    house.follow()
    assert house.page("P1", as_of=1).entries == (before,)
