"""What is to be answered before a decision: what may make it wrong although nothing is left out.

Everything is left after exclusion, and nothing that was sent with a mark is looked at (Order 11).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from api.case_replies.values import ReplyRecords, ReplySources
from ledger.cases.case import State
from ledger.cases.letters.coverage import UNREGISTERED, gaps_text
from ledger.cases.letters.words import day_text
from ledger.cases.namesakes import names_of
from ledger.cases.points import COVERAGE, FINDINGS, QUARANTINE, CasePoint
from ledger.clock import day_in_japan
from ledger.crypto.names import folded_name
from ledger.emitters.coverage import DayPeriod, Statement
from ledger.emitters.emitter import coverage_at_search
from ledger.law.findings import FINDINGS as ALL_FINDINGS
from ledger.policies.blanks import visible
from ledger.quarantine.service import RejectedItem
from ledger.streams.streams import Streams
from ledger.values import Json, PrincipalRef

LINES_MAX = 100
"""Things of one point that are shown; of more it is said how many there are."""
NOT_EXHAUSTIVE = "not_exhaustive"
"""A subject of the rejected items: more of them wait than are opened for one case."""
SENT_UNREGISTERED = "unregistered"
"""A subject of the coverage: records were sent for which no emitter is registered."""
_UNOPENED = "隔離中のデータが多いため、新しいものは確認していません。"


@dataclass(frozen=True, slots=True)
class ToAnswer:
    """A point, and how each of its subjects is called, in Japanese.

    Attributes:
        labels: of the first `LINES_MAX` subjects, in their order. No name of anybody.
    """

    point: CasePoint
    labels: tuple[str, ...]


def to_answer(
    state: State, found: ReplyRecords, sources: ReplySources, streams: Streams
) -> tuple[ToAnswer, ...]:
    """The points of a case whose records were searched for; none of them is without a subject.

    Args:
        found: the records of the search that stands.
    """
    if state.search is None:
        return ()
    made = (
        (FINDINGS, list(_findings(found))),
        (QUARANTINE, list(_rejected(state, sources, streams))),
        (COVERAGE, list(_undeclared(statement_of(state, sources)))),
    )
    return tuple(
        ToAnswer(
            CasePoint(kind, tuple(subject for subject, _ in subjects)),
            tuple(label for _, label in subjects[:LINES_MAX]),
        )
        for kind, subjects in made
        if subjects
    )


def statement_of(state: State, sources: ReplySources) -> Statement:
    """What the emitters had declared by the search that stands, of the days that were asked for.

    And whether others had sent by then, as far as it is known now.
    """
    assert state.search is not None, "asked only where a search stands"
    assert state.searched_at is not None, "a search has an instant"
    asked, searched_on = state.application, day_in_japan(state.searched_at)
    emitters = sources.emitters_at(state.search.as_of)
    told = coverage_at_search(emitters, asked.first_day, asked.last_day, searched_on)
    days = (told.first_day, told.last_day)
    unregistered = sources.sends_unregistered(emitters, days, state.searched_at)
    return replace(told, unregistered=unregistered)


def _findings(found: ReplyRecords) -> Iterator[tuple[str, str]]:
    for one in found.entries:
        if codes := one.verdict.findings:
            labels = "、".join(ALL_FINDINGS[code].label for code in codes)
            yield " ".join((str(one.transfer), *codes)), labels


def _rejected(state: State, sources: ReplySources, streams: Streams) -> Iterator[tuple[str, str]]:
    """The rejected items that name the person, or one of the identifiers that were tried."""
    search = state.search
    assert search is not None, "asked only where a search stands"
    own = streams.cluster(search.identifiers, search.as_of).refs if search.identifiers else ()
    refs = {
        streams.normal(PrincipalRef(one.scheme, visible(one.id))) for one in (*own, *search.tried)
    }
    names = search.names_searched or names_of(state.application.form)
    folded = frozenset(folded_name(visible(one)) for one in names)
    person = _Person(frozenset(refs), folded, streams)
    waiting = sources.rejected(person.is_named)
    for item in waiting.items:
        yield str(item.id), _rejected_text(item)
    if not waiting.is_exhaustive:
        yield NOT_EXHAUSTIVE, _UNOPENED


def _rejected_text(item: RejectedItem) -> str:
    codes = "、".join(dict.fromkeys(one.code for one in item.defects))
    return f"{day_text(day_in_japan(item.received_at))}に受信（{codes}）"


@dataclass(frozen=True, slots=True)
class _Person:
    """Whom an item may name: `refs` in their normal form, `names` folded.

    Both without what no reader sees: for that alone an item may have been rejected.
    """

    refs: frozenset[PrincipalRef]
    names: frozenset[str]
    streams: Streams

    def is_named(self, item: Json) -> bool:
        """Whether any text of an item's data is an identifier of the person, or a name.

        Whatever is wrong with the item may be wrong with the shape of its principals, so nothing is
        expected to stand in its place. What the item itself is called is not looked at.
        """
        data = item.get("data", item) if isinstance(item, dict) else item
        schemes = {one.scheme for one in self.refs}
        return any(self._names(visible(text), schemes) for text in _texts(data))

    def _names(self, text: str, schemes: Collection[str]) -> bool:
        if folded_name(text) in self.names:
            return True
        return any(self.streams.normal(PrincipalRef(one, text)) in self.refs for one in schemes)


def _texts(value: Json) -> Iterator[str]:
    """Every text in a value, however deep, and every number that stands where an id does."""
    waiting: list[tuple[str, Json]] = [("", value)]
    while waiting:
        name, one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            waiting += cast("Mapping[str, Json]", one).items()
        elif isinstance(one, list):
            waiting += [(name, each) for each in one]
        elif name == "id" and isinstance(one, int) and not isinstance(one, bool):
            yield str(one)


def _undeclared(statement: Statement) -> Iterator[tuple[str, str]]:
    """Days that an emitter has not declared, or closed with transfers that are not there.

    Where no emitter is registered nobody has any to declare. Where one is, whoever sends without
    being registered is a subject of its own.
    """
    for gap in statement.gaps:
        yield _period(gap), f"{gaps_text([gap])}：送信完了の申告のない送信元があります。"
    for kind, days, text in (
        ("lost", statement.lost, "未受信の記録があります。"),
        ("unsettled", statement.unsettled, "締めの内容と受信した記録が一致しません。"),
    ):
        for one in days:
            yield f"{kind} {_period(one)}", f"{gaps_text([one])}：{text}"
    if statement.unregistered:
        yield SENT_UNREGISTERED, UNREGISTERED


def _period(one: DayPeriod) -> str:
    return f"{one.first.isoformat()}/{one.last.isoformat()}"
