"""Late notices, stops and links: which verdicts they change (a work list, then events).

A verdict is given as of a position. When something that it should have known arrives later, the
transfers it touches are judged anew; those whose verdict differs are proposed, and an officer lets
`TransferReclassified` be appended. Nothing is stored: a proposal is gone once it is done.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import LiteralString, cast
from uuid import UUID

from ledger import transfer
from ledger.application.judging import Judging, Question
from ledger.drafts import fact_of
from ledger.errors import Defect, MalformedError
from ledger.events import (
    DirectiveLifted,
    DirectiveReceived,
    Event,
    Expired,
    Fact,
    IdentifiersLinked,
    IdentifiersUnlinked,
    Line,
    NoticePublished,
    NoticeWithdrawn,
    PrincipalsAppended,
    Record,
    RecordedEvent,
    TransferCorrected,
    TransferEvent,
    TransferReclassified,
)
from ledger.policies.context import TransferVerdict, Verdict
from ledger.policies.duty import judge
from ledger.store.connections import Connections
from ledger.streams import AnyFact, Streams
from ledger.values import PrincipalRef, transfer_of

CAUSES = (
    DirectiveReceived.TYPE,
    DirectiveLifted.TYPE,
    IdentifiersLinked.TYPE,
    IdentifiersUnlinked.TYPE,
    NoticePublished.TYPE,
    NoticeWithdrawn.TYPE,
)
# Transfers that are opened at once while a cause is gone through.
CHUNK = 500

_BY_PERSON: LiteralString = """
    SELECT DISTINCT e.originator_id FROM projections.entries i
      JOIN ledger.events e ON e.notification_id = i.position
     WHERE i.principal_key = ANY(%s)
"""
_BY_NOTICE: LiteralString = """
    SELECT DISTINCT e.originator_id FROM projections.reliances i
      JOIN ledger.events e ON e.notification_id = i.position
     WHERE i.notice_key = %s
"""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A transfer whose verdict would be another one now.

    Attributes:
        cause_position: the late event.
        judged_at: as of which position the new verdict was reached.
    """

    transfer: UUID
    cause_position: int
    judged_at: int
    before: Verdict
    after: Verdict
    persons: tuple["PersonProposal", ...]


@dataclass(frozen=True, slots=True)
class PersonProposal:
    """A person of the transfer whose own verdict would be another one; None: the transfer's."""

    principal: PrincipalRef
    before: Verdict | None
    after: Verdict | None


