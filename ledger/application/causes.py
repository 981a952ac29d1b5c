"""Late events and the transfers they touch: by the index for a list, by the events for one."""

from collections.abc import Iterable
from typing import LiteralString
from uuid import UUID

from ledger.drafts import fact_of
from ledger.events import (
    DirectiveLifted,
    DirectiveReceived,
    Event,
    Expired,
    IdentifiersLinked,
    IdentifiersUnlinked,
    Line,
    NoticePublished,
    NoticeWithdrawn,
    PrincipalsAppended,
    Record,
    RecordedEvent,
    TransferCorrected,
    TransferReclassified,
)
from ledger.store.connections import Connections
from ledger.streams import PERSON_KINDS, AnyFact, Streams
from ledger.values import PrincipalRef

TYPES = (
    DirectiveReceived.TYPE,
    DirectiveLifted.TYPE,
    IdentifiersLinked.TYPE,
    IdentifiersUnlinked.TYPE,
    NoticePublished.TYPE,
    NoticeWithdrawn.TYPE,
)

_BY_PERSON: LiteralString = """
    SELECT found.stream, first.notification_id
      FROM (SELECT DISTINCT e.originator_id AS stream
              FROM projections.entries i
              JOIN ledger.events e ON e.notification_id = i.position
             WHERE i.principal_key = ANY(%s)) AS found
      JOIN ledger.events first
        ON first.originator_id = found.stream AND first.originator_version = 1
     WHERE first.notification_id > %s
     ORDER BY 2
     LIMIT %s
"""
_BY_NOTICE: LiteralString = """
    SELECT found.stream, first.notification_id
      FROM (SELECT DISTINCT e.originator_id AS stream
              FROM projections.reliances i
              JOIN ledger.events e ON e.notification_id = i.position
             WHERE i.notice_key = %s) AS found
      JOIN ledger.events first
        ON first.originator_id = found.stream AND first.originator_version = 1
     WHERE first.notification_id > %s
     ORDER BY 2
     LIMIT %s
"""


class Causes:
    """Which events may change verdicts that were given before them, and whose. Thread-safe."""

    def __init__(self, connections: Connections, streams: Streams) -> None:
        self._connections = connections
        self._streams = streams

    def at(self, position: int) -> AnyFact | None:
        """The event at `position` if it is of a type that may change verdicts and still opens."""
        if not 1 <= position <= self._streams.reads.head():
            return None
        [stored] = self._streams.reads.facts_at([position])
        [fact] = [fact_of(one) for one in self._streams.opened([stored])]
        return fact if _is_cause(fact) else None

    def from_(self, position: int, limit: int) -> list[AnyFact]:
        """The first `limit` events of those types at `position` or later, in position order."""
        return self._streams.facts_of_topics(TYPES, position - 1, limit)

    def candidates(self, cause: AnyFact, after: int, limit: int) -> list[tuple[UUID, int]]:
        """The first `limit` transfers that the cause touches and that were recorded after `after`.

        By the index, so as far as it has followed; with their positions, in that order.
        """
        event = cause.event
        if isinstance(event, NoticePublished | NoticeWithdrawn):
            notice_id = self._notice_of(cause)
            if notice_id is None:
                return []
            key = UUID(bytes=self._streams.notice_key(notice_id))
            return self._asked(_BY_NOTICE, key, after, limit)
        people = self._people(event, cause)
        if not people:
            return []
        keys = [UUID(bytes=key) for key in self._streams.cluster(people, None).keys]
        # An unlinked pair is no longer one cluster: both ends are asked for.
        keys += [UUID(bytes=self._streams.principal_key(one)) for one in people]
        return self._asked(_BY_PERSON, keys, after, limit)

    def touches(self, cause: AnyFact, facts: Iterable[AnyFact]) -> bool:
        """Whether the cause may change the transfer; as in the index, who was ever in it counts."""
        records, lines = _ever(facts)
        event = cause.event
        if isinstance(event, NoticePublished | NoticeWithdrawn):
            notice_id = self._notice_of(cause)
            return notice_id is not None and any(
                one.data.get("notice_id") == notice_id for one in records
            )
        people = self._people(event, cause)
        if not people:
            return False
        key_of = self._streams.principal_key
        touched = {*self._streams.cluster(people, None).keys, *map(key_of, people)}
        return any(key_of(line.principal) in touched for line in lines)

    def is_first(self, cause: AnyFact, facts: Iterable[AnyFact], judged_at: int) -> bool:
        """Whether no earlier event beyond `judged_at` touches the transfer as the cause does.

        Asked from the transfer's side: how many causes there are in the ledger does not matter.
        """
        streams = self._streams_about(facts)
        found = self._streams.facts(list(streams), cause.position - 1) if streams else {}
        return not any(
            fact.position > judged_at and _is_cause(fact) and self.touches(fact, facts)
            for events in found.values()
            for fact in events
        )

    def _streams_about(self, facts: Iterable[AnyFact]) -> set[UUID]:
        """The directives, links and notices that may speak of the transfer or its persons."""
        records, lines = _ever(facts)
        streams: set[UUID] = set()
        named = {str(one.data["notice_id"]) for one in records if one.data.get("notice_id")}
        for notice_id in named:
            stream = self._streams.found("notice", self._streams.notice_key(notice_id))
            if stream is not None:
                streams.add(stream)
        principals = {self._streams.principal_key(one.principal): one.principal for one in lines}
        # One question for all persons; only few are linked to somebody or have directed something.
        known = {row.key for row in self._streams.reads.lookups(list(principals), PERSON_KINDS)}
        for key in known:
            cluster = self._streams.cluster([principals[key]], None)
            rows = self._streams.reads.lookups(list(cluster.keys), PERSON_KINDS)
            streams |= {row.stream for row in rows}
        return streams

    def _asked(
        self, statement: LiteralString, key: UUID | list[UUID], after: int, limit: int
    ) -> list[tuple[UUID, int]]:
        asked = (key, after, limit)
        rows = self._connections.read(lambda c: c.execute(statement, asked).fetchall())
        return [(row[0], row[1]) for row in rows]

    def _notice_of(self, cause: AnyFact) -> str | None:
        first = self._streams.facts([cause.stream], cause.position)[cause.stream][0].event
        return first.notice_id if isinstance(first, NoticePublished) else None

    def _people(self, event: Event | Expired, cause: AnyFact) -> list[PrincipalRef]:
        match event:
            case IdentifiersLinked() | IdentifiersUnlinked():
                return [event.a, event.b]
            case DirectiveReceived():
                return [event.principal]
            case DirectiveLifted():
                received = self._streams.facts([cause.stream], cause.position)[cause.stream]
                return [
                    fact.event.principal
                    for fact in received
                    if isinstance(fact.event, DirectiveReceived)
                ][:1]
            case _:
                return []


def _is_cause(fact: AnyFact) -> bool:
    return not isinstance(fact.event, Expired) and fact.event.TYPE in TYPES


def _ever(facts: Iterable[AnyFact]) -> tuple[list[Record], list[Line]]:
    """What a transfer's record ever was, and every line that ever stood in it."""
    records: list[Record] = []
    lines: list[Line] = []
    for fact in facts:
        match fact.event:
            case TransferCorrected() | TransferReclassified() as event:
                records.append(event.record)
                lines += event.lines.values()
            case PrincipalsAppended() as event:
                lines += event.lines.values()
            case event if isinstance(event, RecordedEvent):
                records.append(event.entry.record)
                lines += event.entry.lines.values()
            case _:
                continue
    return records, lines
