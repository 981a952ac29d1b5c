"""What is to be answered before a decision: what may make it wrong although nothing is left out.

Everything is left after exclusion, and nothing that was sent with a mark is looked at (Order 11).
That something waits which can be compared with nobody is told alike of what is marked and of what
is not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from api.case_replies.values import ReplyRecords, ReplySources
from ledger.cases.case import State
from ledger.cases.letters.coverage import UNOWED, UNREGISTERED, gaps_text
from ledger.cases.letters.lines import is_requested, lines_of
from ledger.cases.letters.words import SIDES, WORDING, day_text
from ledger.cases.namesakes import names_of, spelled_otherwise
from ledger.cases.points import BULK, COVERAGE, FINDINGS, QUARANTINE, REASSESSMENT, CasePoint
from ledger.clock import day_in_japan
from ledger.emitters.coverage import DayPeriod, Statement
from ledger.emitters.emitter import coverage_at_search
from ledger.law.findings import FINDINGS as ALL_FINDINGS
from ledger.quarantine.spellings import MatchingItem
from ledger.streams.history import HistoryEntry, Message
from ledger.streams.streams import Streams
from ledger.values import PrincipalRef

LINES_MAX = 100
"""Things of one point that are shown; of more it is said how many there are."""
NOT_EXHAUSTIVE = "not_exhaustive"
"""A subject of the rejected items: more of them wait than are read for one case; and of the
transfers of those who bear the name: more of them were touched since the search than are read."""
UNREADABLE = "unreadable"
"""Another: something waits that can be compared with nobody: no program can read it, or it is too
large. Equal for everybody, and with a mark under Order 11 as without: no count, no id, no time."""
SENT_UNREGISTERED = "unregistered"
"""A subject of the coverage: records were sent for which no emitter is registered."""
COMMITTING = "committing"
"""The one subject of bulk transfers: equal for everybody, however many there are, and with a mark
under Order 11 as without. Whom they name is not looked up."""
UNOWED_SUBJECT = "unowed"
"""Begins another: days on which no emitter sends, so nobody declares them; `..`: all before."""
_IN = "判定し直すと、回答する記録になります。"
_OUT = "判定し直すと、回答する記録ではなくなります。"
_CHANGED = "判定し直すと、回答する内容が変わります。"
_OTHERS = "氏名又は別の表記による識別子が一致する方の記録です。"
_UNJUDGED = "氏名が一致する方が多いため、一部の方の記録は確認していません。"
_UNOPENED = "隔離中のデータが多いため、新しいものは確認していません。"
_UNREAD = (
    "プログラムで読み取れない送信（途中で切れた行、文字コードの異なる行、大きすぎるものなど）が"
    "隔離中です。どなたの記録か、自動では確かめられません。"
    "除外の権限をもつ「送信元管理」の担当者が、内容を確認し、修復又は破棄できます。"
)
_COMMITTING = (
    "検索の時点で、受け付けた一括の記録の取込みが終わっていませんでした。どなたの記録かは、"
    "取込みが終わるまで検索できません。しばらく待ち、最新の位置で取り直してください。"
)


@dataclass(frozen=True, slots=True)
class ToAnswer:
    """A point, and how each of its subjects is called, in Japanese.

    Attributes:
        labels: of the first `LINES_MAX` subjects, in their order. No name of anybody.
    """

    point: CasePoint
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonTransfers:
    """What the reply might tell of, were it judged otherwise: as of the search, after exclusion.

    Attributes:
        named: the identifiers of the person, and those that were tried and have no record that is
            asked for; or one of somebody else, who is found by a name or another spelling.
        entries: their records, and what stands beside them.
    """

    named: tuple[PrincipalRef, ...]
    entries: tuple[HistoryEntry, ...]
    is_the_person: bool = True


@dataclass(frozen=True, slots=True)
class LateSubjects:
    """Whose transfers are looked at for late facts, of each who may be the person.

    Attributes:
        more: others of the name are there, who are not looked at.
    """

    persons: tuple[PersonTransfers, ...]
    more: bool = False


def to_answer(
    state: State,
    found: ReplyRecords,
    late: LateSubjects,
    sources: ReplySources,
    streams: Streams,
    until: datetime | None = None,
) -> tuple[ToAnswer, ...]:
    """The points of a case whose records were searched for; none of them is without a subject.

    Args:
        found: the records of the search that stands.
        until: when it was decided: what came later, and can be compared with nobody, is later than
            the answer, as a record of later is. None: to be decided on now.
    """
    if state.search is None:
        return ()
    made = (
        (FINDINGS, list(_findings(found))),
        (QUARANTINE, list(_rejected(state, sources, streams, until))),
        (COVERAGE, list(_undeclared(statement_of(state, sources)))),
        (REASSESSMENT, _late_of_all(state, late, sources, streams)),
        (BULK, list(_pending(state, sources, until))),
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
    application, searched_on = state.application, day_in_japan(state.searched_at)
    emitters = sources.emitters_at(state.search.as_of)
    coverage = coverage_at_search(
        emitters, application.first_day, application.last_day, searched_on
    )
    days = (coverage.first_day, coverage.last_day)
    unregistered = sources.sends_unregistered(emitters, days, state.searched_at)
    return replace(coverage, unregistered=unregistered)


def _findings(found: ReplyRecords) -> Iterator[tuple[str, str]]:
    for one in found.entries:
        if codes := one.verdict.findings:
            labels = "、".join(ALL_FINDINGS[code].label for code in codes)
            yield " ".join((str(one.transfer), *codes)), labels


def _late_of_all(
    state: State, late: LateSubjects, sources: ReplySources, streams: Streams
) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for one in late.persons:
        for subject, label in _late(state, one, sources, streams):
            found.setdefault(subject, label)
    if late.more:
        found[NOT_EXHAUSTIVE] = _UNJUDGED
    return list(found.items())


def _late(
    state: State, judged: PersonTransfers, sources: ReplySources, streams: Streams
) -> Iterator[tuple[str, str]]:
    """The transfers that the reply would tell otherwise, were they judged by what is known now."""
    search = state.search
    assert search is not None, "asked only where a search stands"
    if not judged.entries:
        return
    keys = streams.cluster(judged.named, search.as_of).keys
    anew = sources.judged_anew(judged.entries, search.as_of, keys)
    for entry in judged.entries if anew else ():
        before = _reply_lines(entry, state)
        for message in entry.messages:
            verdict = anew.get(message.transfer)
            now = entry if verdict is None else entry.judged(verdict)
            after = _reply_lines(now, state)
            if before != after:
                codes = (now.verdict.duty, *now.verdict.findings)
                what = _IN if not before else _CHANGED if after else _OUT
                whose = "" if judged.is_the_person else _OTHERS
                text = _late_text(message, now, f"{whose}{what}")
                yield " ".join((str(message.transfer), *codes)), text


def _reply_lines(entry: HistoryEntry, state: State) -> tuple[object, ...]:
    """What the reply tells of it; of a message of a series also what keeps its record apart."""
    if not is_requested(entry, state.application):
        return ()
    lines = lines_of([entry], wording=WORDING)
    return lines if entry.entry.series is None else (*lines, *entry.verdict.findings)


def _late_text(message: Message, now: HistoryEntry, what: str) -> str:
    day = "日付の記録なし" if message.first_day is None else day_text(message.first_day)
    side = SIDES[cast("str", now.record.data["direction"])]
    found = "、".join(ALL_FINDINGS[code].label for code in now.verdict.findings)
    why = f"（{found}）" if found else ""
    return f"{day}　{side}（記録の番号 {message.transfer}）：{what}{why}"


def _rejected(
    state: State, sources: ReplySources, streams: Streams, until: datetime | None
) -> Iterator[tuple[str, str]]:
    """The rejected items that name the person, or one of the identifiers that were tried."""
    search = state.search
    assert search is not None, "asked only where a search stands"
    own = streams.cluster(search.identifiers, search.as_of).refs if search.identifiers else ()
    names = search.names_searched or names_of(state.application.form)
    spelled = (*own, *search.tried)
    spelled += tuple(spelled_otherwise(spelled, streams.secret))
    waiting = sources.rejected(spelled, names, until)
    for item in waiting.items:
        yield str(item.id), _rejected_text(item)
    if not waiting.is_exhaustive:
        yield NOT_EXHAUSTIVE, _UNOPENED
    if waiting.is_unreadable:
        yield UNREADABLE, _UNREAD


def _rejected_text(item: MatchingItem) -> str:
    codes = "、".join(item.codes)
    return f"{day_text(day_in_japan(item.received_at))}に受信（{codes}）"


def _pending(
    state: State, sources: ReplySources, until: datetime | None
) -> Iterator[tuple[str, str]]:
    """That a bulk transfer was accepted, and not yet recorded at the search."""
    assert state.searched_at is not None, "a search has an instant"
    if sources.has_pending_bulk(state.searched_at, until):
        yield COMMITTING, _COMMITTING


def _undeclared(statement: Statement) -> Iterator[tuple[str, str]]:
    """Days that an emitter has not declared, or closed with transfers that are not there.

    Where no emitter is registered nobody has any to declare. Where one is, the days on which none
    sends are subjects, too, and whoever sends without being registered is one of its own.
    """
    for gap in statement.gaps:
        yield _period(gap), f"{gaps_text([gap])}：送信完了の申告のない送信元があります。"
    for kind, days, text in (
        ("lost", statement.lost, "未受信の記録があります。"),
        ("unsettled", statement.unsettled, "締めの内容と受信した記録が一致しません。"),
    ):
        for one in days:
            yield f"{kind} {_period(one)}", f"{gaps_text([one])}：{text}"
    if statement.is_expected:
        if (through := statement.unowed_through) is not None:
            text = f"{day_text(through)}までの期間：{UNOWED}"
            yield f"{UNOWED_SUBJECT} ../{through.isoformat()}", text
        for one in statement.unowed:
            yield f"{UNOWED_SUBJECT} {_period(one)}", f"{gaps_text([one])}：{UNOWED}"
    if statement.unregistered:
        yield SENT_UNREGISTERED, UNREGISTERED


def _period(one: DayPeriod) -> str:
    return f"{one.first.isoformat()}/{one.last.isoformat()}"