class Reassessing:
    """Finds proposals. Reads the index, so it knows what the projection has reached."""

    def __init__(self, connections: Connections, streams: Streams) -> None:
        self._connections = connections
        self._streams = streams

    def page(
        self, after: int, causes: int, sees: Callable[[transfer.State], bool] = lambda _: True
    ) -> tuple[list[Proposal], int | None]:
        """Proposals of the next causes beyond position `after`, and the cursor; None at the end.

        Args:
            sees: which transfers the asker may know of (Order 11).
        """
        facts = self._streams.facts_of_topics(CAUSES, after, causes)
        judging = Judging(self._streams)
        proposals = {
            proposal.transfer: proposal
            for fact in facts
            for proposal in self._proposals(fact, judging, sees)
        }
        cursor = facts[-1].position if len(facts) == causes else None
        return list(proposals.values()), cursor

    def check_cause(self, stream: UUID, position: int) -> None:
        """Refuse a cause that the work list would not name for the transfer `stream`.

        Asked of the events alone, so that it does not depend on how far the index has followed. A
        transfer that takes no correction, or whose verdict would stay, is left to the correction.

        Raises:
            MalformedError: at `position` there is no late event that touches the transfer.
        """
        state = self._streams.transfer_state(stream)
        if state is None or state.record is None or state.retracted is not None:
            return
        facts = self._streams.facts([stream], None)[stream]
        cause = self._cause_at(position)
        if cause is not None and self._touches(cause, facts):
            if position > _judged_at(facts):
                return
            if not any(
                True for _ in self._differing(state, stream, position, Judging(self._streams))
            ):
                return  # acted on already: there is nothing to change
        detail = "give the position of a late event that touches this transfer"
        raise MalformedError((Defect("/cause_position", "NOT_A_CAUSE", detail),))

    def _cause_at(self, position: int) -> AnyFact | None:
        """The event at `position` if it is of a type that may change verdicts and still opens."""
        if not 1 <= position <= self._streams.reads.head():
            return None
        [stored] = self._streams.reads.facts_at([position])
        [fact] = [fact_of(one) for one in self._streams.opened([stored])]
        return None if isinstance(fact.event, Expired) or fact.event.TYPE not in CAUSES else fact

    def _touches(self, cause: AnyFact, facts: Iterable[AnyFact]) -> bool:
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

    def _notice_of(self, cause: AnyFact) -> str | None:
        first = self._streams.facts([cause.stream], cause.position)[cause.stream][0].event
        return first.notice_id if isinstance(first, NoticePublished) else None

    def _proposals(
        self, cause: AnyFact, judging: Judging, sees: Callable[[transfer.State], bool]
    ) -> Iterable[Proposal]:
        candidates = self._candidates(cause)
        chunks = (candidates[n : n + CHUNK] for n in range(0, len(candidates), CHUNK))
        for facts in chain.from_iterable(self._streams.facts(c, None).values() for c in chunks):
            typed = cast("list[Fact[TransferEvent | Expired]]", facts)
            if _judged_at(typed) >= cause.position:
                continue  # the verdict knew of the cause
            state = transfer.fold(None, typed)
            if state is None or state.record is None or state.retracted is not None:
                continue
            if sees(state):
                yield from self._differing(state, typed[0].stream, cause.position, judging)

    def _differing(
        self, state: transfer.State, stream: UUID, cause: int, judging: Judging
    ) -> Iterable[Proposal]:
        assert state.record is not None, "only a living record is judged"
        assert state.entry is not None, "only a living record is judged"
        typed = transfer_of(transfer.whole_data(state))
        recorded_on = state.record.recorded_on
        question = Question(typed, state.entry.source, recorded_on)
        head, [gathered] = judging.gather([question])
        verdict = judge(typed, gathered.context, recorded_on)
        if state.entry.series is not None:
            verdict = _kept_as_before(state, verdict)
        persons = _differing_persons(state, verdict)
        if state.record.verdict == verdict.whole and not persons:
            return
        yield Proposal(stream, cause, head, state.record.verdict, verdict.whole, persons)

    def _candidates(self, cause: AnyFact) -> Sequence[UUID]:
        event = cause.event
        if isinstance(event, NoticePublished | NoticeWithdrawn):
            notice_id = self._notice_of(cause)
            return self._by_notice(notice_id) if notice_id is not None else []
        people = self._people(event, cause)
        if not people:
            return []
        keys = [UUID(bytes=key) for key in self._streams.cluster(people, None).keys]
        # An unlinked pair is no longer one cluster: both ends are asked for.
        keys += [UUID(bytes=self._streams.principal_key(one)) for one in people]
        rows = self._connections.read(lambda c: c.execute(_BY_PERSON, (keys,)).fetchall())
        return [row[0] for row in rows]

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

    def _by_notice(self, notice_id: str) -> Sequence[UUID]:
        key = UUID(bytes=self._streams.notice_key(notice_id))
        rows = self._connections.read(lambda c: c.execute(_BY_NOTICE, (key,)).fetchall())
        return [row[0] for row in rows]


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


def _judged_at(facts: Iterable[Fact[object]]) -> int:
    """The position that the newest verdict of the transfer knew of."""
    return max((fact.judged_at or 0 for fact in facts), default=0)


def _kept_as_before(state: transfer.State, verdict: TransferVerdict) -> TransferVerdict:
    """The verdict without what only says how long a message of a series is kept.

    That is the series' affair (ADR 0015): every later message moves it, and none is a finding.
    """
    assert state.record is not None, "only a living record is judged"
    whole = replace(verdict.whole, retain_through=state.record.verdict.retain_through)
    lines = [line for _, line in sorted(state.lines.items())]
    persons: dict[int, Verdict] = {}
    for index, own in verdict.persons.items():
        before = lines[index].verdict or state.record.verdict
        persons[index] = replace(own, retain_through=before.retain_through)
    return TransferVerdict(whole, persons)


def _differing_persons(
    state: transfer.State, verdict: TransferVerdict
) -> tuple[PersonProposal, ...]:
    """The persons whose own verdict differs, in the order of the lines."""
    lines = [line for _, line in sorted(state.lines.items())]
    return tuple(
        PersonProposal(line.principal, line.verdict, verdict.persons.get(index))
        for index, line in enumerate(lines)
        if line.verdict != verdict.persons.get(index)
    )
