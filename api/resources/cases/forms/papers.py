"""The form of 本人確認: what was seen on the papers becomes the body that the API's endpoint takes.

A box that is ticked says that it is so. One that is not says nothing, unless the row says that it
was looked at to the end: what nobody has looked at is open, and never taken for a defect.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from api.problems.kind import DEFECTS_JA
from api.resources.cases.forms.paper_rows import (
    CHOICES,
    FIELD_OF,
    FIELDS,
    TICKS,
    PaperRow,
    rows,
    seal_persons,
)
from api.resources.cases.forms.remarks import Remarks
from api.web.pages.form_values import CHARACTERS_MAX, CHOOSE, PARTS, FormValues, by_field
from api.web.pages.forms import Form
from api.web.pages.words import JUDGEMENTS
from ledger.cases.case import State
from ledger.cases.papers import identity_request
from ledger.errors import Defect
from ledger.law.procedure.form import FORM_LABELS
from ledger.law.procedure.version import Procedure
from ledger.policies.addresses.comparison import Comparison, compare_addresses
from ledger.policies.identity.verdict import reply_to_of
from ledger.policies.my_number import my_number_defects
from ledger.values import Json

LABELS: Final[Mapping[str, str]] = {
    "has_registered": "登録住所",
    "on_papers": "本人確認書類の住所",
    "registered": "登録住所の記載",
    "form_registered": "申請書と登録住所の判定",
    "form_registered_reason": "申請書と登録住所の判定の理由",
    "identity_form": "本人確認書類と申請書の判定",
    "identity_form_reason": "本人確認書類と申請書の判定の理由",
    "billing": "請求書等送付先の照合",
    "representative": "法定代理人の住所の照合",
    "seal_registered": "印鑑登録の有無",
    "form_checked": "申請書の記載",
    "form_missing": "申請書の記入漏れ",
    "note": "メモ",
}
"""Field of the page → what it is called there, besides the rows; in the order of the page."""

DAYS: Final = ("issued_on", "valid_until", "arrived_on")
FACTS: Final = {"form_registered": "form_is_registered", "identity_form": "identity_is_form"}
"""Pair of addresses → the fact that the judgement on it is."""
ADDRESS_FACTS: Final = {
    "billing": "billing_is_registered",
    "representative": "representative_is_on_papers",
}
"""Question about an address of the reply → the fact that the answer is."""
ADDRESS_QUESTIONS: Final = {
    "billing": "billing",
    "representative_identity_document": "representative",
}
"""Address of the reply → the question that it asks."""
_PLACES: Final[Mapping[str, str]] = {
    "addresses/has_registered": "has_registered",
    "addresses/on_papers": "on_papers",
    "addresses/registered": "registered",
    "addresses/form_is_registered": "form_registered",
    "addresses/identity_is_form": "identity_form",
    "addresses/form_is_registered_because": "form_registered_reason",
    "addresses/identity_is_form_because": "identity_form_reason",
    "addresses/billing_is_registered": "billing",
    "addresses/representative_is_on_papers": "representative",
}
_WHY: Final = "表記の比較の結果と異なる判定です。理由を入力してください。"


@dataclass(frozen=True, slots=True)
class PapersForm:
    """What was typed.

    Attributes:
        body: as the body of the API's endpoint.
        defects: field → what is wrong, found before the body could be made.
        places: for each paper of the body, the number of its row.
    """

    body: dict[str, Json]
    defects: Mapping[str, str]
    places: tuple[int, ...] = field(default=())


def read(form: Form, state: State, procedure: Procedure) -> PapersForm:
    """Read the form; what the domain refuses is not looked for here."""
    defects: dict[str, str] = {}
    papers: list[Json] = []
    places: list[int] = []
    blacked: list[int] = []
    for row in rows(form, state, procedure):
        if not is_there(form, row):
            continue
        papers.append(_paper(form, row, defects))
        places.append(row.n)
        if form.has(row.id("blackout")) and "blackout" in row.asks:
            blacked.append(len(papers))
    judged = _judged(form, state, defects)
    defects |= _numbers(form)
    remarks = Remarks(form.text("note"), judged, tuple(blacked))
    body: dict[str, Json] = {
        "papers": papers,
        "addresses": _addresses(form, judged, reply_question(state, procedure)),
        "form_checked": form.has("form_checked"),
        "form_missing": [one for one in FORM_LABELS if one in form.texts("form_missing")],
        "seal_registered": {
            person: form.text(f"seal_registered_{person}") == "yes"
            for person in seal_persons(state, procedure)
            if form.text(f"seal_registered_{person}")
        },
    }
    if (note := remarks.note()) is not None:
        body["note"] = note
    return PapersForm(body, defects, tuple(places))


def _numbers(form: Form) -> dict[str, str]:
    """Where individual numbers stand in what was written."""
    reasons = [f"{pair}_reason" for pair in FACTS]
    texts = {name: form.text(name) for name in ("on_papers", "registered", "note", *reasons)}
    searched = {name: text for name, text in texts.items() if len(text) <= CHARACTERS_MAX}
    return describe_my_numbers(my_number_defects(searched))


def is_there(form: Form, row: PaperRow) -> bool:
    """Whether the paper came: it is said so, or something of it was put down."""
    if form.has(row.id("present")):
        return True
    boxes = (*TICKS, "undated", "looked", "blackout")
    typed = (*(f"{day}_{part}" for day in DAYS for part in PARTS[1:]), *CHOICES)
    if row.document is not None and row.document.form == "original":
        typed = (*typed, "original")
    return any(form.has(row.id(one)) for one in boxes) or any(
        form.text(row.id(one)) for one in typed
    )


def _paper(form: Form, row: PaperRow, defects: dict[str, str]) -> Json:
    if row.document is None:
        defects[row.id("kind")] = CHOOSE
        return None
    original = form.text(row.id("original"))
    if original not in ("original", "copy"):
        defects[row.id("original")] = CHOOSE
    paper: dict[str, Json] = {
        "kind": row.document.code,
        "person": row.person,
        "is_original": original == "original",
        "undated": form.has(row.id("undated")) and "undated" in row.asks,
    }
    typed = FormValues(form)
    for name in DAYS:
        if name in row.asks or name == "arrived_on":
            day = typed.optional_day(row.id(name))
            if day is not None:
                paper[name] = day.isoformat()
    defects |= typed.defects
    is_examined = form.has(row.id("looked"))
    for box in row.ticks:
        if form.has(row.id(box)) or is_examined:
            paper[TICKS[box]] = form.has(row.id(box))
    for choice, (fact, answers) in CHOICES.items():
        given = form.text(row.id(choice))
        if choice in row.asks and given in answers:
            paper[fact] = answers[given]
    return paper


def _judged(form: Form, state: State, defects: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Pair → what the officer says of it, and why; the comparison only proposes."""
    found: dict[str, tuple[str, str]] = {}
    for pair in FACTS:
        judgement, reason = form.text(pair), form.text(f"{pair}_reason")
        if judgement not in JUDGEMENTS:
            continue
        found[pair] = (judgement, reason)
        found_of = compared(pair, form, state)
        if found_of is not None and not reason:
            is_one = judgement != "differs"
            if is_one is not found_of.proposes_one:
                defects[f"{pair}_reason"] = _WHY
    return found


