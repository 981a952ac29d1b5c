"""The forms about a case as a whole: a mistake of the desk, a withdrawal, a death.

Each has fields of its own, as all stand on one page.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from api.pages.forms import Form
from api.pages.steps.form_values import FormValues
from api.problems.kind import DEFECTS_JA
from ledger.cases.mistake_steps import CAUSES, DOUBLE
from ledger.errors import Defect
from ledger.values import Json

LABELS: Final[Mapping[str, str]] = {
    "entry_cause": "誤りの内容",
    "entry_reason": "誤登録とする理由",
    "entry_replaced_by": "手続を続ける請求の受付番号",
    "end_reason": "終了を誤りとする理由",
    "confirm": "申出の確認",
    "dismiss_reason": "却下又は取下げの理由",
    "withdrawn_on": "取下げの日",
    "withdrawn_evidence": "取下げの根拠",
    "learned_on": "本人の死亡を知った日",
    "learned_evidence": "本人の死亡の根拠",
}
"""Field of the page → what it is called there."""

_SCHEMA: Final = "入力を確認してください。"
_UNKNOWN: Final = "この受付番号の請求はありません。"


@dataclass(frozen=True, slots=True)
class WholeCaseForm:
    """What was typed: as the body of the API's door, and what is wrong with it by field."""

    body: dict[str, Json]
    defects: Mapping[str, str]


def entry(form: Form, cases: Mapping[str, str]) -> WholeCaseForm:
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
    return WholeCaseForm(body, typed.defects)


def reason(form: Form, name: str) -> WholeCaseForm:
    """A reason alone, which stands in that field."""
    typed = FormValues(form)
    return WholeCaseForm({"reason": typed.text(name)}, typed.defects)


def withdrawal(form: Form) -> WholeCaseForm:
    """That who asked does not ask any more."""
    typed = FormValues(form)
    on, evidence = typed.day("withdrawn_on"), typed.text("withdrawn_evidence")
    return WholeCaseForm({"withdrawn_on": on.isoformat(), "evidence": evidence}, typed.defects)


def death(form: Form) -> WholeCaseForm:
    """That the principal is dead."""
    typed = FormValues(form)
    on, evidence = typed.day("learned_on"), typed.text("learned_evidence")
    return WholeCaseForm({"learned_on": on.isoformat(), "evidence": evidence}, typed.defects)


def by_field(prefix: str, first: str) -> Callable[[Iterable[Defect]], Mapping[str, str]]:
    """What tells the domain's defects at the fields of one form.

    Args:
        prefix: of its fields.
        first: the field that is told what belongs to no other one.
    """

    def told(defects: Iterable[Defect]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for one in defects:
            name = one.pointer.strip("/").partition("/")[0]
            places = (name, f"{prefix}_{name}")
            place = next((one for one in places if one in LABELS), first)
            words = _UNKNOWN if one.code == "CASE_UNKNOWN" else DEFECTS_JA.get(one.code, _SCHEMA)
            found.setdefault(place, _SCHEMA if one.code == "SCHEMA" else words)
        return found

    return told
