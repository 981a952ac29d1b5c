"""Where log lines leave the process."""

import asyncio
import logging
from typing import TextIO


class TurnHandler(logging.StreamHandler[TextIO]):
    """Writes what one turn of the event loop logs with one call.

    Each write lets go of the interpreter, and a busy worker thread then keeps it for milliseconds:
    a write for each request would cost more than the request. Warnings, and what other threads
    log, are written at once, after what was waiting.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._lines: list[str] = []
        self._awaited: asyncio.AbstractEventLoop | None = None

    def emit(self, record: logging.LogRecord) -> None:  # pyright: ignore[reportImplicitOverride] -- typing.override is younger than Python 3.11
        """Write the record now, or when the turn is over."""
        try:
            self._lines.append(self.format(record) + self.terminator)
            loop = _running_loop() if record.levelno < logging.WARNING else None
            if loop is None:
                self.flush()
            elif loop is not self._awaited:
                self._awaited = loop
                loop.call_soon(self.flush)
        except Exception:  # noqa: BLE001 -- as every handler of the library: logging never raises
            self.handleError(record)

    def flush(self) -> None:  # pyright: ignore[reportImplicitOverride] -- as above
        """Write what is waiting; also called when the process ends."""
        self.acquire()
        try:
            self._awaited = None
            lines, self._lines = self._lines, []
            self.stream.write("".join(lines))
            self.stream.flush()
        finally:
            self.release()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
