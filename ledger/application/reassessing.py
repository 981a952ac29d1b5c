"""Late notices, stops and links: which verdicts they change (a work list, then events).

A verdict is given as of a position. When something that it should have known arrives later, the
transfers it touches are judged anew; those whose verdict differs are proposed, and an officer lets
`TransferReclassified` be appended. Nothing is stored: a proposal is gone once it is done.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import LiteralString, cast
from uuid import UUID

from ledger import transfer
from ledger.application.judging import Judging, Question
from ledger.events import (
    DirectiveLifted,
    DirectiveReceived,
    Event,
    Expired,
    Fact,
    IdentifiersLinked,
    IdentifiersUnlinked,
    NoticePublished,
    NoticeWithdrawn,
    TransferEvent,
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
CANDIDATES_MAX = 10_000

_BY_PERSON: LiteralString = """
    SELECT DISTINCT e.originator_id FROM projections.entries i
      JOIN ledger.events e ON e.notification_id = i.position
     WHERE i.principal_key = ANY(%s) LIMIT %s
"""
_BY_NOTICE: LiteralString = """
    SELECT DISTINCT e.originator_id FROM projections.reliances i
      JOIN ledger.events e ON e.notification_id = i.position
     WHERE i.notice_key = %s LIMIT %s
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
    persons: int


class Reassessing:
    """Finds proposals. Reads the index, so it knows what the projection has reached."""

    def __init__(self, connections: Connections, streams: Streams) -> None:
        self._connections = connections
        self._streams = streams

    def page(self, after: int, causes: int) -> tuple[list[Proposal], int | None]:
        """Proposals of the next causes beyond position `after`, and the cursor; None at the end."""
        facts = self._streams.facts_of_topics(CAUSES, after, causes)
        judging = Judging(self._streams)
        proposals = {
            proposal.transfer: proposal
            for fact in facts
            for proposal in self._proposals(fact, judging)
        }
        cursor = facts[-1].position if len(facts) == causes else None
        return list(proposals.values()), cursor

    def _proposals(self, cause: AnyFact, judging: Judging) -> Iterable[Proposal]:
        candidates = self._candidates(cause)
        for facts in self._streams.facts(candidates, None).values() if candidates else ():
            typed = cast("list[Fact[TransferEvent | Expired]]", facts)
            judged = max((fact.judged_at or 0 for fact in typed), default=0)
            if judged >= cause.position:
                continue  # the verdict knew of the cause
            state = transfer.fold(None, typed)
            if state is not None and state.record is not None and state.retracted is None:
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
        if _is_same(state, verdict):
            return
        yield Proposal(
            stream, cause, head, state.record.verdict, verdict.whole, len(verdict.persons)
        )

    def _candidates(self, cause: AnyFact) -> Sequence[UUID]:
        event = cause.event
        if isinstance(event, NoticePublished | NoticeWithdrawn):
            first = self._streams.facts([cause.stream], cause.position)[cause.stream][0].event
            return self._by_notice(first.notice_id) if isinstance(first, NoticePublished) else []
        people = self._people(event, cause)
        if not people:
            return []
        keys = [UUID(bytes=key) for key in self._streams.cluster(people, None).keys]
        # An unlinked pair is no longer one cluster: both ends are asked for.
        keys += [UUID(bytes=self._streams.principal_key(one)) for one in people]
        rows = self._connections.read(
            lambda c: c.execute(_BY_PERSON, (keys, CANDIDATES_MAX)).fetchall()
        )
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
        rows = self._connections.read(
            lambda c: c.execute(_BY_NOTICE, (key, CANDIDATES_MAX)).fetchall()
        )
        return [row[0] for row in rows]


def _is_same(state: transfer.State, verdict: TransferVerdict) -> bool:
    assert state.record is not None, "only a living record is judged"
    assert state.entry is not None, "only a living record is judged"
    # How long a collective record is kept is its series' affair: later messages move it.
    is_message = state.entry.series is not None
    lines = [line for _, line in sorted(state.lines.items())]
    before = {
        index: _compared(line.verdict, is_message=is_message)
        for index, line in enumerate(lines)
        if line.verdict is not None
    }
    now = {
        index: _compared(person, is_message=is_message) for index, person in verdict.persons.items()
    }
    return before == now and _compared(state.record.verdict, is_message=is_message) == _compared(
        verdict.whole, is_message=is_message
    )


def _compared(verdict: Verdict, *, is_message: bool) -> Verdict:
    return replace(verdict, retain_through=None) if is_message else verdict
