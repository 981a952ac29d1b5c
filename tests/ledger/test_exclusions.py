"""What is excluded, as a set: against the most obvious set there is, one position at a time."""

from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import (
    AlreadyActiveError,
    CorruptRecordError,
    DoesNotStandError,
    MalformedError,
)
from ledger.exclusions import exclusion
from ledger.exclusions.exclusion import (
    GROUNDS,
    ActiveExclusions,
    Exclude,
    LiftExclusion,
    RecordAt,
    exclusions_of,
    unexplained,
)
from ledger.exclusions.ranges import Span
from ledger.exclusions.stored_events import exclusion_event_of, exclusion_parts_of
from ledger.format.events import (
    ExcludedRange,
    ExclusionAct,
    ExclusionsSealed,
    ExpiredEvent,
    Fact,
    ReviewSealed,
)
from ledger.values import Json
from tests.matrix import every

AT = datetime(2026, 11, 24, 1, 2, 3, 4_000, tzinfo=UTC)
COMMAND = UUID(int=7)
CHIEF, SECOND = "c" * 32, "d" * 32
ANNA, BEN, NEWCOMER = b"a" * 16, b"b" * 16, b"n" * 16
MARKED = {4: "iii", 9: "ii"}
RECORDS = {n: RecordAt(frozenset((ANNA, BEN)), MARKED.get(n, "")) for n in range(1, 40)}
"""Every record is about two persons; some have a mark."""
PERSONS = (ANNA, BEN, NEWCOMER)
Command = Exclude | LiftExclusion
Spans = tuple[Span, ...]
Keys = tuple[bytes, ...] | None


@dataclass
class Plain:
    """One position at a time: what hides it, and who asked for what of it to be shown.

    Attributes:
        everybody: the ground on which it is excluded for all.
        own: principal → the ground on which it is excluded for that one.
        shown: for whom the mark was lifted; None: for all.
        asked: (for whom, by whom) a lift was asked.
    """

    marked: bool
    everybody: str | None = None
    own: dict[bytes, str] = field(default_factory=dict[bytes, str])
    shown: set[bytes | None] = field(default_factory=set[bytes | None])
    asked: set[tuple[bytes | None, str]] = field(default_factory=set[tuple[bytes | None, str]])

    def hidden_from(self, person: bytes) -> bool:
        unlifted = self.marked and not self.shown & {None, person}
        return unlifted or self.everybody is not None or person in self.own

    def hides_for(self, scope: bytes | None) -> bool:
        if scope is None:
            return bool(self.everybody or self.own or (self.marked and None not in self.shown))
        return self.hidden_from(scope)

    def exclude(self, scope: bytes | None, ground: str) -> None:
        if scope is None:
            self.everybody = ground
            self.asked = set()
        else:
            self.own[scope] = ground
            self.asked = {one for one in self.asked if one[0] not in (None, scope)}

    def lift(self, scope: bytes | None, actor: str) -> None:
        if not self.hides_for(scope):
            return
        others = {whom for whom, who in self.asked if who != actor}
        granted = others
        if scope is not None:
            granted = {one for one in (scope,) if others & {None, scope}}
        if None in granted:
            self.everybody, self.own, self.shown, self.asked = None, {}, {None}, set()
            return
        for one in granted:
            assert one is not None
            if self.everybody is not None:
                self.own = {**dict.fromkeys((ANNA, BEN), self.everybody), **self.own}
                self.everybody = None
            self.own.pop(one, None)
            self.shown.add(one)
            self.asked = {two for two in self.asked if two[0] != one}
        if self.hides_for(scope) and not any(whom in (None, scope) for whom, _ in self.asked):
            self.asked.add((scope, actor))
        self.asked = {two for two in self.asked if self.hides_for(two[0])}


World = dict[int, Plain]

spans = st.tuples(st.integers(1, 20), st.integers(0, 6)).map(lambda one: (one[0], sum(one)))
named = st.lists(spans, min_size=1, max_size=3).map(tuple)
whom = st.sampled_from((None, (ANNA,), (BEN,), (ANNA, BEN)))
actors = st.sampled_from((CHIEF, SECOND))


def each(named: Spans, keys: Keys) -> tuple[tuple[bytes, ...], ...] | None:
    return None if keys is None else tuple(keys for _ in named)


def excluding(actor: str, named: Spans, ground: str, reason: str, keys: Keys) -> Exclude:
    return Exclude(COMMAND, actor, named, ground, reason, each(named, keys))


