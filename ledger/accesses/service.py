"""The looks that are on record, for an auditor: in the order of their positions.

What was exported was looked at too.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, cast
from uuid import UUID

from ledger.accesses.access import EXPORT, HISTORY
from ledger.cases.numbers import CaseNumbers, position_of_case
from ledger.clock import JAPAN, day_in_japan
from ledger.format.event_reader import fact_of
from ledger.format.events import AccessEvent, DocumentViewed, ExportProduced, HistoryViewed
from ledger.format.header import instant_text
from ledger.streams.streams import AnyFact, Streams

ACCESS_TOPICS: Final = (HistoryViewed.TYPE, DocumentViewed.TYPE, ExportProduced.TYPE)

AnyAccessEvent = AccessEvent | ExportProduced

# One question opens no more sealed parts than these; a page that is not full then has a place to go
# on from.
CHUNK: Final = 500
OPENED_MAX: Final = 5_000

_TOPICS: Final = {HISTORY: HistoryViewed.TYPE, EXPORT: ExportProduced.TYPE}

# Before and after every instant that a header can state.
_FIRST: Final = "0001"
_LAST: Final = "A"


@dataclass(frozen=True, slots=True)
class AccessFilter:
    """Which looks are asked for; None: whatever it is.

    Attributes:
        first, last: days in Japan, both inclusive.
        case: the reference of a case as typed, the number of a case, or its stream.
        actor: the opaque id of who looked.
        what: a code of `ledger.accesses.access`: what was looked at.
    """

    first: date | None = None
    last: date | None = None
    case: str | None = None
    actor: str | None = None
    what: str | None = None

    @property
    def topics(self) -> tuple[str, ...]:
        """The types of the looks that are asked for: all that a header tells of what was seen."""
        if self.what is None:
            return ACCESS_TOPICS
        return (_TOPICS.get(self.what, DocumentViewed.TYPE),)

    @property
    def is_sealed(self) -> bool:
        """Whether looks must be opened to tell whether they are asked for."""
        return self.case is not None or self.what not in (None, *_TOPICS)

    def holds(self, event: AnyAccessEvent) -> bool:
        """Whether it is what is asked for, whatever its case."""
        return self.what is None or self.what == what_of(event)


def what_of(event: AnyAccessEvent) -> str:
    """What was looked at, as a code of `ledger.accesses.access`."""
    if isinstance(event, DocumentViewed):
        return event.what
    return HISTORY if isinstance(event, HistoryViewed) else EXPORT


def case_text(event: HistoryViewed | ExportProduced) -> str | None:
    """The case as it was typed, where one was."""
    if isinstance(event, HistoryViewed):
        return event.case
    return cast("str | None", event.asked.get("case"))


@dataclass(frozen=True, slots=True)
class PersonAccess:
    """One look.

    Attributes:
        stream: of the event; that of an export is its id.
        number: of the case that a document belongs to; None of a history and of an export, and of a
            document under a number of no case: there the case is as typed.
        case_known: whether `case` names a case that had begun when somebody looked under it.
    """

    position: int
    at: datetime
    actor: str
    stream: UUID
    event: AnyAccessEvent
    number: str | None = None
    case_known: bool = False


@dataclass(frozen=True, slots=True)
class AccessPage:
    """Some looks, ascending by position.

    Attributes:
        expired: month → looks between the first and the last place of this page whose key is dead.
            Their days and actors are those asked for; their cases are not known any more, nor of
            documents which they were.
        after: where the next page goes on; None when there is nothing more.
    """

    accesses: tuple[PersonAccess, ...]
    expired: Mapping[str, int]
    after: int | None


@dataclass(slots=True)
class _Matches:
    facts: list[tuple[AnyFact, AnyAccessEvent]] = field(
        default_factory=list[tuple[AnyFact, AnyAccessEvent]]
    )
    expired: Counter[str] = field(default_factory=Counter[str])


@dataclass(frozen=True, slots=True)
class _Case:
    """The names of the case that is asked for."""

    texts: frozenset[str]
    stream: UUID | None

    def holds(self, event: AnyAccessEvent) -> bool:
        if not isinstance(event, DocumentViewed):
            return case_text(event) in self.texts
        if event.case_given is not None:
            return event.case_given in self.texts
        return self.stream is not None and event.case == self.stream


class Accesses:
    """Reads the looks that are on record."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._numbers = CaseNumbers(streams)

    def page(self, filters: AccessFilter, after: int, up_to: int, limit: int) -> AccessPage:
        """The next looks.

        Args:
            after: position after which the page begins; 0 for the first one.
            upto: the last position that all pages together reach.
            limit: most looks; a page may hold fewer, or none, and still go on.
        """
        case = None if filters.case is None else self._case(filters.case)
        found, opened = _Matches(), 0
        # Where the header tells all of it, every look that lives is one that is asked for.
        size = CHUNK if filters.is_sealed else min(CHUNK, limit)
        reads, instants = self._streams.reads, instants_of(filters.first, filters.last)
        while opened < OPENED_MAX:
            stored = reads.facts_of_topics_by(
                filters.topics, (after, up_to), instants, filters.actor, size
            )
            for fact in map(fact_of, self._streams.opened(stored)):
                after = fact.position
                if not isinstance(fact.event, AnyAccessEvent):
                    found.expired[day_in_japan(fact.at).isoformat()[:7]] += 1
                elif filters.holds(fact.event) and (case is None or case.holds(fact.event)):
                    found.facts.append((fact, fact.event))
                    if len(found.facts) == limit:
                        return self._page(found, after)
            opened += len(stored)
            if len(stored) < size:
                return self._page(found, None)
        return self._page(found, after)

    def first_access_at(
        self, actor: str, case: UUID, seen: tuple[str, str], after: int
    ) -> datetime | None:
        """When the actor first looked at that document of the case; None: not beyond `after`.

        Args:
            seen: what it was (`ledger.accesses.access`), and the name of the file.
            after: a position; the looks of the actor up to it are not read.
        """
        reads, up_to = self._streams.reads, self._streams.reads.head()
        while True:
            stored = reads.facts_of_topics_by(
                (DocumentViewed.TYPE,), (after, up_to), (_FIRST, _LAST), actor, CHUNK
            )
            for fact in map(fact_of, self._streams.opened(stored)):
                after, one = fact.position, fact.event
                if not isinstance(one, DocumentViewed) or one.case != case:
                    continue
                if (one.what, one.document) == seen:
                    return fact.at
            if len(stored) < CHUNK:
                return None

    def _page(self, found: _Matches, after: int | None) -> AccessPage:
        documents = [one for _, one in found.facts if isinstance(one, DocumentViewed)]
        numbers = self._numbers.of({one.case for one in documents if one.case is not None})
        typed = {
            fact.position: case
            for fact, one in found.facts
            if not isinstance(one, DocumentViewed) and (case := case_text(one)) is not None
        }
        known = self._known(typed)

        def access_of(fact: AnyFact, event: AnyAccessEvent) -> PersonAccess:
            number, is_known = None, fact.position in known
            if isinstance(event, DocumentViewed):
                number = None if event.case is None else numbers.get(event.case)
                is_known = number is not None
            header_fields = (fact.position, fact.at, fact.actor, fact.stream)
            return PersonAccess(*header_fields, event, number, case_known=is_known)

        accesses = tuple(access_of(fact, event) for fact, event in found.facts)
        return AccessPage(accesses, dict(sorted(found.expired.items())), after)

    def _case(self, named: str) -> _Case:
        stream = _uuid(named)
        if stream is not None:
            number = self._numbers.of([stream]).get(stream)
            return _Case(frozenset({named, str(stream), *([number] if number else ())}), stream)
        stream = self._numbers.cases([named]).get(named)
        return _Case(frozenset({named, *([str(stream)] if stream else ())}), stream)

    def _known(self, typed: Mapping[int, str]) -> set[int]:
        """Positions of the looks whose reference named a case that had begun by then."""
        texts = set(typed.values())
        streams = {text: stream for text in texts if (stream := _uuid(text)) is not None}
        numbers = self._numbers.of(set(streams.values()))
        named = {text: numbers[one] for text, one in streams.items() if one in numbers}
        named |= {text: text for text in self._numbers.cases(texts - streams.keys())}
        begun = {text: position_of_case(number) for text, number in named.items()}
        return {
            position
            for position, text in typed.items()
            if (place := begun.get(text)) is not None and place < position
        }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def instants_of(first: date | None, last: date | None) -> tuple[str, str]:
    """From the first instant of the first day to before the first one after the last day.

    Args:
        first, last: days in Japan; None: without a bound.

    Returns:
        As headers write them.
    """
    since = _FIRST if first is None else _text(first)
    return since, _LAST if last is None or last == date.max else _text(last + timedelta(days=1))


def _text(day: date) -> str:
    try:
        return instant_text(datetime.combine(day, time(), JAPAN).astimezone(UTC))
    except OverflowError:  # the calendar's first day begins before it, in UTC
        return _FIRST
