"""How the outbox is emptied: what to send next, what an answer changes, how long to wait."""

import logging
import threading
from collections import Counter
from collections.abc import Sequence
from typing import Final

from ledger_emitter.answers import ItemAnswers, ItemResult, Later, NeedsPerson, Unfit, judged
from ledger_emitter.backoff import Backoff
from ledger_emitter.exchange import TRANSFERS, Destination, LedgerClient
from ledger_emitter.items import body_of
from ledger_emitter.outbox import Outbox
from ledger_emitter.records import State, public_code
from ledger_emitter.send_queue import (
    ItemAcknowledged,
    ItemDeferred,
    ItemRefused,
    QueuedItem,
    SendQueue,
    Settled,
    SourcePaused,
)

log: Final = logging.getLogger("ledger_emitter")

IDLE_S: Final = 0.5
"""How often an idle sender looks for what other processes have put."""

SUSPECTED_FROM: Final = 3
"""From so many failures in a row on, a broken answer may be due to what is sent."""

_PRUNE_EVERY_MS: Final = 600_000


class Delivery:
    """The sending of one outbox to one ledger, as long as we are its sender.

    Args:
        stop: ends it, after the request that is on its way.
        woken: something was put; ends the wait for that.
    """

    def __init__(
        self,
        outbox: Outbox,
        destination: Destination,
        backoff: Backoff,
        stop: threading.Event,
        woken: threading.Event,
    ) -> None:
        self._outgoing: Final = SendQueue(outbox)
        self._clock: Final = outbox.clock
        self._destination: Final = destination
        self._backoff: Final = backoff
        self._stop: Final = stop
        self._woken: Final = woken
        self._items_max = destination.items_max
        self._failures = 0
        self._pruned_at: int | None = None
        self._noted: State | None = None

    def run(self, client: LedgerClient) -> None:
        """Send what is there and what is put, until we are to stop.

        Raises:
            OutboxUnavailableError: begin again, later.
        """
        while not self._stop.is_set():
            self._prune_when_due()
            batch = self._outgoing.batch(self._items_max, self._destination.body_bytes_max)
            if not batch:
                due_s = self._outgoing.due_in_s()
                self._woken.wait(IDLE_S if due_s is None else min(IDLE_S, max(due_s, 0.01)))
                self._woken.clear()
                continue
            trouble = self._deliver(client, batch)
            if trouble is None:
                self._went_well()
            else:
                self._stop.wait(self._wait_after(trouble, len(batch)))

    def _deliver(
        self, client: LedgerClient, batch: Sequence[QueuedItem]
    ) -> Later | NeedsPerson | None:
        """Send the batch; what keeps us from going on, if anything.

        A batch that is refused as a whole is halved until what is wrong in it stands alone.
        """
        outcome = client.ask("POST", TRANSFERS, body_of([one.content for one in batch]))
        found = judged(len(batch), outcome, self._clock())
        if isinstance(found, Unfit) and len(batch) > 1:
            middle = len(batch) // 2
            for half in (batch[:middle], batch[middle:]):
                trouble = self._deliver(client, half)
                if trouble is not None or self._stop.is_set():
                    return trouble
            return None
        if isinstance(found, ItemAnswers | Unfit):
            settled = self._settled(batch, found)
            self._outgoing.settle(settled)
            _log_settled(settled)
            return None
        if self._is_suspect(found) and len(batch) == 1:
            alone = batch[0]
            wait_s = self._backoff.of_item(alone.tries)
            self._outgoing.settle([ItemDeferred(alone.number, wait_s)])
        return found

    def _settled(self, batch: Sequence[QueuedItem], found: ItemAnswers | Unfit) -> list[Settled]:
        if isinstance(found, ItemAnswers):
            return list(map(self._settlement, batch, found.results))
        [alone] = batch
        if found.problem is None:
            # A proxy's own limit, perhaps: what does not pass it waits, and holds up nobody.
            return [ItemDeferred(alone.number, self._backoff.of_item(alone.tries), found.code)]
        return [self._settlement(alone, ItemResult("rejected", problem=found.problem))]

    def _settlement(self, item: QueuedItem, result: ItemResult) -> Settled:
        if result.status not in ("rejected", "conflict"):
            return ItemAcknowledged(item.number, result.status, result.position)
        assert result.problem is not None, "whoever refuses says why"
        code = str(result.problem["code"])
        if code == "SOURCE_NOT_ALLOWED":
            # The key's fault or the source's, never this one item's: all of the source wait.
            return SourcePaused(item.source, code, self._backoff.while_paused())
        if result.is_retryable:
            return ItemDeferred(item.number, self._backoff.of_item(item.tries))
        return ItemRefused(item.number, result.status, code, result.problem)

    def _is_suspect(self, trouble: Later | NeedsPerson) -> bool:
        is_broken = isinstance(trouble, Later) and trouble.may_be_the_items
        return is_broken and self._failures + 1 >= SUSPECTED_FROM

    def _went_well(self) -> None:
        self._failures = 0
        self._items_max = min(self._items_max * 2, self._destination.items_max)
        if self._noted != "sending":
            if self._noted is not None:
                log.info("the ledger answers again")
            self._note("sending", "", 0, None)

    def _wait_after(self, trouble: Later | NeedsPerson, size: int) -> float:
        """Note the trouble; seconds until the next try."""
        if self._is_suspect(trouble):
            self._items_max = max(1, min(self._items_max, size) // 2)
        self._failures += 1
        cause = (trouble.code, trouble.http_status)
        if isinstance(trouble, NeedsPerson):
            wait_s = self._backoff.while_paused(trouble.retry_after_s)
            log.error(
                "paused: %s (HTTP %d); nothing is lost, and nothing is sent until it is mended",
                *cause,
            )
            self._note("paused", *cause, wait_s)
            return wait_s
        wait_s = self._backoff.after(self._failures, trouble.retry_after_s)
        if self._noted != "retrying":
            log.warning("the ledger is away: %s (HTTP %d); it is tried again", *cause)
        self._note("retrying", *cause, wait_s)
        return wait_s

    def _note(self, state: State, code: str, http_status: int, next_s: float | None) -> None:
        self._outgoing.note(state, code, http_status, next_s)
        self._noted = state

    def _prune_when_due(self) -> None:
        at = self._clock()
        if self._pruned_at is None or abs(at - self._pruned_at) >= _PRUNE_EVERY_MS:
            self._pruned_at = at
            self._outgoing.prune()


def _log_settled(settled: Sequence[Settled]) -> None:
    """Say loudly what needs a person; codes and counts alone."""
    refused = Counter(
        public_code(one.status, one.code) for one in settled if isinstance(one, ItemRefused)
    )
    for code, count in sorted(refused.items()):
        log.warning("%d items were refused (%s); they are kept for a person to see", count, code)
    unheard = Counter(one.code for one in settled if isinstance(one, ItemDeferred) and one.code)
    for code, count in sorted(unheard.items()):
        log.warning("%d items wait: %s, and not from the ledger; see what is between", count, code)
    held = {(one.source, one.code) for one in settled if isinstance(one, SourcePaused)}
    for source, code in sorted(held):
        log.error("items of %s wait: %s; the key may not send for it", source, code)
