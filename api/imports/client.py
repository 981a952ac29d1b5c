"""Requests to the ledger, each asked until the ledger itself has answered.

They go through the client that the emitters have: what an answer means is the same for both.
"""

import os
import threading
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from api.imports.errors import UndeliveredError
from ledger_emitter.answers import Later, NeedsPerson, NoCredential, RequestOutcome
from ledger_emitter.backoff import Backoff
from ledger_emitter.exchange import Destination, LedgerClient, is_credential

KEY: Final = "LEDGER_IMPORT_KEY"
"""Name of the environment variable with the API key, unless a file holds it."""

_ANSWER_S_MAX: Final = 60.0
_NO_HEADERS: Final[Mapping[str, str]] = {}

T = TypeVar("T")


class ImportStopped(BaseException):
    """The import ends before its end; what was sent is found again by the next run."""


def backoff_of(patience_s: float) -> Backoff:
    """The waits of an import: so long after its first failure in a row a request is given up."""
    return Backoff(span_s_max=30.0, retry_after_s_max=patience_s)


def key_of(file: Path | None) -> str:
    """The API key; asked for before each request, so that it can be changed meanwhile.

    Raises:
        ValueError: there is none.
    """
    if file is not None:
        try:
            key = file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise ValueError("the file of --key-file cannot be read") from None
    else:
        key = os.environ.get(KEY, "").strip()
    if not is_credential(key):
        raise ValueError(f"give the API key in a file (--key-file) or in {KEY}")
    return key


def client_of(
    url: str, key: Callable[[], str], parallel: int, *, plain_http: bool = False
) -> LedgerClient:
    """A client for so many requests at a time; close it when done.

    Raises:
        ValueError: the URL is none that a key may be sent to.
    """
    try:
        destination = Destination(url, key, timeout_s=_ANSWER_S_MAX, plain_http=plain_http)
    except ValueError as error:
        raise ValueError(str(error).removeprefix("url: ")) from None
    return LedgerClient(destination, parallel)


class RetryingClient:
    """Asks; used by several threads.

    Args:
        backoff: its longest `Retry-After` is also how long a ledger that is away is waited for.

    Attributes:
        waits: how many requests the ledger does not answer just now.
    """

    def __init__(self, client: LedgerClient, backoff: Backoff) -> None:
        self._client, self._backoff = client, backoff
        self._stop, self._lock = threading.Event(), threading.Lock()
        self.waits = 0

    @contextmanager
    def threads(self, parallel: int) -> Generator[ThreadPoolExecutor]:
        """Threads that ask; when the block is left, they do not wait any more."""
        pool = ThreadPoolExecutor(parallel, "import")
        try:
            yield pool
        finally:
            self._stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            self._stop.clear()

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] = _NO_HEADERS,
        line: int = 0,
        *,
        read: Callable[[RequestOutcome], T | Later | NeedsPerson],
    ) -> T:
        """What the ledger says.

        Args:
            line: of the file, where the request is about what begins there.
            read: what an answer means.

        Raises:
            UndeliveredError: it refuses to be asked, somebody else answers, or nobody for too long.
            ImportStopped: the import ends.
        """
        failures, since = 0, 0.0
        while True:
            outcome = self._client.ask(method, path, body, headers)
            if isinstance(outcome, NoCredential) and outcome.cause is not None:
                raise outcome.cause
            found = read(outcome)
            if isinstance(found, NeedsPerson):
                raise UndeliveredError(found.code, found.http_status, line)
            if not isinstance(found, Later):
                return found
            failures += 1
            since = since if failures > 1 else time.monotonic()
            if time.monotonic() - since > self._backoff.retry_after_s_max:
                raise UndeliveredError(found.code, found.http_status, line)
            self._wait(self._backoff.after(failures, found.retry_after_s))

    def pause(self, seconds: float) -> None:
        """Wait.

        Raises:
            ImportStopped: the import ends.
        """
        if self._stop.wait(seconds):
            raise ImportStopped

    def _wait(self, seconds: float) -> None:
        with self._lock:
            self.waits += 1
        try:
            self.pause(seconds)
        finally:
            with self._lock:
                self.waits -= 1