def lifting(actor: str, named: Spans, keys: Keys) -> LiftExclusion:
    return LiftExclusion(COMMAND, actor, named, "おそれがなくなった", each(named, keys), RECORDS)


commands = st.one_of(
    st.builds(
        excluding,
        actors,
        named,
        st.sampled_from(GROUNDS),
        st.sampled_from(("危害のおそれ", "捜査への支障")),
        whom,
    ),
    st.builds(lifting, actors, named, whom),
)


def exclude(*named: Span, ground: str = "i", reason: str = "危害のおそれ") -> Exclude:
    return Exclude(COMMAND, CHIEF, named, ground, reason)


def lift(*named: Span, by: str = CHIEF, of: Keys = None) -> LiftExclusion:
    return lifting(by, named, of)


def after(command: Command, before: ActiveExclusions | None = None) -> ActiveExclusions:
    return exclusion.exclusions_of(exclusion.decide(command, before or ActiveExclusions(), AT))


def lifted_by_two(before: ActiveExclusions, *named: Span, of: Keys = None) -> ActiveExclusions:
    return after(lift(*named, by=SECOND, of=of), after(lift(*named, of=of), before))


def positions(named: tuple[Span, ...]) -> list[int]:
    return sorted({position for first, last in named for position in range(first, last + 1)})


def scopes_of(command: Command) -> tuple[bytes | None, ...]:
    return (None,) if command.principals is None else command.principals[0]


def told(command: Command, world: World) -> None:
    """What the command does, position by position."""
    for position in positions(command.spans):
        for scope in scopes_of(command):
            if isinstance(command, Exclude):
                world[position].exclude(scope, command.ground)
            else:
                world[position].lift(scope, command.actor)


def is_refused(command: Command, world: World) -> bool:
    scopes = scopes_of(command)
    if isinstance(command, LiftExclusion):
        return not all(
            any(world[one].hides_for(scope) for one in positions((span,)) for scope in scopes)
            for span in command.spans
        )
    before = deepcopy(world)
    told(command, before)
    return before == world


@given(st.lists(commands, max_size=12))
def test_any_row_of_commands_leaves_what_the_plainest_set_would_hold(row: list[Command]) -> None:
    standing, world = ActiveExclusions(), {n: Plain(n in MARKED) for n in range(1, 40)}
    for command in row:
        if is_refused(command, world):
            with pytest.raises((AlreadyActiveError, DoesNotStandError)):
                after(command, standing)
            continue
        told(command, world)
        standing = after(command, standing)
        for position, plain in world.items():
            marked = position in MARKED
            for person in PERSONS:
                hides = standing.hides(position, (person,), is_marked=marked)
                assert hides == plain.hidden_from(person), (position, person)
            waiting = {
                (one.principal, one.act.actor)
                for one in standing.pending
                if one.first <= position <= one.last and one.act is not None
            }
            assert waiting == plain.asked, position
        applied = ActiveExclusions(standing.applied_to(world, (ANNA,)))
        assert all(applied.covers(one, (ANNA,)) == standing.covers(one, (ANNA,)) for one in world)


@given(st.lists(commands, max_size=6))
def test_what_stands_comes_back_from_its_record_with_who_and_why(row: list[Command]) -> None:
    standing = ActiveExclusions()
    for command in row:
        with suppress(AlreadyActiveError, DoesNotStandError):
            standing = after(command, standing)
    applied = standing.applied_to(range(40), (ANNA,))
    for event in (
        standing.event,
        ReviewSealed(applied, standing.unmarked_of(range(40), (ANNA,))),
    ):
        facts, record = exclusion_parts_of(event)
        assert facts == {}
        assert record["v"] == 2
        assert exclusion_event_of(event.TYPE, record) == event


def test_a_person_who_asks_twice_lifts_nothing_and_a_second_one_does() -> None:
    standing = after(exclude((11, 15)))
    once = after(lift((11, 15)), standing)
    assert once == standing
    assert once.covers(12)
    assert after(lift((11, 15)), once).pending == once.pending
    # A daily event repeats what waits, and it goes on waiting.
    repeated = exclusion.evolve(None, Fact(9, UUID(int=1), 1, AT, CHIEF, once.event))
    assert repeated is not None
    assert repeated.pending == once.pending != ()
    same = replace(lift((11, 15), by=SECOND), earlier=frozenset({CHIEF}))
    assert after(same, once).pending == once.pending
    twice = after(lift((11, 15), by=SECOND), once)
    assert (twice.excluded, twice.pending) == ((), ())
    [one] = twice.lifted
    assert one.act is not None
    assert one.act.requested is not None
    assert (one.act.actor, one.act.requested.actor) == (SECOND, CHIEF)


