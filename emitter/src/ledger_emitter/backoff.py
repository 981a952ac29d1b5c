"""How long to wait before the next try."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_uniform: Final = secrets.SystemRandom().uniform
_DOUBLINGS_MAX: Final = 20
_ITEM_S_MAX: Final = 900.0
"""It may have been the ledger after all: then nobody should wait for hours once it is mended."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waiting times, in seconds.

    Full jitter: a random part of a span that doubles with each failure, so that many emitters do
    not come back at the same moment.

    Attributes:
        first_s: the span after the first failure.
        span_s_max: the longest span; a ledger that is away for a day is asked twice a minute.
        pause_s: between two tries while a person is needed.
        retry_after_s_max: the longest `Retry-After` that is believed.
    """

    first_s: float = 0.5
    span_s_max: float = 60.0
    pause_s: float = 60.0
    retry_after_s_max: float = 3_600.0
    uniform: Callable[[float, float], float] = _uniform

    def after(self, failures: int, retry_after_s: float | None = None) -> float:
        """Seconds to wait after so many failures in a row (1 or more).

        What the server asks for is waited out in full, and the jitter comes on top of it.
        """
        doublings = min(failures - 1, _DOUBLINGS_MAX)
        jitter = self.uniform(0.0, min(self.span_s_max, self.first_s * 2**doublings))
        if retry_after_s is None:
            return jitter
        return min(max(retry_after_s, 0.0), self.retry_after_s_max) + jitter

    def while_paused(self, retry_after_s: float | None = None) -> float:
        """Seconds to wait while a person is needed: half of the pause at least."""
        requested_s = min(max(retry_after_s or 0.0, 0.0), self.retry_after_s_max)
        return max(requested_s, self.pause_s / 2) + self.uniform(0.0, self.pause_s / 2)

    def of_item(self, tries: int) -> float:
        """Seconds for which one item waits that the ledger broke on `tries` times, on its own."""
        return min(_ITEM_S_MAX, self.pause_s * 2 ** min(tries, _DOUBLINGS_MAX))
