"""Whether what stands follows from a daily event: of what is shown again, a lift is told."""

from contextlib import suppress
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import AlreadyStandsError, DoesNotStandError
from ledger.exclusions import exclusion
from ledger.exclusions.exclusion import ActiveExclusions, standing_of, unexplained
from ledger.format.events import ExcludedRange, ExclusionsSealed
from tests.ledger.test_exclusions import (
    ANNA,
    AT,
    BEN,
    Command,
    after,
    commands,
    exclude,
    lifted_by_two,
)

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
            with suppress(AlreadyStandsError, DoesNotStandError):
                event = exclusion.decide(command, standing, AT + timedelta(minutes=n))
                standing = standing_of(event)
        assert unexplained(told, standing.event) == ()


@given(st.lists(commands, max_size=8))
def test_what_is_gone_without_a_lift_is_named(row: list[Command]) -> None:
    standing = ActiveExclusions()
    for command in row:
        with suppress(AlreadyStandsError, DoesNotStandError):
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
    for_anna = lifted_by_two(standing_of(told), (3, 3), of=(ANNA,))
    assert unexplained(told, for_anna.event) == ()
    keyed = for_anna.event  # Ben's alone is left
    shown = ExclusionsSealed((), lifted=lifted_by_two(standing_of(told), (3, 3)).lifted)
    assert [one.principal for one in unexplained(keyed, ExclusionsSealed(()))] == [BEN]
    assert unexplained(keyed, shown) == ()


def test_a_mark_that_is_shown_without_a_lift_is_named() -> None:
    shown = lifted_by_two(ActiveExclusions(), (4, 4))
    assert unexplained(ExclusionsSealed(()), shown.event) == ()
    bare = ExclusionsSealed((), unmarked=shown.unmarked)
    assert [one.first for one in unexplained(ExclusionsSealed(()), bare)] == [4]
    assert unexplained(bare, after(exclude((9, 9)), repeated(shown)).event) == ()
