"""The lists of 受付一覧: which cases stand on which."""

from dataclasses import dataclass
from typing import Final

from ledger.case import Status
from ledger.case.steps import ENDED

_AT_THE_DESK: Final = frozenset(
    {
        Status.RECEIVED,
        Status.IDENTITY_CHECK,
        Status.COMPLETENESS_CHECK,
        Status.RESUBMITTED,
        Status.SEARCH,
        Status.REVIEW,
        Status.DECIDED,
        Status.SENT_BACK,
        Status.RETURNED,
        Status.REOPENED,
    }
)


@dataclass(frozen=True, slots=True)
class Tab:
    """One list of cases: `code` stands in the address."""

    code: str
    label: str
    statuses: frozenset[Status]


SOON: Final = Tab("soon", "期限間近", frozenset(Status) - ENDED)
"""Of these the cases whose next term ends within `days.SOON` days."""
REPORTED: Final = Tab("reported", "誤りの申出", frozenset(Status))
"""Of these the cases that somebody says are a mistake: they wait for a second person."""

TABS: Final = (
    Tab("desk", "作業中", _AT_THE_DESK),
    Tab("approval", "承認待ち", frozenset({Status.SUBMITTED})),
    Tab("correction", "補正待ち", frozenset({Status.CORRECTION_REQUESTED})),
    Tab("dispatch", "発送待ち", frozenset({Status.NOTICE_READY})),
    Tab("sent", "発送済み", frozenset({Status.DISPATCHED, Status.DELIVERED})),
    SOON,
    REPORTED,
    Tab("ended", "完了", ENDED),
    Tab("all", "すべて", frozenset(Status)),
)
"""The lists, in the order of the page."""

BY_CODE: Final = {tab.code: tab for tab in TABS}
PATTERN: Final = "^(" + "|".join(BY_CODE) + ")$"

assert frozenset[Status]().union(*(tab.statuses for tab in TABS[:5])) | ENDED == frozenset(Status)
