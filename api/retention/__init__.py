"""Retention as the endpoints, the command line and the daily job see it.

`runs` plans and destroys, one run at a time in a ledger; `overview` says what is kept and what is
due, and is kept off by no run; `index` is the read side as far as keeping needs it.
"""

from api.retention.index import FollowingIndex, RetentionIndex
from api.retention.overview import Overview, RetentionOverview, Sources, clock_warning
from api.retention.runs import Retention

__all__ = [
    "FollowingIndex",
    "Overview",
    "Retention",
    "RetentionIndex",
    "RetentionOverview",
    "Sources",
    "clock_warning",
]
