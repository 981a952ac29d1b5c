"""Where log lines leave the process."""

import asyncio
import logging
from collections.abc import Iterator
from contextvars import Context, ContextVar
from typing import TextIO

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