def compared(pair: str, form: Form, state: State) -> Comparison | None:
    """How two addresses compare, the form's first; None while one of them is not put down."""
    left = state.application.form.get("address", "")
    right = form.text("registered" if pair == "form_registered" else "on_papers")
    return compare_addresses(left, right) if left and right else None


def reply_question(state: State, procedure: Procedure) -> str | None:
    """Which question the address of the reply asks; None when it asks none."""
    request = identity_request(state, state.application.arrived_on)
    return ADDRESS_QUESTIONS.get(reply_to_of(request, procedure).address)


def _addresses(
    form: Form, judged: Mapping[str, tuple[str, str]], question: str | None
) -> dict[str, Json]:
    addresses: dict[str, Json] = {"has_registered": form.text("has_registered") != "no"}
    for pair, fact in FACTS.items():
        if pair in judged:
            judgement, reason = judged[pair]
            addresses[fact] = judgement != "differs"
            if reason and judgement != "differs":
                addresses[f"{fact}_because"] = reason
    for name, fact in ADDRESS_FACTS.items():
        if name == question and form.text(name) in ("yes", "no"):
            addresses[fact] = form.text(name) == "yes"
    for name in ("on_papers", "registered"):
        if text := form.text(name):
            addresses[name] = text
    return addresses


def describe_defects(defects: Iterable[Defect], places: Sequence[int]) -> dict[str, str]:
    """Field of the page → what is wrong with it; what belongs to no field of it, at the note.

    Args:
        places: for each paper of the body, the number of its row.
    """
    found = {**_PLACES}
    for index, n in enumerate(places):
        found[f"papers/{index}"] = f"p{n}_kind"
        found |= {f"papers/{index}/{name}": f"p{n}_{name}" for name in FIELDS}
        found |= {f"papers/{index}/{fact}": f"p{n}_{name}" for fact, name in FIELD_OF.items()}
    labels = (*(f"p{n}_{name}" for n in places for name in FIELDS), *LABELS)
    return by_field(defects, labels, found, otherwise="note")


def describe_my_numbers(defects: Iterable[Defect]) -> dict[str, str]:
    """Where individual numbers were typed (`/<field>`), told at the fields."""
    message = DEFECTS_JA["MY_NUMBER_SHOWN"]
    return {name: message for one in defects if (name := one.pointer.strip("/").split("/")[0])}
