"""Records that a correction made another person's: the hold or the case names them no more.

What a reply showed is the exception: as long as its case is open, the copy says what the letter
said, and that it told of another person (the flag `LEAK_ASSESSMENT` is read off both).

Source: Act Art. 22, 26; decision 0097.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import cast
from uuid import UUID

from ledger.cases.case import State
from ledger.cases.events.case import CaseDecided
from ledger.cases.letters.lines import is_requested, side_of
from ledger.cases.letters.withheld_parts import withheld_of
from ledger.exclusions.exclusion import NOTHING, ActiveExclusions
from ledger.exclusions.reviews import review_of
from ledger.format.events import (
    ExpiredEvent,
    Fact,
    TransferCorrected,
    TransferEvent,
    TransferReclassified,
)
from ledger.streams.event_opener import NO_CHUNKS, AnyFact
from ledger.streams.history import HistoryEntry, entry_of
from ledger.streams.streams import Streams
from ledger.values import PrincipalRef

# Streams that are opened at once.
STREAMS_MAX = 500

Named = Mapping[UUID, Sequence[tuple[UUID, frozenset[bytes] | None]]]
"""Stream → the holds and cases that name it by any of its events, each with the principal keys of
those whom it names there; None for everybody."""


class CorrectedRecords:
    """Finds what is another person's by now. Belongs to one thread."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams

    def away(self, named: Named) -> set[tuple[UUID, UUID]]:
        """(record, hold or case) of those that name nobody who stands in the record by now.

        A record whose newest content is gone stays named: nobody knows any more whose it is.
        """
        found: set[tuple[UUID, UUID]] = set()
        streams = sorted(named)
        for first in range(0, len(streams), STREAMS_MAX):
            facts = self._streams.facts(streams[first : first + STREAMS_MAX], None, NO_CHUNKS)
            changed = [
                stream for stream, stream_facts in facts.items() if _is_changed(stream_facts)
            ]
            states = self._streams.transfer_states(changed) if changed else {}
            for stream, state in states.items():
                if state.record is None:
                    continue
                lines = state.lines.values()
                people = {self._streams.principal_key(line.principal) for line in lines}
                found |= {
                    (stream, keeper)
                    for keeper, persons in named[stream]
                    if persons is not None and people.isdisjoint(persons)
                }
        return found - self._in_replies(found)

    def _in_replies(self, away: Collection[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
        """Those among them where a reply of the case went out that showed the record."""
        records: dict[UUID, list[UUID]] = defaultdict(list)
        for record, keeper in sorted(away):
            records[keeper].append(record)
        return {
            (record, keeper)
            for keeper, among in records.items()
            for then, excluded in self._replies(keeper)
            for record in self._on(then, excluded, among)
        }

    def _replies(self, keeper: UUID) -> Iterator[tuple[State, ActiveExclusions]]:
        """The case as it was when each of its replies went out, with what was excluded then.

        Nothing where nobody knows any more what was: then the copy stays. A hold has no replies.
        """
        state = self._streams.case_state(keeper)
        for reply in state.replies if state is not None else ():
            then = self._streams.case_state(keeper, reply.position - 1)
            if then is not None:
                yield then, review_of(self._streams, keeper, reply.position - 1) or NOTHING

    def _on(
        self, then: State, excluded: ActiveExclusions, records: Collection[UUID]
    ) -> Iterator[UUID]:
        """Those of the records that have a line on the reply."""
        decision, search = then.decision, then.search
        if not isinstance(decision, CaseDecided) or search is None:
            return
        keys = frozenset(self._streams.cluster(search.identifiers, search.as_of).keys)
        for record, facts in self._streams.facts(list(records), search.as_of).items():
            entry = self._entry(facts, keys, excluded)
            if entry is None or not _is_requested(entry, then):
                continue
            if withheld_of(decision, [entry]).get(record, frozenset()) is not None:
                yield record

    def _entry(
        self, facts: Sequence[AnyFact], keys: Collection[bytes], excluded: ActiveExclusions
    ) -> HistoryEntry | None:
        """The record as it stood for the person; None where it did not, or was hidden."""

        def own(principal: PrincipalRef) -> bool:
            return self._streams.principal_key(principal) in keys

        def hides_marked(position: int) -> bool:
            return excluded.hides(position, keys, is_marked=True)

        transfer_facts = cast("Sequence[Fact[TransferEvent | ExpiredEvent]]", facts)
        if excluded.covers(facts[0].position, keys):
            return None
        return entry_of(transfer_facts, own, hides_marked)


def _is_changed(facts: Sequence[AnyFact]) -> bool:
    """Whether a correction said something of the persons of the record."""
    return any(
        isinstance(one.event, TransferCorrected | TransferReclassified)
        and (one.event.lines or one.event.removed)
        for one in facts
    )


def _is_requested(entry: HistoryEntry, then: State) -> bool:
    """Of a series the other messages may have reached into the period that was asked for."""
    if entry.entry.series is not None:
        return side_of(entry) is not None
    return is_requested(entry, then.application)
