"""What a letter says of what was asked for."""

from ledger.cases.letters import words
from ledger.cases.letters.letter import Letter, RequestSummary
from ledger.cases.letters.requests import kind_of
from ledger.law.requests import WITHOUT_RECORDS
from ledger.values import Json


def asked_rows(letter: Letter) -> list[Json]:
    """[label, text] of what was asked for, in the order in which the letter tells it."""
    asked = letter.asked
    if asked.about is not None:
        return _asked_of_other(letter)
    sides = [
        *(["当社が提供した記録"] if asked.provided else []),
        *(["当社が提供を受けた記録"] if asked.received else []),
    ]
    person = letter.addressee.represents or letter.addressee.name
    return [
        ["ご請求の書面", asked.form],
        ["到達した日", words.day_text(asked.arrived_on)],
        ["ご本人", f"{person} 様"],
        ["対象の記録", "及び".join(sides)],
        ["対象の期間", _period(asked)],
        ["ご希望の方法", wanted(asked)],
    ]


def _asked_of_other(letter: Letter) -> list[Json]:
    """Of retained data: no record of a provision is meant, so neither side nor period is told."""
    asked, kind = letter.asked, kind_of(letter.asked)
    person = letter.addressee.represents or letter.addressee.name
    rows: list[Json] = [
        ["ご請求の種別", kind.label],
        ["到達した日", words.day_text(asked.arrived_on)],
        ["ご本人", f"{person} 様"],
    ]
    return rows if kind.kind in WITHOUT_RECORDS else [*rows, ["ご希望の方法", wanted(asked)]]


def _period(asked: RequestSummary) -> str:
    if asked.first_day is None and asked.last_day is None:
        return "全期間"
    first = "" if asked.first_day is None else f"{words.day_text(asked.first_day)}から"
    last = "" if asked.last_day is None else f"{words.day_text(asked.last_day)}まで"
    return first + last


def wanted(asked: RequestSummary) -> str:
    """The medium that was asked for."""
    return "ご指定なし" if asked.medium is None else words.MEDIA[asked.medium]
