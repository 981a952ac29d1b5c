"""Asks a service of others over HTTP: at its own address only, within a time and a size.

No redirect is followed and no proxy of the environment is asked: a checkpoint goes where the
settings say, and nowhere else.
"""

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

_AGENT: Final = "provision-ledger"


PAUSE_S_MAX: Final = 900.0
"""Seconds until a service that failed is asked again; before that they double."""


class NoAnswerError(Exception):
    """Nobody answered there, not in time, or with too much; the message says which."""


@dataclass(frozen=True, slots=True)
class Service:
    """Where to ask.

    Attributes:
        url: https, or http on this machine itself.
        seconds_max: for the whole answer, from the connection to the last byte.
        bytes_max: of the answer's body.
    """

    url: str
    seconds_max: float
    bytes_max: int

    def post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and body of the answer.

        Raises:
            NoAnswerError: see there.
        """
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=self.seconds_max)
        cut = _Cut(self.seconds_max)
        try:
            connection.connect()
            cut.begin(connection.sock)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, body, {"User-Agent": _AGENT, **headers})
            answer = connection.getresponse()
            content = answer.read(self.bytes_max + 1)
        except (OSError, HTTPException, ValueError):
            # Never the error's own words: they may quote an address with a password in it.
            raise NoAnswerError("it does not answer in time, or nobody listens there") from None
        finally:
            cut.end()
            connection.close()
        if len(content) > self.bytes_max:
            raise NoAnswerError(f"it answers with more than {self.bytes_max} bytes")
        if answer.length or cut.was_made:
            raise NoAnswerError("its answer ends too early")
        return answer.status, content


class RetryPause:
    """How long to wait until a service is asked again.

    Args:
        seconds: after it answered; twice as long after it failed once, and so on.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = self._next = seconds

    def after(self, *, failed: bool) -> float:
        """Seconds to wait after it answered, or failed."""
        longest = max(PAUSE_S_MAX, self._seconds)
        self._next = min(2 * self._next, longest) if failed else self._seconds
        return self._next


class _Cut:
    """Ends a connection after a time: a time-out of the socket begins anew with every byte."""

    def __init__(self, seconds: float) -> None:
        self.was_made = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def begin(self, connected: socket.socket | None) -> None:
        self._socket = connected
        self._timer.start()

    def end(self) -> None:
        self._timer.cancel()

    def _cut(self) -> None:
        self.was_made = True
        with suppress(OSError):
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)
