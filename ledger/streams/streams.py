"""Streams as states, as of a position: what `ledger.streams.event_opener` reads, folded.

Used by the application for what a verdict needs, and by the projections for what a history shows.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, cast
from uuid import UUID

from ledger.cases import case
from ledger.crypto.keyring import KeyRing
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.errors import BrokenWorldError, CorruptRecordError, Defect, MalformedError
from ledger.exclusions.current import CurrentExclusions
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.exclusions.rows import ExclusionRows
from ledger.format.envelope import LookupRow, OpenEvent
from ledger.format.event_reader import fact_of
from ledger.format.events import (
    CaseEvent,
    DirectiveEvent,
    DirectiveReceived,
    EmitterRegistered,
    Event,
    ExpiredEvent,
    Fact,
    IdentifiersLinked,
    IdentifiersUnlinked,
    LinkEvent,
    NoticePublished,
    PersonLine,
    PrincipalRenamed,
    SeriesEvent,
    SeriesOpened,
    TransferEvent,
    TransferReclassified,
)
from ledger.persons import directive, link
from ledger.series import series
from ledger.store.recorder import LedgerRecorder
from ledger.streams.event_opener import NO_CHUNKS, AnyFact, EventOpener
from ledger.transfers import transfer
from ledger.transfers.correction import LINES_MAX
from ledger.values import PrincipalRef

# A cluster is one person. More identifiers than this in one component are a mistake in linking
# (a shared terminal, a test account), and following them would show strangers to each other; a
# link that would make one is refused.
CLUSTER_MAX = 200

PERSON_KINDS = ("directive", "link")

LED_KINDS = ("directive", "emitter", "link", "notice", "pair", "series")
"""Kinds of lookup rows that lead to a stream whose first event says of what it is."""

_log: Final = logging.getLogger(__name__)
_LED_ASTRAY: Final = "a row leads to the stream of something else, and is in the way of appends"
_GONE = "a row that leads to it is gone ({})"


@dataclass(frozen=True, slots=True)
class Cluster:
    """One person: the normal forms and principal keys of all linked identifiers.

    Attributes:
        directives: the rows that lead to what the person directed, by any of the identifiers;
            `Streams.directives` follows them.
    """

    refs: tuple[PrincipalRef, ...]
    keys: tuple[bytes, ...]
    directives: tuple[LookupRow, ...]


class Streams(EventOpener):
    """Reads streams. Thread-safe as far as `reads` and `keys` are."""

    def __init__(
        self, reads: LedgerRecorder, keys: KeyRing, secret: LedgerSecret, ledger: str
    ) -> None:
        super().__init__(reads, keys, ledger)
        self.secret = secret
        self.exclusions = CurrentExclusions(ExclusionRows(reads.connections), keys, ledger)

    def _facts(self, stream: UUID, up_to: int | None) -> list[AnyFact]:
        return self.facts([stream], up_to).get(stream, [])

    def transfer_state(
        self, stream: UUID, up_to: int | None = None, chunks: Collection[int] | None = None
    ) -> transfer.State | None:
        """The transfer of that stream; None when there is none, or it is of something else."""
        # Whoever names a stream may name a link's or a notice's.
        return self.transfer_states([stream], up_to, chunks).get(stream)

    def transfer_states(
        self,
        streams: Collection[UUID],
        up_to: int | None = None,
        chunks: Collection[int] | None = None,
    ) -> dict[UUID, transfer.State]:
        """The transfers among those streams, as of a position (None: as they stand).

        Args:
            chunks: see `facts`; the states have no lines and positions of the others.
        """
        return _states(self.facts(list(streams), up_to, chunks))

    def judged_states(
        self, streams: Collection[UUID], up_to: int | None = None
    ) -> dict[UUID, transfer.State]:
        """As `transfer_states`, with the lines of bulk transfers alone that `judged` reads."""
        found: dict[UUID, list[AnyFact]] = {}
        for opened in self.judged(list(streams), up_to):
            found.setdefault(opened.header.stream, []).append(fact_of(opened))
        return _states(found)

    def states_of_persons(
        self, streams: Collection[UUID], up_to: int | None, persons: Collection[PrincipalRef]
    ) -> dict[UUID, transfer.State]:
        """As `transfer_states`, with the lines of these persons alone; see `of_persons`."""
        found: dict[UUID, list[AnyFact]] = {}
        for opened in self.of_persons(list(streams), up_to, persons):
            found.setdefault(opened.header.stream, []).append(fact_of(opened))
        return _states(found)

    def marked(self, streams: Iterable[UUID]) -> set[UUID]:
        """Those of the transfers that their emitters marked under Order 11, as the index says.

        Nothing of them is read. An index of before has no such rows: then the fold alone tells.
        """
        keys = {
            UUID(bytes=self.secret.mark_key(stream, is_marked=True)): stream for stream in streams
        }
        return {keys[key] for key in self.exclusions.rows.indexed(keys)}

    def visibility(
        self, excluded: ActiveExclusions | None = None
    ) -> Callable[[transfer.State], transfer.State | None]:
        """Gives a transfer as all who read records may know of it (Order 11).

        Without the lines that are hidden and what follows from them; None where every line is. A
        line is hidden whose person an exclusion or a mark hides the record from: as `excluded`
        says, or (None) as of now. Of a bulk transfer of more persons than one event holds, hidden
        lines are counted, for their number is not listed line by line.
        """
        active = self.exclusions.active() if excluded is None else excluded

        def visible_part(state: transfer.State) -> transfer.State | None:
            hidden = self.hidden_lines(state, active)
            if hidden is None:
                return None
            return _without(state, hidden) if hidden else state

        return visible_part

    def hidden_lines(
        self, state: transfer.State, excluded: ActiveExclusions
    ) -> frozenset[int] | None:
        """The numbers of the lines that are hidden; None: the transfer is, with all of them."""
        position, entry = state.first_position, state.entry
        marked = entry is not None and entry.order_11 != 0
        is_hidden = excluded.hides(position, (), is_marked=marked)
        if not excluded.distinguishes_persons(position) or (is_hidden and is_large(state)):
            return None if is_hidden else frozenset()
        retained = self._retained_lines(state)
        lines = self.all_lines(state) if retained is None else retained
        people = {n: line.principal for n, line in lines.items()}
        hides = self.hides(position, people.values(), excluded, is_marked=marked)
        found = frozenset(n for n, one in people.items() if hides(self.principal_key(one)))
        is_whole = (retained is not None or not is_large(state)) and len(found) == len(lines)
        return None if is_whole and (lines or is_hidden) else found

    def _retained_lines(self, state: transfer.State) -> Mapping[int, PersonLine] | None:
        """The lines that live of a large bulk transfer whose own part is gone; None: of no such.

        They are few: those whom a hold or an open case keeps. With all of them hidden nothing is
        left that may be known, so its number of persons, which is listed nowhere, hides nothing.
        """
        if not is_large(state):
            return None
        [recorded] = self.reads.facts_at([state.first_position])
        return None if recorded.sealed is not None else self._lines_of(recorded.stream)

    def hides(
        self,
        position: int,
        people: Iterable[PrincipalRef],
        excluded: ActiveExclusions,
        *,
        is_marked: bool,
    ) -> Callable[[bytes], bool]:
        """Whether what was recorded there is hidden from one of the people, by principal key.

        By whichever identifier: one that was linked since may be another line of the record.
        """
        from_all = excluded.hides(position, (), is_marked=is_marked)
        persons: dict[bytes, tuple[bytes, ...]] = {}
        for one in people:
            key = self.principal_key(one)
            if key in persons or excluded.hides(position, (key,), is_marked=is_marked) == from_all:
                continue
            linked = self.cluster([one], None).keys
            persons |= dict.fromkeys(linked, linked)
        return lambda key: excluded.hides(position, persons.get(key, (key,)), is_marked=is_marked)

    def all_lines(self, state: transfer.State) -> Mapping[int, PersonLine]:
        """All lines, also where some were read; of a large bulk transfer those that were."""
        gone = state.entry.gone if state.entry is not None else 0
        is_whole = len(state.lines) == state.persons if state.is_bulk else not gone
        if is_whole or is_large(state):
            return state.lines
        [recorded] = self.reads.facts_at([state.first_position])
        return self._lines_of(recorded.stream)

    def _lines_of(self, stream: UUID) -> Mapping[int, PersonLine]:
        whole = self.transfer_state(stream)
        return {} if whole is None else whole.lines

    def visible(self, excluded: ActiveExclusions | None = None) -> Callable[[transfer.State], bool]:
        """Tells of a transfer whether all who read records may know of it: see `visibility`."""
        shown = self.visibility(excluded)
        return lambda state: shown(state) is not None

    def hidden(
        self, transfers: Collection[UUID], excluded: ActiveExclusions | None = None
    ) -> set[UUID]:
        """Those of the transfers of which `visible` says that nobody may know."""
        visible = self.visible(excluded)
        states = self.transfer_states(transfers, None, NO_CHUNKS) if transfers else {}
        return {stream for stream, state in states.items() if not visible(state)}

    def hidden_in_part(
        self, transfers: Collection[UUID], excluded: ActiveExclusions | None = None
    ) -> set[UUID]:
        """Those of `hidden`, and those that hide one of the persons who stand or stood in them.

        An export of all persons leaves out the same: who compares it with what is told learns
        nothing.
        """
        active = self.exclusions.active() if excluded is None else excluded
        states = self.transfer_states(transfers, None, NO_CHUNKS) if transfers else {}
        found = self.hidden(states, active)
        for stream, state in states.items():
            if stream in found or not active.distinguishes_persons(state.first_position):
                continue
            marked = state.entry is not None and state.entry.order_11 != 0
            _, lines = transfer.ever_in(self._facts(stream, None))
            keys = {self.principal_key(line.principal) for line in lines}
            if any(active.hides(state.first_position, (key,), is_marked=marked) for key in keys):
                found.add(stream)
        return found

    def link_state(self, stream: UUID, up_to: int | None = None) -> link.State | None:
        """The link of that stream; None when there is none."""
        return link.fold(
            None, cast("list[Fact[LinkEvent | ExpiredEvent]]", self._facts(stream, up_to))
        )

    def directive_state(self, stream: UUID, up_to: int | None = None) -> directive.State | None:
        """The directives of that stream; None when there are none."""
        facts = cast("list[Fact[DirectiveEvent | ExpiredEvent]]", self._facts(stream, up_to))
        return directive.fold(None, facts)

    def series_state(self, stream: UUID, up_to: int | None = None) -> series.State | None:
        """The series of that stream; None when there is none."""
        facts = cast("list[Fact[SeriesEvent | ExpiredEvent]]", self._facts(stream, up_to))
        return series.fold(None, facts)

    def series_states(self, streams: Collection[UUID]) -> dict[UUID, series.State]:
        """The series of those streams as they stand; a stream without events is absent."""
        found = cast(
            "Mapping[UUID, list[Fact[SeriesEvent | ExpiredEvent]]]", self.facts(list(streams), None)
        )
        states = {stream: series.fold(None, facts) for stream, facts in found.items()}
        return {stream: state for stream, state in states.items() if state is not None}

    def case_state(self, stream: UUID, up_to: int | None = None) -> case.State | None:
        """The case of that stream; None when there is none, or its key is dead."""
        facts = self._facts(stream, up_to)
        # Whoever names a stream may name a transfer's or a notice's.
        if not facts or not isinstance(facts[0].event, CaseEvent):
            return None
        return case.fold(None, cast("list[Fact[CaseEvent | ExpiredEvent]]", facts))

    # -- persons ---------------------------------------------------------------------------------

    def normal(self, principal: PrincipalRef) -> PrincipalRef:
        """The identifier in its normal form, without a name."""
        found = self.secret.normal_form(principal.scheme, principal.id)
        return PrincipalRef(principal.scheme, found)

    def principal_key(self, principal: PrincipalRef) -> bytes:
        """16 bytes that stand for the identifier in index rows."""
        return self.secret.principal_key(principal.scheme, principal.id)

    def cluster(self, principals: Iterable[PrincipalRef], up_to: int | None) -> Cluster:
        """The connected component of `principals` under the links that stand at `upto`.

        Raises:
            BrokenWorldError: the component has many more than `CLUSTER_MAX` identifiers.
        """
        known: dict[bytes, PrincipalRef] = {}
        fresh: dict[bytes, PrincipalRef] = {
            self.principal_key(one): self.normal(one) for one in principals
        }
        seen: set[UUID] = set()
        directives: list[LookupRow] = []
        while fresh:
            known |= fresh
            # Links of older versions that arrived at once may pass the bound by a few.
            if len(known) > 2 * CLUSTER_MAX:
                raise BrokenWorldError(f"a person has more than {2 * CLUSTER_MAX} identifiers")
            rows = self.reads.lookups(list(fresh), PERSON_KINDS)
            directives += [row for row in rows if row.kind == "directive"]
            links = [row for row in rows if row.kind == "link" and row.stream not in seen]
            fresh = {}
            for row, facts in self.facts_by_row(links, up_to).items():
                seen.add(row.stream)
                state = link.fold(None, cast("list[Fact[LinkEvent | ExpiredEvent]]", facts))
                if state is None or not state.is_active or state.a is None or state.b is None:
                    continue
                ends = {self.principal_key(end): self.normal(end) for end in (state.a, state.b)}
                fresh.update((key, end) for key, end in ends.items() if key not in known)
        return Cluster(tuple(known.values()), tuple(known), tuple(directives))

    def directives(self, cluster: Cluster, up_to: int | None) -> dict[UUID, directive.State]:
        """What the person directed, by any of the identifiers, and the streams of it."""
        found: dict[UUID, directive.State] = {}
        for row, facts in self.facts_by_row(cluster.directives, up_to).items():
            state = directive.fold(None, cast("list[Fact[DirectiveEvent | ExpiredEvent]]", facts))
            if state is not None:
                found[row.stream] = state
        return found

    # -- lookups by key --------------------------------------------------------------------------

    def facts_by_row(
        self, rows: Collection[LookupRow], up_to: int | None
    ) -> dict[LookupRow, list[AnyFact]]:
        """The facts of the stream that each row leads to, as `facts` gives them.

        Whoever writes to the database adds rows, so a row is believed by its stream alone: where
        the first event there is of something else, or of somebody else, it is passed over. Who
        reads what a person directed or is linked by follows rows here and nowhere else.
        """
        found = self.facts(list({row.stream for row in rows}), up_to, NO_CHUNKS) if rows else {}
        return {
            row: found[row.stream]
            for row in rows
            if row.stream in found and self.is_led_to(row, found[row.stream][0].event)
        }

    def is_led_to(self, row: LookupRow, first: Event | ExpiredEvent) -> bool:
        """Whether a row of `LED_KINDS` may lead to the stream that begins with this event."""
        led_by = self._led_by(first)
        match first:
            case SeriesOpened():
                led_by.append(("series", self.series_key(first.source, first.series_id)))
            case EmitterRegistered():
                key = self.secret.lookup_key("emitter", first.registration.id.encode())
                led_by.append(("emitter", key))
            case _:
                pass
        return (row.kind, row.key) in led_by

    def verified_fact(self, opened: OpenEvent) -> Fact[Event | ExpiredEvent]:
        """What the event says, and that whoever asks for what it is about finds it.

        Raises:
            CorruptRecordError: header and sealed part tell different things, or a row is gone that
                leads to the stream of a link, a directive or a notice, or from a base to what takes
                its omitted items from it.
        """
        fact = fact_of(opened)
        for kind, key in self._led_by(fact.event):
            if all(row.stream != fact.stream for row in self.reads.lookups([key], [kind])):
                raise CorruptRecordError(_GONE.format(kind))
        if not all(map(self.reads.has_lookup, self._base_rows(opened))):
            raise CorruptRecordError(_GONE.format("base"))
        return fact

    def lookup_rows(self, opened: OpenEvent) -> list[LookupRow]:
        """The rows that lead to the stream of a link, a directive or a notice, as the event says.

        None once its key is destroyed.
        """
        key = opened.header.sealed_key
        if key is None or opened.content is None:
            return []
        led_by = self._led_by(fact_of(opened).event)
        return [LookupRow(kind, one, opened.header.stream, key) for kind, one in led_by]

    def _base_rows(self, opened: OpenEvent) -> list[LookupRow]:
        """The rows by which the records are found from which the event omits items."""
        header, content = opened.header, opened.content
        record = content.record if content is not None else None
        stated = record.get("input") if record is not None else None
        named = stated.get("base_record") if isinstance(stated, dict) else None
        if record is None or header.sealed_key is None or not isinstance(named, str):
            return []
        if header.type == TransferReclassified.TYPE:
            return []  # its record names what the one before it names
        source = record.get("source")
        if source is None:  # a correction: the record itself says who sent it
            state = self.transfer_state(header.stream, None, NO_CHUNKS)
            source = state.entry.source if state is not None and state.entry is not None else None
        if not isinstance(source, str):
            return []
        bases = self.named_streams(source, named)
        return [LookupRow("base", one.bytes, header.stream, header.sealed_key) for one in bases]

    def named_streams(self, source: str, key: str) -> list[UUID]:
        """The streams that `base_record` or `derived_from` of a transfer may mean by `key`."""
        streams = [self.secret.transfer_stream(source, key)]
        try:
            streams.append(UUID(key))
        except ValueError:
            return streams
        return streams

    def _led_by(self, event: Event | ExpiredEvent) -> list[tuple[str, bytes]]:
        match event:
            case IdentifiersLinked(a, b) | IdentifiersUnlinked(a, b):
                ends = [("link", self.principal_key(end)) for end in (a, b)]
                return [*ends, ("pair", self.pair_key(a, b))]
            case DirectiveReceived() | PrincipalRenamed():
                return [("directive", self.principal_key(event.principal))]
            case NoticePublished():
                return [("notice", self.notice_key(event.notice_id))]
            case _:
                return []

    def find_stream(self, kind: str, key: bytes) -> UUID | None:
        """The stream that the lookup row of a unique kind names.

        None also where the row leads to something else. As long as such a row is there the table
        takes no other one, so that an append of a new stream moves for ever and is answered 503.
        """
        for _ in range(2):  # once more: its key may have died in between, and the row with it
            rows = self.reads.lookups([key], [kind])
            if not rows:
                return None
            first_events = self.unsealed(self.reads.first_facts([rows[0].stream]))
            if any(self.is_led_to(rows[0], fact_of(one).event) for one in first_events):
                return rows[0].stream
        _log.error(_LED_ASTRAY, extra={"constraint": "lookups_unique"})
        return None

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


def is_large(state: transfer.State) -> bool:
    """Whether its persons are more than one event holds, and so never listed."""
    return state.is_bulk and state.persons > LINES_MAX


def _without(state: transfer.State, hidden: Collection[int]) -> transfer.State:
    left, entry = transfer.without_lines(state, hidden), state.entry
    if entry is None or not state.is_bulk or is_large(state):
        return left
    # It says how many they are, whether or not their lines were read.
    return replace(left, entry=replace(entry, persons=entry.persons - len(hidden)))


def _states(found: Mapping[UUID, list[AnyFact]]) -> dict[UUID, transfer.State]:
    states: dict[UUID, transfer.State] = {}
    for stream, facts in found.items():
        if facts[0].facts.get("basis") is None:
            continue  # a link, a notice: no transfer
        state = transfer.fold(None, cast("list[Fact[TransferEvent | ExpiredEvent]]", facts))
        if state is not None:
            states[stream] = state
    return states