def test_a_lifted_part_cuts_a_range_and_is_told_once_with_who_lifted_it() -> None:
    standing = lifted_by_two(after(exclude((3, 9))), (5, 6))
    assert [(one.first, one.last) for one in standing.excluded] == [(3, 4), (7, 9)]
    requested = ExclusionAct(AT, CHIEF, "おそれがなくなった")
    assert standing.lifted == (
        ExcludedRange(5, 6, "i", replace(requested, actor=SECOND, requested=requested, since=AT)),
    )
    fact = Fact(9, UUID(int=1), 1, AT, CHIEF, standing.event)
    repeated = exclusion.evolve(None, fact)
    assert repeated == ActiveExclusions(standing.excluded)
    assert (
        exclusion.evolve(repeated, replace(fact, event=ExpiredEvent("exclusions-sealed"))) is None
    )
    assert (
        exclusion.evolve(repeated, replace(fact, event=ExpiredEvent("review-sealed"))) == repeated
    )


def test_what_was_applied_to_one_person_never_takes_more_room_than_what_stands() -> None:
    standing = after(exclude((1, 1_000), (2_000, 3_000)))
    assert standing.applied_to(range(0, 1_500, 2)) == (ExcludedRange(1, 1_000, "i"),)
    assert standing.applied_to((1_500, 5_000)) == ()


def test_a_record_of_the_first_version_is_read_as_excluded_for_everybody() -> None:
    act: Json = {"at": "2026-11-24T01:02:03.004Z", "actor": CHIEF, "reason": "危害"}
    record: dict[str, Json] = {
        "excluded": [[2, 2, "ii"], [4, 9, "i", 0]],
        "lifted": [[1, 1, "iv", 0]],
        "acts": [act],
    }
    done = ExclusionAct(AT, CHIEF, "危害")
    excluded = (ExcludedRange(2, 2, "ii"), ExcludedRange(4, 9, "i", done))
    event = exclusion_event_of(ExclusionsSealed.TYPE, record)
    assert event == ExclusionsSealed(excluded, (ExcludedRange(1, 1, "iv", done),))
    review = exclusion_event_of(ReviewSealed.TYPE, {"excluded": [[2, 2, "ii"]]})
    assert review == ReviewSealed((ExcludedRange(2, 2, "ii"),))


def test_the_stored_form_of_the_second_version_is_the_one_of_the_format() -> None:
    act = ExclusionAct(AT, SECOND, "消滅", ExclusionAct(AT, CHIEF, "申出"))
    event = ExclusionsSealed(
        (ExcludedRange(2, 2, "ii"), ExcludedRange(2, 3, "i", act, ANNA)),
        unmarked=(ExcludedRange(4, 4, "iii", act),),
        pending=(ExcludedRange(2, 2, "ii", act, BEN),),
    )
    asked: dict[str, Json] = {"at": "2026-11-24T01:02:03.004Z", "actor": CHIEF, "reason": "申出"}
    assert exclusion_parts_of(event)[1] == {
        "v": 2,
        "excluded": [[2, 2, "ii", ""], [2, 3, "i", ANNA.hex(), 0]],
        "unmarked": [[4, 4, "iii", "", 0]],
        "pending": [[2, 2, "ii", BEN.hex(), 0]],
        "acts": [{**asked, "actor": SECOND, "reason": "消滅", "requested": asked}],
    }


@every("record", [{"v": 3, "excluded": []}, {"v": 2, "excluded": [[1, 1, "i", "aa"]]}])
def test_a_record_that_nobody_can_read_is_corrupt(record: dict[str, Json]) -> None:
    with pytest.raises(CorruptRecordError):
        exclusion_event_of(ExclusionsSealed.TYPE, record)


BROKEN: dict[str, tuple[Exclude | LiftExclusion, str, str]] = {
    "nothing": (exclude(), "", "EXCLUSION_NAMES_NOTHING"),
    "backwards": (exclude((5, 4)), "/positions/0", "RANGE_EMPTY"),
    "before the first": (exclude((1, 1), (0, 4)), "/positions/1", "RANGE_EMPTY"),
    "no ground of ours": (exclude((1, 1), ground="v"), "/ground", "SCHEMA"),
    "no reason": (exclude((1, 1), reason=" "), "/reason", "SCHEMA"),
    "a long reason": (exclude((1, 1), reason="危" * 101), "/reason", "SCHEMA"),
    "a My Number": (exclude((1, 1), reason="123456789018"), "/reason", "MY_NUMBER_SHOWN"),
}


