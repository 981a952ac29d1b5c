"""The import itself: batches leave in the order of the file, several at a time, and are settled so.

A batch that shares a key with one that is under way waits for it: verdicts, and which of two rows
with one key is the repeat, are those of a file that is sent line by line.
"""

import hashlib
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from api.imports.client import RetryingClient
from api.imports.delivery import BatchDelivery, RowBatch, batches
from api.imports.errors import FileError
from api.imports.formats import FileRows, Format, opened
from api.imports.journal import ImportJournal, JournalState, folder_of
from api.imports.outputs import FileOutputs
from api.imports.rows import FileRow
from ledger.values import Json
from ledger_emitter.answers import ItemResult
from ledger_emitter.backoff import Backoff
from ledger_emitter.exchange import LedgerClient

_WINDOW: Final = 2
"""Batches that may wait for their turn to be settled, for each request under way."""
PROGRESS_S: Final = 1.0
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is.

    Attributes:
        done: bytes, or rows of Parquet, that are settled.
        total: of the file.
        counts: rows by status.
        waits: of how many batches the ledger does not answer just now.
        stage: what is done, where there are several things; each is measured alone.
    """

    done: int
    total: int
    counts: Counter[str]
    waits: int = 0
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Import:
    """What is imported, and how.

    Attributes:
        url: of the ledger, as the journal remembers it.
        parallel: most requests under way.
        rows_max: most rows of a request.
        backoff: see `RetryingClient`.
    """

    path: Path
    url: str
    format: Format
    encoding: str
    parallel: int
    rows_max: int
    backoff: Backoff


def mark_of(path: Path) -> tuple[int, ...]:
    """What changes when somebody writes into a file, or puts another in its place."""
    stated = path.stat()
    return stated.st_dev, stated.st_ino, stated.st_size, stated.st_mtime_ns


def first_entry(job: Import, **more: Json) -> dict[str, Json]:
    """Which file, into which ledger, read how: the first entry of the journal."""
    with job.path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        length = file.tell()
    return {
        "version": _VERSION,
        "bytes": length,
        "sha256": sha256,
        "url": job.url,
        "format": job.format,
        "encoding": job.encoding,
        **more,
    }


def imported(
    job: Import, client: LedgerClient, on_progress: Callable[[Progress], None] = lambda _: None
) -> Counter[str]:
    """Send what was not sent yet; how many rows of the file have which status.

    Raises:
        FileError: the file or the folder beside it is not what it should be.
        UndeliveredError: the ledger does not take it, or is away for too long.
    """
    before = mark_of(job.path)
    begun = first_entry(job, rows_max=job.rows_max)
    folder = folder_of(job.path)
    with (
        opened(job.path, job.format, job.encoding) as rows,
        closing(ImportJournal(folder, begun, JournalState())) as journal,
    ):
        if not journal.state.is_over:
            with closing(FileOutputs(folder, journal.state.lengths)) as outputs:
                _Sending(job, rows, journal, outputs, on_progress, before).run(client)
        return journal.state.counts


class _Sending:
    def __init__(
        self,
        job: Import,
        rows: FileRows,
        journal: ImportJournal[JournalState],
        outputs: FileOutputs,
        on_progress: Callable[[Progress], None],
        mark: tuple[int, ...],
    ) -> None:
        self._job = job
        self._rows = rows
        self._journal = journal
        self._outputs = outputs
        self._on_progress = on_progress
        self._mark = mark
        self._under_way: deque[tuple[RowBatch, Future[list[ItemResult]]]] = deque()

    def run(self, client: LedgerClient) -> None:
        """Send all that is left."""
        self._client = RetryingClient(client, self._job.backoff)
        delivery = BatchDelivery(self._client)
        state = self._journal.state
        begin = state.place or self._rows.begin()
        unsettled = dict(state.sent)
        self._report_progress(begin.offset)
        with self._client.threads(self._job.parallel) as pool:
            rows_max = cast("int", self._journal.begun["rows_max"])
            for rows in batches(self._rows.rows(begin), rows_max):
                self._check_unchanged()
                batch = self._batch(rows, unsettled, delivery)
                self._wait_for_slot(batch)
                if batch.sent and not batch.was_sent:
                    batch = RowBatch(rows, state.position or 0)
                    self._journal.add({"sent": batch.at.offset, "after": batch.after})
                self._under_way.append((batch, pool.submit(delivery.results, batch)))
            while self._under_way:
                self._settle()
            self._check_unchanged()
            self._journal.add({"over": True})

    def _batch(
        self, rows: list[FileRow], unsettled: dict[int, int], delivery: BatchDelivery
    ) -> RowBatch:
        """The batch, with what was known before it was sent for the first time."""
        offset = rows[0].at.offset
        if offset in unsettled:
            return RowBatch(rows, unsettled[offset], was_sent=True)
        batch = RowBatch(rows)
        if batch.sent and self._journal.state.position is None:
            head = delivery.head(batch.sent)
            if head is not None:
                self._journal.state.knows(head)
        return batch

    def _wait_for_slot(self, batch: RowBatch) -> None:
        """Settle what must be settled before this batch may leave."""
        window = self._job.parallel * _WINDOW
        while len(self._under_way) >= window or any(
            not batch.touches.isdisjoint(other.touches) for other, _ in self._under_way
        ):
            self._settle()

    def _settle(self) -> None:
        """Wait for the oldest batch, and write what became of it."""
        batch, future = self._under_way[0]
        while not wait((future,), PROGRESS_S).done:
            self._report_progress(batch.at.offset)
        results = future.result()
        self._under_way.popleft()
        for result in results:
            if result.position is not None:
                self._journal.state.knows(result.position)
        lengths, counts = self._outputs.settle(batch.rows, results)
        state, end = self._journal.state, batch.end
        counted = dict(state.counts + counts)
        done = {"line": end.line, "offset": end.offset}
        self._journal.add(
            {"done": done, "lengths": lengths, "counts": counted, "known": state.position}
        )
        self._report_progress(batch.end.offset)

    def _report_progress(self, offset: int) -> None:
        counts = self._journal.state.counts
        self._on_progress(Progress(offset, self._rows.total, counts, self._client.waits))

    def _check_unchanged(self) -> None:
        if mark_of(self._job.path) != self._mark:
            raise FileError("FILE_CHANGED")
