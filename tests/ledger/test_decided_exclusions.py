"""What daily events say of a decision, against what stood at every moment, one after another."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import AlreadyActiveError, DoesNotStandError
from ledger.exclusions import exclusion
from ledger.exclusions.decided_exclusions import DecidedExclusions
from ledger.exclusions.exclusion import (
    GROUNDS,
    NOTHING,
    ActiveExclusions,
    Exclude,
    LiftExclusion,
    RecordAt,
    exclusions_of,
)
from ledger.exclusions.stored_events import exclusion_event_of, exclusion_parts_of
from ledger.format.events import ExclusionsSealed, Fact
from ledger.values import Json

BEGIN = datetime(2026, 12, 1, tzinfo=UTC)
STEP = timedelta(minutes=10)
"""Between two commands: more than what counts as a race."""
CHIEF, SECOND = "c" * 32, "d" * 32
ANNA, BEN = b"a" * 16, b"b" * 16
MARKED = {2: "iii", 5: "ii"}
RECORDS = {n: RecordAt(frozenset((ANNA, BEN)), MARKED.get(n, "")) for n in range(1, 7)}
DAILY, DECISION = "daily", "decision"
Command = Exclude | LiftExclusion


@dataclass
class Told:
    """What the next daily event says, what the one before said, and what stood at the decision."""

    active: ActiveExclusions = NOTHING
    before: ExclusionsSealed | None = None
    decided_at: datetime | None = None
    then: ActiveExclusions = NOTHING

    def does(self, row: list[Command | str]) -> DecidedExclusions:
        """Each in turn; at the first daily event behind the decision it is asked."""
        for n, one in enumerate(row):
            at = BEGIN + n * STEP
            if isinstance(one, Exclude | LiftExclusion):
                with suppress(AlreadyActiveError, DoesNotStandError):
                    self.active = exclusions_of(exclusion.decide(one, self.active, at))
            elif one == DECISION:
                self.decided_at, self.then = at, self.active
            else:
                event = stored(self.active.event)
                if self.decided_at is not None:
                    return DecidedExclusions(event, self.decided_at, self.before)
                fact = Fact(n + 1, UUID(int=1), n + 1, at, CHIEF, event)
                active = exclusion.evolve(self.active, fact)
                assert active is not None
                self.active, self.before = active, event
        raise AssertionError("no daily event behind the decision")


def stored(event: ExclusionsSealed) -> ExclusionsSealed:
    """It comes back from its record."""
    again = exclusion_event_of(event.TYPE, exclusion_parts_of(event)[1])
    assert isinstance(again, ExclusionsSealed)
    return again


spans = st.tuples(st.integers(1, 6), st.integers(0, 2)).map(lambda one: ((one[0], sum(one)),))
whom = st.sampled_from((None, ((ANNA,),), ((BEN,),), ((ANNA, BEN),)))
commands = st.one_of(
    st.builds(
        Exclude,
        st.just(UUID(int=7)),
        st.just(CHIEF),
        spans,
        st.sampled_from(GROUNDS[:2]),
        st.just("危害"),
        whom,
    ),
    st.builds(
        LiftExclusion,
        st.just(UUID(int=7)),
        st.sampled_from((CHIEF, SECOND)),
        spans,
        st.just("消滅"),
        whom,
        st.just(RECORDS),
        st.just(frozenset[str]()),
    ),
)
some = st.lists(st.one_of(commands, commands, commands, st.just(DAILY)), max_size=12)


@given(some, some, st.sampled_from((ANNA, BEN)))
def test_an_honest_decision_is_never_accused_and_a_lie_always(
    before: list[Command | str], after: list[Command | str], person: bytes
) -> None:
    world, keys = Told(), (person,)
    decided = world.does([*before, DECISION, *after, DAILY])
    at, then = decided.decided_at, world.then
    hidden = [one for one in RECORDS if then.covers(one, keys)]
    free = [one for one in RECORDS if one not in hidden]
    shown = [one for one in MARKED if not then.hides(one, keys, is_marked=True)]
    marked = [one for one in MARKED if then.hides(one, keys, is_marked=True) and one in free]
    assert not list(decided.undecided(hidden, keys))
    assert not list(decided.still_excluded(free, keys, at))
    assert not list(decided.single_lifts(shown, keys, at))
    # Of a record that its emitter marked, a lift of the mark is told as one of an exclusion is.
    plain = [one for one in free if one not in MARKED]
    assert list(decided.undecided(plain, keys)) == plain
    assert list(decided.still_excluded(hidden, keys, at)) == hidden
    assert list(decided.single_lifts(marked, keys, at)) == marked


def test_what_was_written_before_acts_said_since_when_accuses_nobody() -> None:
    act: dict[str, Json] = {"at": "2026-12-01T00:20:00.000Z", "actor": SECOND, "reason": "消滅"}
    asked: dict[str, Json] = {**act, "at": "2026-12-01T00:15:00.000Z", "actor": CHIEF}
    record: dict[str, Json] = {
        "v": 2,
        "excluded": [],
        "lifted": [[1, 1, "i", "", 0]],
        "acts": [{**act, "requested": asked}],
    }
    event = exclusion_event_of(ExclusionsSealed.TYPE, record)
    assert isinstance(event, ExclusionsSealed)
    decided = DecidedExclusions(event, BEGIN)
    assert not list(decided.undecided([1], [ANNA]))
    assert not list(decided.still_excluded([1], [ANNA], BEGIN))
