"""Sees to it that a stop that was approved stands, whatever ended between the two.

Each web process looks; what stands already is not received twice.
"""

import logging
import threading
from typing import Final

from api.services import Services
from ledger.cases.case import State, is_owed
from ledger.errors import BrokenWorldError, LedgerError

LOOKS_S: Final = 60.0
"""Seconds between two looks, and until the first one: whoever approves does it at once."""

log: Final = logging.getLogger(__name__)


class StopsWatch:
    """Looks again and again for approved decisions whose stops may not stand."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._done: set[bytes] = set()

    def look(self) -> int:
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

    def keep_looking(self, stop: threading.Event) -> None:
        """Look until `stop` is set; to run in a thread."""
        while not stop.wait(LOOKS_S):
            self.look()


def _content(state: State) -> bytes:
    assert state.submission is not None, "what is approved was submitted"
    return state.submission.content
