"""How fast an import goes, and how long it takes still; for people, on one line."""

import time
from collections.abc import Callable
from typing import Final

from api.imports.importer import Progress

_LINE_EVERY_S: Final = 10.0


class ImportPace:
    """The pace since this run, or the stage, began: what an earlier one did is no measure of it.

    Args:
        clock: seconds from anywhere.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._printed_at = clock()
        self._stage = ""
        self._begin: tuple[float, int, int] | None = None

    def is_due(self) -> bool:
        """Whether a line is to be said now."""
        at = self._clock()
        if at - self._printed_at < _LINE_EVERY_S:
            return False
        self._printed_at = at
        return True

    def summary(self, done: Progress) -> str:
        """Rows so far, the share of the file, and rows a second; or how long a stage takes."""
        rows = done.counts.total()
        at, first, _ = self._since(done)
        share = 100 * done.done // max(done.total, 1)
        passed = self._clock() - at
        rate = f", {(rows - first) / passed:,.0f} a second" if passed > 0 else ""
        if done.stage and not done.total:
            return f"{done.stage} for {_clock(self._clock() - at)}"
        stage = f"{done.stage}: " if done.stage else ""
        return f"{stage}{rows:,} rows, {share} %{rate}"

    def left(self, done: Progress) -> str:
        """How long it takes still, or why nobody knows."""
        at, _, first = self._since(done)
        if done.waits:
            return "the ledger does not answer; it is asked again"
        if done.stage and not done.total:
            return "which the ledger does by itself"
        if done.done <= first:
            return "waiting for the first answer"
        left = (done.total - done.done) * (self._clock() - at) / (done.done - first)
        return f"about {_clock(left)} left"

    def _since(self, done: Progress) -> tuple[float, int, int]:
        """When this run, or the stage, began, after how many rows, and where in the file."""
        if self._begin is None or self._stage != done.stage:
            self._stage = done.stage
            self._begin = self._clock(), done.counts.total(), done.done
        return self._begin


def _clock(passed_s: float) -> str:
    seconds = round(passed_s)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
