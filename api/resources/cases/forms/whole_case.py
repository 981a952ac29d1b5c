"""The forms about a case as a whole: a mistake of the desk, a withdrawal, a death.

Each has fields of its own, as all stand on one page.
"""

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from api.problems.kind import DEFECTS_JA
from api.web.pages.conflict import FormField, chosen, labels_of
from api.web.pages.form_result import ByField
from api.web.pages.form_values import (
    PLAIN,
    FieldValue,
    FormBody,
    FormValues,
    by_field,
    day_text_of,
    filled,
)
from api.web.pages.forms import Form
from api.web.pages.words import CAUSES as CAUSE_WORDS
from ledger.cases.events.case import CasePrincipalDeceased, CaseWithdrawn
from ledger.cases.events.mistakes import CaseMistakeDismissed, CaseMistakeReported, CaseResumed
from ledger.cases.mistake_steps import CAUSES, DOUBLE, ENTRY
from ledger.values import Json

FIELDS: Final[Mapping[str, FormField]] = {
    "entry_cause": FormField("誤りの内容", chosen(CAUSE_WORDS)),
    "entry_reason": FormField("誤登録とする理由"),
    "entry_replaced_by": FormField("手続を続ける請求の受付番号"),
    "end_reason": FormField("終了を誤りとする理由"),
    "confirm": FormField("申出の確認"),
    "dismiss_reason": FormField("却下又は取下げの理由"),
    "withdrawn_on": FormField("取下げの日", day_text_of),
    "withdrawn_evidence": FormField("取下げの根拠"),
    "learned_on": FormField("本人の死亡を知った日", day_text_of),
    "learned_evidence": FormField("本人の死亡の根拠"),
}
LABELS: Final = labels_of(FIELDS)
"""Field of the page → what it is called there."""

_UNKNOWN: Final = "この受付番号の請求はありません。"

Whole = (
    CaseWithdrawn | CasePrincipalDeceased | CaseMistakeReported | CaseMistakeDismissed | CaseResumed
)
"""What the forms of the page become."""

PATHS: Final[Mapping[str, str]] = {
    "withdrawn_evidence": "withdrawal",
    "learned_evidence": "death",
    "entry_reason": "entry-mistake",
    "end_reason": "end-mistake",
    "dismiss_reason": "mistake-dismissal",
}
"""A field of each form into which something is typed → the endpoint to which it leads."""
_UNDOES: Final[Mapping[type[Whole], tuple[str, ...]]] = {
    CaseMistakeDismissed: ("entry_", "end_"),
    CaseResumed: ("withdrawn_", "learned_", "end_"),
}
"""What takes back what was put down → how the fields of that begin."""


def entry(form: Form, cases: Mapping[str, str]) -> FormBody:
    """That the case should never have been opened.

    Args:
        cases: number → id of every case that lives.
    """
    typed = FormValues(form)
    body: dict[str, Json] = {
        "cause": typed.choice("entry_cause", CAUSES),
        "reason": typed.text("entry_reason"),
    }
    number = form.text("entry_replaced_by")
    if number and number not in cases:
        typed.defects["entry_replaced_by"] = _UNKNOWN
    elif number:
        body["replaced_by"] = cases[number]
    elif body["cause"] == DOUBLE:
        typed.defects["entry_replaced_by"] = DEFECTS_JA["REPLACEMENT_MISSING"]
    return FormBody(body, typed.defects)


def reason(form: Form, name: str) -> FormBody:
    """A reason alone, which stands in that field."""
    typed = FormValues(form)
    return FormBody({"reason": typed.text(name)}, typed.defects)


def withdrawal(form: Form) -> FormBody:
    """That who asked does not ask any more."""
    typed = FormValues(form)
    on, evidence = typed.day("withdrawn_on"), typed.text("withdrawn_evidence")
    return FormBody({"withdrawn_on": on.isoformat(), "evidence": evidence}, typed.defects)


def death(form: Form) -> FormBody:
    """That the principal is dead."""
    typed = FormValues(form)
    on, evidence = typed.day("learned_on"), typed.text("learned_evidence")
    return FormBody({"learned_on": on.isoformat(), "evidence": evidence}, typed.defects)


def by_field_of(prefix: str, first: str) -> ByField:
    """What tells the domain's defects at the fields of one form.

    Args:
        prefix: of its fields.
        first: the field that is told what belongs to no other one.
    """
    own = {
        name.removeprefix(f"{prefix}_"): name for name in LABELS if name.startswith(f"{prefix}_")
    }
    codes = {**PLAIN, "CASE_UNKNOWN": _UNKNOWN}
    return lambda defects: by_field(defects, LABELS, own, otherwise=first, codes=codes)


def stored(came: Iterable[Whole], numbers: Mapping[UUID, str]) -> Form:
    """What stands of what was put down.

    Args:
        came: what was put down, oldest first.
        numbers: case → its number, of every case that lives.
    """
    found: dict[str, FieldValue] = {}
    for one in came:
        undone = _UNDOES.get(type(one), ())
        kept = {name: it for name, it in found.items() if not name.startswith(undone)}
        found = {**kept, **_values(one, numbers)}
    return filled(found)


def _values(event: Whole, numbers: Mapping[UUID, str]) -> dict[str, FieldValue]:
    match event:
        case CaseWithdrawn():
            return {"withdrawn_on": event.withdrawn_on, "withdrawn_evidence": event.evidence}
        case CasePrincipalDeceased():
            return {"learned_on": event.learned_on, "learned_evidence": event.evidence}
        case CaseMistakeDismissed():
            return {"dismiss_reason": event.reason}
        case CaseResumed():
            return {}
        case CaseMistakeReported() if event.what == ENTRY:
            other = event.replaced_by
            return {
                "entry_cause": event.cause,
                "entry_reason": event.reason,
                "entry_replaced_by": None if other is None else numbers.get(other),
            }
        case CaseMistakeReported():
            return {"end_reason": event.reason}
