"""Late notices, stops and links: which verdicts they change (a work list, then events).

A verdict is given as of a position. When something that it should have known arrives later, the
transfers it touches are judged anew; those whose verdict differs are proposed, and an officer lets
`TransferReclassified` be appended. Nothing is stored: a proposal is gone once it is done.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import cast
from uuid import UUID

from ledger import transfer
from ledger.application.causes import Causes
from ledger.application.judging import Judging, Question, asker_of
from ledger.errors import Defect, MalformedError
from ledger.events import Expired, Fact, TransferEvent
from ledger.policies.context import TransferVerdict, Verdict
from ledger.policies.duty import judge
from ledger.store.connections import Connections
from ledger.streams import AnyFact, Streams
from ledger.values import PrincipalRef, transfer_of

CHUNK_MAX = 500
"""Transfers that are opened at once while a cause is gone through."""

CAUSES_MAX = 200
LOOKED_AT_MAX = 500
"""Transfers that a page looks at, whether or not it proposes any: some 0.05 s."""

Place = tuple[int, int]
"""Where a page ends: position of a cause, and of the last of its transfers that is done with."""

BEGIN: Place = (0, 0)


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


@dataclass(slots=True)
class _Page:
    """Proposals with their places, until there is one more than wanted or enough was looked at."""

    limit: int
    looked_at_max: int
    found: list[tuple[Proposal, Place]] = field(default_factory=list[tuple[Proposal, Place]])
    looked_at: int = 0
    last: Place = BEGIN

    @property
    def is_full(self) -> bool:
        return len(self.found) > self.limit or self.looked_at >= self.looked_at_max


class Reassessing:
    """Finds proposals. Reads the index, so it knows what the projection has reached.

    Args:
        causes_max: how many causes a page goes through, whether or not it finds proposals.
        looked_at_max: how many transfers it looks at, and asks the index for at once.
    """

    def __init__(
        self,
        connections: Connections,
        streams: Streams,
        *,
        causes_max: int = CAUSES_MAX,
        looked_at_max: int = LOOKED_AT_MAX,
    ) -> None:
        self._causes_max = causes_max
        self._looked_at_max = looked_at_max
        self._streams = streams
        self._causes = Causes(connections, streams)

    def page(
        self, after: Place, limit: int, *, sees_all: bool = True
    ) -> tuple[list[Proposal], Place | None]:
        """The next proposals beyond `after`, and where the next page begins; None at the end.

        In the order of causes, and under each in that of transfers. A transfer is proposed once,
        under the first late event that touches it. The list is one and the same for pages of any
        size; a page may hold fewer than `limit`, or none, where much was to be looked at.

        Args:
            after: `BEGIN`, or what the page before gave.
            limit: proposals a page.
            sees_all: whether the asker may know of what is hidden under Order 11.
        """
        sees = _all if sees_all else self._streams.visible()
        causes = self._causes.from_(after[0], self._causes_max)
        judging = Judging(self._streams)
        page = _Page(limit, self._looked_at_max)
        for cause in causes:
            begin = after[1] if cause.position == after[0] else 0
            self._look_at(page, cause, begin, judging, sees)
            if page.is_full:
                break
        proposals = [proposal for proposal, _ in page.found[:limit]]
        if len(page.found) > limit:
            return proposals, page.found[limit - 1][1]
        if page.is_full:
            return proposals, page.last
        if len(causes) < self._causes_max:
            return proposals, None
        return proposals, (causes[-1].position + 1, 0)  # whatever comes there or later

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
        cause = self._causes.at(position)
        if cause is not None and self._causes.touches(cause, facts):
            if position > _judged_at(facts):
                return
            if not any(
                True for _ in self._differing(state, stream, position, Judging(self._streams))
            ):
                return  # acted on already: there is nothing to change
        detail = "give the position of a late event that touches this transfer"
        raise MalformedError((Defect("/cause_position", "NOT_A_CAUSE", detail),))

    def _look_at(
        self,
        page: _Page,
        cause: AnyFact,
        after: int,
        judging: Judging,
        sees: Callable[[transfer.State], bool],
    ) -> None:
        """Go through the transfers of one cause until the page is full."""
        for chunk in self._chunks(cause, after, page.limit + 1):
            found = self._streams.facts([stream for stream, _ in chunk], None)
            for stream, position in chunk:
                typed = cast("list[Fact[TransferEvent | Expired]]", found.get(stream, []))
                state = transfer.fold(None, typed)
                # What the asker may not know of leaves no trace, not even where a page ends.
                if state is None or not sees(state):
                    continue
                page.looked_at += 1
                page.last = (cause.position, position)
                for proposal in self._proposed(cause, state, typed, judging):
                    page.found.append((proposal, page.last))
                if page.is_full:
                    return

    def _chunks(self, cause: AnyFact, after: int, size: int) -> Iterator[list[tuple[UUID, int]]]:
        """The transfers of a cause: few at first, since a page may be full soon."""
        is_more = True
        while is_more:
            candidates = self._causes.candidates(cause, after, self._looked_at_max)
            begin = 0
            while begin < len(candidates):
                yield candidates[begin : begin + size]
                begin += size
                size = min(2 * size, CHUNK_MAX)
            is_more = len(candidates) == self._looked_at_max
            after = candidates[-1][1] if candidates else after

    def _proposed(
        self,
        cause: AnyFact,
        state: transfer.State,
        facts: list[Fact[TransferEvent | Expired]],
        judging: Judging,
    ) -> Iterable[Proposal]:
        """The proposal under this cause, if there is one."""
        judged_at = _judged_at(facts)
        if judged_at >= cause.position:
            return  # the verdict knew of the cause
        if state.record is None or state.retracted is not None:
            return
        for proposal in self._differing(state, facts[0].stream, cause.position, judging):
            if self._causes.is_first(cause, cast("list[AnyFact]", facts), judged_at):
                yield proposal

    def _differing(
        self, state: transfer.State, stream: UUID, cause: int, judging: Judging
    ) -> Iterable[Proposal]:
        assert state.record is not None, "only a living record is judged"
        assert state.entry is not None, "only a living record is judged"
        typed = transfer_of(transfer.whole_data(state))
        recorded_on = state.record.recorded_on
        question = Question(typed, state.entry.source, recorded_on, asker_of(state))
        head, [gathered] = judging.gather([question])
        verdict = judge(typed, gathered.context, recorded_on)
        if state.entry.series is not None:
            verdict = _kept_as_before(state, verdict)
        persons = _differing_persons(state, verdict)
        if state.record.verdict == verdict.whole and not persons:
            return
        yield Proposal(stream, cause, head, state.record.verdict, verdict.whole, persons)


def _all(_: transfer.State) -> bool:
    return True


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
