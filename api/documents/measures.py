"""What the letter on a request to stop or to erase prints; constant words stand in its template."""

from ledger.cases.letters import words
from ledger.cases.letters.contents import LetterMeasure, MeasuresLetter
from ledger.cases.letters.letter import RequestSummary
from ledger.cases.letters.requests import kind_of
from ledger.law.requests import OTHER, OUTCOMES, TAKEN, measures_on
from ledger.values import Json

_WHOLLY = "対象となる保有個人データの全部"
_ASKED = "ご請求に係る保有個人データ"


def measures_body(said: MeasuresLetter, asked: RequestSummary) -> dict[str, Json]:
    """The members that the template needs besides those of every letter."""
    kind = kind_of(asked)
    return {
        "outcome": said.outcome,
        "taken": [_taken(one, asked, wholly=said.outcome == TAKEN) for one in said.taken],
        "reason": said.reason if OUTCOMES[said.outcome].reasoned else None,
        "asked_by": kind.asked_by,
        "taken_by": kind.taken_by,
        "replaces": None if said.replaces is None else words.day_text(said.replaces),
    }


def _taken(one: LetterMeasure, asked: RequestSummary, *, wholly: bool) -> Json:
    measure = measures_on(asked.arrived_on)[one.measure]
    day = words.day_text(one.from_day)
    label = "これに代わる措置" if one.measure == OTHER else measure.label
    what = one.what or (_WHOLLY if wholly else _ASKED)
    return [label, f"{day}から" if measure.lasts else day, what]
