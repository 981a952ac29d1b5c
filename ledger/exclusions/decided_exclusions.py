"""Whether somebody decided what a reply left out, or showed, under Order 11.

What a review says was excluded stood at that moment. So the first daily event behind it, or the
draft, repeats it or says that it was lifted since, and in either case who did it. And what the last
daily event before it has as excluded stood at that moment, unless the next one says who lifted it.

Source: `docs/reference/event-format.md`, section 6.
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
    """

    event: ExclusionsSealed
    decided_at: datetime
    before: ExclusionsSealed | None = None

    def undecided(self, positions: Iterable[int], keys: Collection[bytes]) -> Iterator[int]:
        """Those of the positions, all hidden from a person, of which nobody said so by an act.

        Args:
            keys: of all identifiers of the person.
        """
        excluded = [one for one in self.event.excluded if one.act is not None]
        decided = ActiveExclusions(united([*excluded, *self._lifted_since(None)]))
        yield from (one for one in positions if not decided.covers(one, keys))

    def still_excluded(
        self, positions: Iterable[int], keys: Collection[bytes], approved_at: datetime
    ) -> Iterator[int]:
        """Those of the positions, all shown to a person, that were excluded when it was decided.

        The event behind the decision has them by an act from before it; or the one before has them,
        and not two persons lifted them until the approval.
        """
        earlier = () if self.before is None else self.before.excluded
        then, now = (self._from_before(some) for some in (earlier, self.event.excluded))
        both = [one for one in _lifted_by_two(self.event.lifted) if _is_until(one, approved_at)]
        lifted = ActiveExclusions(united(both))
        for one in positions:
            is_lifted = lifted.covers(one, keys)
            if now.covers(one, keys) or (then.covers(one, keys) and not is_lifted):
                yield one

    def single_lifts(self, positions: Iterable[int], keys: Collection[bytes]) -> Iterator[int]:
        """Those of the positions, of marked records that are shown, that not two persons lifted."""
        lifted = ActiveExclusions(united(_lifted_by_two(self.event.unmarked)))
        yield from (one for one in positions if not lifted.covers(one, keys))

    def until(self, review: ActiveExclusions, approved_at: datetime) -> list[ActiveExclusions]:
        """What may have been excluded when the decision was approved, where that has changed."""
        lifted = self._lifted_since(approved_at)
        fresh = [
            one
            for one in self.event.excluded
            if one.act is not None and self.decided_at - _RACE <= one.act.at <= approved_at + _RACE
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

    def _from_before(self, some: Iterable[ExcludedRange]) -> ActiveExclusions:
        """What of it was excluded before the decision, and not in a race with it."""
        begin = self.decided_at - _RACE
        old = [one for one in some if one.act is not None and one.act.at < begin]
        return ActiveExclusions(united(old))

    def _lifted_since(self, until: datetime | None) -> list[ExcludedRange]:
        """What was lifted after the decision, which the review had as excluded."""
        return [
            one
            for one in self.event.lifted
            if one.act is not None
            and one.act.at >= self.decided_at - _RACE
            and (until is None or _is_until(one, until))
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
    stored = rows.next_after(position)
    if stored is None:
        return DecidedExclusions(streams.exclusions.active().event, decided_at, before)
    event = _event_of(streams, stored)
    return None if event is None else DecidedExclusions(event, decided_at, before)


def _event_of(streams: Streams, stored: StoredFact) -> ExclusionsSealed | None:
    [opened] = streams.opened([stored])
    event = fact_of(opened).event
    return event if isinstance(event, ExclusionsSealed) else None


def _lifted_by_two(some: Iterable[ExcludedRange]) -> list[ExcludedRange]:
    """Those that two persons asked for."""
    return [
        one
        for one in some
        if one.act is not None
        and one.act.requested is not None
        and one.act.requested.actor != one.act.actor
    ]


def _is_until(one: ExcludedRange, until: datetime) -> bool:
    return one.act is not None and one.act.at <= until + _RACE
