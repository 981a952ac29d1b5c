"""A file of a stranger is read in a process of its own, confined, batch by batch (0109).

`ConfinedReader` is the side that asks, `serve` what runs there. That process gets bytes of the file
through its pipe and no path. What it answers are frames of JSON, never objects: texts of strangers
were read there.
"""

import contextlib
import io
import json
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, Final, TypeVar, cast

from typing_extensions import override

from ledger.workers.process import (
    SECONDS_MAX,
    WorkerProcess,
    allow_seconds,
    confine,
    pipes,
    receive,
    send,
)

STOPPED: Final = "READING_STOPPED"
"""Code of a reading that took more than it may, or whose process ended."""
FRAME_BYTES_MAX: Final = 64 * 1024 * 1024
ANSWER_S_MAX: Final = 900.0
"""How long an answer is waited for: a process that sleeps takes no time of a processor."""
_PIECE_BYTES: Final = 256 * 1024
"""Of the file, handed over at once."""
_SURROGATES: Final = "surrogatepass"
"""A text can hold half a character: Excel's format has an escape for it."""
_ROWS_AT_ONCE: Final = 256
_BYTES_AT_ONCE: Final = 1024 * 1024

Row = TypeVar("Row")
Batch = Any
"""Some rows, in JSON, never null."""


class UnreadableError(Exception):
    """A file cannot be read; each kind of file has its own.

    Attributes:
        code: of the reason.
        place: where; never what stands there.
    """

    code: str
    place: str


class ReadCancelledError(Exception):
    """Nobody waits any more for what was read."""


