"""What is excluded, as a set: against the most obvious set there is, one position at a time."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import exclusions
from ledger.drafts.exclusions import exclusion_event_of, exclusion_parts_of
from ledger.errors import (
    AlreadyStandsError,
    CorruptRecordError,
    DoesNotStandError,
    MalformedError,
)
from ledger.events import Act, Excluded, ExclusionsSealed, Expired, Fact, ReviewSealed
from ledger.exclusions import GROUNDS, Exclude, LiftExclusion, Span, Standing

AT = datetime(2026, 11, 24, 1, 2, 3, 4_000, tzinfo=UTC)
COMMAND = UUID(int=7)
CHIEF = "c" * 32
Plain = dict[int, str]
"""Position → ground: the oracle."""

spans = st.tuples(st.integers(1, 30), st.integers(0, 6)).map(lambda one: (one[0], sum(one)))
commands = st.one_of(
    st.builds(
        Exclude,
        st.just(COMMAND),
        st.just(CHIEF),
        st.lists(spans, min_size=1, max_size=3).map(tuple),
        st.sampled_from(GROUNDS),
        st.sampled_from(("危害のおそれ", "捜査への支障")),
    ),
    st.builds(
        LiftExclusion,
        st.just(COMMAND),
        st.just(CHIEF),
        st.lists(spans, min_size=1, max_size=3).map(tuple),
        st.just("おそれがなくなった"),
    ),
)


def exclude(*named: Span, ground: str = "i", reason: str = "危害のおそれ") -> Exclude:
    return Exclude(COMMAND, CHIEF, named, ground, reason)


def lift(*named: Span) -> LiftExclusion:
    return LiftExclusion(COMMAND, CHIEF, named, "おそれがなくなった")


def after(command: Exclude | LiftExclusion, before: Standing | None = None) -> Standing:
    event = exclusions.decide(command, before or Standing(), AT)
    return Standing(event.excluded, event.lifted)


def positions(named: tuple[Span, ...]) -> set[int]:
    return {position for first, last in named for position in range(first, last + 1)}


def plain(standing: Standing) -> Plain:
    return {p: one.ground for one in standing.excluded for p in range(one.first, one.last + 1)}


def told(command: Exclude | LiftExclusion, before: Plain) -> Plain | None:
    """The set after the command, position by position; None: it is refused."""
    named = positions(command.spans)
    if isinstance(command, Exclude):
        if all(before.get(one) == command.ground for one in named):
            return None
        return before | dict.fromkeys(named, command.ground)
    if not all(positions((span,)) & before.keys() for span in command.spans):
        return None
    return {one: ground for one, ground in before.items() if one not in named}


@given(st.lists(commands, max_size=12))
def test_any_row_of_commands_leaves_what_the_plainest_set_would_hold(
    row: list[Exclude | LiftExclusion],
) -> None:
    standing, oracle = Standing(), Plain()
    for command in row:
        expected = told(command, oracle)
        if expected is None:
            with pytest.raises((AlreadyStandsError, DoesNotStandError)):
                after(command, standing)
            continue
        standing, oracle = after(command, standing), expected
        assert plain(standing) == oracle
        for position in range(1, 40):
            assert standing.covers(position) == (position in oracle)
        assert plain(Standing(standing.applied_to(range(1, 40)))) == oracle


@given(st.lists(commands, max_size=6))
def test_what_stands_comes_back_from_its_record_with_who_and_why(
    row: list[Exclude | LiftExclusion],
) -> None:
    standing = Standing()
    for command in row:
        try:
            standing = after(command, standing)
        except (AlreadyStandsError, DoesNotStandError):
            continue
    for event in (standing.event, ReviewSealed(standing.applied_to(range(40)))):
        facts, record = exclusion_parts_of(event)
        assert facts == {}
        assert exclusion_event_of(event.TYPE, record) == event


def test_neighbours_of_one_act_are_one_range_and_others_are_not() -> None:
    standing = after(exclude((3, 3), (4, 4), (9, 9)))
    assert [(one.first, one.last) for one in standing.excluded] == [(3, 4), (9, 9)]
    standing = after(exclude((5, 5), ground="ii"), standing)
    assert [(one.first, one.last) for one in standing.excluded] == [(3, 4), (5, 5), (9, 9)]


def test_a_lifted_part_cuts_a_range_and_is_told_once_with_who_lifted_it() -> None:
    standing = after(lift((5, 6)), after(exclude((3, 9))))
    assert [(one.first, one.last) for one in standing.excluded] == [(3, 4), (7, 9)]
    assert standing.lifted == (Excluded(5, 6, "i", Act(AT, CHIEF, "おそれがなくなった")),)
    fact = Fact(9, UUID(int=1), 1, AT, CHIEF, standing.event)
    repeated = exclusions.evolve(None, fact)
    assert repeated == Standing(standing.excluded)
    assert exclusions.evolve(repeated, replace(fact, event=Expired("exclusions-sealed"))) is None
    assert exclusions.evolve(repeated, replace(fact, event=Expired("review-sealed"))) == repeated


def test_what_was_applied_to_one_person_never_takes_more_room_than_what_stands() -> None:
    standing = after(exclude((1, 1_000), (2_000, 3_000)))
    assert standing.applied_to(range(0, 1_500, 2)) == (Excluded(1, 1_000, "i"),)
    assert standing.applied_to((1_500, 5_000)) == ()


def test_the_golden_record_of_what_is_excluded_is_read() -> None:
    event = exclusion_event_of(ExclusionsSealed.TYPE, {"excluded": [[2, 2, "ii"]]})
    assert event == ExclusionsSealed((Excluded(2, 2, "ii"),))


BROKEN: dict[str, tuple[Exclude | LiftExclusion, str, str]] = {
    "nothing": (exclude(), "", "EXCLUSION_NAMES_NOTHING"),
    "backwards": (exclude((5, 4)), "/positions/0", "RANGE_EMPTY"),
    "before the first": (exclude((1, 1), (0, 4)), "/positions/1", "RANGE_EMPTY"),
    "no ground of ours": (exclude((1, 1), ground="v"), "/ground", "SCHEMA"),
    "no reason": (exclude((1, 1), reason=" "), "/reason", "SCHEMA"),
    "a long reason": (exclude((1, 1), reason="危" * 101), "/reason", "SCHEMA"),
    "a My Number": (exclude((1, 1), reason="123456789018"), "/reason", "MY_NUMBER_SHOWN"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_command_that_says_too_little_is_refused(name: str) -> None:
    command, pointer, code = BROKEN[name]
    with pytest.raises(MalformedError) as refused:
        after(command)
    assert (pointer, code) in {(one.pointer, one.code) for one in refused.value.defects}


OUT_OF_ORDER = {
    "overlapping": (Excluded(1, 3, "i"), Excluded(3, 4, "i")),
    "descending": (Excluded(5, 6, "i"), Excluded(1, 2, "i")),
    "backwards": (Excluded(5, 4, "i"),),
    "before the first": (Excluded(0, 1, "i"),),
}


@pytest.mark.parametrize("name", OUT_OF_ORDER)
def test_a_set_that_is_no_set_is_corrupt(name: str) -> None:
    with pytest.raises(CorruptRecordError):
        Standing(OUT_OF_ORDER[name])
