"""Whether emitters are heard of in time, as numbers for Prometheus."""

import threading
from typing import Final

from prometheus_client import CollectorRegistry, Gauge

from api.services import Services
from ledger.clock import day_in_japan
from ledger.emitters.liveness import heard, strangers
from ledger.errors import BrokenWorldError, LedgerError

SAMPLED_S: Final = 60.0
"""Seconds between two looks: an emitter is late by hours."""


class EmitterWatch:
    """Looks again and again. Whoever scrapes any web process learns the same."""

    def __init__(self, services: Services, registry: CollectorRegistry) -> None:
        self._services = services
        self._standing = Gauge(
            "ledger_emitters", "Emitters that belong to the ledger today", registry=registry
        )
        self._late = Gauge(
            "ledger_emitters_late",
            "Emitters without a heartbeat or transfer for longer than LEDGER_EMITTER_LATE_HOURS",
            registry=registry,
        )
        self._strangers = Gauge(
            "ledger_sources_unregistered",
            "Sources that sent transfers on days on which no emitter stands for them",
            registry=registry,
        )
        self._short = Gauge(
            "ledger_days_short",
            "Closed days of emitters of which transfers are missing, or may be",
            registry=registry,
        )
        self._known = Gauge(
            "ledger_emitters_known", "1 when the last look at them succeeded", registry=registry
        )

    def sample(self) -> None:
        """Bring the numbers up to date."""
        services = self._services
        at = services.now()
        try:
            emitters = services.group.call(lambda ledger, _: ledger.emitters())
            beats, accepted = services.signs.beats(), services.signs.sources()
        except (LedgerError, BrokenWorldError):
            self._known.set(0)
            return
        hours = services.settings.emitter_late_hours
        today = day_in_japan(at)
        self._known.set(1)
        self._standing.set(sum(1 for one in emitters if one.stands_on(today)))
        self._late.set(sum(1 for one in emitters if heard(one, beats, accepted, at, hours).late))
        self._short.set(sum(close.is_short for one in emitters for close in one.closes))
        self._strangers.set(len(strangers(emitters, accepted)))

    def keep_counting(self, stop: threading.Event) -> None:
        """Sample until `stop` is set; to run in a thread."""
        while True:
            self.sample()
            if stop.wait(SAMPLED_S):
                return
