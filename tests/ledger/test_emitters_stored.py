"""Emitters through the ledger: sealed, read back as of every position, found once."""

from datetime import date, timedelta
from random import Random
from typing import cast

import pytest

from ledger.crypto.pseudonyms import random_uuid
from ledger.emitters import emitter
from ledger.emitters import service as module
from ledger.emitters.emitter import DeclareCoverage, RegisterEmitter, State
from ledger.emitters.events import Registration
from ledger.emitters.service import KnownEmitters
from ledger.format.events import (
    CoverageDeclared,
    DayClosed,
    EmitterEvent,
    EmitterRegistered,
    ExpiredEvent,
    Fact,
)
from tests.ledger.given import ACTOR
from tests.ledger.inside import Inside

FIRST = date(2025, 12, 1)
TOPICS = (EmitterRegistered.TYPE, CoverageDeclared.TYPE, DayClosed.TYPE)


def registering(n: int, name: str) -> RegisterEmitter:
    registration = Registration(f"e{n}", f"urn:emitter:{n}", name, FIRST)
    return RegisterEmitter(random_uuid(), ACTOR, registration)


def declaring(n: int, first: int, days: int, *, complete: bool = True) -> DeclareCoverage:
    begin = FIRST + timedelta(days=first)
    return DeclareCoverage(
        random_uuid(), ACTOR, f"e{n}", begin, begin + timedelta(days=days), complete
    )


def by_full_scan(house: Inside, upto: int) -> list[State]:
    """Every event up to the position, folded from the beginning."""
    states: dict[object, State] = {}
    for fact in house.house.streams.facts_of_topics(TOPICS, 0):
        if fact.position <= upto:
            typed = cast("Fact[EmitterEvent | ExpiredEvent]", fact)
            state = emitter.evolve(states.get(fact.stream), typed)
            assert state is not None
            states[fact.stream] = state
    return list(states.values())


def test_as_of_every_position_they_are_what_a_full_scan_finds_in_whatever_order_one_asks(
    house: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STEP", 4)
    random = Random(7)  # noqa: S311 -- the same story every time, not a secret
    for n in range(3):
        receipt = house.ledger.register_emitter(registering(n, f"基盤{n}"), house.now)
        assert receipt.position == n + 1
    for number in range(30):
        n = random.randrange(3)
        if number % 10 == 9:
            house.ledger.register_emitter(registering(n, f"改名{number}"), house.now)
            continue
        first, days = random.randrange(60), random.randrange(9)
        command = declaring(n, first, days, complete=random.random() < 0.8)
        house.ledger.declare_coverage(command, house.now)
    head = house.head()
    assert head > 20
    positions: list[int | None] = [*range(head + 1), None, None]
    for _ in range(3):
        known = KnownEmitters(house.house.streams)
        random.shuffle(positions)
        for upto in positions:
            expected = by_full_scan(house, head if upto is None else upto)
            assert known.at(upto) == expected, upto


def test_one_process_sees_at_once_what_another_one_appended(house: Inside) -> None:
    other = house.house.ledger()
    known = KnownEmitters(house.house.streams)
    assert known.at(None) == []
    other.register_emitter(registering(1, "基盤"), house.now)
    assert [one.id for one in known.at(None)] == ["e1"]
    house.ledger.declare_coverage(declaring(1, 0, 3), house.now)
    [state] = known.at(None)
    assert len(state.declared) == 1
    assert known.at(0) == []
    [before] = known.at(1)
    assert before.declared == ()


def test_a_repeat_appends_nothing_and_answers_where_it_stands(house: Inside) -> None:
    first = house.ledger.register_emitter(registering(1, "基盤"), house.now)
    again = house.ledger.register_emitter(registering(1, "基盤"), house.now)
    assert (again.stream, again.position, again.known) == (first.stream, first.position, True)
    declared = house.ledger.declare_coverage(declaring(1, 5, 2), house.now)
    command = declaring(1, 6, 1)
    assert house.ledger.declare_coverage(command, house.now).position == declared.position
    assert house.head() == 2
    # In a later year the same words are said anew, under a key that lives longer.
    house.now += timedelta(days=400)
    assert house.ledger.register_emitter(registering(1, "基盤"), house.now).position == 3


def test_the_same_command_is_carried_out_once(house: Inside) -> None:
    command = registering(1, "基盤")
    first = house.ledger.register_emitter(command, house.now)
    assert house.ledger.register_emitter(command, house.now).position == first.position
    assert house.head() == 1
