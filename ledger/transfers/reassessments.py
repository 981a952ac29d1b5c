"""Late notices, stops and links: which verdicts they change (a work list, then events).

A verdict is given as of a position. When something that it should have known arrives later, the
transfers it touches are judged anew; those whose verdict differs are proposed, and an officer lets
`TransferReclassified` be appended. Behind all of these stand those that differ because the reading
of the law is another one now (0098). Nothing is stored: a proposal is gone once it is done.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import LiteralString, cast
from uuid import UUID

from ledger.errors import Defect, MalformedError
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.format.events import RECORDED_TYPES, ExpiredEvent, Fact, TransferEvent
from ledger.format.header import read_header
from ledger.law.readings import READING, law_and_reading
from ledger.policies.context import TransferVerdict, Verdict, is_same
from ledger.policies.duty import judge
from ledger.store.connections import Connections
from ledger.streams.streams import AnyFact, Streams
from ledger.transfers import transfer
from ledger.transfers.candidates import Candidate
from ledger.transfers.causes import Causes, Hides, nobody
from ledger.transfers.verdict_inputs import VerdictInputs, VerdictQuery, asker_of
from ledger.transfers.whole_transfer import transfer_data
from ledger.values import PrincipalRef, transfer_of

_HEAD: LiteralString = "SELECT position FROM ledger.head"
_RECORDED: LiteralString = """
    SELECT notification_id, originator_id, state FROM ledger.events
     WHERE notification_id > %s AND notification_id < %s AND topic = ANY(%s)
     ORDER BY notification_id
     LIMIT %s
"""
_TYPES = sorted(RECORDED_TYPES)


class OlderReadings:
    """Reads headers, and remembers where the newest reading begins. Thread-safe."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._begin: int | None = None

    def candidates(self, after: int, limit: int) -> list[Candidate]:
        """The first `limit` of those transfers that were recorded after the position `after`.

        Some of them may have been judged anew since.
        """
        found = self._recorded(after, self._newest_begins(), limit)
        return [(stream, position) for position, stream, _ in found]

    def _newest_begins(self) -> int:
        """Where the first transfer under the newest reading stands; one beyond the head without."""
        if self._begin is not None:
            return self._begin
        [head] = self._connections.read(lambda c: c.execute(_HEAD, prepare=True).fetchone()) or (0,)
        # All up to `old` is of older readings, and nothing from `new` on is.
        old, new = 0, cast("int", head) + 1
        last, is_there = new, False
        while old + 1 < new:
            middle = (old + new) // 2
            found = self._recorded(middle - 1, last, 1)
            if not found:
                new = middle
            elif found[0][2] < READING:
                old = found[0][0]
            else:
                new, is_there = middle, True
        if is_there:
            self._begin = new
        return new

    def _recorded(self, after: int, before: int, limit: int) -> list[tuple[int, UUID, int]]:
        """(position, stream, reading) of the transfers that were recorded between two positions."""
        values = (after, before, _TYPES, limit)
        rows = self._connections.read(
            lambda c: c.execute(_RECORDED, values, prepare=True, binary=True).fetchall()
        )
        return [
            (cast("int", position), cast("UUID", stream), _reading(cast("bytes", header)))
            for position, stream, header in rows
        ]


def _reading(header: bytes) -> int:
    return law_and_reading(cast("str", read_header(header).facts.get("law", "")))[1]


CHUNK_MAX = 500
"""Transfers that are opened at once while a cause is gone through."""

CAUSES_MAX = 200
EXAMINED_MAX = 200
"""Transfers that a page looks at, whether or not it proposes any: some 40 ms of work."""

Place = tuple[int, int]
"""Where a page ends: position of a cause, and of the last of its transfers that is done with."""

BEGIN: Place = (0, 0)
BY_READING = 2**62
"""In a place: the reading of the law instead of a late event, behind all of which it stands."""


@dataclass(frozen=True, slots=True)
class VerdictProposal:
    """A transfer whose verdict would be another one now.

    Attributes:
        cause_position: the late event; None: the reading of the law changed.
        judged_at: as of which position the new verdict was reached.
    """

    transfer: UUID
    cause_position: int | None
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
    examined_max: int
    causes: Causes
    judging: VerdictInputs
    found: list[tuple[VerdictProposal, Place]] = field(
        default_factory=list[tuple[VerdictProposal, Place]]
    )
    examined_count: int = 0
    last: Place = BEGIN

    @property
    def is_full(self) -> bool:
        return len(self.found) > self.limit or self.examined_count >= self.examined_max


@dataclass(frozen=True, slots=True)
class _TouchedTransfer:
    """A transfer that the asker may know of, where it was recorded, and a cause that touches it.

    Attributes:
        cause: None: the reading of the law.
        hides: the lines that are not in `state`, though they may be in `facts`.
    """

    cause: AnyFact | None
    stream: UUID
    position: int
    state: transfer.State
    facts: list[AnyFact]
    hides: Hides

    @property
    def judged_at(self) -> int:
        return judged_at(self.facts)

    @property
    def cursor(self) -> Place:
        return (BY_READING if self.cause is None else self.cause.position, self.position)

    @property
    def may_differ(self) -> bool:
        """Whether it stands, and its verdict did not know of the cause."""
        if not is_live(self.state):
            return False
        if self.cause is None:
            return is_of_older_reading(self.state)
        return self.judged_at < self.cause.position