@every("name", BROKEN)
def test_a_command_that_says_too_little_is_refused(name: str) -> None:
    command, pointer, code = BROKEN[name]
    with pytest.raises(MalformedError) as refused:
        after(command)
    assert (pointer, code) in {(one.pointer, one.code) for one in refused.value.defects}


OUT_OF_ORDER = {
    "overlapping": (ExcludedRange(1, 3, "i"), ExcludedRange(3, 4, "i")),
    "descending": (ExcludedRange(5, 6, "i"), ExcludedRange(1, 2, "i")),
    "backwards": (ExcludedRange(5, 4, "i"),),
    "before the first": (ExcludedRange(0, 1, "i"),),
    "overlapping of one person": (
        ExcludedRange(1, 3, "i", None, ANNA),
        ExcludedRange(2, 2, "i", None, BEN),
        ExcludedRange(3, 4, "i", None, ANNA),
    ),
}


@every("name", OUT_OF_ORDER)
def test_a_set_that_is_no_set_is_corrupt(name: str) -> None:
    with pytest.raises(CorruptRecordError):
        ActiveExclusions(OUT_OF_ORDER[name])


# -- whether what stands follows from a daily event: of what is shown again, a lift is told --------

EVENT = "the daily event"


def repeated(standing: ActiveExclusions) -> ActiveExclusions:
    """What stands once a daily event has told it."""
    return ActiveExclusions(standing.excluded, unmarked=standing.unmarked, pending=standing.pending)


@given(st.lists(commands | st.just(EVENT), max_size=14))
def test_whatever_is_excluded_and_lifted_nothing_is_shown_again_unexplained(
    row: list[Command | str],
) -> None:
    told, standing = ExclusionsSealed(()), ActiveExclusions()
    for n, command in enumerate(row):
        if isinstance(command, str):
            assert unexplained(told, standing.event) == ()
            told, standing = standing.event, repeated(standing)
        else:
            with suppress(AlreadyActiveError, DoesNotStandError):
                event = exclusion.decide(command, standing, AT + timedelta(minutes=n))
                standing = exclusions_of(event)
        assert unexplained(told, standing.event) == ()


@given(st.lists(commands, max_size=8))
def test_what_is_gone_without_a_lift_is_named(row: list[Command]) -> None:
    standing = ActiveExclusions()
    for command in row:
        with suppress(AlreadyActiveError, DoesNotStandError):
            standing = after(command, standing)
    assert unexplained(standing.event, ExclusionsSealed(())) == standing.excluded
    for gone in standing.excluded:
        left = tuple(one for one in standing.excluded if one != gone)
        missing = unexplained(standing.event, ExclusionsSealed(left))
        everybody = [one for one in left if one.principal is None]
        covered = all(any(one.first <= n <= one.last for one in everybody) for n in span(gone))
        assert bool(missing) != covered, gone


def span(one: ExcludedRange) -> range:
    return range(one.first, one.last + 1)


def test_a_lift_that_an_earlier_event_told_explains_no_later_one() -> None:
    """A record that was shown again and then excluded once more."""
    between = lifted_by_two(after(exclude((3, 3))), (3, 3))
    told = after(exclude((3, 3)), between).event
    assert [one.first for one in unexplained(told, between.event)] == [3]


def test_a_lift_for_one_person_explains_nothing_of_another() -> None:
    told = after(exclude((3, 3))).event
    for_anna = lifted_by_two(exclusions_of(told), (3, 3), of=(ANNA,))
    assert unexplained(told, for_anna.event) == ()
    keyed = for_anna.event  # Ben's alone is left
    shown = ExclusionsSealed((), lifted=lifted_by_two(exclusions_of(told), (3, 3)).lifted)
    assert [one.principal for one in unexplained(keyed, ExclusionsSealed(()))] == [BEN]
    assert unexplained(keyed, shown) == ()


def test_a_mark_that_is_shown_without_a_lift_is_named() -> None:
    shown = lifted_by_two(ActiveExclusions(), (4, 4))
    assert unexplained(ExclusionsSealed(()), shown.event) == ()
    bare = ExclusionsSealed((), unmarked=shown.unmarked)
    assert [one.first for one in unexplained(ExclusionsSealed(()), bare)] == [4]
    assert unexplained(bare, after(exclude((9, 9)), repeated(shown)).event) == ()
