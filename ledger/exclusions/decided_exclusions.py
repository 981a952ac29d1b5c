"""Whether somebody decided what a reply left out, or showed, under Order 11.

What a review says was excluded stood at that moment. So the first daily event behind it, or the
draft, repeats it or says that it was lifted since, and in either case who did it.

Source: `docs/reference/event-format.md`, section 6.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ledger.exclusions.events import ExcludedRange, ExclusionsSealed
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.exclusions.ranges import united, without
from ledger.format.event_reader import fact_of
from ledger.streams.streams import Streams

_RACE: Final = timedelta(minutes=1)
"""A lift between a review's reading and its decision may bear an earlier time."""


@dataclass(frozen=True, slots=True)
class DecidedExclusions:
    """What the first daily event behind a decision says, and when that decision was made."""

    event: ExclusionsSealed
    decided_at: datetime

    def undecided(self, positions: Iterable[int], keys: Collection[bytes]) -> Iterator[int]:
        """Those of the positions, all hidden from a person, of which nobody said so by an act.

        Args:
            keys: of all identifiers of the person.
        """
        excluded = [one for one in self.event.excluded if one.act is not None]
        decided = ActiveExclusions(united([*excluded, *self._lifted_since(None)]))
        yield from (one for one in positions if not decided.covers(one, keys))

    def single_lifts(self, positions: Iterable[int], keys: Collection[bytes]) -> Iterator[int]:
        """Those of the positions, of marked records that are shown, that not two persons lifted."""
        both = [
            one
            for one in self.event.unmarked
            if one.act is not None
            and one.act.requested is not None
            and one.act.requested.actor != one.act.actor
        ]
        lifted = ActiveExclusions(united(both))
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

    def _lifted_since(self, until: datetime | None) -> list[ExcludedRange]:
        """What was lifted after the decision, which the review had as excluded."""
        return [
            one
            for one in self.event.lifted
            if one.act is not None
            and one.act.at >= self.decided_at - _RACE
            and (until is None or one.act.at <= until + _RACE)
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
    stored = streams.exclusions.rows.next_after(position)
    if stored is None:
        return DecidedExclusions(streams.exclusions.active().event, decided_at)
    [opened] = streams.opened([stored])
    event = fact_of(opened).event
    if not isinstance(event, ExclusionsSealed):
        return None
    return DecidedExclusions(event, decided_at)