class Reassessments:
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
        examined_max: int = EXAMINED_MAX,
    ) -> None:
        self._causes_max = causes_max
        self._examined_max = examined_max
        self._streams = streams
        self._connections = connections
        self._older = OlderReadings(connections)

    def page(
        self, after: Place, limit: int, *, includes_hidden: bool = True
    ) -> tuple[list[VerdictProposal], Place | None]:
        """The next proposals beyond `after`, and where the next page begins; None at the end.

        In the order of causes, and under each in that of transfers. A transfer is proposed once,
        under the first late event that touches it, or else under the reading of the law.

        The list is one and the same for pages of any
        size; a page may hold fewer than `limit`, or none, where much was to be looked at.

        Args:
            after: `BEGIN`, or what the page before gave.
            limit: proposals a page.
            includes_hidden: whether the asker may know of what is hidden under Order 11.
        """
        sight = _Sight(
            self._streams, None if includes_hidden else self._streams.exclusions.active()
        )
        page = _Page(limit, self._examined_max, self._causes(), VerdictInputs(self._streams))
        causes = page.causes.from_(after[0], self._causes_max)
        places, size = self._cause_candidates(page.causes, causes, after), limit + 1
        is_last = len(causes) < self._causes_max
        if is_last:
            places = chain(places, self._of_reading(after))
        # Few at first, since a page may be full soon; of several causes at once.
        while not page.is_full and (chunk := list(islice(places, size))):
            self._examine(page, chunk, sight)
            size = min(2 * size, CHUNK_MAX)
        proposals = [proposal for proposal, _ in page.found[:limit]]
        if len(page.found) > limit:
            return proposals, page.found[limit - 1][1]
        if page.is_full:
            return proposals, page.last
        if is_last:
            return proposals, None
        return proposals, (causes[-1].position + 1, 0)  # whatever comes there or later

    def check_cause(
        self, stream: UUID, position: int | None, *, includes_hidden: bool = True
    ) -> None:
        """Refuse a cause that the work list would not name for the transfer `stream`.

        Asked of the events alone, so that it does not depend on how far the index has followed. A
        transfer that takes no correction, or whose verdict would stay, is left to the correction.

        Args:
            position: of the late event; None: the reading of the law.
            includes_hidden: as of `page`.

        Raises:
            MalformedError: at `position` there is no late event that touches the transfer; or its
                verdict was given under the reading that counts now, and would be another one.
        """
        whole = self._streams.transfer_state(stream)
        if whole is None or whole.record is None or whole.retracted is not None:
            return
        sight = _Sight(
            self._streams, None if includes_hidden else self._streams.exclusions.active()
        )
        state = sight.visible_part(whole)
        if state is None:
            return
        if position is None:
            is_cause, is_late = True, is_of_older_reading(state)
        else:
            facts = self._streams.facts([stream], None)[stream]
            hides, causes = sight.hides(whole, facts), self._causes()
            cause = causes.at(position)
            is_cause = cause is not None and causes.touches(cause, facts, hides)
            is_late = position > judged_at(facts)
        if is_cause:
            if is_late:
                return
            head, [verdict] = judged_anew([state], VerdictInputs(self._streams))
            if _proposal(state, stream, position, head, verdict) is None:
                return  # acted on already: there is nothing to change
        detail = "give the position of a late event that touches this transfer"
        raise MalformedError((Defect("/cause_position", "NOT_A_CAUSE", detail),))

    def _causes(self) -> Causes:
        return Causes(self._connections, self._streams)

    def _cause_candidates(
        self, about: Causes, causes: Iterable[AnyFact], after: Place
    ) -> Iterator[tuple[AnyFact | None, Candidate]]:
        """Each cause with each transfer whose verdict it may change, beyond a place."""
        for cause in causes:
            begin = after[1] if cause.position == after[0] else 0
            is_more = True
            while is_more:
                found = about.candidates(cause, begin, self._examined_max)
                yield from ((cause, one) for one in found)
                is_more = len(found) == self._examined_max
                begin = found[-1][1] if found else begin

    def _of_reading(self, after: Place) -> Iterator[tuple[None, Candidate]]:
        """Each transfer that was recorded under an older reading of the law, beyond a place."""
        begin = after[1] if after[0] == BY_READING else 0
        while found := self._older.candidates(begin, self._examined_max):
            yield from ((None, one) for one in found)
            begin = found[-1][1]

    def _examine(
        self,
        page: _Page,
        chunk: Sequence[tuple[AnyFact | None, Candidate]],
        sight: "_Sight",
    ) -> None:
        """Go through transfers, each under a cause, until the page is full."""
        found = self._streams.facts(list({stream for _, (stream, _) in chunk}), None)
        touched_transfers: list[_TouchedTransfer] = []
        for cause, (stream, position) in chunk:
            facts = found.get(stream, [])
            whole = transfer.fold(None, cast("list[Fact[TransferEvent | ExpiredEvent]]", facts))
            state = None if whole is None else sight.visible_part(whole)
            # What the asker may not know of leaves no trace, not even where a page ends.
            if whole is None or state is None:
                continue
            hides = sight.hides(whole, facts)
            if cause is None or hides is nobody or page.causes.touches(cause, facts, hides):
                touched_transfers.append(
                    _TouchedTransfer(cause, stream, position, state, facts, hides)
                )
        states = {one.stream: one.state for one in touched_transfers if one.may_differ}
        head, verdicts = judged_anew([*states.values()], page.judging)
        anew = dict(zip(states, verdicts, strict=True))
        for one in touched_transfers:
            page.examined_count += 1
            page.last = one.cursor
            if one.may_differ:
                at = None if one.cause is None else one.cause.position
                proposal = _proposal(one.state, one.stream, at, head, anew[one.stream])
                if proposal and page.causes.is_first(
                    one.cause, one.facts, one.judged_at, one.hides
                ):
                    page.found.append((proposal, page.last))
            if page.is_full:
                return


