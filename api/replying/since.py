"""What has become of a case's replies since: the flags of a case.

A reply would read differently when a line or a statutory value would be another one by what is
known now of records that were made on the day of its search or before. What was transferred later
(also on that day, after the search), what was destroyed, and what was put or lifted under Order 11
since, changes nothing: so no flag tells of an exclusion.

Source: Act Art. 26, 33(2), 33(5); Order 11.
"""

from collections.abc import Callable, Collection, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, cast
from uuid import UUID

from api.replying.records import Records
from api.replying.values import Found
from ledger.case import State, Status
from ledger.clock import day_in_japan
from ledger.codec.json import encoded
from ledger.events import Excluded
from ledger.events.case import CaseDecided
from ledger.exclusions import Standing
from ledger.history import HistoryEntry
from ledger.letters.lines import Withheld, side_of
from ledger.letters.withholding import withheld_of
from ledger.statutory import statutory_items
from ledger.streams import Streams

REOPENED: Final = "REOPENED"
SUPERSEDED: Final = "SUPERSEDED"
LEAK_ASSESSMENT: Final = "LEAK_ASSESSMENT"
DECISION_VOID: Final = "DECISION_VOID"
FLAGS: Final = (REOPENED, SUPERSEDED, LEAK_ASSESSMENT, DECISION_VOID)
"""The newest reply would read differently (再検討); a later one went out (差替え); a reply showed a
record that is not the person's (漏えい評価); the decision would read differently (決定失効)."""

_OTHER_PERSON: Final = "other_person"
_PREPARED: Final = frozenset(
    {Status.DECIDED, Status.SUBMITTED, Status.SENT_BACK, Status.NOTICE_READY}
)

