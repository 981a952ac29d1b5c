"""Whether retention and the epochs keep up, as numbers for Prometheus."""

import threading
from collections.abc import Callable
from datetime import datetime, time
from typing import Final

from prometheus_client import CollectorRegistry, Gauge

from api.retention import RetentionOverview
from ledger.clock import JAPAN
from ledger.crypto.epoch_names import monday_of
from ledger.errors import BrokenWorldError, LedgerError

SAMPLED_S: Final = 300.0
"""Seconds between two looks: retention moves by days."""


class RetentionWatch:
    """Looks again and again. Whoever scrapes any web process learns the same.

    The numbers come from the log of events, not from the job: they also tell when no job runs.

    Args:
        epoch: tells the name of the epoch master that wraps new keys.
    """

    def __init__(
        self,
        overview: RetentionOverview,
        epoch: Callable[[], str],
        registry: CollectorRegistry,
    ) -> None:
        self._overview = overview
        self._epoch = epoch
        self._planned = Gauge(
            "ledger_retention_last_plan_timestamp_seconds",
            "When the newest plan was made; 0: never. Older than two days: the job does not run",
            registry=registry,
        )
        self._destroyed = Gauge(
            "ledger_retention_last_erasure_timestamp_seconds",
            "When anything was destroyed last; 0: never",
            registry=registry,
        )
        self._late = Gauge(
            "ledger_retention_late_keys",
            "Keys that should have been destroyed before today",
            registry=registry,
        )
        self._refused = Gauge(
            "ledger_retention_refused",
            "1 while nothing is destroyed for this reason",
            ("reason",),
            registry=registry,
        )
        self._began = Gauge(
            "ledger_epoch_began_timestamp_seconds",
            "Monday of the week that the newest epoch master is named after; 0: it names no week. "
            "Older than eight days: masters are not changed",
            registry=registry,
        )
        self._known = Gauge(
            "ledger_retention_known", "1 when the last look at it succeeded", registry=registry
        )

    def sample(self) -> None:
        """Bring the numbers up to date."""
        try:
            plans = self._overview.plans()
            late = self._overview.late()
            ahead = self._overview.clock_ahead()
            epoch = self._epoch()
        except (LedgerError, BrokenWorldError):
            self._known.set(0)
            return
        expiries = [one for plan in plans for one in plan.expiries]
        self._known.set(1)
        self._planned.set(plans[-1].planned_at.timestamp() if plans else 0)
        self._destroyed.set(max(expiries)[1].timestamp() if expiries else 0)
        self._late.set(late)
        monday = monday_of(epoch)
        began = None if monday is None else datetime.combine(monday, time(), JAPAN)
        self._began.set(0 if began is None else began.timestamp())
        self._refused.labels("clock_ahead").set(ahead is not None)
        self._refused.labels("journal_missing").set(not self._overview.is_noted)

    def keep_counting(self, stop: threading.Event) -> None:
        """Sample until `stop` is set; to run in a thread."""
        while True:
            self.sample()
            if stop.wait(SAMPLED_S):
                return