class _Sight:
    """What the asker may know of (Order 11).

    Args:
        excluded: what stands; None: the asker may know of everything.
    """

    def __init__(self, streams: Streams, excluded: ActiveExclusions | None) -> None:
        self._streams, self._excluded = streams, excluded
        self._shown = None if excluded is None else streams.visibility(excluded)

    def visible_part(self, state: transfer.State) -> transfer.State | None:
        return state if self._shown is None else self._shown(state)

    def hides(self, state: transfer.State, facts: Iterable[AnyFact]) -> Hides:
        """Of a transfer that is shown, the persons who are not shown, whether or not they left."""
        excluded, position, entry = self._excluded, state.first_position, state.entry
        if excluded is None or not excluded.distinguishes_persons(position):
            return nobody
        marked, (_, lines) = entry is not None and entry.order_11 != 0, transfer.ever_in(facts)
        people = (line.principal for line in lines)
        return self._streams.hides(position, people, excluded, is_marked=marked)


def judged_anew(
    states: Sequence[transfer.State], judging: VerdictInputs
) -> tuple[int, list[TransferVerdict]]:
    """The verdict of each of these living transfers as of one position, and that position."""
    questions = [_question(state) for state in states]
    head, contexts = judging.gather(questions) if questions else (0, [])
    verdicts = [
        judge(question.transfer, context, question.recorded_on)
        for question, context in zip(questions, contexts, strict=True)
    ]
    return head, [
        verdict
        if state.entry is None or state.entry.series is None
        else _with_former_retention(state, verdict)
        for state, verdict in zip(states, verdicts, strict=True)
    ]


def _question(state: transfer.State) -> VerdictQuery:
    assert state.record is not None, "only a living record is judged"
    assert state.entry is not None, "only a living record is judged"
    typed = transfer_of(transfer_data(state))
    return VerdictQuery(typed, state.entry.source, state.record.recorded_on, asker_of(state))


def is_live(state: transfer.State) -> bool:
    """Whether it is recorded as a whole, and stands."""
    is_recorded = state.record is not None and state.entry is not None and state.retracted is None
    return is_recorded and state.effective_position is not None


def is_of_older_reading(state: transfer.State) -> bool:
    """Whether the verdict that stands was given under another reading than counts now."""
    assert state.record is not None, "only a living record has a verdict"
    return law_and_reading(state.record.verdict.law)[1] < READING


def _proposal(
    state: transfer.State, stream: UUID, cause: int | None, head: int, verdict: TransferVerdict
) -> VerdictProposal | None:
    """What is proposed where the verdict, as of `head`, is another one than stands."""
    assert state.record is not None, "only a living record is judged"
    persons = _person_proposals(state, verdict)
    if is_same(state.record.verdict, verdict.whole) and not persons:
        return None
    return VerdictProposal(stream, cause, head, state.record.verdict, verdict.whole, persons)


def judged_at(facts: Iterable[Fact[object]]) -> int:
    """The position that the newest verdict of the transfer knew of."""
    return max((fact.judged_at or 0 for fact in facts), default=0)


def _with_former_retention(state: transfer.State, verdict: TransferVerdict) -> TransferVerdict:
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


def _person_proposals(
    state: transfer.State, verdict: TransferVerdict
) -> tuple[PersonProposal, ...]:
    """The persons whose own verdict differs, in the order of the lines."""
    lines = [line for _, line in sorted(state.lines.items())]
    return tuple(
        PersonProposal(line.principal, line.verdict, verdict.persons.get(index))
        for index, line in enumerate(lines)
        if not is_same(line.verdict, verdict.persons.get(index))
    )
