"""What has become of a case's replies since: the flags of a case.

A reply would read differently when a line or a statutory value would be another one by what is
known now of records that were made on the day of its search or before. What was transferred later
(also on that day, after the search), what was destroyed, and what was hidden from the person under
Order 11 at any time since, changes nothing: so no flag tells of an exclusion or a lift.

A decision that has not gone out is void, too, when the names of the application find somebody by
now on whom nobody has decided (`api.case_replies.namesakes`). A reply that went out is not reopened
for that: it reads as it did, for a name is no identifier of the person.

Source: Act Art. 26, 33(2), 33(5); Order 11.
"""

from collections.abc import Callable, Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Final
from uuid import UUID

from api.case_replies.attribution import is_a_strangers, removed_identifiers, searches_since
from api.case_replies.comparable_answer import (
    answer_read,
    carried,
    has_same_medium,
    is_sent_alike,
    lines_read,
)
from api.case_replies.namesakes import Namesakes
from api.case_replies.records import RecordFinder
from api.case_replies.values import ReplyRecords
from ledger.cases.case import CaseStatus, Reply, State
from ledger.cases.events.case import CaseDecided, CaseRecordsIdentified
from ledger.cases.letters.lines import Withheld
from ledger.cases.letters.withheld_parts import withheld_of
from ledger.cases.points import is_contradicted, is_unsearched
from ledger.cases.refusals import StaleApprovalError
from ledger.clock import day_in_japan
from ledger.errors import NamesOutdatedError
from ledger.exclusions.exclusion import ActiveExclusions
from ledger.exclusions.ranges import united
from ledger.exclusions.reviews import is_decision
from ledger.format.events import ExcludedRange
from ledger.streams.event_opener import NO_CHUNKS
from ledger.streams.history import HistoryEntry
from ledger.streams.streams import Streams
from ledger.transfers.transfer import State as Transfer
from ledger.values import PrincipalRef
from projections.names import Names

REOPENED: Final = "REOPENED"
SUPERSEDED: Final = "SUPERSEDED"
LEAK_ASSESSMENT: Final = "LEAK_ASSESSMENT"
DECISION_VOID: Final = "DECISION_VOID"
FLAGS: Final = (REOPENED, SUPERSEDED, LEAK_ASSESSMENT, DECISION_VOID)
"""The reply that the person has in hand would read differently (再検討); a later one went out
(差替え); a reply showed a record that is not the person's (漏えい評価); the decision would read
differently (決定失効)."""

_PREPARED: Final = frozenset(
    {CaseStatus.DECIDED, CaseStatus.SUBMITTED, CaseStatus.SENT_BACK, CaseStatus.NOTICE_READY}
)

Review = Callable[[UUID, int], ActiveExclusions | None]
"""(case, position) → what was excluded when the newest decision up to there was made."""
Received = Callable[[Collection[int]], Mapping[int, datetime]]


@dataclass(frozen=True, slots=True)
class _Answer:
    """A decision, the search that it is on, and what was excluded when it was made.

    Attributes:
        up_to: the position up to which the decision is the newest one of its case.
    """

    state: State
    decision: CaseDecided
    found: ReplyRecords
    excluded: ActiveExclusions
    up_to: int

    @property
    def search(self) -> CaseRecordsIdentified:
        found = self.state.search
        assert found is not None, "an answer is on a search"
        return found

    @property
    def withheld(self) -> Withheld:
        return withheld_of(self.decision, self.found.entries)

    @property
    def visible_entries(self) -> tuple[HistoryEntry, ...]:
        """The records that have a line."""
        withheld = self.withheld
        return tuple(
            one for one in self.found.entries if withheld.get(one.transfer, frozenset()) is not None
        )


