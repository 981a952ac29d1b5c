"""The form of further papers: the day they came, and what they complete of the application."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from api.pages.days import short
from api.pages.forms import Form
from api.pages.steps.differences import FieldDifference, differing
from api.pages.steps.form_values import FormValues, day_said
from api.problems.kind import DEFECTS_JA
from ledger.cases.events.intake import CaseResubmitted
from ledger.errors import Defect
from ledger.law.procedure.form import FORM_LABELS
from ledger.values import Json

LABELS: Final[Mapping[str, str]] = {
    "further_on": "追加の書類が届いた日",
    "further_note": "届いた書類のメモ",
    **{f"further_{field}": f"申請書の補完：{label}" for field, label in FORM_LABELS.items()},
    "same_papers": "同じ封筒の請求の書類の確認",
}
"""Field of the page → what it is called there."""
_PLACES: Final[Mapping[str, str]] = {"arrived_on": "further_on", "note": "further_note"}


@dataclass(frozen=True, slots=True)
class FurtherForm:
    """What was typed: as the body of the API's door, and what is wrong with it by field."""

    body: dict[str, Json]
    defects: Mapping[str, str]


def read(form: Form) -> FurtherForm:
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
    return FurtherForm(body, typed.defects)


def by_field(defects: Iterable[Defect]) -> dict[str, str]:
    """Field of the page → what is wrong with it."""
    found: dict[str, str] = {}
    for one in defects:
        steps = one.pointer.strip("/").split("/")
        name = f"further_{steps[1]}" if steps[0] == "form" and len(steps) > 1 else steps[0]
        name = _PLACES.get(name, name)
        words = DEFECTS_JA.get(one.code, "入力を確認してください。")
        found.setdefault(name if name in LABELS else "further_on", words)
    return found


def differences(stands: CaseResubmitted | None, typed: Form) -> tuple[FieldDifference, ...]:
    """In what the form differs from the further papers that stand; None when none came."""
    fields = [f"further_{field}" for field in FORM_LABELS]
    theirs = {
        "further_on": day_said(typed, "further_on"),
        **{name: typed.text(name) for name in ("further_note", *fields)},
    }
    if stands is None:
        return differing(LABELS, {}, theirs)
    ours = {"further_on": short(stands.arrived_on), "further_note": stands.note or ""}
    ours |= {f"further_{field}": text for field, text in (stands.form or {}).items()}
    return differing(LABELS, ours, theirs)


_ENVELOPE: Final = {
    "NO_PAPERS": "元の請求の書類をまだ確認していません。",
    "NOT_THE_SAME_ENVELOPE": "申請書の氏名が元の請求と異なるため、引き継げません。",
}


def of_envelope(defects: Iterable[Defect]) -> dict[str, str]:
    """Why the look at the papers of the envelope cannot be taken over."""
    words = next((_ENVELOPE[one.code] for one in defects if one.code in _ENVELOPE), None)
    return {"same_papers": words or "引き継げません。書類を改めて確認してください。"}
