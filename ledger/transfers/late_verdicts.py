"""How one person's transfers would be judged now: of those that the work list may propose.

The work list (`ledger.transfers.reassessments`) goes from late events to transfers, this from the
transfers of a person to the late events that touch them. Both judge anew in the same way.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import cast
from uuid import UUID

from ledger.format.events import ExpiredEvent, Fact, TransferEvent
from ledger.law.readings import READING, law_and_reading
from ledger.policies.context import Verdict
from ledger.store.connections import Connections
from ledger.streams.history import HistoryEntry, strictest
from ledger.streams.streams import PERSON_KINDS, AnyFact, Streams
from ledger.transfers import transfer
from ledger.transfers.causes import Causes
from ledger.transfers.reassessments import (
    CHUNK_MAX,
    is_live,
    is_of_older_reading,
    judged_anew,
    judged_at,
)
from ledger.transfers.verdict_inputs import VerdictInputs


class LateVerdicts:
    """Judges a person's transfers anew. Thread-safe; late events are read from their streams."""

    def __init__(self, connections: Connections, streams: Streams) -> None:
        self._connections = connections
        self._streams = streams

    def of_person(
        self, entries: Sequence[HistoryEntry], as_of: int, keys: Sequence[bytes]
    ) -> dict[UUID, Verdict]:
        """The person's verdict as it would be now, of each message that the list may propose.

        Each as it was at `as_of`: what was done to it since is read over. What touches other
        persons of it alone is no cause, so nothing tells of them (Order 11). Nearly nobody has
        directed anything, and nearly no transfer names a notice: then no event is read.

        Args:
            entries: of the person, as of that position, that stand; what is hidden from the person
                is not among them.
            keys: principal keys of the person's identifiers.
        """
        is_known = bool(self._streams.reads.lookups(keys, PERSON_KINDS)) if entries else False
        candidates = [one for one in entries if is_known or _may_be_late(one)]
        streams = list(
            dict.fromkeys(one.transfer for entry in candidates for one in entry.messages)
        )
        if not streams:
            return {}
        # Of a bulk transfer the chunks alone in which the person stands.
        chunks = self._streams.exclusions.rows.positions_of(keys, as_of).chunks
        causes, judging = Causes(self._connections, self._streams), VerdictInputs(self._streams)
        found: dict[UUID, Verdict] = {}
        for begin in range(0, len(streams), CHUNK_MAX):
            facts = self._streams.facts(streams[begin : begin + CHUNK_MAX], as_of, chunks)
            found |= self._anew(self._late(facts, frozenset(keys), causes), keys, judging)
        return found

    def _late(
        self, found: Mapping[UUID, list[AnyFact]], keys: AbstractSet[bytes], causes: Causes
    ) -> dict[UUID, transfer.State]:
        """The transfers that stand and whose verdict did not know of something."""

        def hides(key: bytes) -> bool:
            return key not in keys

        key_of, states = self._streams.principal_key, dict[UUID, transfer.State]()
        for stream, facts in found.items():
            state = transfer.fold(None, cast("list[Fact[TransferEvent | ExpiredEvent]]", facts))
            if state is None or not is_live(state):
                continue
            knew_all = causes.is_first(None, facts, judged_at(facts), hides)
            if knew_all and not is_of_older_reading(state):
                continue
            if state.is_bulk:
                lines = state.lines.items()
                own = {n: one for n, one in lines if key_of(one.principal) in keys}
                state = replace(state, lines=own)
            states[stream] = state
        return states

    def _anew(
        self, states: Mapping[UUID, transfer.State], keys: Sequence[bytes], judging: VerdictInputs
    ) -> dict[UUID, Verdict]:
        """The person's verdict in each of them."""
        key_of = self._streams.principal_key
        _, verdicts = judged_anew([*states.values()], judging)
        anew: dict[UUID, Verdict] = {}
        for (stream, state), verdict in zip(states.items(), verdicts, strict=True):
            lines = [line for _, line in sorted(state.lines.items())]
            own = [n for n, line in enumerate(lines) if key_of(line.principal) in keys]
            if own:
                anew[stream] = strictest(verdict.whole, map(verdict.persons.get, own))
        return anew


def _may_be_late(entry: HistoryEntry) -> bool:
    """Whether a notice or the reading of the law may change a verdict of one of its messages.

    Of those behind the first one nothing is known here.
    """
    is_named = len(entry.messages) > 1 or entry.record.data.get("notice_id") is not None
    return is_named or law_and_reading(entry.verdict.law)[1] < READING
