"""What each web process looks at again and again: late emitters, owed stops.

Whether emitters are heard of in time, as numbers for Prometheus. Whether a stop that was approved
stands, whatever ended between the two; what stands already is not received twice.
"""

import logging
import threading
from typing import Final

from prometheus_client import CollectorRegistry, Gauge

from api.web.services import Services
from ledger.cases.case import State, is_owed
from ledger.clock import day_in_japan
from ledger.emitters.liveness import last_contact, strangers
from ledger.errors import BrokenWorldError, LedgerError

log: Final = logging.getLogger(__name__)


SAMPLED_S: Final = 60.0
"""Seconds between two looks: an emitter is late by hours."""


class EmitterWatch:
    """Looks again and again. Whoever scrapes any web process learns the same."""

    def __init__(self, services: Services, registry: CollectorRegistry) -> None:
        self._services = services
        self._active = Gauge(
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
            beats, accepted = services.heartbeats.beats(), services.heartbeats.sources()
        except (LedgerError, BrokenWorldError):
            self._known.set(0)
            return
        hours = services.settings.emitter_late_hours
        today = day_in_japan(at)
        self._known.set(1)
        self._active.set(sum(1 for one in emitters if one.is_active_on(today)))
        self._late.set(
            sum(1 for one in emitters if last_contact(one, beats, accepted, at, hours).late)
        )
        self._short.set(sum(close.is_short for one in emitters for close in one.closes))
        self._strangers.set(len(strangers(emitters, accepted)))

    def keep_counting(self, stop: threading.Event) -> None:
        """Sample until `stop` is set; to run in a thread."""
        while True:
            self.sample()
            if stop.wait(SAMPLED_S):
                return


STOPS_POLL_S: Final = 60.0
"""Seconds between two looks, and until the first one: whoever approves does it at once."""


class StopsWatch:
    """Looks again and again for approved decisions whose stops may not stand."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._done: set[bytes] = set()

    def receive_stops(self) -> int:
        """Receive the stops that do not stand; return how many cases were seen to.

        Nothing is raised: what cannot be done now is done at the next look.
        """
        services = self._services
        try:
            owed = [one for one in services.caseload.states(services.now()) if self._is_new(one)]
        except (LedgerError, BrokenWorldError) as error:
            log.warning("approved stops wait: %s", type(error).__name__)
            return 0
        return sum(self._resumed(one) for one in owed)

    def _is_new(self, state: State) -> bool:
        return is_owed(state) and _content(state) not in self._done

    def _resumed(self, state: State) -> bool:
        try:
            self._services.group.call(lambda ledger, at: ledger.resume_case(state.case, at))
        except (LedgerError, BrokenWorldError) as error:
            log.warning("approved stops wait: %s", type(error).__name__)
            return False
        self._done.add(_content(state))
        return True

    def keep_checking(self, stop: threading.Event) -> None:
        """Look until `stop` is set; to run in a thread."""
        while not stop.wait(STOPS_POLL_S):
            self.receive_stops()


def _content(state: State) -> bytes:
    assert state.submission is not None, "what is approved was submitted"
    return state.submission.content
