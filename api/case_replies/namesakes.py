"""Whether the names of an application find somebody by now whom its search did not find.

A record may come after the search that belongs to the time before it, and names somebody who bears
the name of who asks: nobody has said yet that this is somebody else. All is told by what is left
after exclusion (Order 11).

Source: Act Art. 33(3)(5).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from itertools import islice
from typing import Final
from uuid import UUID

from api.case_replies.records import RecordFinder
from ledger.cases.case import State
from ledger.cases.namesakes import NAMESAKES_MAX, spelled_otherwise
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.streams.event_opener import NO_CHUNKS
from ledger.streams.history import HistoryEntry
from ledger.streams.streams import Streams
from ledger.transfers.transfer import State as Transfer
from ledger.values import PrincipalRef
from projections.names import Names

FRESH_MAX: Final = 1_000
"""Persons of one name, unknown at the search, of whom it is asked when their records were made."""
READ_MAX: Final = 4 * NAMESAKES_MAX
"""Persons of one name of whom it is read whether all may see that they are called so."""
Later = Callable[[AbstractSet[UUID], Mapping[UUID, Transfer], State], set[UUID]]
"""(what came since, its states, the case) → what of it was made after the search."""
Without = Callable[[ActiveExclusions, Collection[int]], ActiveExclusions]
"""The same, and what was recorded at these positions."""


class Namesakes:
    """Searches by the names of a case again. Thread-safe.

    Args:
        later, without: as replies are compared, see `api.case_replies.since`.
    """

    def __init__(
        self, records: RecordFinder, streams: Streams, names: Names, later: Later, without: Without
    ) -> None:
        self._records = records
        self._streams = streams
        self._names = names
        self._later = later
        self._without = without

    def undecided(self, state: State, now: int) -> tuple[tuple[PrincipalRef, ...], bool]:
        """Who is found by a name or another spelling, and on whom the search says nothing.

        Whoever had records then was decided on; of others late facts may make some. After
        exclusion, as of the search; who is called so since is among them. And whether there are
        more of those than `NAMESAKES_MAX`, who are left out.

        Args:
            now: a position that the read side has reached, not before the search.

        Raises:
            NamesOutdatedError: the read side has no names, or of another version.
        """
        search = state.search
        if search is None or search.names_searched is None:
            return (), False
        named = (*search.identifiers, *search.tried)
        left_out = (one.identifier for one in search.left_out or ())
        seen = set(self._streams.cluster((*named, *left_out), now).keys)
        found, _ = self._names.called_any(search.names_searched, search.as_of, NAMESAKES_MAX, named)
        excluded, more = self._streams.exclusions.active(), False
        for name in search.names_searched:
            # Links alone come last: they must not take the place of those to whom something came.
            since = self._names.touched(name, search.as_of, now, excluded)
            keys = sorted(since, key=lambda one: not one[2])
            touched = [one for one, is_known, _ in keys if is_known and one not in seen]
            read = self._identifiers(name, touched[:READ_MAX], now, excluded)
            chosen = tuple(islice(read, NAMESAKES_MAX + 1))
            more = more or len(chosen) > NAMESAKES_MAX or len(touched) > READ_MAX
            found |= dict.fromkeys(chosen[:NAMESAKES_MAX], name)
        # What was linked since is found by an identifier of its own, as of the search.
        known = frozenset(self._streams.cluster(named, search.as_of).keys)
        linked = self._streams.cluster(named, now).refs
        undecided = [one for one in linked if self._streams.principal_key(one) not in known]
        for one in (*found, *spelled_otherwise(named, self._streams.secret)):
            if self._streams.principal_key(one) not in seen:
                person = self._streams.cluster([one], now)
                seen.update(person.keys)
                undecided += dict.fromkeys((one, *person.refs))
        return tuple(undecided), more

    def has_come(self, state: State, now: int, excluded: Callable[[], ActiveExclusions]) -> bool:
        """Whether a name of the search that stands finds a person on whom nobody has decided.

        So does an identifier of it in another spelling.

        Of the persons found as of the search somebody has said something, of each or of all others
        together. Somebody else counts once a record that the request asks for is there which was
        made before the search; more of whom nothing was known then than can be looked at count
        without a look. Of more others than that the point `reassessment` asks (`undecided`).

        Args:
            now: a position that the read side has reached, not before the search.
            excluded: what is left out, at both positions: so nothing tells of a lift.

        Raises:
            NamesOutdatedError: the read side has no names, or of another version.
        """
        search = state.search
        if search is None or search.names_searched is None or now <= search.as_of:
            return False
        left_out = (one.identifier for one in search.left_out or ())
        decided = (*search.identifiers, *search.tried, *left_out)
        known = frozenset(self._streams.cluster(decided, now).keys)
        hidden = cache(excluded)  # it is asked for of each person
        for name in search.names_searched:
            # Nearly always nothing has happened to any of them, which the index alone says.
            fresh: list[bytes] = []
            others: list[bytes] = []
            linked: list[bytes] = []
            since = self._names.touched(name, search.as_of, now, hidden())
            for one, is_known, has_come in since:
                if one not in known:
                    (fresh if not is_known else others if has_come else linked).append(one)
                if len(fresh) > FRESH_MAX:
                    return True
            fresh = self._of_before(fresh, state, now, hidden())
            if len(fresh) > NAMESAKES_MAX:
                return True
            chosen = (fresh, others, linked)
            if any(chosen) and self._is_new(name, chosen, state, now, hidden()):
                return True
        spelled = spelled_otherwise((*search.identifiers, *search.tried), self._streams.secret)
        return any(
            self._has_records(one, state, now, hidden())
            and not self._entries(one, state, search.as_of, hidden())
            for one in spelled
            if self._streams.principal_key(one) not in known
        )

    def _of_before(
        self, keys: Sequence[bytes], state: State, now: int, excluded: ActiveExclusions
    ) -> list[bytes]:
        """Those of whom something came that was made before the search; none has a link."""
        streams = self._names.transfers_of(keys, now, excluded)
        came = {one for those in streams.values() for one in those}
        states = self._streams.transfer_states(came, None, NO_CHUNKS) if came else {}
        later = self._later(came, states, state)
        return [one for one in keys if not later.issuperset(streams.get(one, ()))]

    def _is_new(
        self,
        name: str,
        keys: Iterable[Sequence[bytes]],
        state: State,
        now: int,
        excluded: ActiveExclusions,
    ) -> bool:
        """Whether one of these persons has records of before the search, and was no candidate.

        Of each list at most `NAMESAKES_MAX` are looked at.
        """
        return any(
            self._has_records(one, state, now, excluded)
            and not self._matches_search(one, state, excluded)
            for some in keys
            for one in islice(
                self._identifiers(name, some[:READ_MAX], now, excluded), NAMESAKES_MAX
            )
        )

    def _identifiers(
        self, name: str, keys: Sequence[bytes], now: int, excluded: ActiveExclusions
    ) -> Iterator[PrincipalRef]:
        """As `Names.identifiers`, some at a time: whoever has enough reads no more."""
        for begin in range(0, len(keys), NAMESAKES_MAX):
            chosen = keys[begin : begin + NAMESAKES_MAX]
            yield from self._names.identifiers(name, chosen, now, excluded)

    def _matches_search(self, who: PrincipalRef, state: State, excluded: ActiveExclusions) -> bool:
        """Whether the search found the person, with records, by any of its names."""
        assert state.search is not None, "asked only where a search stands"
        as_of = state.search.as_of
        if not self._entries(who, state, as_of, excluded):
            return False
        keys = self._streams.cluster([who], as_of).keys
        return any(
            any(self._names.identifiers(name, keys, as_of, excluded))
            for name in state.search.names_searched or ()
        )

    def _has_records(
        self, who: PrincipalRef, state: State, now: int, excluded: ActiveExclusions
    ) -> bool:
        """Whether the person has records that were made before the search, as far as is known."""
        found = _messages(self._entries(who, state, now, excluded))
        states = self._streams.transfer_states(found, None, NO_CHUNKS) if found else {}
        later = self._later(found, states, state)
        if not later:
            return bool(found)
        places = {states[one].first_position for one in later}
        return bool(self._entries(who, state, now, self._without(excluded, places)))

    def _entries(
        self, who: PrincipalRef, state: State, as_of: int, excluded: ActiveExclusions
    ) -> tuple[HistoryEntry, ...]:
        return self._records.find([who], as_of, state.application, excluded).entries


def _messages(entries: Collection[HistoryEntry]) -> set[UUID]:
    return {one.transfer for entry in entries for one in entry.messages}
