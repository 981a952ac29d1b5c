"""The steps of a case in the order of the desk, and which one a case waits for.

Source: the officer's flow, section 3.4.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from api.auth import Caller, Scope
from api.resources.cases.schemas.replacement import waiting_mistake
from ledger.cases.case import RETAINED_DATA, CaseStatus, State


@dataclass(frozen=True, slots=True)
class StepPage:
    """One step: `number` is that of the desk (and of the key `g`), `code` stands in the address.

    Attributes:
        forms: what is kept of it as it is typed: the address of each form below that of the case.
        has_own_form: any other form of the page is the page's own, and kept under its code.
        names: fields of those that hold names of things: twelve digits of them are no individual
            number.
        scope: opens its page; see `opens`.
    """

    number: int
    code: str
    label: str
    forms: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    scope: Scope = "cases:read"
    has_own_form: bool = False

    def address(self, state: State) -> str:
        """Where its page is."""
        case = f"/desk/cases/{state.case}"
        return f"{case}/{self.code}" if self.code else case


_OF_WHOLE: Final = ("entry-mistake", "end-mistake", "mistake-dismissal", "withdrawal", "death")
_OF_PAPERS: Final = ("papers/resubmission", "papers/same-papers")
_ORDER_FIELDS: Final = ("action", "rows", "row")
_OF_KEEPING: Final = ("password-letter", "delivery", "returned-mail", "close", "reopen")
_SEARCHED_BY: Final = ("scheme", "identifier", "group", "chosen", "action")
_NUMBERS: Final = ("item_number", "password_number")

OVERVIEW: Final = StepPage(1, "", "受付内容", _OF_WHOLE)
PAPERS: Final = StepPage(2, "papers", "本人確認", _OF_PAPERS, _ORDER_FIELDS, has_own_form=True)
RECORDS: Final = StepPage(
    3, "records", "記録の特定", ("records",), _SEARCHED_BY, scope="cases:write"
)
DECISION: Final = StepPage(4, "decision", "回答内容の確認", scope="cases:write", has_own_form=True)
APPROVAL: Final = StepPage(5, "approval", "承認", ("approval/return",))
POST: Final = StepPage(6, "post", "発送", ("post",), _NUMBERS)
KEEPING: Final = StepPage(
    7, "keeping", "完了・保存", tuple(f"keeping/{one}" for one in _OF_KEEPING), _NUMBERS
)

STEPS: Final = (OVERVIEW, PAPERS, RECORDS, DECISION, APPROVAL, POST, KEEPING)
"""The steps in their order; the first one is what was taken in."""

NEXT: Final[Mapping[CaseStatus, StepPage]] = {
    CaseStatus.RECEIVED: PAPERS,
    CaseStatus.IDENTITY_CHECK: PAPERS,
    CaseStatus.COMPLETENESS_CHECK: PAPERS,
    CaseStatus.CORRECTION_REQUESTED: PAPERS,
    CaseStatus.RESUBMITTED: PAPERS,
    CaseStatus.SEARCH: RECORDS,
    CaseStatus.REVIEW: DECISION,
    CaseStatus.DECIDED: DECISION,
    CaseStatus.SUBMITTED: APPROVAL,
    CaseStatus.SENT_BACK: DECISION,
    CaseStatus.NOTICE_READY: POST,
    CaseStatus.DISPATCHED: KEEPING,
    CaseStatus.DELIVERED: KEEPING,
    CaseStatus.RETURNED: KEEPING,
    CaseStatus.CLOSED: KEEPING,
    CaseStatus.CLOSED_PROCEDURAL: KEEPING,
    CaseStatus.REOPENED: RECORDS,
    CaseStatus.WITHDRAWN: OVERVIEW,
    CaseStatus.PRINCIPAL_DECEASED: OVERVIEW,
    CaseStatus.ENTERED_IN_ERROR: OVERVIEW,
}
"""Status → the step that comes next."""

assert set(NEXT) == set(CaseStatus), "every status leads somewhere"


def next_step(state: State) -> StepPage:
    """The first step that is not done.

    A report of a mistake is settled on the overview, and nothing else is done before. A request for
    retained data is answered elsewhere: once who asks is verified, it is closed. What needs no
    search is decided on at once.
    """
    if waiting_mistake(state) is not None:
        return OVERVIEW
    if state.application.kind == RETAINED_DATA and state.status == CaseStatus.SEARCH:
        return KEEPING
    if state.status == CaseStatus.REOPENED and not state.is_searched:
        return DECISION
    return NEXT[state.status]


def opens(caller: Caller, step: StepPage, state: State) -> bool:
    """Whether the page of a step is shown to somebody: to no other is it a link.

    The decision shows records, if any were looked for.
    """
    may_see_records = step is not DECISION or state.search is None or caller.may("records:read")
    return caller.may(step.scope) and may_see_records