class Stop:
    """Ends the readings that were begun with it, and those that would be. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: WorkerProcess | None = None
        self.is_set = False

    def set(self) -> None:
        """End them."""
        with self._lock:
            self.is_set = True
            if self._child is not None:
                self._child.kill()

    def attach(self, child: WorkerProcess) -> None:
        """One reading has begun; those before have ended."""
        with self._lock:
            self._child = child
            if self.is_set:
                child.kill()


@dataclass(frozen=True, slots=True)
class ReaderLimits:
    """What one reading may take.

    Attributes:
        memory_bytes: beyond its libraries.
        opening_s: of a processor, until the first row can be asked for.
        batch_s: of a processor, for each batch of rows.
        in_all_s: of a processor, for everything.
        file_bytes: of a file that it opened before it was confined.
    """

    memory_bytes: int
    opening_s: int
    batch_s: int
    in_all_s: int = SECONDS_MAX
    file_bytes: int = 0


Opened = Callable[
    [dict[str, Any], BinaryIO], tuple[dict[str, Any], Callable[[Any], Iterator[Batch]]]
]
"""In the process that reads: of what is asked and the file, what is known before any row is read,
and what gives all rows from a place on. Both raise `UnreadableError`."""


class ConfinedReader:
    """A file that another process reads; close it when done. Belongs to one thread at a time.

    Args:
        program: what runs there; it calls `serve`.
        asked: what it is told before it opens the file.
        file: open for as long as this is.
        limits: what it may take; `serve` gets the same.
        error: makes an exception of a code and a place.
        stop: ends it from another thread; None: nobody does.

    Attributes:
        metadata: what is known before any row is read.

    Raises:
        UnreadableError: the file cannot be opened.
        NotWantedError: it was stopped; so does every method.
    """

    def __init__(
        self,
        program: str,
        options: dict[str, Any],
        file: BinaryIO,
        limits: ReaderLimits,
        error: Callable[[str, str], UnreadableError],
        stop: Stop | None = None,
    ) -> None:
        self._file, self._error, self._stop = file, error, stop
        self._limits = limits
        self._waiting = 0
        self._child = WorkerProcess(program)
        if stop is not None:
            stop.attach(self._child)
        try:
            self._answered()  # it is confined
            self._child.allow_seconds(limits.opening_s)
            self._send(json.dumps({**options, "bytes": file.seek(0, io.SEEK_END)}).encode())
            self.metadata: dict[str, Any] = self._answered()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the other process."""
        self._child.close()

    def batches(self, begin: object) -> Generator[Batch]:
        """All rows from `begin` on; whoever asks again begins anew, and what was before has ended.

        Raises:
            UnreadableError: the rest cannot be read.
        """
        while self._waiting:
            with contextlib.suppress(UnreadableError):
                self._batch()
        self._ask({"begin": begin})
        while (batch := self._batch()) is not None:
            # The next ones are read while these are used.
            self._ask({})
            yield batch

    def _ask(self, message: dict[str, object]) -> None:
        self._waiting += 1
        self._child.allow_seconds(self._limits.batch_s)
        self._send(json.dumps(message).encode())

    def _batch(self) -> Batch:
        self._waiting -= 1
        return self._answered()

    def _answered(self) -> Any:  # noqa: ANN401 -- of JSON
        """The next answer; until it comes, the bytes of the file that the other asks for."""
        # The pipes end with the process, so one that sleeps is met as one that died.
        watchdog = threading.Timer(ANSWER_S_MAX, self._child.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            return self._handing_over()
        finally:
            watchdog.cancel()

    def _handing_over(self) -> Any:  # noqa: ANN401 -- of JSON
        while True:
            try:
                frame = receive(self._child.answers, FRAME_BYTES_MAX)
            except (EOFError, OSError):
                raise self._stopped() from None
            match json.loads(frame):
                case {"code": code, "place": place}:
                    raise self._error(code, place)
                case {"offset": offset}:
                    self._file.seek(offset)
                    self._send(self._file.read(_PIECE_BYTES))
                case answer:
                    return answer

    def _send(self, frame: bytes) -> None:
        try:
            send(self._child.asks, frame)
        except OSError:
            raise self._stopped() from None

    def _stopped(self) -> UnreadableError | ReadCancelledError:
        self._waiting = 0
        if self._stop is not None and self._stop.is_set:
            return ReadCancelledError()
        return self._error(STOPPED, "")


def batched(
    rows: Iterable[Row], size: Callable[[Row], int], batch_of: Callable[[list[Row]], Batch]
) -> Iterator[Batch]:
    """The rows in batches, which are read within seconds and fit into a frame.

    Args:
        size: bytes that a row counts for.
    """
    waiting: list[Row] = []
    bytes_ = 0
    for row in rows:
        waiting.append(row)
        bytes_ += size(row)
        if len(waiting) == _ROWS_AT_ONCE or bytes_ > _BYTES_AT_ONCE:
            yield batch_of(waiting)
            waiting, bytes_ = [], 0
    if waiting:
        yield batch_of(waiting)


def serve(opened: Opened, limits: ReaderLimits) -> None:
    """Open the file that comes in and answer with its rows, until nobody listens any more.

    Args:
        opened: opens it; what it needs of libraries and of the system is loaded
            already, its own files are open.
    """
    asks, answers = pipes()
    confine(limits.memory_bytes, limits.file_bytes, limits.in_all_s)
    with contextlib.suppress(OSError, EOFError):
        send(answers, b"{}")
        _Serving(asks, answers, limits).run(opened)


class _Serving:
    def __init__(self, asks: IO[bytes], answers: IO[bytes], limits: ReaderLimits) -> None:
        self._asks, self._answers, self._limits = asks, answers, limits

    def run(self, opened: Opened) -> None:
        try:
            self._run(opened)
        except (MemoryError, RecursionError):
            # The last answer: what was being said or heard may be half a frame.
            self._send_message({"code": STOPPED, "place": ""})

    def _run(self, opened: Opened) -> None:
        options = json.loads(receive(self._asks))
        allow_seconds(self._limits.opening_s)
        file = io.BufferedReader(PiecewiseFile(options.pop("bytes"), self._handed), _PIECE_BYTES)
        try:
            metadata, rows = opened(options, cast("BinaryIO", file))
        except UnreadableError as error:
            self._refuse(error)
            return
        self._send_message(metadata)
        batches: Iterator[Batch] = iter(())
        while True:
            request = json.loads(receive(self._asks))
            allow_seconds(self._limits.batch_s)
            if "begin" in request:
                batches = rows(request["begin"])
            try:
                self._send_message(next(batches, None))
            except UnreadableError as error:
                self._refuse(error)

    def _handed(self, place: int, bytes_max: int) -> bytes:
        send(self._answers, json.dumps({"offset": place}).encode())
        return receive(self._asks)[:bytes_max]

    def _refuse(self, error: UnreadableError) -> None:
        self._send_message({"code": error.code, "place": error.place})

    def _send_message(self, message: object) -> None:
        frame = json.dumps(message, ensure_ascii=False).encode("utf-8", _SURROGATES)
        if len(frame) > FRAME_BYTES_MAX:
            raise MemoryError
        send(self._answers, frame)


class PiecewiseFile(io.RawIOBase):
    """A file of `size` bytes, read from anywhere, that lies elsewhere.

    Args:
        found: some bytes from a place on, at most so many; none where they are missing.
    """

    def __init__(self, size: int, found: Callable[[int, int], bytes]) -> None:
        super().__init__()
        self._size, self._found = size, found
        self._place = 0

    @override
    def readable(self) -> bool:
        return True

    @override
    def seekable(self) -> bool:
        return True

    @override
    def tell(self) -> int:
        return self._place

    @override
    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        if begin + offset < 0:
            raise ValueError("a place before the beginning")
        self._place = begin + offset
        return self._place

    @override
    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride] -- of what is handed in, as the library does
        length = len(buffer)
        found = self._found(self._place, length) if length and self._place < self._size else b""
        buffer[: len(found)] = found
        self._place += len(found)
        return len(found)
