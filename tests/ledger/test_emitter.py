"""Emitters on values: registered, renamed, retired; what they declare, day by day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from itertools import pairwise
from random import Random
from typing import cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.crypto.pseudonyms import random_uuid
from ledger.emitters import emitter
from ledger.emitters import service as module
from ledger.emitters.coverage import DayPeriod
from ledger.emitters.emitter import DeclareCoverage, RegisterEmitter, State
from ledger.emitters.events import Registration
from ledger.emitters.liveness import AcceptedSource, last_contact, strangers
from ledger.emitters.service import KnownEmitters
from ledger.errors import DoesNotStandError, MalformedError, NotFoundError
from ledger.format.events import (
    CoverageDeclared,
    DayClosed,
    EmitterEvent,
    EmitterRegistered,
    ExpiredEvent,
    Fact,
)
from tests.ledger.given import ACTOR, malformed
from tests.ledger.inside import Inside
from tests.matrix import every

AT = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 25)
ADS = Registration("ads", "https://ads.example.jp/export", "広告配信基盤", date(2026, 1, 1))
STREAM = UUID(int=7)
_DAY = timedelta(days=1)


def facts(
    *events: EmitterEvent | ExpiredEvent, at: datetime = AT
) -> list[Fact[EmitterEvent | ExpiredEvent]]:
    return [
        Fact(10 * version, STREAM, version, at, "a" * 32, event)
        for version, event in enumerate(events, 1)
    ]


def state(*events: EmitterEvent | ExpiredEvent, at: datetime = AT) -> State:
    folded = reduce(emitter.evolve, facts(*(events or (EmitterRegistered(ADS),)), at=at), None)
    assert folded is not None
    return folded


def declared(
    first: date, last: date, *, complete: bool = True, count: int | None = None
) -> CoverageDeclared:
    return CoverageDeclared(ADS, first, last, complete, count)


def day(number: int) -> date:
    return date(2026, 1, 1) + number * _DAY


def registering(registration: Registration) -> RegisterEmitter:
    return RegisterEmitter(UUID(int=1), "a" * 32, registration)


def declaring(first: date, last: date, **members: object) -> DeclareCoverage:
    command = DeclareCoverage(UUID(int=2), "a" * 32, "ads", first, last)
    return replace(command, **members)  # pyright: ignore[reportArgumentType] -- by name


# -- registered --------------------------------------------------------------------------------


def test_an_emitter_is_registered_renamed_and_retired_by_the_same_command() -> None:
    assert emitter.register(registering(ADS), None, [], AT) == EmitterRegistered(ADS)
    renamed = replace(ADS, name="広告配信システム")
    known = state()
    assert emitter.register(registering(renamed), known, [known], AT) == EmitterRegistered(renamed)
    retired = replace(renamed, until=date(2026, 11, 30))
    after = state(EmitterRegistered(ADS), EmitterRegistered(renamed), EmitterRegistered(retired))
    assert after.registration == retired
    assert (after.position, after.version) == (30, 3)
    assert after.is_active_on(date(2026, 11, 30))
    assert not after.is_active_on(date(2026, 12, 1))


def test_repeating_a_registration_decides_nothing_until_the_next_year() -> None:
    known = state()
    assert emitter.register(registering(ADS), known, [known], AT) is None
    # Still 2026 in UTC, 2027 in Japan: its event is sealed under another year's key.
    later = datetime(2026, 12, 31, 15, 0, tzinfo=UTC)
    assert emitter.register(registering(ADS), known, [known], later) == EmitterRegistered(ADS)


COLLIDING = {
    "the same": "https://ads.example.jp/export",
    "one below": "https://ads.example.jp/export/daily",
    "one above": "https://ads.example.jp",
}


@every("name", COLLIDING)
def test_a_source_is_one_emitters_on_a_day(name: str) -> None:
    other = Registration("shop", COLLIDING[name], "通販", date(2026, 6, 1))
    assert malformed(emitter.register, registering(other), None, [state()], AT) == {
        ("/source", "SOURCE_TAKEN")
    }
    ended = state(EmitterRegistered(replace(ADS, until=date(2026, 5, 31))))
    assert emitter.register(registering(other), None, [ended], AT) == EmitterRegistered(other)


def test_neighbours_do_not_collide_and_an_emitter_does_not_collide_with_itself() -> None:
    other = Registration("shop", "https://ads.example.jp/exports", "通販", date(2026, 6, 1))
    assert emitter.register(registering(other), None, [state()], AT) is not None
    moved = replace(ADS, source="https://ads.example.jp")
    assert emitter.register(registering(moved), state(), [state()], AT) is not None


def test_an_emitter_does_not_end_before_it_begins() -> None:
    assert malformed(
        emitter.register, registering(replace(ADS, until=date(2025, 12, 31))), None, [], AT
    ) == {("/until", "PERIOD_REVERSED")}


# -- declared ----------------------------------------------------------------------------------

REFUSED: dict[str, tuple[DeclareCoverage, dict[str, str]]] = {
    "reversed": (declaring(day(9), day(8)), {"/to": "PERIOD_REVERSED"}),
    "today": (declaring(day(0), TODAY), {"/to": "COVERAGE_NOT_OVER"}),
    "tomorrow": (declaring(day(0), TODAY + _DAY), {"/to": "COVERAGE_NOT_OVER"}),
    "before it began": (declaring(day(-1), day(3)), {"/from": "COVERAGE_BEFORE_SINCE"}),
    "after it ended": (
        declaring(day(-1), date(2026, 11, 21)),
        {"/to": "COVERAGE_AFTER_UNTIL", "/from": "COVERAGE_BEFORE_SINCE"},
    ),
    "a count of what is taken back": (
        declaring(day(0), day(1), complete=False, expected_count=3),
        {"/expected_count": "COVERAGE_COUNT_OF_NOTHING"},
    ),
}


@every("name", REFUSED)
def test_every_defect_of_a_declaration_is_named(name: str) -> None:
    command, expected = REFUSED[name]
    ended = state(EmitterRegistered(replace(ADS, until=date(2026, 11, 20))))
    known = ended if name == "after it ended" else state()
    with pytest.raises(MalformedError) as refused:
        emitter.declare(command, known, AT)
    assert {d.pointer: d.code for d in refused.value.defects} == expected


def test_yesterday_in_japan_can_be_declared_and_an_unknown_emitter_cannot() -> None:
    yesterday = TODAY - _DAY
    event = emitter.declare(declaring(yesterday, yesterday), state(), AT)
    assert event == declared(yesterday, yesterday)
    with pytest.raises(NotFoundError):
        emitter.declare(declaring(yesterday, yesterday), None, AT)
    # At 15:00 UTC a new day begins in Japan, and today is over.
    evening = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
    assert emitter.declare(declaring(TODAY, TODAY), state(), evening) == declared(TODAY, TODAY)


def test_declaring_again_decides_nothing_and_another_count_corrects() -> None:
    known = state(EmitterRegistered(ADS), declared(day(0), day(9), count=40))
    same = declaring(day(0), day(9), expected_count=40)
    assert emitter.declare(same, known, AT) is None
    corrected = emitter.declare(replace(same, expected_count=41), known, AT)
    assert corrected == declared(day(0), day(9), count=41)
    nothing = declaring(day(20), day(29), complete=False)
    assert emitter.declare(nothing, known, AT) is None


def test_a_count_stands_only_for_the_very_days_it_was_declared_of() -> None:
    known = state(
        EmitterRegistered(ADS),
        declared(day(0), day(9), count=40),
        declared(day(10), day(19), count=50),
        declared(day(5), day(9), complete=False),
    )
    assert [(one.period, one.expected_count) for one in known.declared] == [
        (DayPeriod(day(0), day(4)), None),
        (DayPeriod(day(10), day(19)), 50),
    ]
    assert known.covered == (DayPeriod(day(0), day(4)), DayPeriod(day(10), day(19)))


DAYS = st.tuples(st.integers(0, 40), st.integers(0, 12)).map(lambda d: (day(d[0]), day(sum(d))))


@st.composite
def said(draw: st.DrawFn) -> CoverageDeclared:
    first, last = draw(DAYS)
    complete = draw(st.integers(0, 3)) > 0
    count = draw(st.none() | st.integers(0, 3)) if complete else None
    return declared(first, last, complete=complete, count=count)


ALL_DAYS = [day(number) for number in range(-3, 60)]


@given(st.lists(said(), max_size=12))
def test_what_is_declared_is_what_the_last_word_about_each_day_says(
    events: list[CoverageDeclared],
) -> None:
    oracle: dict[date, CoverageDeclared] = {}
    for event in events:
        for one in ALL_DAYS:
            if event.first_day <= one <= event.last_day:
                oracle[one] = event
    known = state(EmitterRegistered(ADS), *events)
    complete = {one for one, event in oracle.items() if event.complete}
    found = [one for piece in known.declared for one in ALL_DAYS if within(one, piece.period)]
    assert found == sorted(complete)  # none twice, and in order
    for piece in known.declared:
        if piece.expected_count is not None:
            # All its days, and no others, have the declaration of this count for their last word.
            [word] = {id(oracle[one]): oracle[one] for one in days_of(piece.period)}.values()
            assert (word.first_day, word.last_day) == (piece.period.first, piece.period.last)
            assert word.expected_count == piece.expected_count
    for a, b in pairwise(known.declared):
        if a.period.last + _DAY == b.period.first:
            assert (a.expected_count, b.expected_count) != (None, None)
    # Declaring what stands decides nothing, whatever came before.
    for piece in known.declared:
        again = declaring(
            piece.period.first, piece.period.last, expected_count=piece.expected_count
        )
        assert emitter.declare(again, known, AT) is None


def within(one: date, period: DayPeriod) -> bool:
    return period.first <= one <= period.last


def days_of(period: DayPeriod) -> list[date]:
    return [period.first + n * _DAY for n in range((period.last - period.first).days + 1)]


# -- what dies, what stands --------------------------------------------------------------------


def test_a_declaration_outlives_the_key_of_the_registration_and_dead_days_are_not_declared() -> (
    None
):
    dead = ExpiredEvent(EmitterRegistered.TYPE), ExpiredEvent(CoverageDeclared.TYPE)
    assert reduce(emitter.evolve, facts(*dead), None) is None
    known = state(*dead, declared(day(30), day(39)))
    assert known.registration == ADS
    assert (known.version, known.covered) == (3, (DayPeriod(day(30), day(39)),))
    assert state(EmitterRegistered(ADS), dead[1]).version == 2


def test_a_retired_emitter_stands_through_its_last_day_in_japan() -> None:
    last = state(EmitterRegistered(replace(ADS, until=TODAY)))
    assert emitter.check_active(last, AT) is last
    with pytest.raises(DoesNotStandError):
        emitter.check_active(last, datetime(2026, 11, 25, 15, 0, tzinfo=UTC))
    with pytest.raises(NotFoundError):
        emitter.check_active(None, AT)


# -- who is late, and who sends without being registered -------------------------------------------

HOUR = timedelta(hours=1)
LONG_AGO = AT - timedelta(days=90)


def known(**members: object) -> State:
    return replace(state(at=LONG_AGO), **members)  # pyright: ignore[reportArgumentType] -- by name


def sent(source: str, *, first: datetime = LONG_AGO, last: datetime = AT) -> AcceptedSource:
    return AcceptedSource(source, first, last)


def test_an_emitter_is_late_when_neither_beat_nor_transfer_came_in_time() -> None:
    beats = {STREAM: AT - 24 * HOUR}
    assert not last_contact(known(), beats, [], AT, 24).late
    assert last_contact(known(), beats, [], AT + timedelta(seconds=1), 24).late
    lately = [sent(ADS.source + "/daily", last=AT - HOUR)]
    found = last_contact(known(), beats, lately, AT + HOUR, 24)
    assert (found.beat_at, found.accepted_at, found.late) == (AT - 24 * HOUR, AT - HOUR, False)
    strange = [sent("https://ads.example.jp/exports"), sent("https://ads.example.jp")]
    assert last_contact(known(), {}, strange, AT, 24).accepted_at is None


def test_an_emitter_never_heard_of_is_late_after_its_beginning() -> None:
    fresh = state()
    assert not last_contact(fresh, {}, [], AT + 24 * HOUR, 24).late
    assert last_contact(fresh, {}, [], AT + 25 * HOUR, 24).late
    tomorrow = date(2026, 11, 26)  # begins in Japan 12 hours after AT
    later = known(registration=replace(ADS, since=tomorrow))
    assert not last_contact(later, {}, [], AT + 35 * HOUR, 24).late
    assert last_contact(later, {}, [], AT + 37 * HOUR, 24).late


def test_strangers_are_the_sources_that_no_emitter_stands_for() -> None:
    fine = [sent(ADS.source), sent(ADS.source + "/daily")]
    wide = sent("https://ads.example.jp")
    other = sent("urn:other:1")
    assert strangers([known()], [*fine, wide, other]) == (wide, other)
    assert strangers([], fine) == tuple(fine)


def test_a_source_is_strange_when_it_sent_before_the_first_day_or_after_the_last() -> None:
    early = sent(ADS.source, first=datetime(2025, 12, 31, 14, 59, tzinfo=UTC))
    exact = sent(ADS.source, first=datetime(2025, 12, 31, 15, 0, tzinfo=UTC))
    assert strangers([known()], [early, exact]) == (early,)
    retired = state(EmitterRegistered(replace(ADS, until=date(2026, 11, 24))))
    assert strangers([retired], [sent(ADS.source)]) == (sent(ADS.source),)
    heir = state(EmitterRegistered(replace(ADS, id="ads-2", since=date(2026, 11, 25))))
    assert strangers([retired, heir], [sent(ADS.source)]) == ()


# -- emitters through the ledger: sealed, read back as of every position, found once ---------------

FIRST = date(2025, 12, 1)
TOPICS = (EmitterRegistered.TYPE, CoverageDeclared.TYPE, DayClosed.TYPE)


def registered_as(n: int, name: str) -> RegisterEmitter:
    registration = Registration(f"e{n}", f"urn:emitter:{n}", name, FIRST)
    return RegisterEmitter(random_uuid(), ACTOR, registration)


def declaring_days(n: int, first: int, days: int, *, complete: bool = True) -> DeclareCoverage:
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
        receipt = house.ledger.register_emitter(registered_as(n, f"基盤{n}"), house.now)
        assert receipt.position == n + 1
    for number in range(30):
        n = random.randrange(3)
        if number % 10 == 9:
            house.ledger.register_emitter(registered_as(n, f"改名{number}"), house.now)
            continue
        first, days = random.randrange(60), random.randrange(9)
        command = declaring_days(n, first, days, complete=random.random() < 0.8)
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


def test_a_repeat_appends_nothing_and_answers_where_it_stands(house: Inside) -> None:
    first = house.ledger.register_emitter(registered_as(1, "基盤"), house.now)
    again = house.ledger.register_emitter(registered_as(1, "基盤"), house.now)
    assert (again.stream, again.position, again.known) == (first.stream, first.position, True)
    declared = house.ledger.declare_coverage(declaring_days(1, 5, 2), house.now)
    command = declaring_days(1, 6, 1)
    assert house.ledger.declare_coverage(command, house.now).position == declared.position
    assert house.head() == 2
    # In a later year the same words are said anew, under a key that lives longer.
    house.now += timedelta(days=400)
    assert house.ledger.register_emitter(registered_as(1, "基盤"), house.now).position == 3


def test_a_retired_emitter_is_not_late() -> None:
    retired = state(EmitterRegistered(replace(ADS, until=date(2026, 11, 20))), at=LONG_AGO)
    assert not last_contact(retired, {}, [], AT, 24).late
