"""The lists of 受付一覧: which cases stand on which."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from api.auth.people import Visitor
from ledger.cases.case import CaseStatus
from ledger.cases.steps import ENDED

_DIGITS_MAX: Final = 15
"""Of a position of the ledger."""
AT_THE_DESK: Final = frozenset(
    {
        CaseStatus.RECEIVED,
        CaseStatus.IDENTITY_CHECK,
        CaseStatus.COMPLETENESS_CHECK,
        CaseStatus.RESUBMITTED,
        CaseStatus.SEARCH,
        CaseStatus.REVIEW,
        CaseStatus.DECIDED,
        CaseStatus.SENT_BACK,
        CaseStatus.RETURNED,
        CaseStatus.REOPENED,
    }
)
"""The next step is one of the desk, before any approval."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One list of cases: `code` stands in the address.

    Attributes:
        by_term: what falls due first stands first; else what began last.
    """

    code: str
    label: str
    statuses: frozenset[CaseStatus]
    by_term: bool = False


@dataclass(frozen=True, slots=True, order=True)
class ListPosition:
    """Where a case stands in a list by term; of one day, what began first stands first.

    Attributes:
        on: the day on which its next term ends; `date.max` where none runs.
        position: where it began.
    """

    on: date
    position: int

    @classmethod
    def told(cls, position: int | None, term: date | None) -> "ListPosition | None":
        """The place that an address tells; a list of the newest tells no term."""
        return None if position is None else cls(term or date.min, position)

    @classmethod
    def typed(cls, position: str, term: str) -> "ListPosition | None":
        """The same, from the fields of a form; what is no place is none."""
        if not (position.isascii() and position.isdigit() and len(position) <= _DIGITS_MAX):
            return None
        try:
            return cls.told(int(position), date.fromisoformat(term) if term else None)
        except ValueError:
            return None


OWN: Final = Tab("own", "自分の作業", frozenset(CaseStatus), by_term=True)
"""Of these the cases that wait for the visitor (`api.web.pages.lists`)."""
WORKED_ON: Final = Tab("desk", "作業中", AT_THE_DESK, by_term=True)
APPROVAL: Final = Tab("approval", "承認待ち", frozenset({CaseStatus.SUBMITTED}), by_term=True)
SOON: Final = Tab("soon", "期限間近", frozenset(CaseStatus) - ENDED, by_term=True)
"""Of these the cases whose next term ends within `days.SOON` days."""
REPORTED: Final = Tab("reported", "誤りの申出", frozenset(CaseStatus))
"""Of these the cases that somebody says are a mistake: they wait for a second person."""
PRINTED: Final = Tab("dispatch", "発送待ち", frozenset({CaseStatus.NOTICE_READY}), by_term=True)
"""Of these several are printed in one run."""

TABS: Final = (
    OWN,
    WORKED_ON,
    APPROVAL,
    Tab("correction", "補正待ち", frozenset({CaseStatus.CORRECTION_REQUESTED}), by_term=True),
    PRINTED,
    Tab("sent", "発送済み", frozenset({CaseStatus.DISPATCHED, CaseStatus.DELIVERED})),
    SOON,
    REPORTED,
    Tab("ended", "完了", ENDED),
    Tab("all", "全て", frozenset(CaseStatus)),
)
"""The lists, in the order of the page."""

BY_CODE: Final = {tab.code: tab for tab in TABS}
PATTERN: Final = "^(" + "|".join(BY_CODE) + ")$"

assert frozenset[CaseStatus]().union(*(tab.statuses for tab in TABS[1:6])) | ENDED == frozenset(
    CaseStatus
)


def tabs_of(visitor: Visitor) -> tuple[Tab, ...]:
    """The lists that a visitor is offered: who takes no step of a case has no work of their own."""
    return TABS if _takes_steps(visitor) else tuple(tab for tab in TABS if tab is not OWN)


def first_tab(visitor: Visitor, *, has_own: bool) -> Tab:
    """The list with which a visitor begins: their own work; where there is none, what waits.

    That is 承認待ち for who approves and prepares nothing, else 作業中.

    Args:
        has_own: whether any case waits for them.
    """
    if has_own:
        return OWN
    caller = visitor.caller
    is_approver = caller.may("cases:approve") and not caller.may("cases:write")
    return APPROVAL if is_approver else WORKED_ON


def _takes_steps(visitor: Visitor) -> bool:
    return visitor.caller.may("cases:write") or visitor.caller.may("cases:approve")
