"""Who may not die with a due key, and until when: corrections, dependants, holds, open cases.

Each answer is about whole streams; which of their events are short of it is asked by
`carry_forward`.

Source: `docs/reference/event-format.md`, section 5; Rules 20(2), 24(2), 28(2) for dependants.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from ledger.format.events import RecordCarriedForward
from ledger.retention.corrected_records import CorrectedRecords
from ledger.retention.expiry_queries import ExpiryQueries, LivePart
from ledger.retention.holds_and_cases import Keeper
from ledger.retention.persons import LinkedPersons
from ledger.streams.streams import Streams
from ledger.transfers.transfer import State
from ledger.transfers.verdict_inputs import VerdictInputs


class PersonIndex(Protocol):
    """The read side, as far as keeping needs it: which events speak of which person."""

    def wait(self, position: int) -> None:
        """Wait until it has reached `position`.

        Raises:
            ProjectionBehindError: it was not reached in time.
        """
        ...

    def streams_of(self, principal_keys: Sequence[bytes]) -> Mapping[bytes, Collection[UUID]]:
        """Of each of these persons, all streams with an event that speaks of it; none: absent."""
        ...

    def last_days(self, key_ids: Sequence[bytes]) -> dict[bytes, date | None]:
        """Of keys of links and directives: when the last record of either end dies.

        None is an open end; a key without any living record is absent.
        """
        ...


@dataclass(frozen=True, slots=True)
class Need:
    """One reason for which events of a stream must outlive their key.

    Attributes:
        until: the day of death that suffices; None when nobody knows it yet.
        keeper: whose own key of class `held` takes the copy where nobody knows a day: the stream of
            the hold or the case, or the owner of the key of a series or an open period.
        persons: principal keys of those concerned; None for every line.
    """

    until: date | None
    keeper: UUID | None = None
    persons: frozenset[bytes] | None = None


@dataclass(frozen=True, slots=True)
class RetainedStream:
    """A stream with an event under a key that dies, and who keeps it.

    Attributes:
        keeper: the stream of the hold or the case.
        persons: principal keys of those whom it names; None for everybody.
    """

    stream: UUID
    key_id: bytes
    keeper: UUID
    persons: frozenset[bytes] | None


class Reasons:
    """Finds the reasons. Belongs to one thread."""

    def __init__(self, streams: Streams, expiry_queries: ExpiryQueries, index: PersonIndex) -> None:
        self._streams = streams
        self._expiry_queries = expiry_queries
        self._index = index
        self._judging = VerdictInputs(streams)
        self._corrected = CorrectedRecords(streams)

    def of(
        self,
        sealing: Collection[bytes],
        expiring_keys: Collection[bytes],
        keepers: Sequence[Keeper],
    ) -> dict[UUID, list[Need]]:
        """Stream → why its events under `sealing` must live on; the reasons stand as of now.

        Args:
            expiring_keys: all keys that die in this run: a record that lives by one of them is no
                reason.
        """
        found: dict[UUID, list[Need]] = {}
        ids = sorted(sealing)
        keys = expiring_keys
        for stream, parts in self._live_parts(self._expiry_queries.outliving(ids)).items():
            own = [
                part
                for part in parts
                if part.topic != RecordCarriedForward.TYPE and part.key_id not in keys
            ]
            if own:
                found.setdefault(stream, []).append(Need(*_latest(own)))
        self._dependants(self._expiry_queries.depended_on(ids), keys, found)
        self._add_retained(ids, keepers, found)
        return found

    def of_dependants(
        self, bases: Collection[UUID], expiring_keys: Collection[bytes]
    ) -> dict[UUID, list[Need]]:
        """As `of`, of these streams and of those alone that take items from them."""
        found: dict[UUID, list[Need]] = {}
        self._dependants(self._expiry_queries.taking_from(bases), expiring_keys, found)
        return found

    def naming(
        self, key_ids: Collection[bytes], keepers: Sequence[Keeper]
    ) -> dict[UUID, list[Need]]:
        """Stream → who names it and needs it, of those with a copy under these keys.

        What lives by copies alone needs its base for whom it is named by itself: copies that only
        name each other are named by nobody.
        """
        found = self.of(key_ids, key_ids, keepers)
        pairs = self._depending(self._expiry_queries.depended_on(sorted(key_ids)))
        persons = {pair: self._named(state) for pair, state in pairs.items()}
        size = -1
        while size != sum(len(needs) for needs in found.values()):
            size = sum(len(needs) for needs in found.values())
            for base, dependant in pairs:
                owners = {one.keeper for one in found.get(dependant, ()) if one.keeper is not None}
                needs = {Need(None, owner, persons[base, dependant]) for owner in owners}
                if more := needs.difference(found.get(base, ())):
                    found.setdefault(base, []).extend(more)
        return found

    def staying(
        self, owned: Collection[bytes], expiring_keys: Collection[bytes], keepers: Sequence[Keeper]
    ) -> set[bytes]:
        """Those of these objects' keys that must outlive the others that are due.

        All are taken to die together. Then those stay under which a hold or an open case names
        anything, or from which a record takes items that lives on: it has a part under a key that
        does not die, or is copied to one, for somebody needs it. What stays may need more, so this
        is asked until nothing is added. What only keeps each other is left, and dies on one day.

        Args:
            owned: of objects' own keys, which are not copied out of but stay.
            expiring_keys: all keys that are due, these too.
        """
        if not owned:
            return set()
        retained = self.retained_streams(expiring_keys, keepers)
        pairs = self._depending(self._expiry_queries.leading_to(sorted(owned)))
        live_parts = self._live_parts({stream for pair in pairs for stream in pair})
        kept = {one.stream for one in retained}
        found = {one.key_id for one in retained}.intersection(owned)
        size = -1
        while size != len(kept) + len(found):
            size = len(kept) + len(found)
            doomed_keys = set(expiring_keys) - found
            kept |= {
                base
                for base, dependant in pairs
                if dependant in kept
                or any(part.key_id not in doomed_keys for part in live_parts.get(dependant, ()))
            }
            under = {part.key_id for stream in kept for part in live_parts.get(stream, ())}
            found |= under.intersection(owned)
        return found

    # -- holds and cases -------------------------------------------------------------------------

    def retained_streams(
        self, key_ids: Collection[bytes], keepers: Sequence[Keeper]
    ) -> list[RetainedStream]:
        """Each stream under these keys that a keeper names, in the order of the keepers.

        A record that was corrected to other persons is named by no keeper of the former ones, but
        by a case whose reply showed it.
        """
        if not keepers or not key_ids:
            return []
        named = self._named_by(keepers)
        under = self._expiry_queries.sealed_under(sorted(key_ids), named)
        away = self._corrected.away({stream: named[stream] for stream, _ in under})
        found: list[RetainedStream] = []
        for stream, key_id in under:
            left = [one for one in named[stream] if (stream, one[0]) not in away]
            found += [RetainedStream(stream, key_id, *one) for one in left]
        order = {one.stream: number for number, one in enumerate(keepers)}
        return sorted(found, key=lambda one: (order[one.keeper], one.stream, one.key_id))

    def _named_by(
        self, keepers: Sequence[Keeper]
    ) -> dict[UUID, list[tuple[UUID, frozenset[bytes] | None]]]:
        """Stream → the keepers that name it by any event, each with whom it names there.

        All of them at once: there are hundreds of cases, and each is looked at several times a day.
        """
        named: dict[UUID, list[tuple[UUID, frozenset[bytes] | None]]] = {}
        everybody = LinkedPersons(self._streams, (ref for one in keepers for ref in one.principals))
        records = self._index.streams_of(everybody.keys())
        for keeper in keepers:
            if keeper.transfer is not None:
                named.setdefault(keeper.transfer, []).append((keeper.stream, None))
            keys = everybody.of(keeper.principals)
            for stream in {
                stream for key in keys for stream in (*records.get(key, ()), *everybody.spoken(key))
            }:
                named.setdefault(stream, []).append((keeper.stream, keys))
        return named

    def _add_retained(
        self, ids: Sequence[bytes], keepers: Sequence[Keeper], found: dict[UUID, list[Need]]
    ) -> None:
        for one in self.retained_streams(ids, keepers):
            need = Need(None, one.keeper, one.persons)
            if need not in (needs := found.setdefault(one.stream, [])):
                needs.append(need)

    # -- dependants ------------------------------------------------------------------------------

    def _dependants(
        self,
        named: Sequence[tuple[UUID, UUID]],
        keys: Collection[bytes],
        found: dict[UUID, list[Need]],
    ) -> None:
        """Of these pairs (base, dependant) the records that took omitted items and live longer."""
        pairs = self._depending(named)
        live_parts = self._live_parts({dependant for _, dependant in pairs})
        for (base, dependant), state in pairs.items():
            parts = [part for part in live_parts.get(dependant, ()) if part.key_id not in keys]
            if parts:
                need = Need(*_lifetime(parts), self._named(state))
                found.setdefault(base, []).append(need)

    def _depending(self, pairs: Sequence[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], State]:
        """Those pairs (base, dependant) that are so by now, with the state of the dependant."""
        if not pairs:
            return {}
        states = self._streams.transfer_states({dependant for _, dependant in pairs})
        return {
            (base, dependant): state
            for base, dependant in pairs
            if (state := states.get(dependant)) is not None and self._depends(state, base)
        }

    def _depends(self, state: State, base: UUID) -> bool:
        if state.record is None or state.entry is None or state.retracted is not None:
            return False
        named = state.record.data.get("base_record")
        if not isinstance(named, str):
            return False
        return base in self._judging.named_streams(state.entry.source, named)

    def _named(self, state: State) -> frozenset[bytes] | None:
        """The dependant's persons; None, everybody, where it names nobody."""
        refs = [line.principal for line in state.lines.values()]
        if not refs:
            return None
        cluster = self._streams.cluster(refs, None) if len(refs) == 1 else None
        if cluster is not None:
            return frozenset(cluster.keys)
        # Many persons in one file: each of them is looked at alone only when a copy is made, and
        # following everybody's links here would be a search a person. All lines are kept then.
        return None

    def _live_parts(self, streams: Collection[UUID]) -> dict[UUID, list[LivePart]]:
        return self._expiry_queries.lives(sorted(streams)) if streams else {}


def _latest(parts: Sequence[LivePart]) -> tuple[date | None, UUID | None]:
    """(the last day on which one of these parts dies; who keeps it where one has an open end)."""
    days = [part.day for part in parts if part.day is not None]
    return (max(days), None) if len(days) == len(parts) else (None, _owner(parts))


def _lifetime(parts: Sequence[LivePart]) -> tuple[date | None, UUID | None]:
    """(last known day of death of these parts; whose end they await if there is none).

    What lives by a hold or a case alone, or by a series or a period without an end, keeps its base
    for the same owner: both go with its end.
    """
    days = [part.day for part in parts if part.day is not None]
    return (max(days), None) if days else (None, _owner(parts))


def _owner(parts: Sequence[LivePart]) -> UUID:
    """Of the key of a part without a day: a hold or case, else a series or a transfer."""
    return min(
        (part.key_class != "held", part.owner)
        for part in parts
        if part.day is None and part.owner is not None
    )[1]
