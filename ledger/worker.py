"""What takes an interpreter's whole time, done in a process of its own: hashes, and seals.

A person of a bulk transfer costs eight hashes before it is appended, and one interpreter does one
thing at a time. That process has the ledger's secret and is given the keys that it seals with; it
ends when we do, however we end.
"""

import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Final, Generic, TypeVar, cast

from ledger.core_dumps import forbid_core_dumps
from ledger.crypto.pseudonyms import KEY_BYTES, LedgerSecret
from ledger.errors import BrokenWorldError
from ledger.format.encoder import seal
from ledger.format.envelope import DataKey, SealedEvent
from ledger.format.event_writer import EventMetadata, chunk_of
from ledger.format.json import parse

MANY: Final = 50_000
"""Persons from which on the other process is worth its start."""
_AHEAD: Final = 4


@dataclass(frozen=True, slots=True)
class _Keys:
    persons: bytes

    def compute(self, secret: LedgerSecret, ledger: str) -> bytes:  # noqa: ARG002 -- as every ask
        return b"".join(keys_of(self.persons, secret))

    def check(self, made: bytes) -> None:
        """Whether these are keys of so many persons."""
        if len(made) != KEY_BYTES * (self.persons.count(b"\n") + 1):
            raise BrokenWorldError("keys were made of other persons than were asked for")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk of a bulk transfer that is to be sealed.

    Attributes:
        lines: parted by LF; first: number of the first one.
    """

    lines: bytes
    first: int
    place: EventMetadata
    key: DataKey

    def compute(self, secret: LedgerSecret, ledger: str) -> SealedEvent:  # noqa: ARG002 -- as every ask
        """The event as bytes."""
        lines = tuple(self.lines.split(b"\n"))
        return seal(chunk_of(lines, self.first, self.place), self.key, ledger)

    def check(self, made: SealedEvent) -> None:
        """Whether this is the event of that place."""
        if (made.stream, made.version) != (self.place.stream, self.place.version):
            raise BrokenWorldError("another chunk was sealed than was asked for")


_Task = TypeVar("_Task", _Keys, Chunk)


def keys_of(persons: bytes, secret: LedgerSecret) -> list[bytes]:
    """The key of each person.

    Args:
        persons: one at least, each as JSON, parted by LF, which stands nowhere else in them.
    """
    found = parse(b"[" + persons.replace(b"\n", b",") + b"]")
    return secret.principal_keys(cast("list[dict[str, str]]", found))


class Worker:
    """Has it done. Belongs to one thread; the other process is started when it is needed.

    Args:
        many: persons from which on it is.
    """

    def __init__(self, secret: LedgerSecret, ledger: str, many: int = MANY) -> None:
        self._here = (secret, ledger)
        self._many = many
        self._other: _Other | None = None

    @property
    def pid(self) -> int | None:
        """Of the other process; None while there is none."""
        return None if self._other is None else self._other.process.pid

    def keys(self, texts: Iterable[bytes], count: int) -> Iterator[tuple[bytes, list[bytes]]]:
        """Each text with the keys of its persons, see `keys_of`; some of them are made here.

        Args:
            count: persons in all of them.
        """
        for ask, made in self._each(map(_Keys, texts), count, helps=True):
            keys = cast("bytes", made)
            ends = range(KEY_BYTES, len(keys) + 1, KEY_BYTES)
            yield ask.persons, [keys[end - KEY_BYTES : end] for end in ends]

    def sealed(self, chunks: Iterable[Chunk], count: int) -> Iterator[tuple[Chunk, SealedEvent]]:
        """Each chunk as an event.

        Args:
            count: persons in all of them.
        """
        for chunk, made in self._each(chunks, count, helps=False):
            yield chunk, cast("SealedEvent", made)

    def _each(
        self, asks: Iterable[_Task], count: int, *, helps: bool
    ) -> Iterator[tuple[_Task, bytes | SealedEvent]]:
        ahead: deque[_Pending[_Task]] = deque()
        for ask in asks:
            ahead.append(_Pending(ask, self._start(ask) if count >= self._many else None))
            if len(ahead) > _AHEAD:
                yield self._done(ahead, helps=helps)
        while ahead:
            yield self._done(ahead, helps=helps)

    def _start(self, ask: "_Keys | Chunk") -> "Future[bytes | SealedEvent] | None":
        if self._other is None or self._other.is_gone:
            try:
                self._other = _Other(*self._here)
            except OSError:
                return None  # no process is to be had
        return self._other.submit(ask)

    def _done(
        self, ahead: "deque[_Pending[_Task]]", *, helps: bool
    ) -> tuple[_Task, bytes | SealedEvent]:
        """The first that was asked for; made here where the other process is gone."""
        if helps:
            self._help(ahead)
        first = ahead.popleft()
        if first.future is not None:
            try:
                made = first.future.result()
            except (OSError, EOFError):
                pass
            else:
                first.ask.check(made)  # pyright: ignore[reportArgumentType] -- what it asked for
                return first.ask, made
        return first.ask, first.made or first.ask.compute(*self._here)

    def _help(self, ahead: "deque[_Pending[_Task]]") -> None:
        """Make the last one here that nobody has begun, rather than wait for the first."""
        if ahead[0].future is None or ahead[0].future.done():
            return
        for one in reversed(ahead):
            if one.future is not None and one.future.cancel():
                one.future, one.made = None, one.ask.compute(*self._here)
                return


@dataclass(slots=True)
class _Pending(Generic[_Task]):
    """What the other process was asked for, or what was made here."""

    ask: _Task
    future: "Future[bytes | SealedEvent] | None"
    made: bytes | SealedEvent | None = None


class _Other:
    """The other process, and the thread that speaks with it: one question at a time."""

    def __init__(self, secret: LedgerSecret, ledger: str) -> None:
        spawn = get_context("spawn")
        self._ours, theirs = spawn.Pipe()
        self._thread = ThreadPoolExecutor(1, "worker")
        self.process = spawn.Process(target=_answer, args=(secret, ledger, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.is_gone = False

    def submit(self, ask: "_Keys | Chunk") -> "Future[bytes | SealedEvent]":
        """What is made, in the order of the questions.

        The future raises `OSError` or `EOFError` when the process is gone.
        """
        return self._thread.submit(self._answered, ask)

    def _answered(self, ask: "_Keys | Chunk") -> bytes | SealedEvent:
        if self.is_gone:
            raise EOFError
        try:
            self._ours.send(ask)
            return cast("bytes | SealedEvent", self._ours.recv())
        except BaseException:
            # Whatever it was: an answer may be left in the pipe, and would be the next question's.
            self.is_gone = True
            self.process.kill()
            self._ours.close()
            raise


def _answer(secret: LedgerSecret, ledger: str, pipe: Connection) -> None:
    """What the other process does until nobody can ask any more, however that came."""
    forbid_core_dumps()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; we decide
    try:
        while True:
            pipe.send(cast("_Keys | Chunk", pipe.recv()).compute(secret, ledger))
    except Exception:  # noqa: BLE001 -- whoever asked does it himself, and sees what is wrong
        return