Review = Callable[[UUID, int], Standing | None]
"""(case, position) → what was excluded when the newest decision up to there was made."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """A decision, the search that it is on, and what was excluded when it was made."""

    state: State
    decision: CaseDecided
    found: Found
    excluded: Standing

    @property
    def withheld(self) -> Withheld:
        return withheld_of(self.decision, self.found.entries)

    @property
    def shown(self) -> tuple[HistoryEntry, ...]:
        """The records that have a line."""
        withheld = self.withheld
        return tuple(
            one for one in self.found.entries if withheld.get(one.transfer, frozenset()) is not None
        )


class Since:
    """Looks at replies again. Thread-safe.

    Args:
        review: None of a case whose review can no longer be read.
    """

    def __init__(self, records: Records, streams: Streams, review: Review) -> None:
        self._records = records
        self._streams = streams
        self._review = review

    def flags(self, state: State) -> tuple[str, ...]:
        """The flags of the case, as far as the read side has followed: a look waits for nothing."""
        reached = self._records.reached()
        sent = [self._sent(state, n) for n in range(len(state.replies))]
        newest = sent[-1] if sent else None
        raised = {
            REOPENED: newest is not None and self._differs(newest, reached),
            SUPERSEDED: any(one.superseded for one in state.replies),
            LEAK_ASSESSMENT: any(self._leaked(one) for one in sent if one is not None),
            DECISION_VOID: self._is_void(state, reached),
        }
        return tuple(name for name in FLAGS if raised[name])

    def is_void(self, state: State, found: Found) -> bool:
        """Whether the decision that is to go out would read differently by all that is recorded.

        Args:
            found: the records that were decided on.

        Raises:
            ProjectionBehindError: the read side does not reach the head in time.
        """
        return self._is_void(state, self._streams.reads.head(), found)

    def _is_void(self, state: State, now: int, found: Found | None = None) -> bool:
        if state.status not in _PREPARED:
            return False
        answer = self._answer(state, self._streams.reads.head(), found)
        return answer is not None and self._differs(answer, now)

    def _sent(self, state: State, n: int) -> _Answer | None:
        """Reply `n` (0-based) as it was decided; None of a refusal, which is on no record."""
        before = state.replies[n].position - 1
        then = self._streams.case_state(state.case, before)
        return None if then is None else self._answer(then, before)

    def _answer(self, state: State, upto: int, found: Found | None = None) -> _Answer | None:
        """What was decided up to a position; None when that is on no record."""
        decision, search = state.decision, state.search
        if not isinstance(decision, CaseDecided) or search is None:
            return None
        excluded = self._review(state.case, upto)
        if excluded is None:
            excluded = self._streams.hiding.standing()
        if found is None:
            asked = state.application
            found = self._records.found(search.identifiers, search.as_of, asked, excluded)
        return _Answer(state, decision, found, excluded)

    # -- would it read differently ---------------------------------------------------------------

    def _differs(self, answer: _Answer, now: int) -> bool:
        """Whether the reply would read differently as of position `now`.

        Nearly always nothing has happened, which is seen without reading the records again. Of a
        series the last day may have moved by an event of another stream.
        """
        search, entries = answer.state.search, answer.found.entries
        assert search is not None, "an answer is on a search"
        if all(one.entry.series is None for one in entries) and self._records.rest(
            search.identifiers, search.as_of, max(now, search.as_of)
        ):
            return False
        withheld = answer.withheld
        return _read(answer.found.entries, withheld) != _read(self._known(answer, now), withheld)

    def _known(self, answer: _Answer, now: int) -> tuple[HistoryEntry, ...]:
        """The same records, and those that came since and belonged to the reply, as known now."""
        found = self._found(answer, now, answer.excluded)
        known = {one.transfer for entry in answer.found.entries for one in entry.messages}
        came = {one.transfer for entry in found.entries for one in entry.messages} - known
        foreign = self._foreign(came, answer.state)
        if not foreign:
            return found.entries
        return self._found(answer, now, _with(answer.excluded, foreign)).entries

    def _found(self, answer: _Answer, now: int, excluded: Standing) -> Found:
        search = answer.state.search
        assert search is not None, "an answer is on a search"
        as_of = max(now, search.as_of)
        return self._records.found(search.identifiers, as_of, answer.state.application, excluded)

    def _foreign(self, came: Collection[UUID], state: State) -> set[int]:
        """Where what came since stands that does not belong to the reply: made later, or hidden."""
        searched_at = state.searched_at
        assert searched_at is not None, "an answer is on a search"
        visible = self._streams.visible()
        states = self._streams.transfer_states(came) if came else {}
        arrived = self._streams.facts([*came], None) if came else {}
        return {
            one.first_position
            for stream, one in states.items()
            if one.record is None
            or not visible(one)
            or _is_later(one.record.recorded_on, arrived[stream][0].at, searched_at)
        }

    # -- whose were the records ------------------------------------------------------------------

    def _leaked(self, answer: _Answer) -> bool:
        """Whether it showed a record that is another person's, as far as is known now."""
        search = answer.state.search
        assert search is not None, "an answer is on a search"
        shown = {one.transfer for entry in answer.shown for one in entry.messages}
        if not shown:
            return False
        states = self._streams.transfer_states(shown)
        own = {(one.scheme, one.id) for one in self._streams.cluster(search.identifiers, None).refs}
        return any(
            one.retracted == _OTHER_PERSON
            or not any(
                (ref.scheme, ref.id) in own
                for line in one.lines.values()
                for ref in (self._streams.normal(line.principal),)
            )
            for one in states.values()
            # What is destroyed is nobody's any more, as far as anybody can tell.
            if one.record is not None
        )


def _read(entries: Collection[HistoryEntry], withheld: Withheld) -> list[bytes]:
    """What the lines of a reply say: side and statutory values of each, in an order of their own.

    A record that was retracted and sent once more reads the same.
    """
    return sorted(
        encoded([side_of(entry), *_values(entry, parts)])
        for entry in entries
        if (parts := withheld.get(entry.transfer, frozenset[str]())) is not None
    )


def _values(entry: HistoryEntry, parts: AbstractSet[str]) -> Iterator[object]:
    for code, value in statutory_items(entry):
        if code == "ITEMS":
            names = cast("list[str]", value)
            yield [code, [name for name in names if name not in parts and code not in parts]]
        elif code not in parts:
            yield [code, value]


def _is_later(made_on: date, arrived_at: datetime, searched_at: datetime) -> bool:
    """Whether a record was made after the search.

    Of the day of the search is later what arrived on that very day, after it: a person whose
    records come every hour could never be answered otherwise. What arrives on another day as of
    that one may have been made before.
    """
    day = day_in_japan(searched_at)
    came_that_day = arrived_at > searched_at and day_in_japan(arrived_at) == day
    return made_on > day or (made_on == day and came_that_day)


def _with(excluded: Standing, positions: Collection[int]) -> Standing:
    """The same, and what was recorded at these positions, which is read over as if excluded."""
    more = [Excluded(one, one, "") for one in positions if not excluded.covers(one)]
    return Standing(tuple(sorted([*excluded.excluded, *more], key=lambda one: one.first)))
