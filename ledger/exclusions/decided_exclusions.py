"""Whether somebody decided what a reply left out, or showed, under Order 11.

What a review says was excluded stood at that moment. So the first daily event behind it, or the
draft, repeats it or says that it was lifted since, and in either case who did it, and since when it
was excluded. And what the last daily event before it has as excluded stood at that moment, unless
the next one says who lifted it.

Source: `docs/reference/event-format.md`, section 6; decision 0132.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ledger.exclusions.events import ExcludedRange, ExclusionsSealed
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.exclusions.ranges import united, without
from ledger.format.envelope import StoredFact
from ledger.format.event_reader import fact_of
from ledger.streams.streams import Streams

_RACE: Final = timedelta(minutes=1)
"""A lift between a review's reading and its decision may bear an earlier time."""


@dataclass(frozen=True, slots=True)
class DecidedExclusions:
    """What the daily events around a decision say, and when that decision was made.

    Attributes:
        event: the first one behind it, or the draft.
        before: the last one before it; None: there is none, or it is destroyed.
        is_before_lost: whether it is destroyed.
    """

    event: ExclusionsSealed
    decided_at: datetime
    before: ExclusionsSealed | None = None
    is_before_lost: bool = False

    def undecided(self, positions: Iterable[int], keys: Collection[bytes]) -> Iterator[int]:
        """Those of the positions, all hidden from a person, that no act excluded at the decision.

        Args:
            keys: of all identifiers of the person.
        """
        end = self.decided_at + _RACE
        excluded = [one for one in self.event.excluded if one.act and one.act.begin <= end]
        decided = ActiveExclusions(united([*excluded, *self._lifted_since(None)]))
        yield from (one for one in positions if not decided.covers(one, keys))

    def still_excluded(
        self, positions: Iterable[int], keys: Collection[bytes], approved_at: datetime
    ) -> Iterator[int]:
        """Those of the positions, all shown to a person, that were excluded when it was decided.

        The event behind the decision has them since before it, or says that they were lifted behind
        the approval; or the one before has them, and not two persons lifted them until then.
        """
        end, begin = approved_at + _RACE, self.decided_at - _RACE
        late = [
            one
            for one in self.event.lifted
            if one.act and one.act.since and one.act.since < begin and one.act.at > end
        ]
        earlier = () if self.before is None else self.before.excluded
        then, now = (self._from_before(some) for some in (earlier, self.event.excluded))
        lifted, kept = (
            ActiveExclusions(united(some))
            for some in (_lifted_by_two(self.event.lifted, end), [*now, *late])
        )
        known = ActiveExclusions(united(then))
        for one in positions:
            is_lifted = lifted.covers(one, keys)
            if kept.covers(one, keys) or (known.covers(one, keys) and not is_lifted):
                yield one

    def single_lifts(
        self, positions: Iterable[int], keys: Collection[bytes], approved_at: datetime
    ) -> Iterator[int]:
        """Those of marked records, all shown, of which not two persons lifted the mark in time.

        A mark that was lifted for one person and then for all stands under the later act; the
        earlier one is told as lifted, or by the event before.
        """
        end = None if self.is_before_lost else approved_at + _RACE
        earlier = () if self.before is None else self.before.unmarked
        marks = [one for one in self.event.lifted if one.act and one.act.since is None]
        both = _lifted_by_two([*earlier, *marks, *self.event.unmarked], end)
        lifted = ActiveExclusions(united(both))
        yield from (one for one in positions if not lifted.covers(one, keys))

    def until(self, review: ActiveExclusions, approved_at: datetime) -> list[ActiveExclusions]:
        """What may have been excluded when the decision was approved, where that has changed."""
        end = approved_at + _RACE
        lifted = self._lifted_since(end)
        fresh = [
            one
            for one in self.event.excluded
            if one.act and self.decided_at - _RACE <= one.act.begin <= end
        ]
        if not lifted and not fresh:
            return []
        left = list(review.excluded)
        for one in lifted:
            whom = None if one.principal is None else (one.principal,)
            left = list(without(left, [(one.first, one.last)], whom))
        unmarked = united([*review.unmarked, *self.event.unmarked])
        return [
            ActiveExclusions(united(some), unmarked=unmarked)
            for some in ([*left, *fresh], left, [*review.excluded, *fresh])
        ]

    def _from_before(self, some: Iterable[ExcludedRange]) -> list[ExcludedRange]:
        """What of it was excluded before the decision, and not in a race with it."""
        begin = self.decided_at - _RACE
        return [one for one in some if one.act and one.act.begin < begin]

    def _lifted_since(self, end: datetime | None) -> list[ExcludedRange]:
        """What was lifted after the decision, which the review had as excluded."""
        return [
            one
            for one in self.event.lifted
            if one.act
            and one.act.at >= self.decided_at - _RACE
            and (one.act.since is None or one.act.since <= self.decided_at + _RACE)
            and (end is None or one.act.at <= end)
        ]


def decided_exclusions(
    streams: Streams, position: int, decided_at: datetime
) -> DecidedExclusions | None:
    """What was decided as of a decision on a case; None: that daily event is destroyed.

    Args:
        position: of the decision.

    Raises:
        ExclusionsLostError: what is excluded now cannot be read.
    """
    rows = streams.exclusions.rows
    earlier = rows.newest_before(position)
    before = None if earlier is None else _event_of(streams, earlier)
    stored, is_lost = rows.next_after(position), earlier is not None and before is None
    event = streams.exclusions.active().event if stored is None else _event_of(streams, stored)
    return None if event is None else DecidedExclusions(event, decided_at, before, is_lost)


def _event_of(streams: Streams, stored: StoredFact) -> ExclusionsSealed | None:
    [opened] = streams.opened([stored])
    event = fact_of(opened).event
    return event if isinstance(event, ExclusionsSealed) else None


def _lifted_by_two(some: Iterable[ExcludedRange], end: datetime | None) -> list[ExcludedRange]:
    """Those that two persons had asked for until `end`; None: at whatever time."""
    return [
        one
        for one in some
        if one.act
        and one.act.requested
        and one.act.requested.actor != one.act.actor
        and (end is None or one.act.at <= end)
    ]
