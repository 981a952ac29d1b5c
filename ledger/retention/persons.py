"""Persons by their identifiers, many at once: who is linked to whom, and what speaks of them.

The same as `Streams.cluster`, for hundreds of persons with a handful of questions: a search a
person would make each day's run as slow as there are open cases.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import cast
from uuid import UUID

from ledger.errors import BrokenWorldError
from ledger.format.events import ExpiredEvent, Fact, LinkEvent
from ledger.persons import link
from ledger.streams.streams import CLUSTER_MAX, PERSON_KINDS, AnyFact, Streams
from ledger.values import PrincipalRef


class LinkedPersons:
    """The identifiers that are linked to some, as the links stand now.

    Args:
        streams: read once, at construction.
        principals: everybody who may be asked for.

    Raises:
        BrokenWorldError: a person has many more identifiers than `CLUSTER_MAX`.
    """

    def __init__(self, streams: Streams, principals: Iterable[PrincipalRef]) -> None:
        self._streams = streams
        self._links: dict[bytes, set[bytes]] = defaultdict(set)
        self._spoken: dict[bytes, set[UUID]] = defaultdict(set)
        fresh = {streams.principal_key(one) for one in principals}
        self._keys_max = 2 * CLUSTER_MAX * len(fresh)
        self._follow(fresh)

    def of(self, principals: Iterable[PrincipalRef]) -> frozenset[bytes]:
        """The principal keys of all identifiers of these persons."""
        found: set[bytes] = set()
        fresh = {self._streams.principal_key(one) for one in principals}
        while fresh:
            found |= fresh
            if len(found) > 2 * CLUSTER_MAX:
                raise _too_many()
            fresh = {other for key in fresh for other in self._links.get(key, ())} - found
        return frozenset(found)

    def keys(self) -> list[bytes]:
        """The principal keys of everybody."""
        return list(self._spoken)

    def spoken(self, key: bytes) -> Collection[UUID]:
        """The streams of links and directives that name the identifier."""
        return self._spoken.get(key, ())

    def _follow(self, fresh: set[bytes]) -> None:
        while fresh:
            for key in fresh:
                self._spoken[key] = set()
            if len(self._spoken) > self._keys_max:
                raise _too_many()
            rows = self._streams.reads.lookups(list(fresh), PERSON_KINDS)
            joined: set[bytes] = set()
            for row, facts in self._streams.facts_by_row(rows, None).items():
                self._spoken[row.key].add(row.stream)
                if row.kind == "link":
                    joined |= self._joined(facts)
            fresh = joined - self._spoken.keys()

    def _joined(self, facts: Sequence[AnyFact]) -> set[bytes]:
        """The pair that the link joins, noted; what was taken back or is dead joins nobody."""
        state = link.fold(None, cast("Sequence[Fact[LinkEvent | ExpiredEvent]]", facts))
        if state is None or not state.is_active or state.a is None or state.b is None:
            return set()
        a, b = map(self._streams.principal_key, (state.a, state.b))
        self._links[a].add(b)
        self._links[b].add(a)
        return {a, b}


def _too_many() -> BrokenWorldError:
    return BrokenWorldError(f"a person has more than {2 * CLUSTER_MAX} identifiers")
