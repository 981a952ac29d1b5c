"""The form of a request that no record answers, read: what is done or told, and why not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, cast

from api.web.pages.form_values import CHOOSE, FieldValue, FormValues, by_field, filled, number_of
from api.web.pages.forms import Form
from ledger.cases.case import State
from ledger.cases.events.intake import Application
from ledger.cases.events.measures import CaseMeasuresDecided
from ledger.errors import Defect
from ledger.law.answers import grounds_of, items_of
from ledger.law.requests import FOR_MEASURES, measures_of, outcomes_of
from ledger.values import Json

ROWS_MIN: Final = 2
_DIGITS_MAX: Final = 2
ROWS_MAX: Final = 20
"""Measures of one decision, as at the API's endpoint."""

NAMES: Final = tuple(f"party_{row}" for row in range(1, ROWS_MAX + 1))
"""Fields that hold names of things: twelve digits of them are no individual number."""

_HERE: Final[Mapping[str, str]] = {
    "OUTCOME_AND_MEASURES": "選んだ結論と措置が合いません。請求された措置をとるときはその措置を、"
    "これに代わる措置のときはその措置を選び、措置をとらないときは選ばないでください。",
    "REASON_MISSING": "書面に記載する理由を入力してください。",
    "MEASURE_UNKNOWN": CHOOSE,
    "MEASURE_TWICE": "同じ措置が二度あります。",
    "MEASURE_OF_NOBODY": "該当する方がいないため、提供を停止できません。",
    "WHAT_MISSING": "措置の内容を、書面に記載する言葉で入力してください。",
    "PARTY_NOT_OF_A_STOP": "提供先を指定できるのは、第三者への提供の停止だけです。",
    "BEFORE_THE_REQUEST": "請求の到達日より前の日付です。",
    "OUTCOME_AND_GROUNDS": "選んだ結論と根拠が合いません。請求の全部に応じるときは根拠を選ばず、"
    "応じないものがあるときは選んでください。全部に応じない根拠（保有していない場合など）は、"
    "それだけを選んでください。",
    "OUTCOME_AND_INFORMATION": "選んだ結論と入力した内容が合いません。全部に応じるときは"
    "全ての欄に、一部のときは一つ以上の欄に入力し、応じないときは空欄にしてください。",
}
"""Defects in words of the page."""
_STOPS: Final = "措置"
_PARTS: Final = {
    "measure": _STOPS,
    "day": "実施日",
    "what": "措置の内容",
    "party": "停止する提供先の識別番号",
}
_MEMBERS: Final = {
    "from_day": "day",
    "what": "what",
    "counterparty_party_id": "party",
}


@dataclass(frozen=True, slots=True)
class MeasureChoices:
    """What the form of one kind of request has, each code with its label.

    Attributes:
        word: what is done is called: 措置, or 訂正等.
        items: items of information, each a text of its own.
    """

    word: str
    outcomes: Mapping[str, str]
    measures: Mapping[str, str]
    parts: Mapping[str, str]
    grounds: Mapping[str, str]
    items: Mapping[str, str]


def offered(application: Application) -> MeasureChoices:
    """What the law has for such a request of that day."""
    kind, day = application.kind, application.arrived_on
    is_stop = kind in FOR_MEASURES
    word = _STOPS if is_stop else "訂正等"
    grounds = grounds_of(kind, day).values()
    return MeasureChoices(
        word,
        outcomes_of(kind),
        {code: one.label for code, one in measures_of(kind, day).items()},
        {
            part: label if is_stop else label.replace(_STOPS, word)
            for part, label in _PARTS.items()
            if is_stop or part != "party"
        },
        {one.code: f"{one.label}（{one.article}）" for one in grounds},
        {code: one.label for code, one in items_of(kind, day).items()},
    )


@dataclass(frozen=True, slots=True)
class MeasuresForm:
    """What the form says.

    Attributes:
        offered: what the form has.
        rows: numbers of the rows in which a measure is chosen, from 1.
        shown: how many rows there are.
        body: as the body of the API's endpoint; defects: field → what is wrong, found before it.
    """

    form: Form
    offered: MeasureChoices
    rows: tuple[int, ...]
    shown: int
    body: dict[str, Json]
    defects: Mapping[str, str]

    @property
    def labels(self) -> dict[str, str]:
        """As `labels` of this form."""
        return labels(self.offered, self.shown)

    def describe_defects(self, defects: Iterable[Defect]) -> dict[str, str]:
        """Field of the page → what is wrong with it."""
        places: dict[str, str] = {}
        for n, row in enumerate(self.rows):
            places[f"measures/{n}"] = field_of("measure", row)
            places |= {f"measures/{n}/{it}": field_of(part, row) for it, part in _MEMBERS.items()}
        for n, item in enumerate(self.offered.items):
            places.setdefault("information", text_of(item))
            places[f"information/{n}"] = text_of(item)
        return by_field(defects, self.labels, places, codes=_HERE)


