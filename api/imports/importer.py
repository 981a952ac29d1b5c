"""The import itself: batches leave in the order of the file, several at a time, and are settled so.

A batch that shares a key with one that is under way waits for it: verdicts, and which of two rows
with one key is the repeat, are those of a file that is sent line by line.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from api.imports.answers import Result
from api.imports.batches import RowBatch, batches
from api.imports.delivery import BatchDelivery, BatchPost, ImportBackoff
from api.imports.errors import FileError
from api.imports.formats import Format, opened
from api.imports.journal import FileImportIdentity, ImportJournal, folder_of, hashed, mark_of
from api.imports.outputs import FileOutputs
from api.imports.rows import FileRow, FileRows

_WINDOW: Final = 2
"""Batches that may wait for their turn to be settled, for each request under way."""
_TELL_EVERY_S: Final = 1.0


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
    """

    path: Path
    url: str
    format: Format
    encoding: str
    parallel: int
    rows_max: int
    backoff: ImportBackoff = field(default_factory=ImportBackoff)


def imported(
    wanted: Import, door: BatchPost, told: Callable[[Progress], None] = lambda _: None
) -> Counter[str]:
    """Send what was not sent yet; how many rows of the file have which status.

    Raises:
        FileError: the file or the folder beside it is not what it should be.
        UndeliveredError: the ledger does not take it, or is away for too long.
    """
    before = mark_of(wanted.path)
    length, sha256 = hashed(wanted.path)
    identity = FileImportIdentity(
        length, sha256, wanted.url, wanted.format, wanted.encoding, wanted.rows_max
    )
    folder = folder_of(wanted.path)
    with opened(wanted.path, wanted.format, wanted.encoding) as rows:
        journal = ImportJournal(folder, identity)
        try:
            if not journal.standing.is_over:
                outputs = FileOutputs(folder, journal.standing.lengths)
                try:
                    _Sending(wanted, rows, journal, outputs, told, before).run(door)
                finally:
                    outputs.close()
            return journal.standing.counts
        finally:
            journal.close()


class _Sending:
    def __init__(
        self,
        wanted: Import,
        rows: FileRows,
        journal: ImportJournal,
        outputs: FileOutputs,
        told: Callable[[Progress], None],
        mark: tuple[int, ...],
    ) -> None:
        self._wanted = wanted
        self._rows = rows
        self._journal = journal
        self._outputs = outputs
        self._told = told
        self._mark = mark
        self._under_way: deque[tuple[RowBatch, Future[list[Result]]]] = deque()

    def run(self, door: BatchPost) -> None:
        """Send all that is left."""
        stop = threading.Event()
        delivery = BatchDelivery(door, self._wanted.backoff, stop)
        pool = ThreadPoolExecutor(self._wanted.parallel, "import")
        standing = self._journal.standing
        begin = standing.place or self._rows.begin()
        unsettled = dict(standing.sent)
        self._tell(begin.offset, delivery)
        try:
            cut = batches(self._rows.rows(begin), self._journal.identity.rows_max)
            for rows in cut:
                self._check_unchanged()
                batch = self._batch(rows, unsettled, delivery)
                self._make_room(batch, delivery)
                if batch.sent and not batch.was_sent:
                    batch = RowBatch(rows, standing.position or 0)
                    self._journal.sent(batch.at, batch.after)
                self._under_way.append((batch, pool.submit(delivery.results, batch)))
            while self._under_way:
                self._settle(delivery)
            self._check_unchanged()
            self._journal.over()
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)

    def _batch(
        self, rows: list[FileRow], unsettled: dict[int, int], delivery: BatchDelivery
    ) -> RowBatch:
        """The batch, with what was known before it was sent for the first time."""
        offset = rows[0].at.offset
        if offset in unsettled:
            return RowBatch(rows, unsettled[offset], was_sent=True)
        batch = RowBatch(rows)
        if batch.sent and self._journal.standing.position is None:
            head = delivery.head(batch.sent)
            if head is not None:
                self._journal.knows(head)
        return batch

    def _make_room(self, batch: RowBatch, delivery: BatchDelivery) -> None:
        """Settle what must be settled before this batch may leave."""
        window = self._wanted.parallel * _WINDOW
        while len(self._under_way) >= window or any(
            not batch.touches.isdisjoint(other.touches) for other, _ in self._under_way
        ):
            self._settle(delivery)

    def _settle(self, delivery: BatchDelivery) -> None:
        """Wait for the oldest batch, and write what became of it."""
        batch, future = self._under_way[0]
        while not wait((future,), _TELL_EVERY_S).done:
            self._tell(batch.at.offset, delivery)
        results = future.result()
        self._under_way.popleft()
        for result in results:
            if result.position is not None:
                self._journal.knows(result.position)
        lengths, counts = self._outputs.settle(batch.rows, results)
        self._journal.done(batch.end, lengths, counts)
        self._tell(batch.end.offset, delivery)

    def _tell(self, offset: int, delivery: BatchDelivery) -> None:
        counts = self._journal.standing.counts
        self._told(Progress(offset, self._rows.total, counts, delivery.waits))

    def _check_unchanged(self) -> None:
        if mark_of(self._wanted.path) != self._mark:
            raise FileError("FILE_CHANGED")
