"""What was excluded of a person's records when their case was decided: one event each time.

Source: `docs/reference/event-format.md`, section 6.
"""

from collections.abc import Collection
from uuid import UUID

from ledger.cases.case import State
from ledger.cases.events.case import CaseDecided, CaseRefused
from ledger.cases.events.measures import CaseMeasuresDecided
from ledger.cases.refusals import StaleApprovalError
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.format.envelope import SealedEvent
from ledger.format.event_writer import EventMetadata
from ledger.format.events import Event, ExpiredEvent, ReviewSealed
from ledger.streams.sealer import Sealer
from ledger.streams.streams import Streams


class ExclusionReviews:
    """Makes reviews and reads them. Thread-safe as far as `streams` is."""

    def __init__(self, streams: Streams, sealer: Sealer) -> None:
        self._streams = streams
        self._sealer = sealer

    def sealed(
        self, state: State | None, place: EventMetadata, decided_on: Collection[UUID] = ()
    ) -> SealedEvent:
        """The review that goes with a decision on the case; one without a search has one, too.

        The index has reached the position of a search before the search can be made, so that all
        of the person's transfers are found here.

        Args:
            decided_on: the records that the decision is on.

        Raises:
            StaleApprovalError: one of them is hidden by now: they are identified anew.
        """
        draft = self._streams.exclusions.draft()
        active = draft.active
        keys, found = self._search_positions(state)
        if any(active.covers(found[one], keys) for one in decided_on if one in found):
            raise StaleApprovalError
        places = [*found.values()]
        event = ReviewSealed(active.applied_to(places, keys), active.unmarked_of(places, keys))
        key = self._sealer.exclusion_key(place.at)
        return self._sealer.seal_fixed(event, place, key, draft.fixed_bytes)

    def _search_positions(self, state: State | None) -> tuple[frozenset[bytes], dict[UUID, int]]:
        """Whom the search of the case was about, and where their transfers are recorded.

        What was tried counts as what was found: an identifier whose records are all excluded is
        named as the one or as the other, and both are told alike when they are lifted.
        """
        search = state.search if state is not None else None
        if search is None:
            return frozenset(), {}
        named = [search.identifiers] if search.identifiers else []
        persons = (*named, *((one,) for one in search.tried))
        keys = {key for one in persons for key in self._streams.cluster(one, search.as_of).keys}
        if not keys:
            return frozenset(), {}
        found = self._streams.exclusions.rows.transfers_of([*keys], search.as_of)
        return frozenset(keys), found

    def read(self, case: UUID, up_to: int | None) -> ActiveExclusions | None:
        """As `review_of`."""
        return review_of(self._streams, case, up_to)


def review_of(streams: Streams, case: UUID, up_to: int | None) -> ActiveExclusions | None:
    """What was excluded when the newest decision on the case up to a position was made.

    A reply is made again with this. None: no decision was made, or the key of its review is
    dead.
    """
    facts = streams.facts([case], up_to).get(case, [])
    decided = [fact for fact in facts if is_decision(fact.event)]
    if not decided:
        return None
    version = decided[-1].version + 1
    # The two go into one transaction, so no position lies between a reader and the second.
    if up_to is not None and facts[-1].version < version:
        facts = streams.facts([case], up_to + 1).get(case, [])
    for fact in facts:
        if fact.version == version and isinstance(fact.event, ReviewSealed):
            return ActiveExclusions(fact.event.excluded, unmarked=fact.event.unmarked)
    return None


def is_decision(event: Event | ExpiredEvent) -> bool:
    """Whether a review goes with the event."""
    return isinstance(event, CaseDecided | CaseRefused | CaseMeasuresDecided)


def is_review(event: Event | ExpiredEvent) -> bool:
    """Whether the event is a review, also once its key is dead."""
    kind = event.type if isinstance(event, ExpiredEvent) else event.TYPE
    return kind == ReviewSealed.TYPE