def field_of(part: str, row: int) -> str:
    """What a field of a row is called."""
    return f"{part}_{row}"


def text_of(item: str) -> str:
    """What the field of an item of information is called."""
    return f"text_{item}"


def labels(of: MeasureChoices, rows: int) -> dict[str, str]:
    """Field → what it is called, in the order of the page."""
    found = {"outcome": "結論"}
    for row in range(1, rows + 1):
        for part, words in of.parts.items():
            found[field_of(part, row)] = f"{of.word}{row}：{words}"
    found |= {text_of(item): label for item, label in of.items.items()}
    if of.grounds:
        found["grounds"] = "根拠"
    return {**found, "reason": "理由"}


def read(form: Form, of: MeasureChoices) -> MeasuresForm:
    """Read the form; what the domain refuses is not looked for here."""
    shown = _count_rows(form) if of.measures else 0
    rows = tuple(n for n in range(1, shown + 1) if form.text(field_of("measure", n)))
    defects: dict[str, str] = {}
    if form.text("outcome") not in of.outcomes:
        defects["outcome"] = CHOOSE
    measures: list[Json] = [_row(form, row, defects) for row in rows]
    body: dict[str, Json] = {"outcome": form.text("outcome"), "measures": measures}
    if reason := form.text("reason"):
        body["reason"] = reason
    if grounds := [code for code in of.grounds if code in form.texts("grounds")]:
        body["grounds"] = cast("list[Json]", grounds)
    texts = {item: form.text(text_of(item)) for item in of.items}
    if any(texts.values()):
        # What is left empty is withheld.
        body["information"] = [
            {"item": item, "text": text} if text else {"item": item} for item, text in texts.items()
        ]
    return MeasuresForm(form, of, rows, shown, body, defects)


def _count_rows(form: Form) -> int:
    shown = number_of(form.text("rows"), _DIGITS_MAX) or 0
    if form.text("action") == "more":
        shown = max(shown, ROWS_MIN) + ROWS_MIN
    return min(max(shown, ROWS_MIN), ROWS_MAX)


def new_row(typed: MeasuresForm) -> int | None:
    """The number of the first row that the form has just asked for; None when it asks for none."""
    if typed.form.text("action") != "more" or not typed.offered.measures:
        return None
    first = max(number_of(typed.form.text("rows"), _DIGITS_MAX) or 0, ROWS_MIN) + 1
    return first if first <= typed.shown else None


def _row(form: Form, row: int, defects: dict[str, str]) -> dict[str, Json]:
    made: dict[str, Json] = {"measure": form.text(field_of("measure", row))}
    typed = FormValues(form)
    day = typed.day(field_of("day", row))
    defects |= typed.defects
    if not typed.defects:
        made["from_day"] = day.isoformat()
    for part, member in (("what", "what"), ("party", "counterparty_party_id")):
        if text := form.text(field_of(part, row)):
            made[member] = text
    return made


def first(state: State, today: date) -> MeasuresForm:
    """The page as it is first shown: what was decided, or nothing but the days."""
    decision = state.decision if isinstance(state.decision, CaseMeasuresDecided) else None
    taken = () if decision is None else decision.measures
    shown = max(ROWS_MIN, len(taken))
    fields: dict[str, FieldValue] = {"rows": str(shown)}
    for row in range(1, shown + 1):
        fields[field_of("day", row)] = today
    for row, one in enumerate(taken, 1):
        fields |= {
            field_of("day", row): one.from_day,
            field_of("measure", row): one.measure,
            field_of("what", row): one.what or "",
            field_of("party", row): one.counterparty_party_id or "",
        }
    if decision is not None:
        fields |= {"outcome": decision.outcome, "reason": decision.reason or ""}
        fields["grounds"] = decision.grounds or ()
        fields |= {text_of(one.item): one.text or "" for one in decision.information or ()}
    return read(filled(fields), offered(state.application))


def is_decided(typed: MeasuresForm, state: State, today: date) -> bool:
    """Whether the form says what stands decided: then it is submitted as it stands."""
    is_one = isinstance(state.decision, CaseMeasuresDecided)
    return is_one and typed.body == first(state, today).body
