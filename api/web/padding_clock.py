"""The grid of time on which an answer leaves: when its work began, and how long it waits.

What is read for an answer begins the grid anew, whoever reads (`api.web.latency_padding` is the
route).
"""

import time
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class RequestStart:
    """When the work of a request began, on the monotonic clock, and how coarse its grid is."""

    at: float = field(default_factory=time.monotonic)
    is_again: bool = False
    steps: float = 1


NAME_STEPS = 2.0
"""Of the grid, of what searches by a name: whoever bears it is read, those who are hidden too."""
LETTER_STEPS = 1.5
"""Of the grid, of what settles who is meant or makes a letter: one step is about what it takes."""
SEARCH_STEPS = NAME_STEPS + LETTER_STEPS
"""Of the grid, of what settles whose records are disclosed, or makes their letter: the names are
searched for with it."""

begun_of: ContextVar[RequestStart | None] = ContextVar("begun", default=None)
"""What the request of this context began; None outside an even route."""


def restart_padding(steps: float = 1) -> None:
    """Let the grid of this request begin now, after a wait that depends on no record.

    The wait for the read side may end anywhere on the grid, and the work would then end before or
    after its next point, as it took a little less or more. Only the first call counts: behind it
    there is work whose time must not be seen.

    Args:
        steps: of the grid that make one of this request: for work that may take longer than an
            ordinary answer, of what is hidden too.
    """
    begun = begun_of.get()
    if begun is not None and not begun.is_again:
        begun.at, begun.is_again = time.monotonic(), True
        begun.steps = max(begun.steps, steps)


def widen_padding(steps: float) -> None:
    """Let `steps` of the grid make one of this request: its work may end beside the first."""
    begun = begun_of.get()
    if begun is not None:
        begun.steps = max(begun.steps, steps)


def padding_s(elapsed: float, interval_s: float) -> float:
    """Seconds from `elapsed` to the next multiple of `interval_s`, at least one; 0: no grid."""
    if interval_s <= 0:
        return 0
    return interval_s - elapsed % interval_s
