"""Looks at what may be excluded: told by the next daily event alone, and in nobody's way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from ledger.errors import MalformedError
from ledger.exclusions import exclusion
from ledger.exclusions.exclusion import ActiveExclusions, Exclude, ExclusionsFullError, LookAt
from ledger.exclusions.stored_events import exclusion_event_of, exclusion_parts_of
from ledger.format.events import ExcludedRange, ExclusionAct, ExclusionsSealed, Fact, LookedAt
from tests.ledger.excluding import CHIEF, exclude, lift, rows
from tests.ledger.given import data
from tests.ledger.inside import Inside
from tests.ledger.test_exclusions_stored import DAY, daily, repeat, sizes, standing
from tests.matrix import every

AT = datetime(2026, 11, 24, 1, 2, 3, 4_000, tzinfo=UTC)
WHY = "所在が知れるおそれがあるとの申出"
DRAFT = "SELECT octet_length(sealed) FROM ledger.exclusions"


def look(house: Inside, *positions: int, reason: str = WHY, case: int | None = None) -> None:
    spans = tuple((one, one) for one in positions)
    house.house.exclusions().look(LookAt(CHIEF, spans, reason, case), house.now)


def looked(house: Inside) -> list[tuple[int, int, int | None]]:
    found = house.house.exclusions().standing().looked
    return [(one.first, one.last, one.case) for one in found]


def test_a_look_changes_nothing_that_stands_and_says_who_when_why_and_for_which_case() -> None:
    before = ActiveExclusions(
        (ExcludedRange(3, 9, "i"),), (ExcludedRange(1, 1, "ii", ExclusionAct(AT, CHIEF, "誤り")),)
    )
    event = exclusion.look(LookAt(CHIEF, ((5, 6), (6, 7), (12, 12)), WHY, 41), before, AT)
    act = ExclusionAct(AT, CHIEF, WHY)
    assert event == replace(
        before.event, looked=(LookedAt(5, 7, act, 41), LookedAt(12, 12, act, 41))
    )
    after = ActiveExclusions(event.excluded, event.lifted, event.looked)
    assert after == before, "who looked is no part of what stands"
    told = exclusion.evolve(None, Fact(9, UUID(int=1), 1, AT, CHIEF, after.event))
    assert told is not None
    assert told.looked == (), "it was told"


def test_a_change_after_a_look_goes_on_telling_of_it() -> None:
    before = exclusion.look(
        LookAt(CHIEF, ((5, 5),), WHY), ActiveExclusions((ExcludedRange(3, 9, "i"),)), AT
    )
    stands = ActiveExclusions(before.excluded, before.lifted, before.looked)
    for command in (
        Exclude(UUID(int=7), CHIEF, ((20, 20),), "i", WHY),
        exclusion.LiftExclusion(UUID(int=7), CHIEF, ((3, 3),), WHY),
    ):
        assert exclusion.decide(command, stands, AT).looked == before.looked


def test_its_stored_form_is_the_one_of_the_format_and_is_absent_without_a_look() -> None:
    act = ExclusionAct(AT, CHIEF, "確認")
    event = ExclusionsSealed(
        (ExcludedRange(2, 2, "ii", act),), (), (LookedAt(2, 2, act), LookedAt(4, 5, act, 1))
    )
    _, record = exclusion_parts_of(event)
    assert record == {
        "v": 2,
        "excluded": [[2, 2, "ii", "", 0]],
        "looked": [[2, 2, 0], [4, 5, 0, 1]],
        "acts": [{"at": "2026-11-24T01:02:03.004Z", "actor": CHIEF, "reason": "確認"}],
    }
    assert exclusion_event_of(ExclusionsSealed.TYPE, record) == event
    assert "looked" not in exclusion_parts_of(replace(event, looked=()))[1]


BROKEN = {
    "nothing": (LookAt(CHIEF, (), WHY), "EXCLUSION_NAMES_NOTHING"),
    "backwards": (LookAt(CHIEF, ((5, 4),), WHY), "RANGE_EMPTY"),
    "no reason": (LookAt(CHIEF, ((1, 1),), " "), "SCHEMA"),
    "a long reason": (LookAt(CHIEF, ((1, 1),), "危" * 101), "SCHEMA"),
    "a My Number": (LookAt(CHIEF, ((1, 1),), "123456789018"), "MY_NUMBER_SHOWN"),
}


@every("name", BROKEN)
def test_a_look_that_says_too_little_is_refused(name: str) -> None:
    command, code = BROKEN[name]
    with pytest.raises(MalformedError) as refused:
        exclusion.look(command, ActiveExclusions(), AT)
    assert code in {one.code for one in refused.value.defects}


def test_the_next_daily_event_tells_of_it_once_and_nothing_else_ever_does(house: Inside) -> None:
    house.record("t1")
    house.record("t2", data("P1"))
    repeat(house)
    head, size = house.head(), rows(house, DRAFT)
    look(house, 1, 2, case=1)
    assert (house.head(), rows(house, DRAFT)) == (head, size), "no event, and no other size"
    assert looked(house) == [(1, 2, 1)]
    house.now += DAY
    repeat(house)
    house.now += DAY
    repeat(house)
    told = [
        [(one.first, one.last, one.act.actor) for one in event.looked]
        for event in daily(house.house)
    ]
    assert told == [[], [(1, 2, CHIEF)], []]
    assert len(set(sizes(house, "exclusions-sealed"))) == 1
    assert looked(house) == []


def test_a_look_at_what_is_no_record_is_refused_and_on_no_record(house: Inside) -> None:
    house.record("t1")
    for spans in (((2, 2),), ((1, 9),)):
        with pytest.raises(MalformedError) as refused:
            house.house.exclusions().look(LookAt(CHIEF, spans, WHY), house.now)
        assert [one.code for one in refused.value.defects] == ["NOT_A_RECORD"]
    assert looked(house) == []


def test_looks_leave_room_for_what_must_be_excluded_and_raise_no_alarm(house: Inside) -> None:
    house.record("t1")
    house.record("t2")

    def fill() -> None:
        for n in range(60):
            house.now += timedelta(seconds=1)
            look(house, 1, reason=f"{'危' * 90}{n}")

    with pytest.raises(ExclusionsFullError):
        fill()
    done = len(looked(house))
    assert done > 10
    assert not house.house.exclusions().is_half_full(), "tomorrow they are gone"
    for _ in range(3):
        exclude(house, 2, reason="危" * 100)
        lift(house, 2)
    exclude(house, 2, reason="危" * 100)
    assert standing(house) == [2]
    assert len(looked(house)) == done
    house.now += DAY
    repeat(house)
    look(house, 1)
    assert looked(house) == [(1, 1, None)]
