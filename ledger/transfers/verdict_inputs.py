"""Reads what verdicts need from other streams, for many transfers at once, as of one position."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from typing import cast
from uuid import UUID

from ledger.commands import RecordTransfer
from ledger.emitters.sources import is_within
from ledger.fast_init import fast_init
from ledger.format.envelope import LookupRow
from ledger.format.events import ExpiredEvent, Fact, NoticeEvent, NoticePublished, NoticeWithdrawn
from ledger.notices import notice
from ledger.persons import directive
from ledger.policies.context import ActiveStop, Context, EarlierRecord, Notice
from ledger.streams.streams import PERSON_KINDS, Streams, is_large
from ledger.transfers import transfer
from ledger.transfers.whole_transfer import principal_data, transfer_data
from ledger.values import Json, PrincipalRef, Transfer, transfer_of

EARLIER_REMEMBERED_MAX = 2_000
"""Of the earlier records of a batch, which may name each a thousand."""
NOTICE_TOPICS = (NoticePublished.TYPE, NoticeWithdrawn.TYPE)

_Places = dict[bytes, list[tuple[int, int]]]
"""Principal key → where the person stands: number of a question, index in its principals."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose question it is: which records hidden under Order 11 may answer it.

    For its own emitter a record answers as before it was hidden, for an answer that changed would
    tell that it was. For everybody else it is not there.

    Attributes:
        within: the source prefix of the emitter that asks; None: the transfer's own source alone.
        named: the keys that the emitter itself named; None: all that the transfer names.
        stated: the omitted items that stand as the emitter itself stated them; None: all do.
        includes_hidden: may exclude records.
        unseen: persons of the transfer of whom who asks does not know: what is not `stated` as the
            emitter did is compared without them, as if they were not in it.
    """

    within: str | None = None
    named: frozenset[str] | None = None
    stated: frozenset[str] | None = None
    includes_hidden: bool = False
    unseen: frozenset[PrincipalRef] = frozenset()

    def owns(self, source: str, other: str, key: str) -> bool:
        """Whether a record of the source `other`, named by `key`, is the asking emitter's own."""
        if self.named is not None and key not in self.named:
            return False
        return source == other or (self.within is not None and is_within(other, self.within))


_OMITTED = {
    "COUNTERPARTY": "counterparty",
    "PRINCIPAL": "principals",
    "ITEMS": "items",
    "ACQUISITION": "acquisition",
}
"""Item that a record may omit (Rule 20(2)) → the member that is compared with its base."""


def asker_of(
    state: transfer.State, data: Mapping[str, Json] | None = None, *, includes_hidden: bool = False
) -> Asker:
    """Who asks about a recorded transfer without being its emitter.

    Args:
        data: the whole transfer as it is judged; None: as it stands.
    """
    assert state.entry is not None, "only a living record is judged"
    entry = state.entry
    own = {**entry.record.data}
    if entry.lines:
        own["principals"] = [principal_data(line.principal) for line in entry.lines.values()]
    return _asker(
        own, transfer_data(state) if data is None else data, includes_hidden=includes_hidden
    )


def _asker(
    own: Mapping[str, Json],
    data: Mapping[str, Json],
    within: str | None = None,
    *,
    includes_hidden: bool = False,
) -> Asker:
    """Who states `data` where the emitter stated `own`.

    What somebody else added or changed is not the emitter's: such keys find no hidden record, and
    such values are not compared with what is hidden. Else a guess would be answered.
    """
    keys = (own.get("base_record"), *_list(own.get("derived_from")))
    stated = (
        item
        for item, member in _OMITTED.items()
        if _comparable(own.get(member)) == _comparable(data.get(member))
    )
    named = frozenset(key for key in keys if isinstance(key, str))
    return Asker(within, named, frozenset(stated), includes_hidden)


def _comparable(value: Json) -> Json:
    """A value of an item; the order of persons says nothing."""
    return sorted(value, key=repr) if isinstance(value, list) else value


def _list(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list) else ()


@fast_init
@dataclass(frozen=True, slots=True)
class VerdictQuery:
    """One transfer to be judged, under the source that sent it.

    Attributes:
        recorded_on: the day its record was or is made, in Japan.
        asker: who is told the verdict.
    """

    transfer: Transfer
    source: str
    recorded_on: date
    asker: "Asker"

    @property
    def last_day(self) -> date:
        """The day on which stops are tested: of an open period, the last that surely happened."""
        requested = self.transfer
        return requested.last_day or max(requested.first_day or self.recorded_on, self.recorded_on)


def question_of(command: RecordTransfer, requested: Transfer, today: date) -> VerdictQuery:
    """The question of an emitter that records a transfer, or asks what recording it would find."""
    asker = Asker(command.within)
    if command.stated is not None:
        asker = _asker(command.stated, command.data, command.within)
    return VerdictQuery(requested, command.source, requested.recorded_on or today, asker)


