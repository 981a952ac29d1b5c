"""What became of a reply in the post, and how a case ends or goes on: read from its forms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from api.resources.cases.forms.post import item_number_text, password_day_text, scanned
from api.web.pages.conflict import ConflictRow, FormField, chosen, conflict_rows, labels_of
from api.web.pages.days import short
from api.web.pages.form_values import PLAIN, FieldValue, FormValues, by_field, day_text_of, filled
from api.web.pages.forms import Form
from api.web.pages.words import OUTCOMES, RETURNED_FOR
from ledger.cases import returned_mail
from ledger.cases.case import Decision, State
from ledger.cases.events.case import CaseClosed, CaseRefused, CaseReopened
from ledger.cases.events.reply import CaseDelivered, CasePasswordPosted, CaseReturned
from ledger.cases.steps import Close, Deliver, PostPassword, Reopen, Return
from ledger.clock import day_in_japan
from ledger.errors import Defect
from ledger.law.requests import OUTCOMES as MEASURES
from ledger.lifetimes import case_day


def _letter(form: Form, name: str) -> str:
    number = form.text(name)
    return f"{number}通目" if number else ""


FIELDS: Final = {
    "password_number": FormField("パスワードのお知らせの引受番号", item_number_text),
    "password_on": FormField("パスワードのお知らせの発送日", password_day_text),
    "delivered_on": FormField("配達日", day_text_of),
    "returned_on": FormField("返戻日", day_text_of),
    "reply": FormField("返戻された書面", _letter),
    "returned_for": FormField("返戻の理由", chosen(RETURNED_FOR)),
    "note": FormField("完了の備考"),
    "reason": FormField("再開の理由"),
}
LABELS: Final = labels_of(FIELDS)
_PLACES: Final = {"item_number": "password_number", "dispatched_on": "password_on"}
"""Member at the endpoint → field of the page."""

assert set(RETURNED_FOR) == set(returned_mail.RETURNED_FOR), "every reason has words"

_NUMBERS: Final = frozenset(str(n) for n in range(1, 1_001))
"""Numbers of letters, as at the API's endpoint."""


@dataclass(frozen=True, slots=True)
class CompletionForm:
    """A step that a form states; of no account while there are defects (field → what is wrong)."""

    step: PostPassword | Deliver | Return | Close | Reopen
    defects: Mapping[str, str]


def password_posted(form: Form) -> CompletionForm:
    """The password of the newest reply went into the post."""
    typed = FormValues(form)
    number = scanned(typed.text("password_number"))
    return CompletionForm(PostPassword(typed.day("password_on"), number), typed.defects)


def describe_defects(defects: Iterable[Defect]) -> Mapping[str, str]:
    """Field of the page → what the domain finds wrong with it."""
    return by_field(defects, LABELS, _PLACES, codes=PLAIN)


def delivered(form: Form) -> CompletionForm:
    """The post delivered it."""
    typed = FormValues(form)
    return CompletionForm(Deliver(typed.day("delivered_on")), typed.defects)


def returned(form: Form, *, is_one_of_several: bool) -> CompletionForm:
    """The post brought a letter back; which one, where several are out: somebody looks at it."""
    typed = FormValues(form)
    needs_number = is_one_of_several or form.has("reply")
    number = int(typed.choice("reply", _NUMBERS) or 0) if needs_number else None
    day = typed.day("returned_on")
    step = Return(day, typed.choice("returned_for", RETURNED_FOR), number)
    return CompletionForm(step, typed.defects)


def letters_out(state: State) -> dict[str, str]:
    """The letters that may come back, the newest first: number → what tells them apart."""
    sent = [(n, one) for n, one in enumerate(state.replies, 1) if one.returned is None]
    return {
        str(n): f"{n}通目：{short(one.dispatched_on)} 発送（{_result(one.decision)}、"
        f"引受番号 {one.item_number}）"
        for n, one in reversed(sent)
    }


def _result(decision: Decision) -> str:
    if isinstance(decision, CaseRefused):
        return OUTCOMES["procedural_refusal"]
    known = MEASURES.get(decision.outcome)
    return OUTCOMES[decision.outcome] if known is None else known.label


def closed(form: Form) -> CompletionForm:
    """Nothing is left to do."""
    return CompletionForm(Close(form.text("note") or None), {})


def reopened(form: Form) -> CompletionForm:
    """The records are looked at again."""
    typed = FormValues(form)
    return CompletionForm(Reopen(typed.text("reason")), typed.defects)


Ending = CasePasswordPosted | CaseDelivered | CaseReturned | CaseClosed | CaseReopened
"""What the forms of the page become."""


def conflict(came: Sequence[Ending], typed: Form, state: State) -> tuple[ConflictRow, ...]:
    """In what a form differs from what the page's forms became since it was made.

    Each form has fields of its own: what somebody else put down by another one stands alone.
    """
    ours: dict[str, FieldValue] = {}
    for one in came:
        ours |= _stored(one, len(state.replies))
    if not typed.has("reply"):
        ours.pop("reply", None)
    return conflict_rows(FIELDS, filled(ours), typed)


def _stored(event: Ending, replies: int) -> dict[str, FieldValue]:
    match event:
        case CasePasswordPosted():
            return {"password_number": event.item_number, "password_on": event.dispatched_on}
        case CaseDelivered():
            return {"delivered_on": event.delivered_on}
        case CaseReturned():
            number = str(event.reply or replies)
            return {
                "reply": number,
                "returned_on": event.returned_on,
                "returned_for": event.reason,
            }
        case CaseClosed():
            return {"note": event.note or ""}
        case CaseReopened():
            return {"reason": event.reason}


def retained_through(state: State) -> date | None:
    """The last day on which the file of the case can be read; None while the case is open.

    Its key dies at the beginning of the day after.
    """
    if state.ended_at is None:
        return None
    return case_day(day_in_japan(state.ended_at)) - timedelta(days=1)
