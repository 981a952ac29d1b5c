"""Reads each answer that was bound, and makes it again from the records as they stood then.

Source: `docs/reference/event-format.md`, section 11; decision 0124.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import inf
from typing import Final, cast
from uuid import UUID

from api.case_replies.answer_audit import (
    AnswerCheck,
    AuditedAnswer,
    AuditedLine,
    AuditedRecords,
    AuditedSearch,
    AuditFinding,
    AuditKind,
    LostBy,
    Suspects,
    agreement,
    destroyed_explained,
    explanation,
    includes_destroyed,
    loss,
    structure,
)
from api.case_replies.answer_suspects import AuditedPerson, earlier_versions, other_lines
from api.case_replies.destroyed_lines import destroyed_lines
from api.case_replies.records import RecordFinder
from api.case_replies.values import ReplyRecords
from ledger.cases import case
from ledger.cases.events.case import CaseDecided, CaseReceived, CaseRecordsIdentified
from ledger.cases.events.reply import AnswerCommitted, ReplyStored
from ledger.cases.letters.withheld_parts import withheld_of
from ledger.clock import day_in_japan
from ledger.errors import BrokenWorldError
from ledger.exclusions.decided_exclusions import DecidedExclusions, decided_exclusions
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.exclusions.reviews import is_review, review_of
from ledger.format.events import CaseEvent, ExpiredEvent, Fact, RecordsExpired, TransferCompleted
from ledger.format.header import read_header
from ledger.retention.kept_ends import RetainedRecords, UnkeptRecord
from ledger.store.fact_reader import bare
from ledger.streams.event_opener import AnyFact
from ledger.streams.streams import Streams

CASES_AT_ONCE: Final = 20
_HEADERS_AT_ONCE: Final = 500
_RACE: Final = timedelta(hours=6)
"""What is recorded at midnight may bear the day before: a bulk transfer, when its run began."""

_EXPIRED: Final = (RecordsExpired.TYPE,)
_CaseFact = Fact[CaseEvent | ExpiredEvent]


class AuditDisturbedError(BrokenWorldError):
    """Records were destroyed while answers were compared, and one of them differs."""

    def __init__(self) -> None:
        super().__init__("records were destroyed during the audit: make it again")


@dataclass(frozen=True, slots=True)
class _Bound:
    """An answer, and what it is read from.

    Attributes:
        state: the case as the answer was bound.
        decided: the event of the decision that it tells.
        search: the one that the decision is on.
    """

    fact: _CaseFact
    answer: AuditedAnswer
    content: bytes
    state: case.State
    decided: _CaseFact
    search: AuditedSearch


@dataclass(slots=True)
class _Case:
    """A case, as far as its facts were read."""

    state: case.State | None = None
    decided: _CaseFact | None = None
    searches: list[AuditedSearch] = field(default_factory=list[AuditedSearch])


class AnswerReader:
    """Checks answers, some cases at once. Belongs to one thread.

    Args:
        kept: finds records that went although they were kept.
        destroyed: transfers of which a part is gone → position where the last one was destroyed;
            None: too many to try.
        head: up to which position that is known.
    """

    def __init__(
        self,
        streams: Streams,
        records: RecordFinder,
        kept: RetainedRecords,
        destroyed: Mapping[UUID, int] | None,
        head: int,
    ) -> None:
        self._head = head
        self._streams = streams
        self._records = records
        self._kept = kept
        self._destroyed = destroyed

    def checks(self) -> Iterator[AnswerCheck]:
        """One for each approved reply that rests on a search, case by case.

        Raises:
            AuditDisturbedError: records were destroyed meanwhile.
            ExclusionsLostError: what is excluded cannot be read.
            ProjectionBehindError: the read side does not reach a search in time.
        """
        # Of one day alone, so they are few: the first of form 2 may stand in any case.
        of_form_1: list[AnswerCheck] = []
        begin: float = inf
        for check in self._of_cases():
            if check.form == 1:
                of_form_1.append(check)
                continue
            if check.form is not None:
                begin = min(begin, check.position)
            yield check
        for check in of_form_1:
            late = (AuditFinding(check.position, AuditKind.FORM_1),)
            found = check.findings + (late if check.position > begin else ())
            yield replace(check, findings=found)

    def _of_cases(self) -> Iterator[AnswerCheck]:
        reads = self._streams.reads
        bound = reads.facts_of_topics((AnswerCommitted.TYPE,), 0, 1)
        first = bound[0].position if bound else None
        position = 0
        while stored := reads.facts_of_topics((CaseReceived.TYPE,), position, CASES_AT_ONCE):
            position = stored[-1].position
            for facts in self._streams.facts([one.stream for one in stored], None).values():
                yield from self._of_case(facts, first)

    # -- a case ----------------------------------------------------------------------------------

    def _of_case(self, facts: Sequence[AnyFact], first: int | None) -> Iterator[AnswerCheck]:
        typed = cast("Sequence[_CaseFact]", facts)
        contents = {one.event.content for one in typed if isinstance(one.event, AnswerCommitted)}
        known = _Case()
        for fact in typed:
            event = fact.event
            known.state = case.evolve(known.state, fact)
            match event:
                case ExpiredEvent(type=AnswerCommitted.TYPE):
                    yield AnswerCheck(fact.position, lost=LostBy.CASE)
                case CaseDecided():
                    known.decided = fact
                case CaseRecordsIdentified():
                    known.searches.append(_search_of(fact, event, known.state))
                case AnswerCommitted():
                    yield self._of_answer(fact, event, known)
                case ReplyStored(part=1) if _is_on_records(known) and event.content not in contents:
                    yield _unbound(fact.position, first)
                case _:
                    pass

    def _of_answer(self, fact: _CaseFact, event: AnswerCommitted, known: _Case) -> AnswerCheck:
        state, decided = known.state, known.decided
        # The newest, or none: a case goes back to no older one.
        search = None if state is None or state.search is None else known.searches[-1]
        is_approved = (
            state is not None
            and state.submission is not None
            and state.submission.content == event.content
            and isinstance(state.decision, CaseDecided)
            and state.approved_on is not None
        )
        others = tuple(one for one in known.searches if one != search)
        ledger = self._streams.ledger
        place = (ledger, fact.stream, fact.position, event.as_of, event.answer, event.salt)
        answer = AuditedAnswer(*place, search, others, is_of_reply=is_approved)
        wrong = tuple(structure(answer, None))
        if wrong or state is None or decided is None or search is None:
            return AnswerCheck(fact.position, findings=wrong)
        return self._check(_Bound(fact, answer, event.content, state, decided, search))

    def _check(self, bound: _Bound) -> AnswerCheck:
        answer, at = bound.answer, bound.answer.position
        review = review_of(self._streams, answer.case, at)
        if review is None:
            return self._without_review(bound)
        person = AuditedPerson.of(self._streams, bound.search)
        decided = decided_exclusions(self._streams, bound.decided.position, bound.decided.at)
        records = self._recompute(bound, review)
        form = agreement(answer, records)
        if form is None and decided is not None:
            for other in decided.until(review, bound.fact.at):
                again = self._recompute(bound, other)
                if (form := agreement(answer, again)) is not None:
                    records = again
                    break
        others = (
            *self._of_exclusions(bound, person, review, decided, records),
            *self._of_search(bound, review, records),
        )
        if form is not None:
            return AnswerCheck(at, form, (*structure(answer, records), *others))
        in_part = self._are_in_part(bound, review)
        records = replace(records, parts_lost=in_part)
        lost = loss(answer, records, self._destroyed_since(at))
        suspects = self._suspects(bound, person, review, records, is_lost=lost is not None)
        if lost is not None and lost.by == LostBy.RECORDS:
            check = self._of_destroyed(bound, records, lost.gone, suspects)
        else:
            check = explanation(answer, records, suspects, lost)
        if check.findings and self._streams.reads.facts_of_topics(_EXPIRED, self._head, 1):
            raise AuditDisturbedError
        return replace(check, findings=(*check.findings, *others))

    def _of_destroyed(
        self,
        bound: _Bound,
        records: AuditedRecords,
        gone: Sequence[UUID],
        suspects: Suspects,
    ) -> AnswerCheck:
        """Of an answer that rests on records of which it is proven that they are destroyed."""
        answer, at = bound.answer, bound.answer.position
        unkept = tuple(self._unkept(bound, gone))
        lines = [self._destroyed_lines(bound, one) for one in gone]
        if includes_destroyed(answer, records, lines):
            return AnswerCheck(at, lost=LostBy.INCLUDED, gone=tuple(gone), unkept=unkept)
        if found := destroyed_explained(answer, records, lines, suspects):
            return AnswerCheck(at, findings=found, gone=tuple(gone), unkept=unkept)
        return AnswerCheck(at, lost=LostBy.RECORDS, gone=tuple(gone), unkept=unkept)

    def _destroyed_lines(self, bound: _Bound, stream: UUID) -> list[AuditedLine]:
        decision = bound.state.decision
        assert isinstance(decision, CaseDecided), "only a decision on records is bound"
        withholds = any(one.record == stream for one in decision.withheld)
        stored = self._streams.reads.facts_of_streams([stream], None)
        lines = destroyed_lines(bare(stored, self._streams.ledger), bound.search.as_of)
        return [AuditedLine(stream, one, withholds) for one in lines]

    def _without_review(self, bound: _Bound) -> AnswerCheck:
        """Of an answer whose review cannot be read: it is destroyed, or there never was one."""
        at, behind = bound.answer.position, bound.decided.version + 1
        facts = self._streams.facts([bound.answer.case], at)[bound.answer.case]
        if any(one.version == behind and is_review(one.event) for one in facts):
            return AnswerCheck(at, lost=LostBy.EXCLUSIONS)
        return AnswerCheck(at, findings=(AuditFinding(at, AuditKind.NO_REVIEW),))

    # -- the answer again ------------------------------------------------------------------------

    def _recompute(
        self, bound: _Bound, excluded: ActiveExclusions, as_of: int | None = None
    ) -> AuditedRecords:
        """The records that the answer tells; `as_of`: of another position than its search."""
        found, decision = self._reply_records(bound, excluded, as_of), bound.state.decision
        assert isinstance(decision, CaseDecided), "only a decision on records is bound"
        withheld = withheld_of(decision, found.entries)
        lines = tuple(
            AuditedLine(entry.transfer, line, entry.transfer in withheld)
            for entry in found.entries
            for own in entry.messages
            for line in own.answered
        )
        return AuditedRecords(lines, found.provided, found.received)

    def _reply_records(
        self, bound: _Bound, excluded: ActiveExclusions, as_of: int | None = None
    ) -> ReplyRecords:
        search, application = bound.search, bound.state.application
        position = as_of or search.as_of
        return self._records.find(search.identifiers, position, application, excluded)

    def _are_in_part(self, bound: _Bound, excluded: ActiveExclusions) -> bool:
        """Whether something of the records is gone: other lines of one, or its series."""
        entries = self._reply_records(bound, excluded).entries
        series = {one.entry.series for one in entries if one.entry.series is not None}
        gone = any(one.entry.gone for one in entries)
        return gone or any(
            isinstance(fact.event, ExpiredEvent)
            for facts in (self._streams.facts([*series], None).values() if series else ())
            for fact in facts
        )

    def _of_exclusions(
        self,
        bound: _Bound,
        person: AuditedPerson,
        review: ActiveExclusions,
        decided: DecidedExclusions | None,
        records: AuditedRecords,
    ) -> Iterator[AuditFinding]:
        """What was hidden or shown without a decision; nothing where that is destroyed."""
        if decided is None:
            return
        at, keys = bound.answer.position, person.keys
        hidden = [one for one in person.transfers.values() if review.covers(one, keys)]
        for one in decided.undecided(hidden, keys):
            yield AuditFinding(at, AuditKind.UNDECIDED, one)
        first = {one.line.stream: one.line.first for one in records.lines}
        for one in decided.still_excluded(sorted({*first.values()}), keys, bound.fact.at):
            yield AuditFinding(at, AuditKind.EXCLUDED, one)
        marked = sorted(first[one] for one in self._streams.marked(first))
        for one in decided.single_lifts(marked, keys, bound.fact.at):
            yield AuditFinding(at, AuditKind.ONE_PERSON, one)

    def _of_search(
        self,
        bound: _Bound,
        review: ActiveExclusions,
        records: AuditedRecords,
    ) -> Iterator[AuditFinding]:
        """What a search as of an old position leaves out. A race with what is recorded is none."""
        search, at = bound.search, bound.answer.position
        if search.as_of < search.searchable_from:
            yield AuditFinding(at, AuditKind.TOO_OLD)
        between = range(search.as_of + 1, search.position)
        if len(between) <= _HEADERS_AT_ONCE and not self._before_day_of(search, between):
            return
        # Whatever was hidden at any time since then may have been so when it was searched.
        hidden = self._streams.exclusions.ever_since(review, search.as_of, search.at)
        found = self._recompute(bound, replace(hidden, unmarked=()), search.position)
        known = {one.line.stream for one in records.lines}
        late = [one.line for one in found.lines if one.line.last > search.as_of]
        proving = [cast("int", one.statement_at) for one in late]
        completed = self._completed(proving)
        since = [one.first if one.first > search.as_of else one.last for one in late]
        # The first event of a bulk transfer may be of a run that was broken off days before.
        dated = [
            place if place in completed else one for place, one in zip(proving, since, strict=True)
        ]
        earlier = self._before_day_of(search, dated)
        found_late = {
            one.first: AuditKind.OLD_VERSION if one.stream in known else AuditKind.STALE
            for one, position in zip(late, dated, strict=True)
            if position in earlier
        }
        for first, kind in sorted(found_late.items()):
            yield AuditFinding(at, kind, first)

    def _completed(self, positions: Sequence[int]) -> set[int]:
        """Those of the positions at which a bulk transfer is completed."""
        headers = self._streams.reads.headers_at(positions).items() if positions else ()
        return {
            one for one, header in headers if read_header(header).type == TransferCompleted.TYPE
        }

    def _before_day_of(self, search: AuditedSearch, positions: Sequence[int]) -> set[int]:
        """Those of the positions whose events are of an earlier day than the search."""
        day = day_in_japan(search.at - _RACE)
        headers = self._streams.reads.headers_at(positions).items() if positions else ()
        return {one for one, header in headers if day_in_japan(read_header(header).at) < day}

    def _destroyed_since(self, position: int) -> list[UUID] | None:
        """Transfers of which something was destroyed after a position; None: too many."""
        if self._destroyed is None:
            return None
        return [one for one, at in self._destroyed.items() if at > position]

    def _suspects(
        self,
        bound: _Bound,
        person: AuditedPerson,
        review: ActiveExclusions,
        records: AuditedRecords,
        *,
        is_lost: bool,
    ) -> Suspects:
        """What to try. `is_lost`: it may be none of it, as of most old answers: what is at hand."""
        as_of = bound.search.as_of
        earlier = earlier_versions(self._streams, person, records, as_of)
        if is_lost:
            return Suspects(earlier)
        added = other_lines(self._streams, person, records, as_of, review)
        return Suspects(earlier, [*added], self._cases(), is_copy=self._is_copy(bound.answer))

    def _cases(self) -> Iterator[UUID]:
        position = 0
        reads = self._streams.reads
        while stored := reads.facts_of_topics((CaseReceived.TYPE,), position, _HEADERS_AT_ONCE):
            position = stored[-1].position
            yield from (one.stream for one in stored)

    def _is_copy(self, answer: AuditedAnswer) -> bool:
        """Whether an earlier event binds the same value."""
        position = 0
        reads = self._streams.reads
        while stored := reads.facts_of_topics((AnswerCommitted.TYPE,), position, _HEADERS_AT_ONCE):
            position = stored[-1].position
            value = answer.value.hex().encode()
            if any(value in one.header and one.position < answer.position for one in stored):
                return True
            if position >= answer.position:
                return False
        return False

    def _unkept(self, bound: _Bound, gone: Collection[UUID]) -> Iterator[UnkeptRecord]:
        """The records among those that are gone that the case, or a hold, kept when they went."""
        case_stream, as_of = bound.answer.case, bound.search.as_of
        now = self._streams.case_state(case_stream)
        is_sent = now is not None and any(one.content == bound.content for one in now.replies)
        for stream in gone:
            yield from self._kept.of_person(stream, bound.search.identifiers, as_of)
            if not is_sent:
                continue
            for one in self._kept.unkept(stream, bound.answer.position, None, as_of):
                then = self._streams.case_state(case_stream, one.end.position)
                if then is not None and then.is_open:
                    yield one


def _search_of(
    fact: _CaseFact, event: CaseRecordsIdentified, state: case.State | None
) -> AuditedSearch:
    since = 0 if state is None else state.searchable_from
    place = (fact.position, fact.at, since, event.as_of)
    persons = (event.identifiers, event.tried)
    return AuditedSearch(*place, *persons, event.provided, event.received, event.digest)


def _is_on_records(known: _Case) -> bool:
    state = known.state
    return (
        state is not None and state.search is not None and isinstance(state.decision, CaseDecided)
    )


def _unbound(position: int, first: int | None) -> AnswerCheck:
    """An approved reply without an answer: of before answers were bound, or not bound at all."""
    if first is None or position < first:
        return AnswerCheck(position, is_before=True)
    return AnswerCheck(position, findings=(AuditFinding(position, AuditKind.NO_ANSWER),))
