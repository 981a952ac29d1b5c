"""Late events and the transfers they touch: by the index for a list, by the events for one."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from uuid import UUID

from ledger.format.event_reader import fact_of
from ledger.format.events import (
    CAUSE_TYPES,
    DirectiveLifted,
    DirectiveReceived,
    Event,
    ExpiredEvent,
    IdentifiersLinked,
    IdentifiersUnlinked,
    NoticePublished,
    NoticeWithdrawn,
)
from ledger.store.connections import Connections
from ledger.streams.streams import PERSON_KINDS, AnyFact, Streams
from ledger.transfers.candidates import Candidate, CandidateReader
from ledger.transfers.transfer import ever_in
from ledger.values import PrincipalRef

Hides = Callable[[bytes], bool]
"""Whether a line of a transfer is hidden, by its principal key (Order 11)."""


def nobody(_key: bytes) -> bool:
    """Of a transfer of which no line is hidden."""
    return False


class Causes:
    """Which events may change verdicts that were given before them, and whose.

    One instance a page: it remembers the notices, links and directives that it has read.
    """

    def __init__(self, connections: Connections, streams: Streams) -> None:
        self._candidates = CandidateReader(connections)
        self._streams = streams
        self._notices: dict[UUID, str | None] = {}
        self._named: dict[str, UUID | None] = {}
        self._touched: dict[int, frozenset[bytes]] = {}
        self._about: dict[bytes, frozenset[UUID]] = {}
        self._of_streams: dict[UUID, list[AnyFact]] = {}

    def at(self, position: int) -> AnyFact | None:
        """The event at `position` if it is of a type that may change verdicts and still opens."""
        if not 1 <= position <= self._streams.reads.head():
            return None
        [stored] = self._streams.reads.facts_at([position])
        [fact] = [fact_of(one) for one in self._streams.opened([stored])]
        return fact if _is_cause(fact) else None

    def from_(self, position: int, limit: int) -> list[AnyFact]:
        """The first `limit` events of those types at `position` or later, in position order."""
        found = self._streams.facts_of_topics(CAUSE_TYPES, position - 1, limit)
        self._remember_unlinked(found)
        return found

    def _remember_unlinked(self, causes: Iterable[AnyFact]) -> None:
        """Whom those causes touch, where nobody is linked: one question for all of them."""
        key_of = self._streams.principal_key
        touched = {
            one.position: frozenset(map(key_of, self._people(one.event, one))) for one in causes
        }
        keys = sorted({key for own in touched.values() for key in own})
        rows = self._streams.reads.lookups(keys, ["link"]) if keys else []
        linked = {row.key for row in rows}
        self._touched |= {at: own for at, own in touched.items() if not own & linked}

    def candidates(self, cause: AnyFact, after: int, limit: int) -> list[Candidate]:
        """The first `limit` transfers whose verdict it may change, recorded after `after`.

        By the index, so as far as it has followed; in the order of their positions. All that the
        cause touches and that did not know of it are among them.
        """
        event = cause.event
        if isinstance(event, NoticePublished | NoticeWithdrawn):
            notice_id = self._notice_of(cause)
            if notice_id is None:
                return []
            key = UUID(bytes=self._streams.notice_key(notice_id))
            return self._candidates.of_notice(key, cause.position, after, limit)
        keys = [UUID(bytes=key) for key in sorted(self._touched_by(cause))]
        return self._candidates.of_persons(keys, cause.position, after, limit) if keys else []

    def touches(self, cause: AnyFact, facts: Iterable[AnyFact], hides: Hides = nobody) -> bool:
        """Whether the cause may change the transfer; as in the index, who was ever in it counts.

        Args:
            hides: those who do not count.
        """
        records, lines = ever_in(facts)
        event = cause.event
        if isinstance(event, NoticePublished | NoticeWithdrawn):
            notice_id = self._notice_of(cause)
            return notice_id is not None and any(
                one.data.get("notice_id") == notice_id for one in records
            )
        touched, key_of = self._touched_by(cause), self._streams.principal_key
        keys = (key_of(line.principal) for line in lines) if touched else ()
        return any(key in touched and not hides(key) for key in keys)

    def is_first(
        self,
        cause: AnyFact | None,
        facts: Iterable[AnyFact],
        judged_at: int,
        hides: Hides = nobody,
    ) -> bool:
        """Whether no earlier event beyond `judged_at` touches the transfer as the cause does.

        Asked from the transfer's side: how many causes there are in the ledger does not matter.

        Args:
            cause: None: the reading of the law, behind all events.
            hides: as of `touches`.
        """
        between = (
            fact
            for fact in self._causes_in(self._streams_about(facts, hides))
            if judged_at < fact.position and (cause is None or fact.position < cause.position)
        )
        return not any(self.touches(fact, facts, hides) for fact in between)

    def _causes_in(self, streams: Iterable[UUID]) -> Iterator[AnyFact]:
        all_streams = list(streams)
        unknown = [one for one in all_streams if one not in self._of_streams]
        found = self._streams.facts(unknown, None) if unknown else {}
        for stream in unknown:
            self._of_streams[stream] = [one for one in found.get(stream, []) if _is_cause(one)]
        for stream in all_streams:
            yield from self._of_streams[stream]

    def _streams_about(self, facts: Iterable[AnyFact], hides: Hides) -> set[UUID]:
        """The directives, links and notices that may speak of the transfer or its persons.

        Args:
            hides: those who do not count: what speaks of one of them alone is not read.
        """
        records, lines = ever_in(facts)
        streams: set[UUID] = set()
        named = {str(one.data["notice_id"]) for one in records if one.data.get("notice_id")}
        for notice_id in named:
            if notice_id not in self._named:
                key = self._streams.notice_key(notice_id)
                self._named[notice_id] = self._streams.find_stream("notice", key)
            stream = self._named[notice_id]
            if stream is not None:
                streams.add(stream)
        principals = {self._streams.principal_key(one.principal): one.principal for one in lines}
        counting = {key: one for key, one in principals.items() if not hides(key)}
        for key in self._remembered(counting):
            streams |= self._about[key]
        return streams

    def _remembered(self, principals: Mapping[bytes, PrincipalRef]) -> Iterable[bytes]:
        """The principal keys, once it is known which directives and links speak of each person."""
        unknown = [key for key in principals if key not in self._about]
        self._about |= dict.fromkeys(unknown, frozenset[UUID]())
        # One question for all persons; only few are linked to somebody or have directed something.
        rows = self._streams.reads.lookups(unknown, PERSON_KINDS) if unknown else []
        for key in {row.key for row in rows}:
            cluster = self._streams.cluster([principals[key]], None)
            found = self._streams.reads.lookups(list(cluster.keys), PERSON_KINDS)
            about = self._streams.facts_by_row(found, None)
            self._about[key] = frozenset(row.stream for row in about)
            self._of_streams |= {
                row.stream: [one for one in facts if _is_cause(one)] for row, facts in about.items()
            }
        return principals

    def _notice_of(self, cause: AnyFact) -> str | None:
        if cause.stream not in self._notices:
            first = self._streams.facts([cause.stream], cause.position)[cause.stream][0].event
            is_notice = isinstance(first, NoticePublished)
            self._notices[cause.stream] = first.notice_id if is_notice else None
        return self._notices[cause.stream]

    def _touched_by(self, cause: AnyFact) -> frozenset[bytes]:
        """Principal keys of whom a directive or link is about, and of whoever is linked to them."""
        known = self._touched.get(cause.position)
        if known is None:
            people = self._people(cause.event, cause)
            linked = self._streams.cluster(people, None).keys if people else ()
            # An unlinked pair is no longer one cluster: both ends are asked for.
            known = frozenset((*linked, *map(self._streams.principal_key, people)))
            self._touched[cause.position] = known
        return known

    def _people(self, event: Event | ExpiredEvent, cause: AnyFact) -> list[PrincipalRef]:
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
    return not isinstance(fact.event, ExpiredEvent) and fact.event.TYPE in CAUSE_TYPES
