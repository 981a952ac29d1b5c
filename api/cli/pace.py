"""How fast an import goes, and how long it takes still; for people, on one line."""

import time
from collections.abc import Callable
from typing import Final

from api.files.sending import Progress

_LINE_EVERY_S: Final = 10.0


class Pace:
    """The pace since this run began: what an earlier run did is no measure of it.

    Args:
        clock: seconds from anywhere.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told = clock()
        self._begin: tuple[float, int, int] | None = None

    def is_due(self) -> bool:
        """Whether a line is to be said now."""
        at = self._clock()
        if at - self._told < _LINE_EVERY_S:
            return False
        self._told = at
        return True

    def said(self, done: Progress) -> str:
        """Rows so far, the share of the file, and rows a second."""
        rows = done.counts.total()
        at, first, _ = self._since(done)
        share = 100 * done.done // max(done.total, 1)
        passed = self._clock() - at
        rate = f", {(rows - first) / passed:,.0f} a second" if passed > 0 else ""
        return f"{rows:,} rows, {share} %{rate}"

    def left(self, done: Progress) -> str:
        """How long it takes still, or why nobody knows."""
        at, _, first = self._since(done)
        if done.waits:
            return "the ledger does not answer; it is asked again"
        if done.done <= first:
            return "waiting for the first answer"
        seconds = round((done.total - done.done) * (self._clock() - at) / (done.done - first))
        return f"about {seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02} left"

    def _since(self, done: Progress) -> tuple[float, int, int]:
        """When this run began, after how many rows, and where in the file."""
        if self._begin is None:
            self._begin = self._clock(), done.counts.total(), done.done
        return self._begin
