"""What leaves the application besides answers; nobody of whom the tests tell may be in it.

Every test of a run is under it (`tests/conftest.py`): what it would have logged, with the product's
own formatter, is searched when it has ended, and so is what else was told to `LEAVING`: addresses
that were asked for or led to, headers, problems, metrics, the output of other processes. The test
in which it left fails, or the next one, if it left a moment later. PostgreSQL's own log of the run
is searched when its server ends.
"""

import io
import json
import logging
import threading
from collections.abc import Iterable
from typing import Final, cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.observability.logs import OURS, SERVER, JsonLogFormatter
from tests.canary import traces

_LEVELS: Final = {**dict.fromkeys(OURS, logging.DEBUG), SERVER: logging.INFO}
"""As much as any setting of a process shows; of libraries, as there, what is a warning."""

_LED_BY: Final = (b"referer", b"referrer")


class LeftError(AssertionError):
    """Somebody of whom the tests tell is where nobody may be."""


class Leaving:
    """What has left since somebody looked last.

    Attributes:
        lines: what the product would have logged.
    """

    def __init__(self) -> None:
        self.lines: Final = io.StringIO()
        self._handler = logging.StreamHandler(self.lines)
        self._handler.setFormatter(JsonLogFormatter())
        self._told: list[tuple[str, str]] = []
        self._telling = threading.Lock()

    def begin(self) -> None:
        """Listen; asked before each test, for one may have put everybody out who listened."""
        root = logging.getLogger()
        if self._handler not in root.handlers:
            root.addHandler(self._handler)
        for name, level in _LEVELS.items():
            if logging.getLogger(name).level != level:
                logging.getLogger(name).setLevel(level)

    def tell(self, what: str, text: str | bytes) -> None:
        """Something left; `what` names its kind. From any thread."""
        told = text if isinstance(text, str) else text.decode(errors="backslashreplace")
        with self._telling:
            self._told.append((what, told))

    def search(self) -> None:
        """Look through all that has left since, and forget it.

        Raises:
            LeftError: names the kind of what left and whom it names, and repeats no more of it.
        """
        with self._telling:
            told, self._told = self._told, []
        with self._handler.lock or threading.Lock():
            logged = self.lines.getvalue()
            self.lines.seek(0)
            self.lines.truncate()
        if not traces(logged) and not traces("\n".join(text for _, text in told)):
            return
        lines = (("log line of " + _logger(line), line) for line in logged.splitlines())
        raise LeftError("; ".join(_named((*told, *lines))))


def _named(left: Iterable[tuple[str, str]]) -> list[str]:
    found = ((what, traces(text)) for what, text in left)
    return list(dict.fromkeys(f"{what}: {named}" for what, named in found if named))


def _logger(line: str) -> str:
    return cast("str", json.loads(line)["logger"])


LEAVING: Final = Leaving()
"""Of this process: each worker of a run searches its own."""


class Told:
    """The outermost layer of an application: its addresses, headers and problems are told.

    A page may show whom it is about; a problem and a header may not.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        query = cast("bytes", scope["query_string"])
        LEAVING.tell("address", cast("bytes", scope.get("raw_path") or b"") + b"?" + query)
        for name, value in cast("list[tuple[bytes, bytes]]", scope["headers"]):
            if name in _LED_BY:
                LEAVING.tell("address one came from", value)
        problem: list[bytes] = []
        is_problem = False

        async def told(message: Message) -> None:
            nonlocal is_problem
            if message["type"] == "http.response.start":
                headers = list(cast("list[tuple[bytes, bytes]]", message.get("headers", ())))
                LEAVING.tell("header", b"\n".join(b": ".join(one) for one in headers))
                is_problem = any(b"problem+json" in value for _, value in headers)
            elif is_problem:
                problem.append(cast("bytes", message.get("body", b"")))
            await send(message)

        try:
            await self._app(scope, receive, told)
        finally:
            if problem:
                LEAVING.tell("problem", b"".join(problem))
