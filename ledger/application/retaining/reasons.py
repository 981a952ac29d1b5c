"""Who may not die with a due key, and until when: corrections, dependants, holds.

Each answer is about whole streams; which of their events are short of it is asked by `carrying`.

Source: `docs/reference/event-format.md`, section 5; Rules 20(2), 24(2), 28(2) for dependants.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from ledger import hold
from ledger.application.judging import Judging
from ledger.events import RecordCarriedForward
from ledger.store.dying import Dying, LivingPart
from ledger.streams import PERSON_KINDS, Streams
from ledger.transfer import State
from ledger.values import PrincipalRef


class Index(Protocol):
    """The read side, as far as keeping needs it: which events speak of which person."""

    def wait(self, position: int) -> None:
        """Wait until it has reached `position`.

        Raises:
            ProjectionBehindError: it was not reached in time.
        """
        ...

    def streams_of(self, principal_keys: Sequence[bytes]) -> set[UUID]:
        """All streams with an event that speaks of one of these persons."""
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
        hold: the hold's or case's stream whose own key keeps the copy; None for the other reasons.
        persons: principal keys of those concerned; None for every line.
    """

    until: date | None
    hold: UUID | None = None
    persons: frozenset[bytes] | None = None


class Reasons:
    """Finds the reasons. Belongs to one thread."""

    def __init__(self, streams: Streams, dying: Dying, index: Index) -> None:
        self._streams = streams
        self._dying = dying
        self._index = index
        self._judging = Judging(streams)

    def of(
        self, sealing: Collection[bytes], dying: Collection[bytes], holds: Sequence[hold.State]
    ) -> dict[UUID, list[Need]]:
        """Stream → why its events under `sealing` must live on; the reasons stand as of now.

        Args:
            dying: all keys that die in this run: a record that lives by one of them is no reason.
        """
        found: dict[UUID, list[Need]] = {}
        ids = sorted(sealing)
        keys = dying
        for stream, parts in self._living(self._dying.outliving(ids)).items():
            own = [part for part in parts if part.topic != RecordCarriedForward.TYPE]
            if any(part.key_id not in keys for part in own):
                found.setdefault(stream, []).append(Need(_latest(own, keys)))
        self._dependants(ids, keys, found)
        for stream, hold_stream, persons in self.held(ids, holds):
            found.setdefault(stream, []).append(Need(None, hold_stream, persons))
        return found

    def touched(self, key_id: bytes, holds: Sequence[hold.State]) -> bool:
        """Whether a hold or a living dependant needs anything under an object's key.

        A dependant that is due itself still counts: a hold or a dependant of its own may yet have
        it copied in this run. So the key goes with the next run, a day later.
        """
        found: dict[UUID, list[Need]] = {}
        self._dependants([key_id], {key_id}, found)
        return bool(found) or bool(self.held([key_id], holds))

    # -- holds -----------------------------------------------------------------------------------

    def held(
        self, ids: Sequence[bytes], holds: Sequence[hold.State]
    ) -> list[tuple[UUID, UUID, frozenset[bytes] | None]]:
        """(stream, hold, persons) for each stream under these keys that a standing hold names."""
        found: list[tuple[UUID, UUID, frozenset[bytes] | None]] = []
        for one in holds:
            if not one.stands:
                continue
            if one.transfer is not None:
                under = self._dying.streams_under(ids, [one.transfer])
                found += [(stream, one.hold, None) for stream in under]
            if one.principals:
                persons, streams = self._of_persons(one.principals)
                under = self._dying.streams_under(ids, streams)
                found += [(stream, one.hold, persons) for stream in under]
        return found

    def _of_persons(self, principals: Sequence[PrincipalRef]) -> tuple[frozenset[bytes], set[UUID]]:
        """The persons' principal keys, and the streams that speak of them, their links too."""
        cluster = self._streams.cluster(principals, None)
        rows = self._streams.reads.lookups(list(cluster.keys), PERSON_KINDS)
        found = self._index.streams_of(cluster.keys)
        return frozenset(cluster.keys), found | {row.stream for row in rows}

    # -- dependants ------------------------------------------------------------------------------

    def _dependants(
        self, ids: Sequence[bytes], keys: Collection[bytes], found: dict[UUID, list[Need]]
    ) -> None:
        """Records that took omitted items from one under these keys, and live longer."""
        pairs = self._dying.depended_on(ids)
        if not pairs:
            return
        states = self._streams.transfer_states({dependant for _, dependant in pairs})
        living = self._living(set(states))
        for base, dependant in pairs:
            state = states.get(dependant)
            parts = [part for part in living.get(dependant, ()) if part.key_id not in keys]
            if not parts or state is None or not self._depends(state, base):
                continue
            until, hold_stream = _lasting(parts)
            found.setdefault(base, []).append(Need(until, hold_stream, self._named(state)))

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

    def _living(self, streams: Collection[UUID]) -> dict[UUID, list[LivingPart]]:
        return self._dying.lives(sorted(streams)) if streams else {}


def _latest(parts: Sequence[LivingPart], dying: Collection[bytes]) -> date | None:
    """The last day on which one of the stream's other keys dies; None for an open end."""
    days = [part.day for part in parts if part.key_id not in dying]
    if not days or any(day is None for day in days):
        return None
    return max(day for day in days if day is not None)


def _lasting(parts: Sequence[LivingPart]) -> tuple[date | None, UUID | None]:
    """(last known day of death of these parts, whose hold keeps them when there is none).

    What lives by a hold alone keeps its base under that hold's key: both go with its release.
    """
    days = [part.day for part in parts if part.day is not None]
    if days:
        return max(days), None
    holds = [part.owner for part in parts if part.key_class == "held"]
    return None, min((owner for owner in holds if owner is not None), default=None)
