"""What an issuer publishes: asked for by a thread of its own, with patience, and remembered.

An issuer that accepts a connection and says nothing must stall nobody. So no lock is held while
it is asked, nobody waits for longer than `WAIT_S` from the moment that it was asked, and after a
failure it is left alone for a while that doubles.
"""

import asyncio
import concurrent.futures
import http.client
import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar, cast
from urllib.error import HTTPError, URLError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from typing_extensions import override

PATIENCE_S: Final = 10
"""Least seconds between two fetches: a stranger's made-up key ids must not become a flood."""

PATIENCE_S_MAX: Final = 60
"""Most seconds between two fetches after failures, which double the wait each time."""

WAIT_S: Final = 3.0
"""Most seconds that anybody waits for what is being fetched, from the beginning of the fetch."""

TIMEOUT_S: Final = 3
"""Seconds for connecting and for each read."""

SECONDS_MAX: Final = 10.0
"""Seconds for a document: one that comes byte by byte is hung up on."""

BYTES_MAX: Final = 256 * 1024
"""Longest key set or metadata document."""

_Value = TypeVar("_Value")
_log: Final = logging.getLogger(__name__)


class UnusableError(Exception):
    """What the issuer answered is not what was asked for."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """A fetch that is under way.

    Attributes:
        ended: set when it ended, however.
        until: when nobody waits any more, by the monotonic clock of the system.
    """

    ended: concurrent.futures.Future[None]
    until: float

    @property
    def is_awaited(self) -> bool:
        """Whether to wait for it still makes sense."""
        return not self.ended.done() and time.monotonic() < self.until

    def wait(self) -> None:
        """Wait for its end, in a thread."""
        concurrent.futures.wait([self.ended], max(0.0, self.until - time.monotonic()))

    async def awaited(self) -> None:
        """Wait for its end, without a thread."""
        ended = asyncio.wrap_future(self.ended)
        await asyncio.wait([ended], timeout=max(0.0, self.until - time.monotonic()))


class FetchedValue(Generic[_Value]):
    """One value that is fetched now and then. Thread-safe.

    Args:
        read: fetches it; may raise `OSError` or `UnusableError`.
        monotonic: by which it grows old.
        issuer: whose it is, for the log.
    """

    def __init__(
        self, read: Callable[[], _Value], monotonic: Callable[[], float], issuer: str = ""
    ) -> None:
        self._issuer = issuer
        self._read = read
        self._monotonic = monotonic
        # Held for moments: never while anything is read.
        self._lock = threading.Lock()
        self._known: tuple[_Value, float] | None = None
        self._under_way: Fetch | None = None
        self._failures = 0
        self._next_try_at = float("-inf")

    @property
    def is_failing(self) -> bool:
        """Whether the last fetch that ended failed."""
        return self._failures > 0

    def known(self, seconds_max: float) -> _Value | None:
        """The value that was fetched last, if that is no longer ago."""
        known = self._known
        if known is None or self._monotonic() - known[1] > seconds_max:
            return None
        return known[0]

    def begin(self) -> Fetch | None:
        """Fetch it anew, unless that is under way or was tried just before.

        Returns:
            The fetch under way; None: there is none, what is known is all there is to know.
        """
        with self._lock:
            if self._under_way is not None or self._monotonic() < self._next_try_at:
                return self._under_way
            begun = Fetch(concurrent.futures.Future(), time.monotonic() + WAIT_S)
            self._under_way = begun
        threading.Thread(target=self._fetch, args=(begun,), name="issuer", daemon=True).start()
        return begun

    def _fetch(self, begun: Fetch) -> None:
        at = self._monotonic()
        fetched: _Value | None = None
        try:
            fetched = self._read()
        except (OSError, UnusableError) as error:
            # The last reason says more: a certificate that does not fit is a URLError at first.
            reason = type(_cause(error)).__name__
            _log.warning(
                "an issuer gave no answer", extra={"issuer": self._issuer, "error": reason}
            )
        finally:
            with self._lock:
                if fetched is None:
                    self._failures += 1
                    patience = min(2 ** min(self._failures, 10), PATIENCE_S_MAX)
                else:
                    self._known, self._failures, patience = (fetched, at), 0, PATIENCE_S
                self._next_try_at = self._monotonic() + patience
                self._under_way = None
            begun.ended.set_result(None)


def _cause(error: BaseException) -> BaseException:
    reason = error.reason if isinstance(error, URLError) else None
    known = reason if isinstance(reason, BaseException) else error.__cause__
    return error if known is None else _cause(known)


def fetch(url: str) -> bytes:
    """Read a document over HTTP(S). Follows no redirect: it could lead away from a trusted host.

    Raises:
        OSError: no answer in time, or another one than 200.
    """
    sockets: list[socket.socket] = []
    # Put together by hand: urllib's own opener also opens files and follows redirects.
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        _Http(sockets),
        _Https(sockets),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    # A time-out is one of each read: whoever sends a byte now and then would hold us for days.
    is_late = threading.Event()
    deadline = threading.Timer(SECONDS_MAX, _hang_up, (sockets, is_late))
    deadline.daemon = True
    deadline.start()
    try:
        with opener.open(url, timeout=TIMEOUT_S) as answer:
            body = cast("bytes", answer.read(BYTES_MAX + 1))
    except HTTPError as error:
        error.close()  # it holds the connection
        raise
    except http.client.HTTPException as error:
        raise URLError("the answer is no HTTP") from error
    finally:
        deadline.cancel()
    if is_late.is_set():
        raise URLError("the document did not come in time")
    if len(body) > BYTES_MAX:
        raise URLError("the document is too long")
    return body


def _hang_up(sockets: list[socket.socket], is_late: threading.Event) -> None:
    is_late.set()
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


class _Http(HTTPHandler):
    """Connections of which the sockets are known."""

    def __init__(self, sockets: list[socket.socket]) -> None:
        super().__init__()
        self._connection = partial(_HttpConnection, sockets=sockets)

    @override
    def http_open(self, req: Request) -> http.client.HTTPResponse:
        return self.do_open(self._connection, req)  # pyright: ignore[reportArgumentType] -- it gets a host and a timeout


class _Https(HTTPSHandler):
    def __init__(self, sockets: list[socket.socket]) -> None:
        super().__init__()
        self._connection = partial(_HttpsConnection, sockets=sockets)

    @override
    def https_open(self, req: Request) -> http.client.HTTPResponse:
        return self.do_open(self._connection, req)  # pyright: ignore[reportArgumentType] -- it gets a host and a timeout


class _HttpConnection(http.client.HTTPConnection):
    def __init__(
        self, host: str, *, timeout: float | None = None, sockets: list[socket.socket]
    ) -> None:
        super().__init__(host, timeout=timeout)
        self._sockets = sockets

    @override
    def connect(self) -> None:
        super().connect()
        self._sockets.append(self.sock)


class _HttpsConnection(http.client.HTTPSConnection):
    def __init__(
        self, host: str, *, timeout: float | None = None, sockets: list[socket.socket]
    ) -> None:
        super().__init__(host, timeout=timeout)
        self._sockets = sockets

    @override
    def connect(self) -> None:
        super().connect()
        self._sockets.append(self.sock)
