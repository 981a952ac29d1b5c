"""What became of a reply in the post, and how a case ends or goes on: read from its forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from api.pages.forms import Form
from api.pages.steps.typed import Typed
from api.pages.words import RETURNED_FOR
from ledger.case import State, deciding
from ledger.case.steps import Close, Deliver, Reopen, Return
from ledger.clock import day_in_japan
from ledger.lifetimes import case_day

LABELS: Final = {
    "delivered_on": "配達日",
    "returned_on": "返戻日",
    "returned_for": "返戻の理由",
    "note": "完了の備考",
    "reason": "再開の理由",
}

assert set(RETURNED_FOR) == set(deciding.RETURNED_FOR), "every reason has words"


@dataclass(frozen=True, slots=True)
class Read:
    """A step that a form states; of no account while there are defects (field → what is wrong)."""

    step: Deliver | Return | Close | Reopen
    defects: Mapping[str, str]


def delivered(form: Form) -> Read:
    """The post delivered it."""
    typed = Typed(form)
    return Read(Deliver(typed.day("delivered_on")), typed.defects)


def returned(form: Form) -> Read:
    """The post brought it back."""
    typed = Typed(form)
    step = Return(typed.day("returned_on"), typed.choice("returned_for", RETURNED_FOR))
    return Read(step, typed.defects)


def closed(form: Form) -> Read:
    """Nothing is left to do."""
    return Read(Close(form.text("note") or None), {})


def reopened(form: Form) -> Read:
    """The records are looked at again."""
    typed = Typed(form)
    return Read(Reopen(typed.text("reason")), typed.defects)


def kept_through(state: State) -> date | None:
    """The last day on which the file of the case can be read; None while the case is open.

    Its key dies at the beginning of the day after.
    """
    if state.ended_at is None:
        return None
    return case_day(day_in_japan(state.ended_at)) - timedelta(days=1)
