"""Whom exclusions name: what is excluded has keyed hashes of persons, which nobody else can make.

So a bag says which identifier each of them stands for, of those that exclusions name and no others.

Source: decision 0130; `docs/reference/event-format.md`, section 6.
"""

from collections.abc import Iterable, Iterator
from typing import Final
from uuid import UUID

from ledger.exclusions.events import ExcludedRange, ExclusionsSealed, ReviewSealed
from ledger.exclusions.excluded_persons import transfers_at
from ledger.exclusions.ranges import Span
from ledger.streams.streams import Streams
from ledger.transfers.transfer import ever_in
from ledger.values import PrincipalRef

_TOPICS: Final = (ExclusionsSealed.TYPE, ReviewSealed.TYPE)
_AT_ONCE: Final = 200


def excluded_persons(streams: Streams) -> Iterator[tuple[bytes, PrincipalRef]]:
    """Each key that an exclusion names, with the identifier in its normal form.

    None of persons of whose records nothing is left.

    Raises:
        ExclusionsLostError: what is excluded now cannot be read.
    """
    ranges: dict[bytes, set[Span]] = {}
    for one in _ranges(streams):
        if one.principal is not None:
            ranges.setdefault(one.principal, set()).add((one.first, one.last))
    for key in sorted(ranges):
        found = _person(streams, key, sorted(ranges[key]))
        if found is not None:
            yield key, found


def _ranges(streams: Streams) -> Iterator[ExcludedRange]:
    position = 0
    while stored := streams.facts_of_topics(_TOPICS, position, _AT_ONCE):
        position = stored[-1].position
        for fact in stored:
            yield from _ranges_of(fact.event)
    yield from _ranges_of(streams.exclusions.draft().active.event)


def _ranges_of(event: object) -> Iterator[ExcludedRange]:
    if isinstance(event, ExclusionsSealed):
        yield from (*event.excluded, *event.lifted, *event.unmarked, *event.pending)
    elif isinstance(event, ReviewSealed):
        yield from (*event.excluded, *event.unmarked)


def _person(streams: Streams, key: bytes, spans: Iterable[Span]) -> PrincipalRef | None:
    """Who stands under that key in a record that is recorded within the spans."""
    for first, last in spans:
        for begin in range(first, last + 1, _AT_ONCE):
            positions = range(begin, min(begin + _AT_ONCE, last + 1))
            for stream in transfers_at(streams, positions).values():
                found = _person_in(streams, key, stream)
                if found is not None:
                    return found
    return None


def _person_in(streams: Streams, key: bytes, stream: UUID) -> PrincipalRef | None:
    _, lines = ever_in(streams.facts([stream], None)[stream])
    for line in lines:
        if streams.principal_key(line.principal) == key:
            return streams.normal(line.principal)
    return None
