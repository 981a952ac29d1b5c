"""Acts of people, for an auditor: who did what, and when, as the headers of events say.

Nothing is told of Order 11 (0085): its own types are none of these; what was done about a record
that hides one of its persons, and a hold of one, is told to whoever may know of it; and no position
is told, for the positions that are left over, beside an export, would be those of what is hidden.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, LiteralString, cast
from uuid import UUID

from ledger.accesses.service import instants_of
from ledger.cases.numbers import CaseNumbers
from ledger.format.events import HoldPlaced, HoldReleased
from ledger.format.header import read_header
from ledger.format.types import TYPES
from ledger.store.connections import Connections
from ledger.streams.event_opener import NO_CHUNKS
from ledger.streams.streams import Streams

# The header is the only place where instant and actor stand. Never a generic plan: only with the
# types known can the planner see that the index on acts, which is of versions from 1, covers them.
HEADERS_BY: LiteralString = """
    SELECT e.notification_id, e.originator_id, e.state
      FROM ledger.events AS e
     CROSS JOIN LATERAL (SELECT convert_from(e.state, 'UTF8')::jsonb AS header OFFSET 0) AS h
     WHERE e.originator_version >= 1
       AND e.topic = ANY(%b) AND e.notification_id > %b AND e.notification_id <= %b
       AND (%b::uuid IS NULL OR e.originator_id = %b::uuid)
       AND h.header ->> 'at' >= %b::text COLLATE "C" AND h.header ->> 'at' < %b::text COLLATE "C"
       AND (%b::text IS NULL OR h.header ->> 'actor' = %b::text)
     ORDER BY e.notification_id
     LIMIT %b
"""


@dataclass(frozen=True, slots=True)
class HeaderQuery:
    """Which headers are asked for; None: whatever it is.

    Attributes:
        instants: from the first one to before the second one, as headers write them.
        stream: of the events.
        actor: who did it.
    """

    topics: Sequence[str]
    instants: tuple[str, str]
    stream: UUID | None = None
    actor: str | None = None


def headers_by(
    connections: Connections, query: HeaderQuery, after: int, up_to: int, limit: int
) -> list[tuple[int, UUID, bytes]]:
    """(position, stream, header) of the next events, ascending by position.

    Args:
        after, upto: positions; beyond the first one, up to the second one.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    given = (
        *(list(query.topics), after, up_to, query.stream, query.stream),
        *(*query.instants, query.actor, query.actor, limit),
    )
    rows = connections.read(
        lambda c: c.cursor(binary=True).execute(HEADERS_BY, given, prepare=False).fetchall()
    )
    return cast("list[tuple[int, UUID, bytes]]", rows)


_OF_CASES: Final = "case-"
_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "intake": (
        *("case-received", "case-documents-checked", "case-correction-requested"),
        *("case-resubmitted", "case-verified"),
    ),
    "decision": (
        *("case-records-identified", "case-person-identified", "case-decided"),
        *("case-measures-decided", "case-refused", "case-substitutes-chosen"),
    ),
    "approval": ("case-submitted", "case-approved", "case-sent-back"),
    "dispatch": (
        *("case-dispatched", "case-password-posted", "case-delivered", "case-returned"),
        "case-closed",
    ),
    "record": (
        *("transfer-corrected", "transfer-reclassified", "transfer-retracted"),
        "transfer-findings-settled",
    ),
    "person": (
        *("identifiers-linked", "identifiers-unlinked", "principal-renamed"),
        *("directive-received", "directive-lifted"),
    ),
    "retention": ("hold-placed", "hold-released", "expiry-planned", "records-expired"),
    "register": (
        *("notice-published", "notice-withdrawn", "procedure-published", "emitter-registered"),
        "log-epoch-started",
    ),
}
_CASE_TYPES: Final = frozenset(one for one in TYPES if one.startswith(_OF_CASES))
_ENDING: Final = tuple(sorted(_CASE_TYPES.difference(*_KINDS.values())))
KINDS: Final = {**_KINDS, "ending": _ENDING}
"""Kind of act → types of its events; whatever else happens to a case is an `ending`."""

ACT_TOPICS: Final = tuple(topic for topics in KINDS.values() for topic in topics)
_OF_RECORDS: Final = frozenset(KINDS["record"])
_OF_HOLDS: Final = frozenset((HoldPlaced.TYPE, HoldReleased.TYPE))