class Since:
    """Looks at replies again. Thread-safe.

    Args:
        review: None of a case whose review can no longer be read.
        received: positions → when an item was received that was repaired and recorded there.
        names: who bears a name.
    """

    def __init__(
        self,
        records: RecordFinder,
        streams: Streams,
        review: Review,
        received: Received,
        names: Names,
    ) -> None:
        self._records = records
        self._streams = streams
        self._review = review
        self._received = received
        self._namesakes = Namesakes(records, streams, names, self._later, _with)

    def flags(self, state: State) -> tuple[str, ...]:
        """The flags of the case, as far as the read side has followed: a look waits for nothing."""
        reached = self._records.reached()
        sent = {one.position: self._sent(state, one) for one in state.replies}
        held = None if state.current_reply is None else sent[state.current_reply.position]
        raised = {
            REOPENED: held is not None and self._differs(held, reached),
            SUPERSEDED: any(one.superseded for one in state.replies),
            LEAK_ASSESSMENT: any(
                self._leaked(one, at) for at, one in sent.items() if one is not None
            ),
            DECISION_VOID: self._is_known_void(state, reached),
        }
        return tuple(name for name in FLAGS if raised[name])

    def is_void(self, state: State, found: ReplyRecords) -> bool:
        """Whether the decision that is to go out would read differently by all that is recorded.

        Args:
            found: the records that were decided on.

        Raises:
            ProjectionBehindError: the read side does not reach the head in time.
        """
        return self._is_void(state, self._streams.reads.head(), found)

    def check_names(self, state: State, found: ReplyRecords) -> None:
        """Pass when the names of the search find nobody by now on whom nobody has decided.

        Where nothing is to go out any more, nothing is looked at.

        Args:
            found: the records of the search that stands.

        Raises:
            StaleApprovalError: they do; the person is to be searched for anew.
            ProjectionBehindError: the read side does not reach the head in time.
            NamesOutdatedError: the read side has no names, or of another version.
        """
        is_to_go_out = state.status in _PREPARED | {CaseStatus.REVIEW}
        if not is_to_go_out or state.search is None or state.search.names_searched is None:
            return
        now = self._streams.reads.head()
        self._records.wait_for(now)
        answer = self._answer(state, now, found)
        hidden = self._streams.exclusions.active
        excluded = hidden if answer is None else partial(self._hidden_since, answer)
        if self._namesakes.has_come(state, now, excluded):
            raise StaleApprovalError

    def undecided(self, state: State) -> tuple[tuple[PrincipalRef, ...], bool]:
        """Who is found by a name or another spelling, and on whom the search says nothing.

        And whether there are more than are looked at (`Namesakes.undecided`).

        Without names on the read side nobody: nobody can tell, and nothing goes out meanwhile.
        """
        if state.search is None:
            return (), False
        now = max(self._records.reached(), state.search.as_of)
        try:
            return self._namesakes.undecided(state, now)
        except NamesOutdatedError:
            return (), False

    def adds_nothing(self, state: State, found: ReplyRecords) -> bool:
        """Whether the answer as decided tells what the reply tells that the person has in hand.

        Both are compared as `REOPENED` compares, with what was decided on them besides: what was
        hidden from the person at any time since that reply is left out of both. So an answer that
        differs by exclusions or lifts alone adds nothing, as one that does not differ; nor does one
        that passes over an identifier of which nobody says anything.

        Args:
            found: the records that were decided on, and that nothing has happened to since.

        Raises:
            ProjectionBehindError: the read side does not reach the search in time.
        """
        decision, search = state.decision, state.search
        earlier = None if state.current_reply is None else self._sent(state, state.current_reply)
        if earlier is None or not isinstance(decision, CaseDecided) or search is None:
            return False
        named = (*search.identifiers, *self._still_named(earlier.search, search))
        then, known = self._compared(earlier, search.as_of, named)
        decided = carried(earlier.decision, decision, known, found.entries)
        return (
            answer_read(earlier.decision, then) == answer_read(decided, known)
            and has_same_medium(earlier.state, state)
            and is_sent_alike(earlier.state, state)
        )

    def _still_named(
        self, earlier: CaseRecordsIdentified, search: CaseRecordsIdentified
    ) -> tuple[PrincipalRef, ...]:
        """The identifiers of an earlier search that a later one passes over in silence."""
        normal = self._streams.normal
        mentioned_ids = {
            *map(normal, search.identifiers),
            *removed_identifiers(earlier, search, normal),
        }
        return tuple(one for one in earlier.identifiers if normal(one) not in mentioned_ids)

    def _leaked(self, answer: _Answer, sent_at: int) -> bool:
        """Whether it showed a record that is another person's, as far as is known now.

        Args:
            sent_at: position of its dispatch.
        """
        shown = {one.transfer for entry in answer.visible_entries for one in entry.messages}
        since = searches_since(self._streams, answer.state.case, sent_at) if shown else ()
        return is_a_strangers(self._streams, shown, answer.search, since)

    def _is_void(self, state: State, now: int, found: ReplyRecords | None = None) -> bool:
        if state.status not in _PREPARED:
            return False
        answer = self._answer(state, self._streams.reads.head(), found)
        if answer is None:
            return False
        if is_contradicted(answer.decision) or is_unsearched(answer.decision, answer.search):
            return True
        return self._differs(answer, now) or self._namesakes.has_come(
            state, now, partial(self._hidden_since, answer)
        )

    def _is_known_void(self, state: State, now: int) -> bool:
        try:
            return self._is_void(state, now)
        except NamesOutdatedError:
            return False  # nobody can tell, and nothing goes out meanwhile

    def _sent(self, state: State, reply: Reply) -> _Answer | None:
        """The reply as it was decided; None of a refusal, which is on no record."""
        before = reply.position - 1
        then = self._streams.case_state(state.case, before)
        return None if then is None else self._answer(then, before)

    def _answer(
        self, state: State, up_to: int, found: ReplyRecords | None = None
    ) -> _Answer | None:
        """What was decided up to a position; None when that is on no record."""
        decision, search = state.decision, state.search
        if not isinstance(decision, CaseDecided) or search is None:
            return None
        excluded = self._review(state.case, up_to)
        if excluded is None:
            excluded = self._streams.exclusions.active()
        if found is None:
            application = state.application
            found = self._records.find(search.identifiers, search.as_of, application, excluded)
        return _Answer(state, decision, found, excluded, up_to)

    # -- would it read differently ---------------------------------------------------------------

    def _differs(self, answer: _Answer, now: int) -> bool:
        """Whether the reply would read differently as of position `now`.

        Nearly always nothing has happened, which is seen without reading the records again. Of a
        series the last day may have moved by an event of another stream.
        """
        search, entries = answer.search, answer.found.entries
        # Who was found by nothing is asked for by what was tried: a record of it may come late.
        named = (*search.identifiers, *search.tried)
        if all(one.entry.series is None for one in entries) and self._records.is_unchanged(
            named, search.as_of, max(now, search.as_of)
        ):
            return False
        withheld = answer.withheld
        criteria = (answer.state.application, answer.excluded)
        of_nobody = [
            one
            for one in search.tried
            if not self._records.find([one], search.as_of, *criteria).entries
        ]
        then, known = self._compared(answer, now, (*search.identifiers, *of_nobody))
        return lines_read(then, withheld) != lines_read(known, withheld)

    def _hidden_since(self, answer: _Answer) -> ActiveExclusions:
        """What was hidden at any time since the answer was decided."""
        case = answer.state.case
        facts = self._streams.facts([case], answer.up_to).get(case, [])
        decided = [one for one in facts if is_decision(one.event)]
        if not decided:
            return answer.excluded
        newest = decided[-1]
        return self._streams.exclusions.ever_since(answer.excluded, newest.position, newest.at)

    def _compared(
        self, answer: _Answer, now: int, identifiers: tuple[PrincipalRef, ...]
    ) -> tuple[tuple[HistoryEntry, ...], tuple[HistoryEntry, ...]]:
        """The records of the answer, and what is known of them now with those that came since.

        What was hidden from the person at any time since is on neither side: of what stood in the
        answer as long as it is the person's still, for whose it is changes by no exclusion.

        Args:
            identifiers: the person's, of the answer or of a later search.
        """
        hidden, keys = self._hidden_since(answer), self._streams.cluster(identifiers, None).keys
        found = self._find(answer, now, identifiers, answer.excluded).entries
        then, known = _messages(answer.found.entries), _messages(found)
        states = self._streams.transfer_states(known, None, NO_CHUNKS) if known else {}
        unseen = {
            stream
            for stream, one in states.items()
            if hidden.hides(one.first_position, keys, is_marked=_is_marked(one))
        }
        left_out = self._later(known - then, states, answer.state) | unseen
        places = {states[one].first_position for one in left_out}
        apart = self._later_of_others(found, answer)
        earlier_entries = answer.found.entries
        if unseen & then:
            own, as_of = answer.search.identifiers, answer.search.as_of
            same = {states[one].first_position for one in unseen & then}
            earlier_entries = self._find(answer, as_of, own, _with(answer.excluded, same)).entries
        if places or apart:
            left = _with(answer.excluded, places)
            found = self._find(answer, now, identifiers, left, apart).entries
        return earlier_entries, found

    def _later_of_others(self, entries: Collection[HistoryEntry], answer: _Answer) -> set[UUID]:
        """Messages that came since, were made after the search and may end the series of a record.

        Those of the person are among these where they are hidden, and say nothing there either.
        """
        came: set[UUID] = set()
        for series in {one.entry.series for one in entries if one.entry.series is not None}:
            then = self._streams.series_state(series, answer.search.as_of)
            now = self._streams.series_state(series)
            if then is not None and now is not None:
                came |= {*now.messages} - {*then.messages}
        came -= _messages(entries)
        states = self._streams.transfer_states(came, None, NO_CHUNKS) if came else {}
        return self._later(came, states, answer.state)

    def _find(
        self,
        answer: _Answer,
        now: int,
        identifiers: tuple[PrincipalRef, ...],
        excluded: ActiveExclusions,
        apart: Collection[UUID] = (),
    ) -> ReplyRecords:
        as_of, application = max(now, answer.search.as_of), answer.state.application
        return self._records.find(identifiers, as_of, application, excluded, apart)

    def _later(
        self, came: AbstractSet[UUID], states: Mapping[UUID, Transfer], state: State
    ) -> set[UUID]:
        """What came since that was made after the search: it is of no reply to it."""
        searched_at = state.searched_at
        assert searched_at is not None, "an answer is on a search"
        arrived = self._streams.facts([*came], None, NO_CHUNKS) if came else {}
        found: set[UUID] = set()
        for stream in came & states.keys():
            record = states[stream].record
            if record is None or _is_later(record.recorded_on, arrived[stream][0].at, searched_at):
                found.add(stream)
        # What waited among the rejected items by then was sent before the search.
        received = self._received([states[one].first_position for one in found])
        return {
            one
            for one in found
            if received.get(states[one].first_position, searched_at) >= searched_at
        }


def _messages(entries: Collection[HistoryEntry]) -> set[UUID]:
    return {one.transfer for entry in entries for one in entry.messages}


def _is_marked(state: Transfer) -> bool:
    return state.entry is not None and state.entry.order_11 != 0


def _is_later(made_on: date, arrived_at: datetime, searched_at: datetime) -> bool:
    """Whether a record was made after the search.

    Of the day of the search is later what arrived on that very day, after it: a person whose
    records come every hour could never be answered otherwise. What arrives on another day as of
    that one may have been made before.
    """
    day = day_in_japan(searched_at)
    came_that_day = arrived_at > searched_at and day_in_japan(arrived_at) == day
    return made_on > day or (made_on == day and came_that_day)


def _with(excluded: ActiveExclusions, positions: Collection[int]) -> ActiveExclusions:
    """The same, and what was recorded at these positions, which is read over as if excluded."""
    more = [ExcludedRange(one, one, "") for one in positions]
    return ActiveExclusions(united([*excluded.excluded, *more]), unmarked=excluded.unmarked)
