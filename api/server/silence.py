"""A database that is there and answers nothing: it is hung up on, nobody waits for it (0078)."""

import logging
import threading
from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Gauge

from ledger.store.connections import Connections

POLL_S: Final = 1.0
"""Seconds between two looks: so much later than its time a request is answered."""

PURGER_TIMES: Final = 10
"""How many times as long as others the role that deletes may wait: much may be due at once."""

log: Final = logging.getLogger(__name__)


class SilenceWatch:
    """Looks at the connections of one process, again and again.

    Args:
        connections: each with the seconds for which one answer may be waited for.
    """

    def __init__(self, connections: Mapping[Connections, float]) -> None:
        self._connections = dict(connections)

    def keep_checking(self, registry: CollectorRegistry, stop: threading.Event) -> None:
        """Look until `stop` is set; to run in a thread of its own, which nothing else may hold."""
        silent = Gauge(
            "ledger_database_silent",
            "1 while the database is there and answers nothing",
            registry=registry,
        )
        was_silent = False
        pause = min([POLL_S, *(seconds / 4 for seconds in self._connections.values())])
        while not stop.wait(pause):
            hung_up = sum(one.close_stalled(seconds) for one, seconds in self._connections.items())
            if hung_up:
                log.error("the database does not answer: hung up", extra={"count": hung_up})
            is_silent = any(one.is_silent for one in self._connections)
            if was_silent and not is_silent:
                log.info("the database answers again")
            was_silent = is_silent
            silent.set(is_silent)
