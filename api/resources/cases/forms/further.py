"""The form of further papers: the day they came, and what they complete of the application."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from api.web.pages.conflict import ConflictRow, FormField, conflict_rows, labels_of
from api.web.pages.form_values import (
    FieldValue,
    FormBody,
    FormValues,
    by_field,
    day_text_of,
    filled,
)
from api.web.pages.forms import Form
from ledger.cases.events.intake import CaseResubmitted
from ledger.errors import Defect
from ledger.law.procedure.form import FORM_LABELS
from ledger.values import Json

FIELDS: Final = {
    "further_on": FormField("追加の書類が届いた日", day_text_of),
    "further_note": FormField("届いた書類のメモ"),
    **{
        f"further_{field}": FormField(f"申請書の補完：{label}")
        for field, label in FORM_LABELS.items()
    },
    "same_papers": FormField("同じ封筒の請求の書類の確認"),
}
LABELS: Final = labels_of(FIELDS)
"""Field of the page → what it is called there."""
_PLACES: Final[Mapping[str, str]] = {
    "arrived_on": "further_on",
    "note": "further_note",
    **{f"form/{field}": f"further_{field}" for field in FORM_LABELS},
}


def read(form: Form) -> FormBody:
    """Read the form; what the domain refuses is not looked for here."""
    typed = FormValues(form)
    body: dict[str, Json] = {"arrived_on": typed.day("further_on").isoformat()}
    if note := form.text("further_note"):
        body["note"] = note
    given: dict[str, Json] = {
        field: text for field in FORM_LABELS if (text := form.text(f"further_{field}"))
    }
    if given:
        body["form"] = given
    return FormBody(body, typed.defects)


def describe_defects(defects: Iterable[Defect]) -> dict[str, str]:
    """Field of the page → what is wrong with it."""
    return by_field(defects, LABELS, _PLACES)


def conflict(came: Sequence[CaseResubmitted], typed: Form) -> tuple[ConflictRow, ...]:
    """In what the form differs from the further papers that somebody took in last, if any."""
    ours: dict[str, FieldValue] = {}
    for one in came[-1:]:
        ours = {f"further_{field}": text for field, text in (one.form or {}).items()}
        ours |= {"further_on": one.arrived_on, "further_note": one.note}
    return conflict_rows(FIELDS, filled(ours), typed)


_ENVELOPE: Final = {
    "NO_PAPERS": "元の請求の書類をまだ確認していません。",
    "NOT_THE_SAME_ENVELOPE": "申請書の氏名が元の請求と異なるため、引き継げません。",
}


def of_envelope(defects: Iterable[Defect]) -> dict[str, str]:
    """Why the look at the papers of the envelope cannot be taken over."""
    words = next((_ENVELOPE[one.code] for one in defects if one.code in _ENVELOPE), None)
    return {"same_papers": words or "引き継げません。書類を改めて確認してください。"}