@dataclass(frozen=True, slots=True)
class ActFilter:
    """Which acts are asked for; None: whatever it is.

    Attributes:
        first, last: days in Japan, both inclusive.
        case: the number of a case.
        actor: the opaque id of who did it.
        kind: of `KINDS`.
    """

    first: date | None = None
    last: date | None = None
    case: str | None = None
    actor: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class RecordedAct:
    """One act.

    Attributes:
        type: of its event.
        case: the stream and the number of the case that it belongs to; None of other acts.
        transfer: the record that it is about; None of other acts.
    """

    at: datetime
    actor: str
    type: str
    case: tuple[UUID, str] | None = None
    transfer: UUID | None = None


@dataclass(frozen=True, slots=True)
class ActsPage:
    """Some acts, in the order of the ledger.

    Attributes:
        after: the position after which the next page begins; None when there is nothing more.
    """

    acts: tuple[RecordedAct, ...]
    after: int | None


@dataclass(frozen=True, slots=True)
class _Row:
    position: int
    stream: UUID
    at: datetime
    actor: str
    type: str


class Acts:
    """Reads the acts that are on record."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._numbers = CaseNumbers(streams)

    def page(
        self, filters: ActFilter, after: int, up_to: int, limit: int, *, includes_hidden: bool
    ) -> ActsPage:
        """The next acts. A page is full unless it is the last one, whatever was left out of it.

        Args:
            after: position after which the page begins; 0 for the first one.
            upto: the last position that all pages together reach.
            includes_hidden: whether the reader may know of records that are hidden under Order 11.

        Raises:
            ExclusionsLostError: what is hidden cannot be read.
        """
        stream = None
        if filters.case is not None:
            stream = self._numbers.cases([filters.case]).get(filters.case)
            if stream is None:
                return ActsPage((), None)
        topics = ACT_TOPICS if filters.kind is None else KINDS[filters.kind]
        query = HeaderQuery(topics, instants_of(filters.first, filters.last), stream, filters.actor)
        found: list[_Row] = []
        while True:
            rows = self._rows(query, after, up_to, limit + 1)
            found += rows if includes_hidden else self._visible_rows(rows)
            if len(found) > limit:
                return ActsPage(self._acts(found[:limit]), found[limit - 1].position)
            if len(rows) <= limit:
                return ActsPage(self._acts(found), None)
            after = rows[-1].position

    def _rows(self, query: HeaderQuery, after: int, up_to: int, limit: int) -> list[_Row]:
        stored = headers_by(self._streams.reads.connections, query, after, up_to, limit)
        headers = ((position, stream, read_header(one)) for position, stream, one in stored)
        return [_Row(p, stream, one.at, one.actor, one.type) for p, stream, one in headers]

    def _visible_rows(self, rows: Collection[_Row]) -> list[_Row]:
        """Those that are about no record, or about one that hides nobody who stood in it.

        A plain export leaves out a record of which one line is hidden: who compares the two would
        know of it.

        Of what is gone nobody knows any more whether a record was hidden, or which one a hold held:
        what was done about it is left out, or it would come back on the day on which it dies.
        """
        about: dict[UUID, UUID | None] = {
            one.stream: one.stream for one in rows if one.type in _OF_RECORDS
        }
        holds = {one.stream for one in rows if one.type in _OF_HOLDS}
        held = self._held_records(holds)
        about |= held
        records = {record for record in about.values() if record is not None}
        states = self._streams.transfer_states(records, None, NO_CHUNKS) if records else {}
        hidden = self._streams.hidden_in_part(records)
        visible_records = {
            record
            for record, state in states.items()
            if state.entry is not None and record not in hidden
        }
        gone = holds - held.keys()
        left_out = {
            one for one, record in about.items() if record and record not in visible_records
        } | gone
        return [one for one in rows if one.stream not in left_out]

    def _held_records(self, holds: Collection[UUID]) -> dict[UUID, UUID | None]:
        """Hold that lives → the record that it holds; None where it holds those of persons."""
        found: dict[UUID, UUID | None] = {}
        facts = self._streams.facts(list(holds), None) if holds else {}
        for stream, of_one in facts.items():
            placed = of_one[0].event
            if isinstance(placed, HoldPlaced):
                found[stream] = placed.transfer
        return found

    def _acts(self, rows: Collection[_Row]) -> tuple[RecordedAct, ...]:
        cases = {one.stream for one in rows if one.type.startswith(_OF_CASES)}
        numbers = self._numbers.of(cases)

        def act(row: _Row) -> RecordedAct:
            number = numbers.get(row.stream)
            case = None if number is None else (row.stream, number)
            transfer = row.stream if row.type in _OF_RECORDS else None
            return RecordedAct(row.at, row.actor, row.type, case, transfer)

        return tuple(act(row) for row in rows)
