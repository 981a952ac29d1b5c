"""The outermost middleware: request id, duration, log line, headers, and the last resort."""

import logging
import time
from typing import Final, cast

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import CALLER, Caller
from api.observability.logs import request_id
from api.observability.metrics import METHODS, Metrics
from api.problems.answers import REQUEST_ID, internal_error_response
from ledger.crypto.random import drawn

UNMATCHED: Final = "(none)"
"""Route of a request that no route took."""

UNTOLD: Final = frozenset(
    (
        "/v1/exclusions",
        "/desk/exclusions",
        "/desk/exclusions/lift",
        "/desk/exclusions/look",
    )
)
"""Routes of which neither numbers nor the log tell: that somebody excluded a record, or looked, is
told to nobody (Order 11). What was done, by whom and when, stands in the sealed daily event."""

CLIENT_GONE: Final = 499
"""Status in the log when the client hung up before the answer."""

_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_UNLESS_SET: Final = (
    (b"cache-control", b"no-store"),
    (
        b"content-security-policy",
        b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
)
_OVER_HTTPS: Final = (
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),  # a year
)

_log: Final = logging.getLogger("api.access")
_REQUEST: Final = logging.LogRecord(_log.name, logging.INFO, "", 0, "request", None, None).__dict__
"""What every record of a request holds."""


def new_request_id() -> str:
    """A random UUID (version 4) as text. Made here: a client's own id could be a name."""
    digits = drawn(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


class Watch:
    """Sees every request once, from outside; pure ASGI, because each layer costs each request.

    Args:
        over_https: browsers come over https, and are to come so alone from now on (RFC 6797).
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics, over_https: bool = False) -> None:
        self._app = app
        self._metrics = metrics
        self._headers = _HEADERS + _OVER_HTTPS if over_https else _HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        identity = new_request_id()
        scope[REQUEST_ID] = identity
        token = request_id.set(identity)
        status = 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = cast("int", message["status"])
                headers = list(cast("list[tuple[bytes, bytes]]", message.get("headers", ())))
                headers += self._headers
                present = {name for name, _ in headers}
                headers += [header for header in _UNLESS_SET if header[0] not in present]
                headers.append((b"x-request-id", identity.encode()))
                message["headers"] = headers
            await send(message)

        try:
            await self._app(scope, receive, send_marked)
        except ClientDisconnect:
            status = CLIENT_GONE
        except Exception as error:  # noqa: BLE001 -- the last resort; beyond it the server would print the message
            _log.error(
                "incident",
                exc_info=(type(error), Exception(), error.__traceback__),
                extra={"incident": identity},
            )
            if status == 0:
                response = internal_error_response(Request(scope))
                await response(scope, receive, send_marked)
        finally:
            # No status: cancelled, because the client hung up or the server stops.
            self._note(scope, status or CLIENT_GONE, time.perf_counter() - started)
            request_id.reset(token)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        # The template, never the path: a path may hold an identifier, a query anything.
        route = cast("str", getattr(scope.get("route"), "path", UNMATCHED))
        if route in UNTOLD:
            return
        method = cast("str", scope["method"])
        self._metrics.count(route, method, status, seconds)
        if _log.isEnabledFor(logging.INFO):
            caller = cast("Caller | None", scope.get(CALLER))
            # Made by hand: `info` would walk the stack for the caller's line, and a record of its
            # own asks for its thread, task and process, at each request.
            record = logging.LogRecord.__new__(logging.LogRecord)
            record.__dict__.update(
                _REQUEST,
                created=time.time(),
                method=method if method in METHODS else "OTHER",
                route=route,
                status=status,
                duration_ms=round(seconds * 1000, 2),
                actor=None if caller is None else caller.actor,
            )
            _log.handle(record)
