"""What differs between what others put down of a case as a whole and what somebody had typed."""

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from api.pages.days import short
from api.pages.forms import Form
from api.pages.steps.differences import FieldDifference, differing
from api.pages.steps.form_values import day_said
from api.pages.steps.whole_case import LABELS
from api.pages.words import CAUSES
from ledger.cases.events.case import CasePrincipalDeceased, CaseWithdrawn
from ledger.cases.events.mistakes import CaseMistakeDismissed, CaseMistakeReported, CaseResumed
from ledger.cases.mistake_steps import ENTRY

Whole = (
    CaseWithdrawn | CasePrincipalDeceased | CaseMistakeReported | CaseMistakeDismissed | CaseResumed
)
"""What the forms of the page become."""

DOORS: Final[Mapping[str, str]] = {
    "withdrawn_evidence": "withdrawal",
    "learned_evidence": "death",
    "entry_reason": "entry-mistake",
    "end_reason": "end-mistake",
    "dismiss_reason": "mistake-dismissal",
}
"""A field of each form into which something is typed → the door to which it leads."""
_UNDOES: Final[Mapping[type[Whole], tuple[str, ...]]] = {
    CaseMistakeDismissed: ("entry_", "end_"),
    CaseResumed: ("withdrawn_", "learned_", "end_"),
}
"""What takes back what was put down → how the fields of that begin."""


def standing(came: Iterable[Whole], numbers: Mapping[UUID, str]) -> Mapping[str, str]:
    """Field of the page → what stands of what was put down, in words.

    Args:
        came: what was put down, oldest first.
        numbers: case → its number, of every case that lives.
    """
    stands: dict[str, str] = {}
    for one in came:
        undone = _UNDOES.get(type(one), ())
        kept = {name: text for name, text in stands.items() if not name.startswith(undone)}
        stands = {**kept, **_said(one, numbers)}
    return stands


def differences(stands: Mapping[str, str], typed: Form) -> tuple[FieldDifference, ...]:
    """In what a form differs from what stands of what others put down since it was made.

    Each form has fields of its own: what somebody else put down by another one stands alone.
    """
    theirs = {name: typed.text(name) for name in LABELS}
    theirs["entry_cause"] = CAUSES.get(typed.text("entry_cause"), "")
    theirs |= {name: day_said(typed, name) for name in ("withdrawn_on", "learned_on")}
    return differing(LABELS, stands, theirs)


def _said(event: Whole, numbers: Mapping[UUID, str]) -> dict[str, str]:
    match event:
        case CaseWithdrawn():
            return {
                "withdrawn_on": short(event.withdrawn_on),
                "withdrawn_evidence": event.evidence,
            }
        case CasePrincipalDeceased():
            return {"learned_on": short(event.learned_on), "learned_evidence": event.evidence}
        case CaseMistakeDismissed():
            return {"dismiss_reason": event.reason}
        case CaseResumed():
            return {}
        case CaseMistakeReported() if event.what == ENTRY:
            other, cause = event.replaced_by, event.cause or ""
            return {
                "entry_cause": CAUSES.get(cause, cause),
                "entry_reason": event.reason,
                "entry_replaced_by": "" if other is None else numbers.get(other, ""),
            }
        case CaseMistakeReported():
            return {"end_reason": event.reason}
