"""The emitter of a program with threads: puts items, and sends them from a thread of its own."""

import logging
import threading
import time
from collections.abc import Iterable
from contextlib import closing
from datetime import date
from typing import Final, Self

from ledger_emitter.backoff import Backoff
from ledger_emitter.daily_close import DayClose, DayClosing
from ledger_emitter.delivery import Delivery, log
from ledger_emitter.errors import EmitterError
from ledger_emitter.exchange import Destination, LedgerClient
from ledger_emitter.items import Item
from ledger_emitter.outbox import FULL_POLL_S, Outbox
from ledger_emitter.records import Placed

CANDIDATE_POLL_S: Final = 1.0
"""How often whoever is not the sender looks whether there is still one."""

BROKEN_S: Final = 5.0
"""How long to wait when the outbox itself cannot be read or written."""

_CLOSING_S: Final = 5.0


class Emitter:
    """Puts items into an outbox and sends them to a ledger.

    Several processes may have one on the same outbox: one of them sends, and another one goes on
    when it dies. What is put is on disk at once, so closing loses nothing; `flush` waits for the
    answers.

    Args:
        outbox: closed with the emitter.
        destination: where to send.
        backoff: waiting times.
    """

    def __init__(
        self, outbox: Outbox, destination: Destination, backoff: Backoff | None = None
    ) -> None:
        self.outbox: Final = outbox
        self._destination: Final = destination
        self._backoff: Final = backoff or Backoff()
        self._stop = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ledger-emitter", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def put(self, item: Item, *, wait_s: float | None = None) -> Placed:
        """Put one item; see `Outbox.put`."""
        return self.put_many((item,), wait_s=wait_s)[0]

    def put_many(self, items: Iterable[Item], *, wait_s: float | None = None) -> list[Placed]:
        """Put all of these or none; see `Outbox.put_many`."""
        placed = self.outbox.put_many(items, wait_s=wait_s)
        self._woken.set()
        return placed

    def flush(self, wait_s: float) -> bool:
        """Wait until everything that was put so far has an answer, whoever put or sends it.

        Returns:
            False when time ran out; what waits is sent later. Refused items have their answer:
            see `Outbox.refused`.
        """
        last, deadline = self.outbox.last_number(), time.monotonic() + wait_s
        self._woken.set()
        while self.outbox.waits(last):
            if time.monotonic() >= deadline:
                return False
            time.sleep(FULL_POLL_S / 2)
        return True

    def close_day(self, emitter: str, day: date, *, wait_s: float = 60.0) -> DayClose:
        """Close a day of this outbox's items; what is missing is sent again, and it is closed anew.

        Args:
            emitter: the code under which the operator registered the system.
            day: in Japan, over.
            wait_s: how long to wait for items of the day that have no answer yet.

        Raises:
            CloseError: the ledger does not take the close, or does not answer.
            DayNotKeptError: items of the day may be kept no longer.
            OutboxUnavailableError: the outbox cannot be read.
        """
        with closing(LedgerClient(self._destination)) as client:
            day_closing = DayClosing(self.outbox, client, self._backoff, self._pause)
            return day_closing.close(emitter, day, wait_s)

    def wake(self) -> None:
        """Something was put into the outbox."""
        self._woken.set()

    def _pause(self, seconds: float) -> None:
        self._woken.set()
        self._stop.wait(seconds)

    def close(self, wait_s: float | None = None) -> None:
        """Stop sending, after the request that is on its way, and let go of the outbox.

        Args:
            wait_s: how long that request is waited for; by default, as long as it can take.
        """
        self._stop.set()
        self._woken.set()
        self._thread.join(self._destination.timeout_s + _CLOSING_S if wait_s is None else wait_s)
        if self._thread.is_alive():
            self.outbox.election.resign()  # others may send: what they repeat doubles nothing
        else:
            self.outbox.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._send()
        self.outbox.election.resign()
        self.outbox.close()

    def _send(self) -> None:
        """Send until the end, or until something fails us; or wait while another one sends."""
        try:
            if self.outbox.election.is_won():
                delivery = Delivery(
                    self.outbox, self._destination, self._backoff, self._stop, self._woken
                )
                with closing(LedgerClient(self._destination)) as client:
                    delivery.run(client)
            else:
                self._stop.wait(CANDIDATE_POLL_S)
        except EmitterError as error:
            log.error("the outbox fails: %s; it is tried again", error)
            self._stop.wait(BROKEN_S)
        except Exception as error:  # noqa: BLE001 -- a sender that dies silently loses everything
            # The class alone: texts and frames may hold personal data.
            log.log(logging.CRITICAL, "the sender broke: %s; it begins anew", type(error).__name__)
            self._stop.wait(BROKEN_S)