@dataclass(slots=True)
class Notices:
    """All notices up to a position; they are few and public."""

    states: dict[UUID, notice.State] = field(default_factory=dict[UUID, notice.State])
    streams: dict[str, UUID] = field(default_factory=dict[str, UUID])
    position: int = 0

    def by_id(self, notice_id: str | None) -> notice.State | None:
        """The notice of that id."""
        stream = self.streams.get(notice_id) if notice_id is not None else None
        return self.states[stream] if stream is not None else None

    def position_of(self, requested: Transfer, label: str | None) -> int | None:
        """Position of the version, named by `label`, or of the filing that a verdict relied on."""
        state = self.by_id(requested.notice_id)
        return notice.position_of(state, label, requested.first_day) if state is not None else None


class VerdictInputs:
    """Gathers contexts. One instance a worker thread: it holds the notices it has read."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._notices = Notices()

    def gather(self, questions: Sequence[VerdictQuery]) -> tuple[int, list[Context]]:
        """The position as of which everything was read, and a context for each question.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        persons = self._persons(questions)
        head, last_notice, known = self._streams.reads.verdict_position_of(
            list(persons), PERSON_KINDS
        )
        notices = self.notices(last_notice)
        stops = self._stops(questions, head, {key: persons[key] for key in known})
        contexts: list[Context] = []
        read = _Earlier(self._streams, head, self._omitted(questions))
        for number, question in enumerate(questions):
            requested = question.transfer
            own = stops.get(number)
            if requested.base_record or requested.derived_from:
                contexts.append(self._linked(question, notices, own or {}, read))
            elif requested.notice_id is not None or own:
                contexts.append(Context(_notices_for(requested, notices), own or {}))
            else:
                contexts.append(_ALONE)
        return head, contexts

    def known_of(self, keys: Sequence[bytes]) -> set[bytes]:
        """Those who are linked to somebody or have directed something."""
        return {row.key for row in self._streams.reads.lookups(keys, PERSON_KINDS)}

    def stops_at(
        self, question: VerdictQuery, keys: Sequence[bytes], known: AbstractSet[bytes], head: int
    ) -> dict[int, tuple[ActiveStop, ...]]:
        """Index of a person of the question → that person's stops, as of `head`.

        Args:
            keys: of its persons, in their order, each once; known: see `known_of`.
        """
        places = {key: [(0, index)] for index, key in enumerate(keys) if key in known}
        return self._stops([question], head, places).get(0, {})

    @property
    def known(self) -> Notices:
        """The notices as read last."""
        return self._notices

    def notices(self, last_notice: int | None = None) -> Notices:
        """All notices up to `last_notice`, the position of the newest notice event."""
        known = self._notices
        if last_notice is None:
            _, last_notice = self._streams.reads.verdict_position()
        if last_notice > known.position:
            for fact in self._streams.facts_of_topics(NOTICE_TOPICS, known.position):
                if fact.position > last_notice:
                    break  # younger than the position that everything else is read as of
                typed = cast("Fact[NoticeEvent | ExpiredEvent]", fact)
                state = notice.fold(known.states.get(fact.stream), [typed])
                if state is not None:
                    known.states[fact.stream] = state
                    known.streams[state.notice_id] = fact.stream
                known.position = fact.position
        return known

    def _persons(self, questions: Sequence[VerdictQuery]) -> _Places:
        """Every person of the transfers, by principal key."""
        places: _Places = {}
        principal_key = self._streams.principal_key
        for number, question in enumerate(questions):
            for index, principal in enumerate(question.transfer.principals):
                places.setdefault(principal_key(principal), []).append((number, index))
        return places

    def _stops(
        self, questions: Sequence[VerdictQuery], head: int, persons: _Places
    ) -> dict[int, dict[int, tuple[ActiveStop, ...]]]:
        """Number of a transfer → index of a person → that person's stops; see `known_of`."""
        found: dict[int, dict[int, tuple[ActiveStop, ...]]] = {}
        for places in persons.values():
            number, index = places[0]
            principal = questions[number].transfer.principals[index]
            cluster = self._streams.cluster([principal], head)
            states = self._streams.directives(cluster, head).values()
            for place, person in places if states else ():
                day = questions[place].last_day
                stops = tuple(s for state in states for s in directive.stops_on(state, day))
                if stops:
                    found.setdefault(place, {})[person] = stops
        return found

    def _linked(
        self,
        question: VerdictQuery,
        notices: Notices,
        stops: Mapping[int, tuple[ActiveStop, ...]],
        read: "_Earlier",
    ) -> Context:
        """The context of a transfer that names earlier ones."""
        requested = question.transfer
        base = requested.base_record
        earlier = self._earlier(
            question, (*requested.derived_from, *([base] if base else ())), read
        )
        return Context(
            notices=_notices_for(requested, notices),
            stops=stops,
            base=earlier.get(base) if base else None,
            derived=tuple(earlier[key] for key in requested.derived_from if key in earlier),
        )

    def _omitted(self, questions: Sequence[VerdictQuery]) -> dict[UUID, set[PrincipalRef]]:
        """Stream of a base → the persons whom the questions leave out and look for there."""
        found: dict[UUID, set[PrincipalRef]] = {}
        for question in questions:
            requested = question.transfer
            if requested.base_record and "PRINCIPAL" in requested.omitted_items:
                for stream in self.named_streams(question.source, requested.base_record):
                    found.setdefault(stream, set()).update(requested.principals)
        return found

    def _earlier(
        self, question: VerdictQuery, keys: Sequence[str], read: "_Earlier"
    ) -> dict[str, EarlierRecord]:
        """The living records that `keys` name: ids of the same source, or transfer ids.

        One that is hidden (Order 11) is there for some alone; see `Asker`.
        """
        source, asker = question.source, question.asker
        named = {key: self.named_streams(source, key) for key in keys}
        streams = {stream for found in named.values() for stream in found}
        states = read.states(streams)
        found: dict[str, EarlierRecord] = {}
        for key, candidates in named.items():
            for stream in candidates:
                state = states.get(stream)
                if state is None or state.record is None or key in found:
                    continue
                if state.effective_position is None:  # a bulk transfer that is being recorded
                    continue
                other = state.entry.source if state.entry is not None else None
                is_own = other is not None and asker.owns(source, other, key)
                visible = state
                if not asker.includes_hidden and (not is_own or asker.stated is not None):
                    visible = read.visible_part(stream, state)
                seen = state if is_own else visible
                if seen is not None:
                    typed = transfer_of(transfer_data(seen))
                    duty = state.record.verdict.duty
                    one = EarlierRecord(typed, state.retracted is None, duty)
                    if asker.stated is not None and (asker.unseen or seen is not visible):
                        others = None if visible is None else transfer_of(transfer_data(visible))
                        one = replace(one, own=asker.stated, shown=others, unseen=asker.unseen)
                    found[key] = one
        return found

    def base_rows(
        self, requested: Transfer, source: str, stream: UUID, key_id: bytes
    ) -> tuple[LookupRow, ...]:
        """The rows by which a record whose items another one omits finds that other one, `stream`.

        They die with the dependant's key: a base is kept for as long as anything takes from it.
        """
        if requested.base_record is None:
            return ()
        bases = self.named_streams(source, requested.base_record)
        return tuple(LookupRow("base", base.bytes, stream, key_id) for base in bases)

    def named_streams(self, source: str, key: str) -> list[UUID]:
        """The streams that `base_record` or `derived_from` may mean by `key`."""
        return self._streams.named_streams(source, key)


