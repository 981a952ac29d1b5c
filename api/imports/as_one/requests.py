"""One request after the other, asked until the ledger itself has answered."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, cast

from api.imports.answers import (
    Heard,
    ImportResponse,
    NoResponse,
    Problem,
    RetryLater,
    judged,
    object_of,
    problem_of,
)
from api.imports.delivery import ImportBackoff, ImportStopped
from api.imports.errors import UndeliveredError
from ledger.clock import now

_DAMAGED: Final = frozenset({"truncated", "damaged", "trailing", "not_compressed"})
"""Why a part may not have unpacked although it left us whole."""


class RequestSender(Protocol):
    """What a request is sent through; see `Door.ask`."""

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Heard: ...  # noqa: D102 -- see the class


@dataclass(frozen=True, slots=True)
class ImportAnswer:
    """What the ledger answered.

    Attributes:
        told: the answer's object; empty if there is none, or a problem.
        problem: why it was refused.
    """

    status: int
    told: Problem = field(repr=False)
    problem: Problem | None = field(default=None, repr=False)

    @property
    def code(self) -> str:
        """Of the problem; empty without one."""
        return "" if self.problem is None else str(self.problem["code"])


class Talk:
    """Asks; used by several threads.

    Attributes:
        waits: how many requests the ledger does not answer just now.
    """

    def __init__(self, door: RequestSender, backoff: ImportBackoff, stop: threading.Event) -> None:
        self._door, self._backoff, self._stop = door, backoff, stop
        self._lock = threading.Lock()
        self.waits = 0

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        line: int = 0,
    ) -> ImportAnswer:
        """What the ledger says, also when it refuses.

        Args:
            line: of the file, where the request is about what begins there.

        Raises:
            UndeliveredError: somebody else answers, or nobody for too long.
            Stopped: the import ends.
        """
        failures, since = 0, 0.0
        while True:
            heard = self._door.ask(method, path, body, headers or {})
            found = _understood(heard, line)
            if isinstance(found, ImportAnswer):
                return found
            failures += 1
            since = since if failures > 1 else time.monotonic()
            if time.monotonic() - since > self._backoff.patience_s:
                raise UndeliveredError(found.code, found.status, line)
            self._wait(self._backoff.after(failures, found.retry_after_s))

    def pause(self, seconds: float) -> None:
        """Wait.

        Raises:
            Stopped: the import ends.
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


def _understood(heard: Heard, line: int) -> ImportAnswer | RetryLater:
    """What was said, or that nothing was.

    Raises:
        UndeliveredError: it was not the ledger.
    """
    if isinstance(heard, NoResponse):
        return cast("RetryLater", judged(0, heard, now()))
    if heard.status // 100 == 2:  # noqa: PLR2004 -- a class of status
        told = object_of(heard.body or b"{}")
        if told is None:
            raise UndeliveredError("UNEXPECTED_ANSWER", heard.status, line)
        return ImportAnswer(heard.status, told)
    found = judged(0, heard, now())
    if isinstance(found, RetryLater):
        return found
    problem = problem_of(heard)
    if problem is None:
        raise UndeliveredError(f"HTTP_{heard.status}", heard.status, line)
    if _is_passing(problem):
        return RetryLater(str(problem["code"]), heard.status, _asked_for(heard), may_stand=False)
    return ImportAnswer(heard.status, {}, problem)


def _is_passing(problem: Problem) -> bool:
    """Whether the same request may succeed: it is its turn later, or arrived changed."""
    if problem.get("retryable") is True or problem["code"] == "PART_DIFFERS":
        return True
    return problem["code"] == "PART_UNREADABLE" and problem.get("reason") in _DAMAGED


def _asked_for(answer: ImportResponse) -> float | None:
    text = answer.retry_after or ""
    return float(text[:6]) if text.isascii() and text.isdigit() else None
