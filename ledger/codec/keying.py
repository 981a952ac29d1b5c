"""The keys of many persons: made in a process of its own, where they are very many.

Two hashes for each person are half of what there is to do before a bulk transfer is appended, and
one interpreter does one thing at a time. That process has the ledger's secret and nothing else; it
ends when we do, however we end.
"""

import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Final, cast

from ledger.codec.json import parse
from ledger.crypto.pseudonyms import KEY_BYTES, LedgerSecret
from ledger.errors import BrokenWorldError

MANY: Final = 50_000
"""Persons from which on the other process is worth its start."""
_AHEAD: Final = 4


def keys_of(persons: bytes, secret: LedgerSecret) -> list[bytes]:
    """The key of each person.

    Args:
        persons: one at least, each as JSON, parted by LF, which stands nowhere else in them.
    """
    found = parse(b"[" + persons.replace(b"\n", b",") + b"]")
    return secret.principal_keys(cast("list[dict[str, str]]", found))


class Keying:
    """Makes the keys of persons. Belongs to one thread; the process is started when it is needed.

    Args:
        many: persons from which on it is.
    """

    def __init__(self, secret: LedgerSecret, many: int = MANY) -> None:
        self._secret = secret
        self._many = many
        self._other: _Other | None = None

    @property
    def pid(self) -> int | None:
        """Of the other process; None while there is none."""
        return None if self._other is None else self._other.process.pid

    def each(self, texts: Iterable[bytes], count: int) -> Iterator[tuple[bytes, list[bytes]]]:
        """Each text with the keys of its persons; see `keys_of`.

        Args:
            count: persons in all of them.
        """
        ahead: deque[_Text] = deque()
        for text in texts:
            asked = self._asked(text) if count >= self._many else None
            ahead.append(_Text(text, asked))
            if len(ahead) > _AHEAD:
                self._help(ahead)
                yield self._found(ahead.popleft())
        while ahead:
            self._help(ahead)
            yield self._found(ahead.popleft())

    def _help(self, ahead: Sequence["_Text"]) -> None:
        """Make the last keys here that nobody has begun, rather than wait for the first."""
        if ahead[0].asked is None or ahead[0].asked.done():
            return
        for one in reversed(ahead):
            if one.asked is not None and one.asked.cancel():
                one.asked, one.keys = None, keys_of(one.text, self._secret)
                return

    def _asked(self, text: bytes) -> Future[bytes] | None:
        if self._other is None or self._other.is_gone:
            try:
                self._other = _Other(self._secret)
            except OSError:
                return None  # no process is to be had
        return self._other.asked(text)

    def _found(self, one: "_Text") -> tuple[bytes, list[bytes]]:
        """What was asked for; made here where the other process is gone."""
        if one.asked is not None:
            try:
                keys = one.asked.result()
            except (OSError, EOFError):
                pass
            else:
                if len(keys) != KEY_BYTES * (one.text.count(b"\n") + 1):
                    raise BrokenWorldError("keys were made of other persons than were asked for")
                ends = range(KEY_BYTES, len(keys) + 1, KEY_BYTES)
                return one.text, [keys[end - KEY_BYTES : end] for end in ends]
        return one.text, one.keys or keys_of(one.text, self._secret)


@dataclass(slots=True)
class _Text:
    """What the other process is asked for, or what was made here."""

    text: bytes
    asked: Future[bytes] | None
    keys: list[bytes] | None = None


class _Other:
    """The other process, and the thread that speaks with it: one question at a time."""

    def __init__(self, secret: LedgerSecret) -> None:
        spawn = get_context("spawn")
        self._ours, theirs = spawn.Pipe()
        self._thread = ThreadPoolExecutor(1, "keying")
        self.process = spawn.Process(target=_answer, args=(secret, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.is_gone = False

    def asked(self, text: bytes) -> Future[bytes]:
        """The keys, one after the other; `OSError` or `EOFError` when the process is gone."""
        return self._thread.submit(self._answered, text)

    def _answered(self, text: bytes) -> bytes:
        if self.is_gone:
            raise EOFError
        try:
            self._ours.send_bytes(text)
            return self._ours.recv_bytes()
        except BaseException:
            # Whatever it was: an answer may be left in the pipe, and would be the next question's.
            self.is_gone = True
            self.process.kill()
            self._ours.close()
            raise


def _answer(secret: LedgerSecret, pipe: Connection) -> None:
    """What the other process does until nobody can ask any more, however that came."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; we decide
    try:
        while True:
            pipe.send_bytes(b"".join(keys_of(pipe.recv_bytes(), secret)))
    except (OSError, EOFError):
        return