def _notices_for(requested: Transfer, notices: Notices) -> dict[str, Notice]:
    state = notices.by_id(requested.notice_id)
    found = notice.notice_on(state, requested.first_day) if state is not None else None
    return {} if found is None or requested.notice_id is None else {requested.notice_id: found}


class _Earlier:
    """Reads earlier records for one batch: each once, and of its persons those looked for."""

    def __init__(
        self, streams: Streams, head: int, persons: Mapping[UUID, AbstractSet[PrincipalRef]]
    ) -> None:
        self._streams = streams
        self._head = head
        self._persons = persons
        self._known: dict[UUID, transfer.State | None] = {}
        self._shown: dict[UUID, transfer.State | None] = {}
        self._show: Callable[[transfer.State], transfer.State | None] | None = None

    def states(self, streams: AbstractSet[UUID]) -> dict[UUID, transfer.State]:
        """The transfers among these streams, with the lines of the persons that are looked for."""
        if len(self._known) > EARLIER_REMEMBERED_MAX:
            self._known.clear()
            self._shown.clear()
        fresh = streams - self._known.keys()
        self._known |= dict.fromkeys(fresh)
        alike = fresh - self._persons.keys()
        if alike:
            self._known |= self._streams.states_of_persons(alike, self._head, ())
        for one in fresh - alike:
            self._known |= self._streams.states_of_persons([one], self._head, self._persons[one])
        found = {one: self._known[one] for one in streams}
        return {one: state for one, state in found.items() if state is not None}

    def visible_part(self, stream: UUID, state: transfer.State) -> transfer.State | None:
        """The transfer as all who read records may know it (Order 11).

        It is read whole, whether any of it is hidden or not: else the time would tell.
        """
        if self._show is None:
            self._show = self._streams.visibility()
        if stream not in self._shown:
            whole = state
            if not is_large(state):
                whole = self._streams.transfer_state(stream, self._head)
            self._shown[stream] = None if whole is None else self._show(whole)
        return self._shown[stream]


_ALONE = Context()
