"""Streams as states, as of a position: opens stored events and folds them.

Used by the application for what a verdict needs, and by the projections for what a history shows.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from ledger import case, directive, link, series, transfer
from ledger.carried import COPY, check_copies, is_dead, original_of, with_copies
from ledger.codec import read_header
from ledger.crypto.keyring import KeyRing
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.drafts import fact_of
from ledger.envelope import OpenEvent, StoredFact
from ledger.errors import BrokenWorldError, Defect, MalformedError
from ledger.events import (
    CaseEvent,
    DirectiveEvent,
    Event,
    Expired,
    Fact,
    LinkEvent,
    SeriesEvent,
    TransferEvent,
)
from ledger.exclusions import Standing
from ledger.hiding import Hiding
from ledger.store.exclusions import ExclusionRows
from ledger.store.opening import bare, open_all
from ledger.store.reads import Reads
from ledger.values import PrincipalRef

# A cluster is one person. More identifiers than this in one component are a mistake in linking
# (a shared terminal, a test account), and following them would show strangers to each other; a
# link that would make one is refused.
CLUSTER_MAX = 200

PERSON_KINDS = ("directive", "link")
AnyFact = Fact[Event | Expired]


@dataclass(frozen=True, slots=True)
class Cluster:
    """One person: the normal forms and principal keys of all linked identifiers.

    Attributes:
        directives: the streams of what the person directed, by any of the identifiers.
    """

    refs: tuple[PrincipalRef, ...]
    keys: tuple[bytes, ...]
    directives: tuple[UUID, ...]


class Streams:
    """Reads streams. Thread-safe as far as `reads` and `keys` are."""

    def __init__(self, reads: Reads, keys: KeyRing, secret: LedgerSecret, ledger: str) -> None:
        self.reads = reads
        self.keys = keys
        self.secret = secret
        self.ledger = ledger
        self.hiding = Hiding(ExclusionRows(reads.connections), keys, ledger)

    def opened(self, stored: Sequence[StoredFact], *, with_holes: bool = False) -> list[OpenEvent]:
        """The stored events, decoded; without content where the key is dead.

        A copy is checked against its original, wherever that stands.

        Args:
            with_holes: also without content where the part is missing though its key stands; for
                whoever names those by other means (`ledger.store.destroyed`).

        Raises:
            CorruptRecordError: a sealed part does not open, is missing though its key stands, or
                is not what a header commits to.
            PositionHoleError: a copy names a position that there is not.
        """
        found = open_all(stored, self.keys, self.ledger, verify=True, with_holes=with_holes)
        copies = [one for one in found if one.content is not None and one.header.copies is not None]
        if copies:
            headers = {one.position: one.header for one in found}
            wanted = {original_of(one.header) for one in copies} - headers.keys()
            elsewhere = self.reads.headers_at(list(wanted)) if wanted else {}
            headers |= {position: read_header(header) for position, header in elsewhere.items()}
            check_copies(copies, headers)
        return found

    def unsealed(
        self, stored: Sequence[StoredFact], *, with_holes: bool = False
    ) -> list[OpenEvent]:
        """As `opened` with its arguments, but what AES-GCM proves by itself is not proven again.

        The content was sealed for this very event: stream, version and type are bound to it.
        Whether the header commits to it asks `opened`, which the verification of the index uses.
        """
        return open_all(stored, self.keys, self.ledger, verify=False, with_holes=with_holes)

    def facts(self, streams: Sequence[UUID], upto: int | None) -> dict[UUID, list[AnyFact]]:
        """The facts of each stream in version order; a stream without facts is absent.

        What was carried forward stands at its original's place, whenever it was carried.

        Raises:
            CorruptRecordError: a sealed part does not open, or its header says something else.
        """
        found: dict[UUID, list[AnyFact]] = {}
        for opened in self.carried(streams, upto):
            found.setdefault(opened.header.stream, []).append(fact_of(opened))
        return found

    def carried(
        self, streams: Sequence[UUID], upto: int | None, *, with_holes: bool = False
    ) -> list[OpenEvent]:
        """The events up to a position, the dead ones as copies carry them; raises as `facts`."""
        return self.carried_as_read(streams, upto, with_holes=with_holes)[0]

    def carried_as_read(
        self, streams: Sequence[UUID], upto: int | None, *, with_holes: bool = False
    ) -> tuple[list[OpenEvent], list[StoredFact]]:
        """As `carried`, and what was read for it: the same events, and copies."""
        events, read, died_meanwhile = self._carried(streams, upto, with_holes=with_holes)
        if died_meanwhile:
            # Between the reading and the opening: a copy may have come in between as well.
            events, read, _ = self._carried(streams, upto, with_holes=with_holes)
        return events, read

    def _carried(
        self, streams: Sequence[UUID], upto: int | None, *, with_holes: bool
    ) -> tuple[list[OpenEvent], list[StoredFact], bool]:
        """The events, what was read, and whether a key died after its part had been read."""
        read = self.reads.facts_of_streams(streams, upto)
        copies = [one for one in read if one.type == COPY]
        stored = [one for one in read if one.type != COPY] if copies else read
        opened = self.unsealed(stored, with_holes=with_holes)
        dead = [n for n, one in enumerate(opened) if is_dead(one)]
        if copies:
            # Where nothing is dead no copy is read, so none has to be opened.
            living = (
                self.unsealed(copies, with_holes=with_holes) if dead else bare(copies, self.ledger)
            )
            events = with_copies(opened, living, upto)
        else:
            events = opened
        return events, read, any(stored[n].sealed is not None for n in dead)

    def facts_of_topics(
        self, topics: Sequence[str], after: int, limit: int | None = None
    ) -> list[AnyFact]:
        """The facts of these types beyond `after`, in position order; at most `limit` of them."""
        stored = self.reads.facts_of_topics(topics, after, limit)
        return [fact_of(one) for one in self.opened(stored)]

    def _facts(self, stream: UUID, upto: int | None) -> list[AnyFact]:
        return self.facts([stream], upto).get(stream, [])

    def transfer_state(self, stream: UUID, upto: int | None = None) -> transfer.State | None:
        """The transfer of that stream; None when there is none, or it is of something else."""
        facts = self._facts(stream, upto)
        # Whoever names a stream may name a link's or a notice's; only transfers have a basis.
        if not facts or not facts[0].facts.get("basis"):
            return None
        return transfer.fold(None, cast("list[Fact[TransferEvent | Expired]]", facts))

    def transfer_states(
        self, streams: Collection[UUID], upto: int | None = None
    ) -> dict[UUID, transfer.State]:
        """The transfers among those streams, as of a position (None: as they stand)."""
        states: dict[UUID, transfer.State] = {}
        for stream, facts in self.facts(list(streams), upto).items():
            if facts[0].facts.get("basis") is None:
                continue  # a link, a notice: no transfer
            state = transfer.fold(None, cast("list[Fact[TransferEvent | Expired]]", facts))
            if state is not None:
                states[stream] = state
        return states

    def visible(self, excluded: Standing | None = None) -> Callable[[transfer.State], bool]:
        """Tells of a transfer whether all who read records may know of it (Order 11).

        Neither its emitter marked it nor is it excluded: as `excluded` says, or (None) as of now.
        """
        hidden = self.hiding.standing() if excluded is None else excluded

        def visible(state: transfer.State) -> bool:
            is_marked = state.entry is not None and state.entry.order_11 != 0
            return not is_marked and not hidden.covers(state.first_position)

        return visible

    def hidden(self, transfers: Collection[UUID], excluded: Standing | None = None) -> set[UUID]:
        """Those of the transfers of which `visible` says that nobody may know."""
        visible = self.visible(excluded)
        states = self.transfer_states(transfers) if transfers else {}
        return {stream for stream, state in states.items() if not visible(state)}

    def link_state(self, stream: UUID, upto: int | None = None) -> link.State | None:
        """The link of that stream; None when there is none."""
        return link.fold(None, cast("list[Fact[LinkEvent | Expired]]", self._facts(stream, upto)))

    def directive_state(self, stream: UUID, upto: int | None = None) -> directive.State | None:
        """The directives of that stream; None when there are none."""
        facts = cast("list[Fact[DirectiveEvent | Expired]]", self._facts(stream, upto))
        return directive.fold(None, facts)

    def series_state(self, stream: UUID, upto: int | None = None) -> series.State | None:
        """The series of that stream; None when there is none."""
        facts = cast("list[Fact[SeriesEvent | Expired]]", self._facts(stream, upto))
        return series.fold(None, facts)

    def case_state(self, stream: UUID, upto: int | None = None) -> case.State | None:
        """The case of that stream; None when there is none, or its key is dead."""
        facts = self._facts(stream, upto)
        # Whoever names a stream may name a transfer's or a notice's.
        if not facts or not isinstance(facts[0].event, CaseEvent):
            return None
        return case.fold(None, cast("list[Fact[CaseEvent | Expired]]", facts))

    # -- persons ---------------------------------------------------------------------------------

    def normal(self, principal: PrincipalRef) -> PrincipalRef:
        """The identifier in its normal form, without a name."""
        found = self.secret.normal_form(principal.scheme, principal.id)
        return PrincipalRef(principal.scheme, found)

    def principal_key(self, principal: PrincipalRef) -> bytes:
        """16 bytes that stand for the identifier in index rows."""
        return self.secret.principal_key(principal.scheme, principal.id)

    def cluster(self, principals: Iterable[PrincipalRef], upto: int | None) -> Cluster:
        """The connected component of `principals` under the links that stand at `upto`.

        Raises:
            BrokenWorldError: the component has many more than `CLUSTER_MAX` identifiers.
        """
        known: dict[bytes, PrincipalRef] = {}
        fresh = {self.principal_key(one): self.normal(one) for one in principals}
        seen: set[UUID] = set()
        directives: list[UUID] = []
        while fresh:
            known |= fresh
            # Links that arrive at once may pass the bound by a few; twice of it is a broken world.
            if len(known) > 2 * CLUSTER_MAX:
                raise BrokenWorldError(f"a person has more than {2 * CLUSTER_MAX} identifiers")
            rows = self.reads.lookups(list(fresh), PERSON_KINDS)
            directives += [row.stream for row in rows if row.kind == "directive"]
            streams = [row.stream for row in rows if row.kind == "link" and row.stream not in seen]
            seen.update(streams)
            fresh = {}
            for facts in self.facts(streams, upto).values() if streams else ():
                state = link.fold(None, cast("list[Fact[LinkEvent | Expired]]", facts))
                if state is None or not state.stands or state.a is None or state.b is None:
                    continue
                for end in (state.a, state.b):
                    key = self.principal_key(end)
                    if key not in known:
                        fresh[key] = self.normal(end)
        return Cluster(tuple(known.values()), tuple(known), tuple(directives))

    def directives(self, cluster: Cluster, upto: int | None) -> list[directive.State]:
        """What the person directed, by any of the identifiers."""
        if not cluster.directives:
            return []
        found = self.facts(cluster.directives, upto)
        states = (
            directive.fold(None, cast("list[Fact[DirectiveEvent | Expired]]", facts))
            for facts in found.values()
        )
        return [state for state in states if state is not None]

    # -- lookups by key --------------------------------------------------------------------------

    def found(self, kind: str, key: bytes) -> UUID | None:
        """The stream that the lookup row of a unique kind names."""
        rows = self.reads.lookups([key], [kind])
        return rows[0].stream if rows else None

    def pair_key(self, a: PrincipalRef, b: PrincipalRef) -> bytes:
        """16 bytes that stand for the pair, whichever comes first.

        Raises:
            MalformedError: both are one identifier, however they are written.
        """
        low, high = sorted((self.principal_key(a), self.principal_key(b)))
        if low == high:
            defect = Defect("/b", "SAME_IDENTIFIER", "name two different identifiers")
            raise MalformedError((defect,))
        return self.secret.lookup_key("pair", low, high)

    def series_key(self, source: str, series_id: str) -> bytes:
        """16 bytes that stand for the series of one source."""
        return self.secret.lookup_key("series", source.encode(), series_id.encode())

    def notice_key(self, notice_id: str) -> bytes:
        """16 bytes that stand for the notice."""
        return self.secret.lookup_key("notice", notice_id.encode())
