"""Rows in batches, and one batch, sent until the ledger has spoken of each of its rows.

Where a batch ends the file alone decides: an import that goes on cuts alike.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from api.imports.client import RetryingClient
from api.imports.rows import FilePosition, FileRow
from ledger_emitter.answers import (
    Answer,
    ItemAnswers,
    ItemResult,
    Judged,
    Later,
    Problem,
    RequestOutcome,
    Unfit,
    judged,
    results_of,
)
from ledger_emitter.clock import now_ms
from ledger_emitter.delivery import SUSPECTED_FROM
from ledger_emitter.exchange import TRANSFERS
from ledger_emitter.items import BODY_BYTES_MAX, ITEMS_MAX, body_bytes, body_of

ROWS_MAX: Final = ITEMS_MAX
"""Most rows of a batch."""

_RAW_BYTES_MAX: Final = 16 * 1024 * 1024

CHECK: Final = f"{TRANSFERS}/check"
_JSON: Final = {"Content-Type": "application/json"}
_OK: Final = 200
_BROKEN: Final = 500


@dataclass(frozen=True)
class RowBatch:
    """Rows that are sent, and reported, together.

    Attributes:
        after: the highest position known before it was sent for the first time: what is a repeat
            of a position up to there was recorded by somebody else, or by an earlier row.
        was_sent: an earlier run has sent it, and nobody knows what came of it.
    """

    rows: Sequence[FileRow] = field(repr=False)
    after: int = 0
    was_sent: bool = False

    @property
    def at(self) -> FilePosition:
        """Where it begins in the file."""
        return self.rows[0].at

    @property
    def end(self) -> FilePosition:
        """Where the next one begins."""
        return self.rows[-1].after

    @cached_property
    def sent(self) -> list[FileRow]:
        """The rows with an item."""
        return [row for row in self.rows if row.item]

    @cached_property
    def touches(self) -> frozenset[int]:
        """The keys of its rows."""
        return frozenset[int]().union(*(row.touches for row in self.rows))


def batches(rows: Iterable[FileRow], rows_max: int) -> Iterator[list[FileRow]]:
    """The rows in lists, each fit for one request."""
    taken: list[FileRow] = []
    length = raw = 0
    for row in rows:
        longer = body_bytes(len(taken) + 1, length + len(row.item))
        full = len(taken) == rows_max or longer > BODY_BYTES_MAX
        if taken and (full or raw + len(row.raw) > _RAW_BYTES_MAX):
            yield taken
            taken, length, raw = [], 0, 0
        taken.append(row)
        length, raw = length + len(row.item), raw + len(row.raw)
    if taken:
        yield taken


class BatchDelivery:
    """Sends batches; used by several threads. All methods raise as `RetryingClient.ask`."""

    def __init__(self, client: RetryingClient) -> None:
        self._client = client

    def head(self, rows: Sequence[FileRow]) -> int | None:
        """The ledger's head, as a check of any of the rows tells it; None if it judges none."""
        found = self._post_rows(CHECK, rows, [False] * len(rows))
        if isinstance(found, list):
            heads = (one.get("judged_at") for one in found)
            return next((head for head in heads if type(head) is int), None)
        if len(rows) == 1 or isinstance(found, ItemAnswers):
            return None
        middle = len(rows) // 2
        first = self.head(rows[:middle])
        return self.head(rows[middle:]) if first is None else first

    def results(self, batch: RowBatch) -> list[ItemResult]:
        """What became of each row that has an item, in their order."""
        unsure = [batch.was_sent] * len(batch.sent)
        results = self._results(batch.sent, unsure) if batch.sent else []
        return _ours(results, unsure, batch.after)

    def _results(self, rows: Sequence[FileRow], unsure: list[bool]) -> list[ItemResult]:
        found = self._post_rows(TRANSFERS, rows, unsure)
        if isinstance(found, ItemAnswers):
            return found.results
        assert isinstance(found, Unfit), "only a check tells something else"
        if len(rows) == 1:
            return [ItemResult("rejected", problem=found.problem or {"code": found.code})]
        middle = len(rows) // 2
        first, last = unsure[:middle], unsure[middle:]
        results = self._results(rows[:middle], first) + self._results(rows[middle:], last)
        unsure[:] = first + last
        return results

    def _post_rows(
        self, path: str, rows: Sequence[FileRow], unsure: list[bool]
    ) -> list[Problem] | ItemAnswers | Unfit:
        """What the ledger said of these rows; `Unfit` where to halve them.

        Args:
            unsure: set for all of them when a request may have been carried out without an answer.
        """
        failures = 0

        def read(outcome: RequestOutcome) -> list[Problem] | Judged:
            nonlocal failures
            if path == CHECK and isinstance(outcome, Answer) and outcome.status == _OK:
                checked = results_of(len(rows), outcome)
                if checked is not None:
                    return checked
            found = judged(len(rows), outcome, now_ms())
            if isinstance(found, ItemAnswers) and any(one.is_retryable for one in found.results):
                found = Later("RETRYABLE", 0)
            if isinstance(found, Later):
                failures += 1
                if found.was_sent:
                    unsure[:] = [True] * len(rows)
                is_suspect = found.http_status == _BROKEN and failures >= SUSPECTED_FROM
                if is_suspect and len(rows) > 1:
                    return Unfit(found.code, None)
            return found

        body = body_of([row.item for row in rows])
        return self._client.ask("POST", path, body, _JSON, rows[0].at.line, read=read)


def _ours(results: list[ItemResult], unsure: Sequence[bool], after: int) -> list[ItemResult]:
    """Tell as recorded what an earlier try of the same rows recorded, whose answer was lost.

    It stands beyond `after`, and an earlier row of the batch that is told as recorded there is the
    one that was: later rows with its key repeat it.
    """
    claimed: set[int] = set()
    own_results: list[ItemResult] = []
    for result, is_unsure in zip(results, unsure, strict=True):
        position, one = result.position or 0, result
        is_repeat = is_unsure and result.status == "duplicate"
        if is_repeat and position > after and position not in claimed:
            one = replace(result, status="recorded")
        if one.status == "recorded":
            claimed.add(position)
        own_results.append(one)
    return own_results
