"""How far the read side is behind the log: in events, in seconds, and as numbers for Prometheus."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Gauge

from ledger.errors import ForgedEventError, LedgerError
from ledger.format.header import read_header
from ledger.store.recorder import LedgerRecorder

SAMPLED_S: Final = 5.0
"""Seconds between two looks for the numbers."""


class ProjectionLagError(Exception):
    """The projection is further behind than the setting allows."""


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the read side has followed.

    Attributes:
        seconds: age of the oldest event that is not in the read side yet; 0 when all are.
    """

    head: int
    reached: int
    seconds: float

    @property
    def events(self) -> int:
        """Events that are not in the read side yet."""
        return self.head - self.reached


class LagWatch:
    """Measures the lag, now or again and again for the gauges. Thread-safe."""

    def __init__(
        self, reads: LedgerRecorder, reached: Callable[[], int], now: Callable[[], datetime]
    ) -> None:
        self._reads = reads
        self._reached = reached
        self._now = now

    def measure(self) -> Lag:
        """The lag at this moment.

        Raises:
            ForgedEventError: the next event is not the ledger's, and the read side stops before it.
            StoreUnavailableError: the database cannot be reached.
        """
        reached = self._reached()
        # The head is read second: it never moves back, so the lag is never negative.
        head = self._reads.head()
        seconds = 0.0
        if reached < head:
            [waiting] = self._reads.facts_after(reached, 1)
            age = self._now() - read_header(waiting.header).at
            seconds = max(0.0, age.total_seconds())
        return Lag(head, reached, seconds)

    def check(self, seconds_max: float) -> None:
        """Pass when the read side is not further behind.

        Raises:
            ProjectionLagError: it is.
            ForgedEventError: see `measure`.
            StoreUnavailableError: the database cannot be reached.
        """
        if self.measure().seconds > seconds_max:
            raise ProjectionLagError

    def keep_counting(self, registry: CollectorRegistry, stop: threading.Event) -> None:
        """Keep the gauges in `registry` up to date until `stop` is set; to run in a thread.

        Sampled, not asked at each scrape: a scrape must answer when the database does not.
        """
        head = Gauge("ledger_head_position", "Position of the newest event", registry=registry)
        reached = Gauge(
            "ledger_projection_position", "Position the read side has reached", registry=registry
        )
        events = Gauge(
            "ledger_projection_lag_events", "Events not in the read side yet", registry=registry
        )
        seconds = Gauge(
            "ledger_projection_lag_seconds",
            "Age of the oldest event not in the read side yet",
            registry=registry,
        )
        known = Gauge(
            "ledger_positions_known", "1 when the last look at them succeeded", registry=registry
        )
        forged = Gauge(
            "ledger_forged_event",
            "1 while the read side stops before an event that the ledger did not append",
            registry=registry,
        )
        while True:
            try:
                lag = self.measure()
            except ForgedEventError:
                known.set(0)
                forged.set(1)
            except LedgerError:
                known.set(0)
            else:
                known.set(1)
                forged.set(0)
                head.set(lag.head)
                reached.set(lag.reached)
                events.set(lag.events)
                seconds.set(lag.seconds)
            if stop.wait(SAMPLED_S):
                return
