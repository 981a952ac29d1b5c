"""Group commit in the process: whatever is waiting is recorded together.

A lock held to the commit is held over the flush, so only more events in one commit raise the rate
(architecture, section 5). While one batch is being committed the next one gathers; nothing waits
for a timer. One refused command fails alone.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import TypeVar

from ledger.commands import RecordTransfer
from ledger.errors import StoreUnavailableError
from ledger.service.ledger import Ledger
from ledger.streams.outcome import RecordOutcome

T = TypeVar("T")
Notify = Callable[[list[RecordOutcome] | BaseException], None]
"""Is told what became of the commands, in a worker's thread; must not wait for anything."""

# A batch this large costs tens of milliseconds; a larger one would only make the next one wait.
BATCH_MAX = 1_000
# What may wait in memory before new work is refused (about 100 MB of ordinary transfers).
WAITING_MAX = 20_000
# From this many on, the time in which one worker waits for the database is worth another's batch.
CROWD_MIN = 24


class WorkerGroup:
    """Worker threads between the endpoints and the ledger; each has a `Ledger` of its own.

    Args:
        make: makes a `Ledger`; called once in each worker.
        now: the clock.
        workers: the first takes whatever waits; the others help only when a crowd waits. Single
            transfers are recorded faster by one than by two: a batch that is twice as large costs
            half the round trips, and the interpreter runs one thread at a time anyway.
    """

    def __init__(
        self, make: Callable[[], Ledger], now: Callable[[], datetime], workers: int = 2
    ) -> None:
        self._make = make
        self._now = now
        self._waiting: deque[tuple[Sequence[RecordTransfer], Notify]] = deque()
        self._count = 0
        self._lock = threading.Lock()
        self._something = threading.Condition(self._lock)
        self._crowd = threading.Condition(self._lock)
        self._stopping = False
        self._idle: deque[Ledger] = deque()
        self._threads = [
            threading.Thread(
                target=self._work,
                args=(self._crowd, CROWD_MIN) if n else (self._something, 0),
                name=f"recorder-{n}",
                daemon=True,
            )
            for n in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def record(self, commands: Sequence[RecordTransfer]) -> Future[list[RecordOutcome]]:
        """Record the commands together with whatever else is waiting.

        The future raises `StoreUnavailableError` when too much is waiting, when the group is
        stopping, or when the database cannot be reached: send the same commands again then.
        """
        future: Future[list[RecordOutcome]] = Future()

        def notify(answer: list[RecordOutcome] | BaseException) -> None:
            if isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)

        self.hand_over([(commands, notify)])
        return future

    def hand_over(self, parts: Sequence[tuple[Sequence[RecordTransfer], Notify]]) -> None:
        """Record many requests' commands, each with whatever else is waiting; see `record`."""
        refused: list[Notify] = []
        with self._lock:
            for commands, notify in parts:
                if self._stopping or self._count + len(commands) > WAITING_MAX:
                    refused.append(notify)
                else:
                    self._waiting.append((commands, notify))
                    self._count += len(commands)
            self._something.notify()
            if self._count >= CROWD_MIN:
                self._crowd.notify()
        for notify in refused:
            notify(StoreUnavailableError())

    def call(self, method: Callable[[Ledger, datetime], T]) -> T:
        """Run a single command in the calling thread, with a `Ledger` that nobody else uses."""
        try:
            ledger = self._idle.pop()
        except IndexError:
            ledger = self._make()
        try:
            return method(ledger, self._now())
        finally:
            self._idle.append(ledger)

    def stop(self) -> None:
        """Record what is waiting, then end the workers."""
        with self._lock:
            self._stopping = True
            self._something.notify_all()
            self._crowd.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self, woken: threading.Condition, count_min: int) -> None:
        ledger = self._make()
        while batch := self._next(woken, count_min):
            commands = [command for part, _ in batch for command in part]
            try:
                outcomes = ledger.record(commands, self._now())
            except StoreUnavailableError as error:
                for _, notify in batch:
                    notify(error)
                continue
            except Exception:  # noqa: BLE001 -- a defect of ours that one request has met
                # Its neighbours must not suffer: each request alone finds out whose it is.
                for part, notify in batch:
                    notify(_record_part(ledger, part, self._now()))
                continue
            begin = 0
            for part, notify in batch:
                notify(outcomes[begin : begin + len(part)])
                begin += len(part)

    def _next(
        self, woken: threading.Condition, count_min: int
    ) -> list[tuple[Sequence[RecordTransfer], Notify]]:
        """What is waiting, or half of a crowd, up to `BATCH_MAX`; empty when the group has stopped.

        Args:
            woken: is notified when at least `count_min` commands are waiting.
        """
        with self._lock:
            while not self._waiting or self._count < count_min:
                if self._stopping:
                    return []
                woken.wait()
            # A crowd is shared: one half is sealed while the other is at the database. Else all who
            # send would wait for one batch together, and nobody would work while it is committed.
            shared = (self._count + 1) // 2 if self._count >= 2 * CROWD_MIN else self._count
            most = min(shared, BATCH_MAX)
            batch = [self._waiting.popleft()]
            count = len(batch[0][0])
            while self._waiting and count + len(self._waiting[0][0]) <= most:
                batch.append(self._waiting.popleft())
                count += len(batch[-1][0])
            self._count -= count
            return batch


def _record_part(
    ledger: Ledger, commands: Sequence[RecordTransfer], at: datetime
) -> list[RecordOutcome] | BaseException:
    """What became of one request's commands, or the error that belongs to whoever waits."""
    try:
        return ledger.record(commands, at)
    except Exception as error:  # noqa: BLE001 -- it is raised where the request waits
        return error
