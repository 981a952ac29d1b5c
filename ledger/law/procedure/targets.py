"""Handling times that the operator sets itself; the Act says "without delay" only (33(2), 33(3)).

Source: Commission Q&A 9-12: without unreasonable delay, by the work normally needed.
"""

from dataclasses import dataclass
from typing import Literal

Counted = Literal["calendar", "business"]

# The year-end days on which offices are closed; offices of the state by law, others by custom.
YEAR_END = ((12, 29), (12, 30), (12, 31), (1, 2), (1, 3))


@dataclass(frozen=True, slots=True)
class DayTarget:
    """A number of days, the first one not counted."""

    days: int
    counted: Counted


@dataclass(frozen=True, slots=True)
class Targets:
    """How soon each step should be done, and on which days the desk is closed.

    Attributes:
        acknowledge: from arrival to the notice of receipt.
        completeness: from arrival to the result of the check of papers and form.
        decision: from a complete request to the decision.
        dispatch: from the approval to the post.
        interim: from arrival to an interim letter, when the search takes long.
        hard_stop: from arrival to the last day on which a case may be open.
        closed: (month, day) on which the desk is closed besides weekends and public holidays.
    """

    acknowledge: DayTarget = DayTarget(3, "business")
    completeness: DayTarget = DayTarget(7, "calendar")
    decision: DayTarget = DayTarget(14, "calendar")
    dispatch: DayTarget = DayTarget(2, "business")
    interim: DayTarget = DayTarget(14, "calendar")
    hard_stop: DayTarget = DayTarget(30, "calendar")
    closed: tuple[tuple[int, int], ...] = YEAR_END
