"""Ranges of positions under Order 11, each of one principal or of everybody.

Source: `docs/reference/event-format.md`, section 6.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from ledger.errors import CorruptRecordError
from ledger.format.events import ExcludedRange

Span = tuple[int, int]
"""First and last position, inclusive."""

EVERYBODY: Final = None
"""In place of a principal key: every person of the records."""
Principals = Collection[bytes | None] | None
"""Of whom ranges are meant; None: whosever they are."""

_T = TypeVar("_T")


class ExclusionRanges:
    """Ranges, found by position and principal. Immutable.

    Raises:
        CorruptRecordError: two of one principal overlap, or they stand in another order.
    """

    __slots__ = ("_keyed_starts", "_of", "_starts", "keyed")

    def __init__(self, entries: Sequence[ExcludedRange]) -> None:
        self._of: dict[bytes | None, list[ExcludedRange]] = {}
        before: tuple[int, bytes] | None = None
        for one in entries:
            own, place = self._of.setdefault(one.principal, []), _sort_key(one)
            last = own[-1].last if own else 0
            if not last < one.first <= one.last or (before is not None and before >= place):
                raise CorruptRecordError("the exclusions overlap, or stand in another order")
            own.append(one)
            before = place
        self._starts = {key: [one.first for one in own] for key, own in self._of.items()}
        # Where one principal is told from another: few, and asked for at every position.
        self.keyed = joined((one.first, one.last) for one in entries if one.principal is not None)
        self._keyed_starts = [first for first, _ in self.keyed]

    def covers(self, position: int, keys: Iterable[bytes]) -> bool:
        """Whether a range of everybody, or of one of the keys, has the position."""
        if self._at(position, EVERYBODY) is not None:
            return True
        return self.is_keyed(position) and any(self._at(position, key) for key in keys)

    def is_keyed(self, position: int) -> bool:
        """Whether a range of one principal has the position."""
        place = bisect_right(self._keyed_starts, position) - 1
        return place >= 0 and position <= self.keyed[place][1]

    def applied_to(
        self, positions: Iterable[int], keys: Iterable[bytes]
    ) -> tuple[ExcludedRange, ...]:
        """The ranges of everybody and of the keys that have one of the positions, without acts."""
        whom = (EVERYBODY, *dict.fromkeys(keys))
        found = {
            _sort_key(one): one
            for position in positions
            for key in whom
            if (one := self._at(position, key)) is not None
        }
        return tuple(replace(found[place], act=None) for place in sorted(found))

    def _at(self, position: int, key: bytes | None) -> ExcludedRange | None:
        own = self._of.get(key)
        if own is None:
            return None
        place = bisect_right(self._starts[key], position) - 1
        return own[place] if place >= 0 and position <= own[place].last else None


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same positions as disjoint spans, ascending."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def overlaps(one: ExcludedRange, span: Span) -> bool:
    """Whether the range and the span have a position in common."""
    return one.first <= span[1] and span[0] <= one.last


def within(
    entries: Iterable[ExcludedRange], span: Span, principals: Principals = None
) -> Iterator[ExcludedRange]:
    """What of the ranges of these principals lies in the span."""
    for one in entries:
        if overlaps(one, span) and (principals is None or one.principal in principals):
            yield replace(one, first=max(one.first, span[0]), last=min(one.last, span[1]))


def without(
    entries: Iterable[ExcludedRange], spans: Iterable[Span], principals: Principals = None
) -> tuple[ExcludedRange, ...]:
    """The ranges without what of these principals lies in one of the spans."""
    left = list(entries)
    for first, last in spans:
        cut: list[ExcludedRange] = []
        for one in left:
            if not overlaps(one, (first, last)) or not (
                principals is None or one.principal in principals
            ):
                cut.append(one)
                continue
            if one.first < first:
                cut.append(replace(one, last=first - 1))
            if last < one.last:
                cut.append(replace(one, first=last + 1))
        left = cut
    return tuple(sorted(left, key=_sort_key))


def outside(
    entries: Iterable[ExcludedRange], others: Iterable[ExcludedRange], principals: Principals
) -> tuple[ExcludedRange, ...]:
    """What of the ranges lies in none of the others of these principals."""
    spans = [
        (other.first, other.last)
        for other in others
        if principals is None or other.principal in principals
    ]
    return without(entries, spans)


def merged(entries: Iterable[ExcludedRange]) -> tuple[ExcludedRange, ...]:
    """The same, ascending; neighbours of one principal, one ground and one act are one range."""
    newest: dict[bytes | None, ExcludedRange] = {}
    found: list[ExcludedRange] = []
    for one in sorted(entries, key=_sort_key):
        last = newest.get(one.principal)
        if last is not None and last == replace(one, first=last.first, last=one.first - 1):
            newest[one.principal] = replace(last, last=one.last)
            continue
        if last is not None:
            found.append(last)
        newest[one.principal] = one
    return tuple(sorted([*found, *newest.values()], key=_sort_key))


def disjoint(entries: Iterable[ExcludedRange]) -> tuple[ExcludedRange, ...]:
    """The same positions, each in one range: the one that begins first."""
    found: list[ExcludedRange] = []
    end = 0
    for one in sorted(entries, key=_sort_key):
        if one.last > end:
            found.append(replace(one, first=max(one.first, end + 1)))
            end = one.last
    return merged(found)


def united(entries: Iterable[ExcludedRange]) -> tuple[ExcludedRange, ...]:
    """All that they cover, of each principal in disjoint ranges; without grounds and acts."""
    spans: dict[bytes | None, list[Span]] = {}
    for one in entries:
        spans.setdefault(one.principal, []).append((one.first, one.last))
    found = [
        ExcludedRange(first, last, "", None, key)
        for key, own in spans.items()
        for first, last in joined(own)
    ]
    return tuple(sorted(found, key=_sort_key))


def dated(fresh: ExcludedRange, entries: Iterable[ExcludedRange]) -> tuple[ExcludedRange, ...]:
    """A new exclusion in parts, each of which says since when one of the entries excluded it."""
    if (act := fresh.act) is None:
        return (fresh,)
    found: list[ExcludedRange] = []
    left: tuple[ExcludedRange, ...] = (fresh,)
    begun = [(one.act.begin, one) for one in entries if one.act is not None]
    for begin, one in sorted(begun, key=lambda two: two[0]):
        span = (one.first, one.last)
        found += (replace(part, act=replace(act, since=begin)) for part in within(left, span))
        left = without(left, [span])
    return (*found, *left)


def positions_in(records: Mapping[int, _T], spans: Collection[Span]) -> Iterator[tuple[int, _T]]:
    """Those of the records whose positions lie in a span, ascending."""
    for position in sorted(records):
        if any(first <= position <= last for first, last in spans):
            yield position, records[position]


def _sort_key(one: ExcludedRange) -> tuple[int, bytes]:
    return (one.first, one.principal or b"")
