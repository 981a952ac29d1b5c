"""What the follower applies next: read, opened, and what the index says of it, mostly ahead.

What is read ahead lies beyond what the slot has reached, so no key of it dies meanwhile
(`projections.expired_rows`).
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from ledger.crypto.pseudonyms import LedgerSecret
from ledger.format.envelope import OpenEvent, StoredFact
from ledger.format.events import PrincipalsAppended
from projections import entries

Opened = Callable[[Sequence[StoredFact]], list[OpenEvent]]
FactsAfter = Callable[[int, int, int], list[StoredFact]]

# Nobody waits for the chunks of a bulk transfer before its completion, and the more rows are
# written at once the fewer pages of a large index each one costs. So a batch of chunks gathers what
# comes next for so long: a look after each pause, until so many find nothing, or one finds
# something else, for which somebody may wait.
GATHER_SECONDS: Final = 1.0
POLL_SECONDS: Final = 0.1
POLLS_MAX: Final = 2


@dataclass(frozen=True, slots=True)
class EventBatch:
    """The next events, opened, and what the index says of them.

    Attributes:
        size: bytes of sealed parts.
    """

    facts: Sequence[StoredFact]
    events: Sequence[OpenEvent]
    rows: entries.IndexRows
    size: int

    @property
    def end(self) -> int:
        """The last position."""
        return self.facts[-1].position

    @property
    def is_amid(self) -> bool:
        """Whether it ends within a bulk transfer."""
        return self.facts[-1].type == PrincipalsAppended.TYPE

    @property
    def is_within(self) -> bool:
        """Whether it holds nothing else than chunks of bulk transfers."""
        return all(fact.type == PrincipalsAppended.TYPE for fact in self.facts)


class Batches:
    """Reads one batch after the other. Belongs to one thread, and has one that reads ahead.

    Args:
        facts_after: (position, limit, bytes of sealed parts) → stored facts in position order,
            dense; the fact that reaches the bytes is the last one.
        opened: decodes them.
        batch_max, bytes_max: of a batch.
    """

    def __init__(
        self,
        facts_after: FactsAfter,
        opened: Opened,
        secret: LedgerSecret,
        batch_max: int,
        bytes_max: int,
    ) -> None:
        self._facts_after = facts_after
        self._opened = opened
        self._secret = secret
        self._batch_max = batch_max
        self._bytes_max = bytes_max
        self._thread: ThreadPoolExecutor | None = None
        self._ahead: tuple[int, Future[EventBatch | None]] | None = None

    def after(self, position: int) -> EventBatch | None:
        """The next one; while it is written the one behind it is read, where there may be one."""
        ahead, self._ahead = self._ahead, None
        is_next = ahead is not None and ahead[0] == position
        found = ahead[1].result() if ahead is not None and is_next else None
        if found is None:
            # Nothing was there when it was read ahead; more may have been recorded since.
            found = self.gathered(position)
        if found is not None and self.goes_on(found):
            if self._thread is None:
                self._thread = ThreadPoolExecutor(1, "follower")
            self._ahead = found.end, self._thread.submit(self.gathered, found.end)
        return found

    def goes_on(self, batch: EventBatch) -> bool:
        """Whether more may be there already, or comes without anybody waiting for it."""
        is_full = len(batch.facts) >= self._batch_max or batch.size >= self._bytes_max
        return is_full or batch.is_amid

    def gathered(self, position: int) -> EventBatch | None:
        """The next batch; one of chunks grows for a while, with what comes in."""
        found = self._read(position, self._batch_max, self._bytes_max)
        if found is None:
            return None
        parts, count, size = [found], len(found.facts), found.size
        until, polls = time.monotonic() + GATHER_SECONDS, 0
        while parts[-1].is_within and count < self._batch_max and size < self._bytes_max:
            if polls == POLLS_MAX or time.monotonic() > until:
                break
            time.sleep(POLL_SECONDS)
            more = self._read(parts[-1].end, self._batch_max - count, self._bytes_max - size)
            if more is None:
                polls += 1
            else:
                parts.append(more)
                count, size, polls = count + len(more.facts), size + more.size, 0
        return _joined(parts)

    def _read(self, position: int, limit: int, bytes_max: int) -> EventBatch | None:
        facts = self._facts_after(position, limit, bytes_max)
        if not facts:
            return None
        events = self._opened(facts)
        size = sum(len(fact.sealed) for fact in facts if fact.sealed is not None)
        return EventBatch(facts, events, entries.rows(events, self._secret), size)


def _joined(parts: Sequence[EventBatch]) -> EventBatch:
    """Parts that follow each other as one."""
    if len(parts) == 1:
        return parts[0]
    return EventBatch(
        [fact for one in parts for fact in one.facts],
        [event for one in parts for event in one.events],
        entries.merged([one.rows for one in parts]),
        sum(one.size for one in parts),
    )
