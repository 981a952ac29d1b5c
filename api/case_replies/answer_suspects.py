"""What a false answer may be made of: older versions, neighbours' records, what was excluded.

Read only for an answer that does not agree.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from api.case_replies.answer_audit import AuditedLine, AuditedRecords, AuditedSearch, AuditKind
from ledger.crypto.answers import AnsweredLine
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.format.events import RECORDED_TYPES, ExpiredEvent, Fact, TransferEvent
from ledger.streams.history import HistoryEntry, entry_of
from ledger.streams.streams import Streams
from ledger.values import PrincipalRef

SUSPECTS_BEFORE: Final = 5_000
"""So many positions before a search are looked at for a record that is another's."""
_STREAMS_AT_ONCE: Final = 50

_TransferFacts = Sequence[Fact[TransferEvent | ExpiredEvent]]


@dataclass(frozen=True, slots=True)
class AuditedPerson:
    """Whom an answer is about, as of its search.

    Attributes:
        keys: principal keys of all identifiers.
        transfers: stream → position of its first event, also of what is excluded.
        chunks: of bulk transfers, those in which the person stands.
        own: whether an identifier is the person's.
    """

    keys: tuple[bytes, ...]
    transfers: Mapping[UUID, int]
    chunks: frozenset[int]
    own: Callable[[PrincipalRef], bool]

    @classmethod
    def of(cls, streams: Streams, search: AuditedSearch) -> "AuditedPerson":
        """The person of a search."""
        keys = streams.cluster(search.identifiers, search.as_of).keys
        places = streams.exclusions.rows.positions_of(keys, search.as_of)
        known = frozenset(keys)
        own = places.transfers, places.chunks
        return cls(keys, *own, lambda ref: streams.principal_key(ref) in known)


def earlier_versions(
    streams: Streams, person: AuditedPerson, records: AuditedRecords, as_of: int
) -> dict[AnsweredLine, list[AnsweredLine]]:
    """Line of the answer → the same line as it was before each later event of its transfer."""
    found: dict[AnsweredLine, list[AnsweredLine]] = {}
    newest = {(one.line.stream, one.line.line): one.line for one in records.lines}
    for facts in _facts_of(streams, person, sorted({stream for stream, _ in newest}), as_of):
        for count in range(1, len(facts)):
            for line in _answered(_entry(facts[:count], person.own)):
                now = newest.get((line.stream, line.line))
                if now is not None and line != now:
                    found.setdefault(now, []).append(line)
    return found


def other_lines(
    streams: Streams,
    person: AuditedPerson,
    records: AuditedRecords,
    as_of: int,
    excluded: ActiveExclusions,
) -> Iterator[tuple[AuditKind, AuditedLine]]:
    """The lines that the answer must not tell, of the person's transfers and those around."""
    known = {(one.line.stream, one.line.line) for one in records.lines}
    around = streams.reads.facts_of_topics(
        RECORDED_TYPES, max(0, as_of - SUSPECTS_BEFORE), SUSPECTS_BEFORE
    )
    near = [one.stream for one in around if one.position <= as_of]
    streams_read = list(dict.fromkeys([*person.transfers, *near]))
    for facts in _facts_of(streams, person, streams_read, as_of):
        entry = _entry(facts, lambda _: True)
        if entry is None:
            continue
        is_marked = entry.entry.order_11 != 0
        for line, (_, named) in zip(_answered(entry), entry.lines, strict=True):
            if (line.stream, line.line) in known:
                continue
            kind = AuditKind.NEIGHBOUR
            if person.own(named.principal):
                hides = excluded.hides(line.first, person.keys, is_marked=is_marked)
                kind = AuditKind.EXCLUDED if hides else AuditKind.NOT_REQUESTED
            yield kind, AuditedLine(line.stream, line, withholds=False)


def _facts_of(
    streams: Streams, person: AuditedPerson, streams_read: Sequence[UUID], as_of: int
) -> Iterator[_TransferFacts]:
    """Of each transfer; of a bulk transfer the lines around the person's alone."""
    for begin in range(0, len(streams_read), _STREAMS_AT_ONCE):
        found = streams.facts(streams_read[begin : begin + _STREAMS_AT_ONCE], as_of, person.chunks)
        yield from (cast("_TransferFacts", facts) for facts in found.values())


def _entry(facts: _TransferFacts, own: Callable[[PrincipalRef], bool]) -> HistoryEntry | None:
    return entry_of(facts, own, lambda _: False)


def _answered(entry: HistoryEntry | None) -> tuple[AnsweredLine, ...]:
    return () if entry is None else entry.messages[0].answered
