"""What the letter on a request without a search prints; constant words stand in its template."""

from collections.abc import Iterator

from ledger.cases.letters import words
from ledger.cases.letters.contents import MeasureAnswer
from ledger.cases.letters.letter import RequestSummary
from ledger.cases.letters.requests import kind_of
from ledger.law.answers import grounds_of, items_of
from ledger.law.requests import measures_on
from ledger.values import Json

_WITHHELD = "提供しません"


def answer_body(said: MeasureAnswer, asked: RequestSummary) -> dict[str, Json]:
    """The members that the template needs besides those of every letter."""
    grounds = grounds_of(kind_of(asked).kind, asked.arrived_on)
    cited = [grounds[code] for code in said.grounds]
    return {
        "outcome": said.outcome,
        "rows": [*_rows(said, asked)],
        "grounds": [[one.label, one.article] for one in cited],
        "reason": said.reason if said.grounds else None,
        "replaces": None if said.replaces is None else words.day_text(said.replaces),
    }


def _rows(said: MeasureAnswer, asked: RequestSummary) -> Iterator[Json]:
    """The items in the order of the law, or what was done, in the order of the decision."""
    texts = {one.item: one.text for one in said.information}
    for item in items_of(kind_of(asked).kind, asked.arrived_on).values():
        if item.code in texts:
            yield [item.label, texts[item.code] or _WITHHELD]
    measures = measures_on(asked.arrived_on)
    for one in said.taken:
        yield [measures[one.measure].label, words.day_text(one.from_day), one.what]
