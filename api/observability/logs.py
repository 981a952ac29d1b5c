"""Logs: one JSON object a line on standard error, in which no personal data can stand.

What is logged is allowed, not what is forbidden left out:

* fields by name (`FIELDS`), and of those only numbers and short texts that look like codes;
* the message of our own loggers as it is written in the source, with such arguments only;
* the message of the server's own logger, with whole numbers alone for arguments;
* of everybody else's loggers nothing but their name, because their messages quote what they saw;
* of an exception its type and where it was raised, never its message.
"""

import asyncio
import logging
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextvars import Context, ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import PurePath
from types import TracebackType
from typing import Final, TextIO, cast

import orjson

from ledger.values import Json

FIELDS: Final = frozenset(
    (
        "actor",
        "attempt",
        "check",
        "code",
        "constraint",
        "count",
        "duration_ms",
        "epoch",
        "error",
        "events",
        "head",
        "host",
        "incident",
        "issuer",
        "key",
        "keys",
        "lag",
        "method",
        "names",
        "needed",
        "partition",
        "pid",
        "port",
        "position",
        "reached",
        "request_id",
        "route",
        "row",
        "scope",
        "seconds",
        "status",
        "version",
        "worker",
    )
)
"""Fields that a log line may hold, besides time, level, logger and message."""

REQUEST: Final = "request_id"
_OTHER_FIELDS: Final = FIELDS - {REQUEST}

OURS: Final = ("api", "ledger", "projections")
"""Loggers whose messages are texts in our source; the linter refuses f-strings in them."""

SERVER: Final = "uvicorn.error"
"""The server's own logger: of its arguments whole numbers alone are shown: processes, ports."""

FRAMES_MAX: Final = 12
"""Innermost frames shown of a traceback."""

_CODE_LIKE: Final = re.compile(r"[A-Za-z0-9_.:/(){}<>, -]{1,200}")
_DIRECTIVE: Final = re.compile(r"%(?:\([^)]*\))?[#0\- +]*[\d*]*(?:\.[\d*]+)?[a-zA-Z%]")


def safe(value: object) -> Json:
    """`value` if it can be no personal text: a number, a flag, or a short ASCII code; else `…`."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return cast("Json", value)  # our Json knows no floats, because events hold none
    return _cached_code(str(value)) if isinstance(value, str | PurePath) else "…"


@lru_cache(maxsize=1_024)
def _cached_code(text: str) -> str:
    """Remembered, because routes, methods and actors are few and are logged at each request."""
    return _code(text)


def _code(text: str) -> str:
    """Not remembered: of request ids, each request has another one."""
    return text if _CODE_LIKE.fullmatch(text) else "…"


def frames(traceback: TracebackType | None) -> list[Json]:
    """Where an exception came through, innermost last: file, line, function; no source text."""
    places: list[Json] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        place = "/".join(PurePath(code.co_filename).parts[-2:])
        places.append(f"{place}:{traceback.tb_lineno}:{code.co_name}")
        traceback = traceback.tb_next
    return places[-FRAMES_MAX:]


class JsonLogFormatter(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:  # pyright: ignore[reportImplicitOverride] -- typing.override is younger than Python 3.11
        """The line, without its end."""
        instant = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Json] = {
            "at": instant.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        members = cast("Mapping[str, object]", record.__dict__)
        current = members.get(REQUEST) or request_id.get()
        if current is not None:
            line[REQUEST] = _code(current) if isinstance(current, str) else safe(current)
        for name in sorted(_OTHER_FIELDS & members.keys()):
            line[name] = safe(members[name])
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["frames"] = frames(record.exc_info[2])
        return orjson.dumps(line).decode()


def _message(record: logging.LogRecord) -> str:
    name = record.name.partition(".")[0]
    text = record.msg if isinstance(record.msg, str) else ""
    arguments = record.args if isinstance(record.args, tuple) else ()
    if record.name == SERVER:
        text = text.strip()
        arguments = tuple(one if isinstance(one, int) else "…" for one in arguments)
    elif name not in OURS:
        return f"(at {record.module}:{record.lineno})"
    shown = _mark_directives(text)
    for argument in arguments:
        shown = shown.replace("\0", str(safe(argument)), 1)
    return shown.replace("\0", "…") if "\0" in shown else shown


@lru_cache(maxsize=256)
def _mark_directives(text: str) -> str:
    """A message with a NUL for each directive: what is left of an argument may be another type."""
    return _DIRECTIVE.sub(lambda found: "%" if found[0] == "%%" else "\0", text)


def configure(level: str) -> None:
    """Send every log line of this process through `JsonLogFormatter` to standard error.

    Also what would print by itself: uncaught exceptions of the process and of its threads. The
    server is to be started with `log_config=None` and `access_log=False`.
    """
    handler = TurnHandler(sys.stderr)
    handler.setFormatter(JsonLogFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in (*OURS, SERVER):
        logging.getLogger(name).setLevel(level)
    for name in ("uvicorn", SERVER, "uvicorn.access"):
        logging.getLogger(name).handlers[:] = []
        logging.getLogger(name).propagate = name != "uvicorn.access"
    logging.captureWarnings(capture=True)
    # Asked of the system for each record, and shown by none of ours.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def _uncaught(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger(__name__).critical("uncaught error", exc_info=(kind, error, traceback))


def _uncaught_in_thread(found: threading.ExceptHookArgs) -> None:
    if found.exc_value is not None:
        _uncaught(found.exc_type, found.exc_value, found.exc_traceback)


request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The request in whose course something is logged."""


class TurnHandler(logging.StreamHandler[TextIO]):
    """Writes what one turn of the event loop logs with one call.

    Each write lets go of the interpreter, and a busy worker thread then keeps it for milliseconds:
    a write for each request would cost more than the request. The lines are made one after another
    too, for half of the price. Warnings, and what other threads log, are written at once, after
    what was waiting.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._waiting: list[logging.LogRecord] = []
        self._awaited: asyncio.AbstractEventLoop | None = None

    def emit(self, record: logging.LogRecord) -> None:  # pyright: ignore[reportImplicitOverride] -- typing.override is younger than Python 3.11
        """Write the record now, or when the turn is over."""
        try:
            # The line is made later, when another request is the current one, or none.
            record.request_id = request_id.get()
            self._waiting.append(record)
            loop = _running_loop() if record.levelno < logging.WARNING else None
            if loop is None:
                self.flush()
            elif loop is not self._awaited:
                self._awaited = loop
                loop.call_soon(self.flush, context=Context())
        except Exception:  # noqa: BLE001 -- as every handler of the library: logging never raises
            self.handleError(record)

    def flush(self) -> None:  # pyright: ignore[reportImplicitOverride] -- as above
        """Write what is waiting; also called when the process ends."""
        self.acquire()
        try:
            self._awaited = None
            waiting, self._waiting = self._waiting, []
            self.stream.write("".join([line for record in waiting for line in self._line(record)]))
            self.stream.flush()
        finally:
            self.release()

    def _line(self, record: logging.LogRecord) -> Iterator[str]:
        """The line; none when it cannot be made, so that the others are written all the same."""
        try:
            yield self.format(record) + self.terminator
        except Exception:  # noqa: BLE001 -- as above
            self.handleError(record)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
