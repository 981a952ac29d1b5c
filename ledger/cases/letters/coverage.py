"""On whose declarations the completeness of a reply rests, in Japanese: for letter and officer.

The letter says how many sending systems there are, how many declared every day, and which days are
missing. Which system it is tells how the business is built: that is for the officer alone. Neither
depends on the person, on what was found, or on what is excluded.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from ledger.cases.letters.words import day_text
from ledger.emitters.coverage import DayPeriod, Short, Statement

GAPS_SHOWN_MAX: Final = 20
"""Periods that a letter lists; of more it says how many there are."""
UNOWED: Final = "送信完了を申告する送信元がありません。"
"""To the officer, of days on which no system sends."""
UNREGISTERED: Final = "登録のない送信元、または登録期間外の日の記録の送信があります（申告なし）。"
"""To the officer, where a statement is `unregistered`."""


def letter_sentences(statement: Statement) -> tuple[str, ...]:
    """The paragraph of the letter, sentence by sentence."""
    period = _request_period(statement.first_day, statement.last_day)
    systems = f"記録を送信する{statement.total}システム"
    if not statement.total:
        return (f"{period}について、記録を送信するシステムによる送信完了の申告はありません。",)
    if statement.unregistered:
        return _unregistered_sentences(statement, period)
    if statement.is_complete:
        but = "次の期間を除き、" if unowed_text(statement) else ""
        declared = f"{systems}のすべてから送信完了の申告を受けた記録"
        sentence = f"この回答は、{period}について、{but}{declared}に基づくものです。"
        return (sentence, *_unowed_sentences(statement))
    count = f"{systems}のうち{statement.declared}システム"
    if statement.declared == statement.total:
        count = f"{systems}のすべて"
    unowed = _unowed_sentences(statement)
    sentences = [
        f"この回答は、{period}について、その時点までに送信を受けた記録に基づくものです。",
        *unowed,
        f"{count}から、{'その他の' if unowed else ''}全期間の送信完了の申告を受けています。",
    ]
    if statement.gaps:
        sentences.append(_through_sentence(statement))
        gaps = gaps_text(statement.gaps)
        sentences.append(f"一部のシステムの送信完了の申告を受けていない期間は、{gaps}です。")
    return (*sentences, *_short_sentences(statement))


def _unowed_sentences(statement: Statement) -> tuple[str, ...]:
    """Of the days on which no system sends: that all have declared them says nothing."""
    days = unowed_text(statement)
    return (f"{days}については、送信完了を申告するシステムがありません。",) if days else ()


def unowed_text(statement: Statement) -> str:
    """The days on which no system sends, of those that are asked about; empty: there are none."""
    through = statement.unowed_through
    before = () if through is None else (f"{day_text(through)}までの期間",)
    days = (gaps_text(statement.unowed),) if statement.unowed else ()
    return "、".join((*before, *days))


def _unregistered_sentences(statement: Statement, period: str) -> tuple[str, ...]:
    """Where others send, too: of all systems nothing is said, for nobody knows how many there are.

    Who they are and of which days they sent is not told, so the days that are told are some.
    """
    rests = f"この回答は、{period}について、その時点までに送信を受けた記録に基づくものですが"
    missing = "記録を送信するシステムの一部からは、送信完了の申告を受けていません"
    sentences = [f"{rests}、{missing}。"]
    if statement.gaps:
        gaps = gaps_text(statement.gaps)
        sentences.append(f"送信完了の申告を受けていない期間には、{gaps}が含まれます。")
    return (*sentences, *_short_sentences(statement))


def _short_sentences(statement: Statement) -> list[str]:
    """Of the days that were closed and are not all there."""
    sentences: list[str] = []
    if statement.lost:
        lost = gaps_text(statement.lost)
        sentences.append(f"{lost}については、一部の記録を受信していないことを確認しています。")
    if statement.unsettled:
        days = gaps_text(statement.unsettled)
        unsettled = "システムが申告した内容と受信した記録とが一致していません"
        sentences.append(f"{days}については、{unsettled}。")
    return sentences


def _through_sentence(statement: Statement) -> str:
    """Up to which day every system has declared, where not all days are."""
    last = statement.declared_through
    if last is None:
        return "すべてのシステムから送信完了の申告を受けた日はありません。"
    is_unowed = statement.unowed_through is not None
    is_unowed |= any(one.first <= last for one in statement.unowed)
    but = ["上記の期間"] * is_unowed + ["次の期間"] * (statement.gaps[0].first <= last)
    earlier = f"、{'及び'.join(but)}を除き" if but else ""
    declared = "すべてのシステムから送信完了の申告を受けています"
    return f"{day_text(last)}までの記録については{earlier}、{declared}。"


def officer_lines(statement: Statement) -> tuple[str, ...]:
    """The line of the reconciliation box, up to which day all have declared, and each with gaps."""
    first = f"送信元の網羅：{statement.complete}/{statement.total}（対象期間）"
    found: list[str] = []
    if statement.gaps:
        last = statement.declared_through
        through = "なし" if last is None else day_text(last)
        found.append(f"すべての送信元が申告した最後の日：{through}")
    for share in statement.shares:
        if share.gaps:
            found.append(f"{share.name}：{gaps_text(share.gaps)}の申告なし")
        if share.short:
            found.append(f"{share.name}：{short_text(share.short)}")
    if statement.is_expected and (days := unowed_text(statement)):
        found.append(f"{days}：{UNOWED}")
    if statement.unregistered:
        found.append(UNREGISTERED)
    return (first, *found)


def short_text(short: Sequence[Short]) -> str:
    """Days that were closed and are not all there; beyond `GAPS_SHOWN_MAX` how many there are."""
    shown = "、".join(_short_text(one) for one in short[:GAPS_SHOWN_MAX])
    return shown if len(short) <= GAPS_SHOWN_MAX else f"{shown}など{len(short):,}日の締めの不一致"


def _short_text(one: Short) -> str:
    what = "締めの不一致" if one.lost is None else f"締めで{one.lost:,}件の未受信"
    return f"{day_text(one.day)}の{what}"


def gaps_text(gaps: Sequence[DayPeriod]) -> str:
    """Periods, ascending; beyond `GAPS_SHOWN_MAX` the first ones and the number of all."""
    shown = "、".join(period_text(one) for one in gaps[:GAPS_SHOWN_MAX])
    if len(gaps) <= GAPS_SHOWN_MAX:
        return shown
    return f"{shown}など{len(gaps):,}の期間"


def period_text(period: DayPeriod) -> str:
    """One day, or from which day to which."""
    if period.first == period.last:
        return day_text(period.first)
    return f"{day_text(period.first)}から{day_text(period.last)}まで"


def _request_period(first: date | None, last: date) -> str:
    if first is None:
        return f"{day_text(last)}までの期間"
    if last < first:  # asked for from the day of the search on: nothing of it is over
        return f"{day_text(first)}からの期間"
    return period_text(DayPeriod(first, last))
