"""The days on which the fictional year is sent: the same doors, under a clock of the demo's own.

What the ledger puts down is then as believable as the year: a request for disclosure that arrived
three weeks ago was taken in, looked at and answered on days of its own. No setting of the product
moves its clock; here the application is built with another one, and it ends with the year.
"""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from api.server.application import served
from api.server.local_ledger import is_ready
from api.server.supervisor import POLL_S, ProcessEndedError, listening_socket, url_of
from api.server.web import web_server
from api.settings.settings import Settings
from ledger.clock import JAPAN, now
from ledger.postgres.roles import RoleUrls

_HOUR: Final = 10
"""When the work of a day begins."""


class DemoCalendar:
    """A clock that is turned from day to day: never back, and never beyond the real one.

    Args:
        begin: the first day.
    """

    def __init__(self, begin: date) -> None:
        self._lock = threading.Lock()
        self._base = _morning(begin)
        self._turned = time.monotonic()

    def __call__(self) -> datetime:
        """The instant, cut to milliseconds as the event format stores it."""
        with self._lock:
            return self._reading()

    def turn(self, day: date) -> None:
        """Go on to the morning of `day`; what is past by then stays."""
        with self._lock:
            self._base = max(self._reading(), _morning(day))
            self._turned = time.monotonic()

    def _reading(self) -> datetime:
        passed = int((time.monotonic() - self._turned) * 1000)
        return min(self._base + timedelta(milliseconds=passed), now())


def _morning(day: date) -> datetime:
    return min(datetime(day.year, day.month, day.day, _HOUR, tzinfo=JAPAN).astimezone(UTC), now())


@contextmanager
def doors(settings: Settings, urls: RoleUrls, calendar: DemoCalendar) -> Generator[str]:
    """The address of the HTTP API under this clock, while the context is open.

    Raises:
        ProcessEndedError: it ended before it answered.
    """
    # Nobody listens whom the time of an answer could tell anything.
    quick = replace(settings, even_answers_ms=0)
    with listening_socket("127.0.0.1", 0) as listening, served(quick, urls, clock=calendar) as app:
        url = url_of(listening)
        server = web_server(app, quick)
        serving = threading.Thread(target=server.run, args=([listening],), name="past")
        try:
            serving.start()
            while not is_ready(url):
                if not serving.is_alive():
                    raise ProcessEndedError("the doors of the fictional year did not open")
                time.sleep(POLL_S)
            yield url
        finally:
            server.should_exit = True
            if serving.is_alive():
                serving.join()
