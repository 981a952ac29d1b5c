"""One batch, sent until the ledger has spoken of each of its rows."""

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeVar

from api.imports.answers import (
    CheckedItems,
    Heard,
    ItemResults,
    NeedsOperator,
    RefusedRequest,
    Result,
    RetryLater,
    checked,
    judged,
)
from api.imports.batches import RowBatch, body_of
from api.imports.errors import UndeliveredError
from api.imports.rows import FileRow
from ledger.clock import now

TRANSFERS: Final = "/v1/transfers"
CHECK: Final = "/v1/transfers/check"
_SUSPECTED_FROM: Final = 3
"""From so many broken answers in a row on, it may be one of the items."""

T = TypeVar("T")

_uniform: Final = secrets.SystemRandom().uniform


class BatchPost(Protocol):
    """What a request is sent through; see `Door.post`."""

    def post(self, path: str, body: bytes) -> Heard: ...  # noqa: D102 -- see the class


@dataclass(frozen=True, slots=True)
class ImportBackoff:
    """Waits, in seconds, with full jitter.

    Attributes:
        first_s: the span after the first failure; it doubles with each.
        span_s_max: the longest span.
        patience_s: so long after its first failure in a row a batch is given up.
    """

    first_s: float = 0.5
    span_s_max: float = 30.0
    patience_s: float = 3_600.0

    def after(self, failures: int, retry_after_s: float | None) -> float:
        """Seconds to wait; what the ledger asks for is waited out, and jitter comes on top."""
        jitter = _uniform(0.0, min(self.span_s_max, self.first_s * 2 ** min(failures - 1, 20)))
        return jitter + min(retry_after_s or 0.0, self.patience_s)


class ImportStopped(BaseException):
    """The import ends before its end; what was sent is found again by the next run."""


class BatchDelivery:
    """Sends batches; used by several threads.

    Attributes:
        waits: of how many batches the ledger does not answer just now.
    """

    def __init__(self, door: BatchPost, backoff: ImportBackoff, stop: threading.Event) -> None:
        self._door = door
        self._backoff = backoff
        self._stop = stop
        self._lock = threading.Lock()
        self.waits = 0

    def head(self, rows: Sequence[FileRow]) -> int | None:
        """The ledger's head, as a check of any of the rows tells it; None if it judges none.

        Raises:
            UndeliveredError, Stopped: as `results`.
        """
        if not rows:
            return None
        heard = self._asked(CHECK, rows, lambda heard: checked(len(rows), heard))
        if isinstance(heard, CheckedItems):
            return heard.head
        if len(rows) == 1:
            return None
        middle = len(rows) // 2
        first = self.head(rows[:middle])
        return self.head(rows[middle:]) if first is None else first

    def results(self, batch: RowBatch) -> list[Result]:
        """What became of each row that has an item, in their order.

        Raises:
            UndeliveredError: the ledger refuses to be asked, or is away for too long.
            Stopped: the import ends.
        """
        rows = batch.sent
        unsure = [batch.was_sent] * len(rows)
        results = self._results(rows, unsure, 0)
        return _ours(results, unsure, batch.after)

    def _results(self, rows: Sequence[FileRow], unsure: list[bool], first: int) -> list[Result]:
        if not rows:
            return []

        def spoken(heard: Heard) -> ItemResults | None:
            told = judged(len(rows), heard, now())
            return told if isinstance(told, ItemResults) and not told.asks_again else None

        def lost() -> None:
            unsure[first : first + len(rows)] = [True] * len(rows)

        heard = self._asked(TRANSFERS, rows, spoken, lost)
        if isinstance(heard, ItemResults):
            return heard.results
        if len(rows) == 1:
            return [Result("rejected", problem=heard.problem)]
        middle = len(rows) // 2
        before = self._results(rows[:middle], unsure, first)
        return before + self._results(rows[middle:], unsure, first + middle)

    def _asked(
        self,
        path: str,
        rows: Sequence[FileRow],
        spoken: Callable[[Heard], T | None],
        lost: Callable[[], None] = lambda: None,
    ) -> T | RefusedRequest:
        """Ask until the ledger has answered for these rows; `RefusedRequest` where to halve them.

        Args:
            spoken: reads what the ledger said; None if it said nothing.
            lost: called when a request may have been carried out without an answer.
        """
        failures, since = 0, 0.0
        body = body_of(rows)
        while True:
            heard = self._door.post(path, body)
            if (found := spoken(heard)) is not None:
                return found
            told = judged(len(rows), heard, now())
            if isinstance(told, RefusedRequest):
                return told
            if isinstance(told, NeedsOperator):
                raise UndeliveredError(told.code, told.status, rows[0].at.line)
            if isinstance(told, ItemResults):
                told = RetryLater("RETRYABLE", 0, None, may_stand=True)
            failures += 1
            since = since if failures > 1 else time.monotonic()
            if told.may_stand:
                lost()
            if told.may_be_an_item and failures >= _SUSPECTED_FROM and len(rows) > 1:
                return RefusedRequest({"code": told.code})
            if time.monotonic() - since > self._backoff.patience_s:
                raise UndeliveredError(told.code, told.status, rows[0].at.line)
            self._wait(self._backoff.after(failures, told.retry_after_s))

    def _wait(self, seconds: float) -> None:
        with self._lock:
            self.waits += 1
        try:
            if self._stop.wait(seconds):
                raise ImportStopped
        finally:
            with self._lock:
                self.waits -= 1


def _ours(results: list[Result], unsure: Sequence[bool], after: int) -> list[Result]:
    """Tell as recorded what an earlier try of the same rows recorded, whose answer was lost.

    It stands beyond `after`, and an earlier row of the batch that is told as recorded there is the
    one that was: later rows with its key repeat it.
    """
    claimed: set[int] = set()
    told: list[Result] = []
    for result, is_unsure in zip(results, unsure, strict=True):
        position, one = result.position or 0, result
        is_repeat = is_unsure and result.status == "duplicate"
        if is_repeat and position > after and position not in claimed:
            one = replace(result, status="recorded")
        if one.status == "recorded":
            claimed.add(position)
        told.append(one)
    return told
