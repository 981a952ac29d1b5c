"""Whom an exclusion under Order 11 means, in the records that it names.

Source: `docs/reference/event-format.md`, section 6.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final
from uuid import UUID

from ledger.errors import Defect, MalformedError
from ledger.exclusions.exclusion import GROUNDS, ActiveExclusions, LiftExclusion, RecordAt
from ledger.exclusions.ranges import EVERYBODY, Span, within
from ledger.format.events import RECORDED_TYPES
from ledger.streams.event_opener import NO_CHUNKS
from ledger.streams.streams import Streams, is_large
from ledger.transfers.transfer import State
from ledger.values import PrincipalRef

Wait = Callable[[int], object]
"""Waits until the index has followed the log up to a position."""

PARTED_MAX: Final = 100
"""Records excluded for every person that one lift, for one person, may part: each is read."""
_RECORDED: Final = frozenset(RECORDED_TYPES)
_NOT_NAMED: Final = "no living line of what is named is this person's"
_OF_MANY: Final = (
    "it is excluded for every one of more persons than can be read: lift it for all of them, and"
    " exclude it anew for each from whom it is to stay hidden"
)


def transfers_at(streams: Streams, positions: Sequence[int]) -> dict[int, UUID]:
    """The transfers that were recorded at these positions; none where there is no event."""
    head = streams.reads.head()
    there = [one for one in positions if 1 <= one <= head]
    facts = streams.reads.facts_at(there) if there else []
    return {one.position: one.stream for one in facts if one.type in _RECORDED}


class ExcludedPersons:
    """Finds whom a request means. Thread-safe.

    Raises:
        ProjectionBehindError: the index does not follow in time.
    """

    def __init__(self, streams: Streams, wait: Wait) -> None:
        self._streams = streams
        self._wait = wait

    def keys_in(
        self, principal: PrincipalRef, spans: Sequence[Span]
    ) -> tuple[tuple[bytes, ...], ...]:
        """Of each span, the keys by which the records in it name a person.

        Args:
            principal: one identifier of the person; linked ones are found.

        Raises:
            MalformedError: `PRINCIPAL_NOT_NAMED`, no record of one of the spans names the person.
        """
        keys = self._streams.cluster([principal], None).keys
        states = self._states([first for first, last in spans if first == last], keys)
        found: list[tuple[bytes, ...]] = []
        for first, last in spans:
            named = frozenset[bytes]()
            if first < last:
                named = frozenset(one for one in keys if self._positions([one], (first, last)))
            elif first in states:
                named = self._named(states[first])
            found.append(tuple(one for one in keys if one in named))
        if not all(found):
            raise MalformedError((Defect("/principal", "PRINCIPAL_NOT_NAMED", _NOT_NAMED),))
        return tuple(found)

    def keys_of_all(self, spans: Sequence[Span]) -> tuple[tuple[bytes | None, ...], ...]:
        """Of each span, which is one position, the keys of all who stand in its record.

        Of a record in which nobody stands it is meant whole.
        """
        states = self._states([first for first, _ in spans], ())
        return tuple(
            tuple(sorted(self._named(states[first]))) or (EVERYBODY,)
            if first in states
            else (EVERYBODY,)
            for first, _ in spans
        )

    def records(self, command: LiftExclusion, active: ActiveExclusions) -> dict[int, RecordAt]:
        """The records of which a lift must know whom they name, and whether they are marked.

        Those that it names one by one; those of which a lift waits; and those that are excluded for
        everybody and that one person is to see again.

        Raises:
            MalformedError: `LIFT_OF_MANY`, more persons or records would have to be parted than can
                be read.
        """
        waiting = [one for span in command.spans for one in within(active.pending, span)]
        keys = {key for own in command.principals or () for key in own if key is not None}
        keys |= {one.principal for one in waiting if one.principal is not None}
        positions = {first for first, last in command.spans if first == last}
        positions |= {one.first for one in waiting if one.first == one.last}
        parted = self._parted(command, active)
        states = self._states(sorted(positions | parted), keys)
        if any(is_large(states[one]) for one in parted if one in states):
            raise _too_many()
        return {
            position: RecordAt(self._named(state), _mark_of(state))
            for position, state in states.items()
        }

    def _parted(self, command: LiftExclusion, active: ActiveExclusions) -> set[int]:
        """Where one person is to see what is excluded for everybody."""
        found: set[int] = set()
        for (first, last), own in zip(command.spans, command.principals or (), strict=False):
            keys = [one for one in own if one is not None]
            if len(keys) < len(own) or not any(
                True for _ in within(active.excluded, (first, last), (EVERYBODY,))
            ):
                continue
            places = {first} if first == last else self._positions(keys, (first, last))
            found |= {one for one in places if active.covers(one)}
        if len(found) > PARTED_MAX:
            raise _too_many()
        return found

    def _positions(self, keys: Sequence[bytes], span: Span) -> set[int]:
        """Where records of a person were recorded, within the span."""
        head = self._streams.reads.head()
        self._wait(head)
        found = self._streams.exclusions.rows.transfers_of(keys, head) if keys else {}
        return {one for one in found.values() if span[0] <= one <= span[1]}

    def _states(self, positions: Sequence[int], keys: Collection[bytes]) -> dict[int, State]:
        """The records at these positions; of large bulk transfers the persons' lines alone."""
        streams = transfers_at(self._streams, positions)
        chunks: Collection[int] = NO_CHUNKS
        if keys and streams:
            head = self._streams.reads.head()
            self._wait(head)
            chunks = self._streams.exclusions.rows.positions_of([*keys], head).chunks
        states = self._streams.transfer_states(list(streams.values()), None, chunks)
        return {
            position: states[stream] for position, stream in streams.items() if stream in states
        }

    def _named(self, state: State) -> frozenset[bytes]:
        key_of = self._streams.principal_key
        return frozenset(key_of(line.principal) for line in self._streams.all_lines(state).values())


def scopes_in(active: ActiveExclusions, spans: Iterable[Span]) -> set[bytes | None]:
    """For whom something of the spans is excluded."""
    return {one.principal for span in spans for one in within(active.excluded, span)}


def _mark_of(state: State) -> str:
    mark = 0 if state.entry is None else state.entry.order_11
    return GROUNDS[mark - 1] if mark else ""


def _too_many() -> MalformedError:
    return MalformedError((Defect("/principal", "LIFT_OF_MANY", _OF_MANY),))
