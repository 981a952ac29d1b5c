"""The keys of many persons: made in a process of its own, where they are very many.

Two hashes for each person are half of what there is to do before a bulk transfer is appended, and
one interpreter does one thing at a time. That process has the ledger's secret and nothing else; it
ends when we do, however we end.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, Final, cast

from ledger.codec.json import parse
from ledger.crypto.pseudonyms import KEY_BYTES, LedgerSecret

MANY: Final = 50_000
"""Persons from which on the other process is worth its start."""
_AHEAD: Final = 4


def keys_of(persons: bytes, secret: LedgerSecret) -> list[bytes]:
    """The key of each person.

    Args:
        persons: one at least, each as JSON, parted by LF, which stands nowhere else in them.
    """
    found = cast("list[dict[str, str]]", parse(b"[" + persons.replace(b"\n", b",") + b"]"))
    return secret.principal_keys([(one["scheme"], one["id"]) for one in found])


class Keying:
    """Makes the keys of persons. Belongs to one thread; the process is started when it is needed.

    Args:
        many: persons from which on it is.
    """

    def __init__(self, secret: LedgerSecret, many: int = MANY) -> None:
        self._secret = secret
        self._many = many
        self._process: ProcessPoolExecutor | None = None

    @property
    def pid(self) -> int | None:
        """Of the other process; None while there is none."""
        children = () if self._process is None else cast("Any", self._process)._processes  # noqa: SLF001 -- the library tells nobody
        return next(iter(children or ()), None)

    def each(self, texts: Iterable[bytes], count: int) -> Iterator[tuple[bytes, list[bytes]]]:
        """Each text with the keys of its persons; see `keys_of`.

        Args:
            count: persons in all of them.
        """
        ahead: deque[tuple[bytes, Future[bytes] | None]] = deque()
        for text in texts:
            ahead.append((text, self._asked(text) if count >= self._many else None))
            if len(ahead) > _AHEAD:
                yield self._found(*ahead.popleft())
        while ahead:
            yield self._found(*ahead.popleft())

    def _asked(self, text: bytes) -> Future[bytes] | None:
        if self._process is None:
            spawn = get_context("spawn")
            self._process = ProcessPoolExecutor(1, spawn, _begin, (self._secret,))
        try:
            return self._process.submit(_keys, text)
        except BrokenProcessPool:
            return None

    def _found(self, text: bytes, asked: Future[bytes] | None) -> tuple[bytes, list[bytes]]:
        """What was asked for; made here where the other process is gone."""
        if asked is not None:
            try:
                keys = asked.result()
            except BrokenProcessPool:
                self._process = None
            else:
                ends = range(KEY_BYTES, len(keys) + 1, KEY_BYTES)
                return text, [keys[end - KEY_BYTES : end] for end in ends]
        return text, keys_of(text, self._secret)


# -- in the other process -------------------------------------------------------------------------

_secrets: list[LedgerSecret] = []


def _begin(secret: LedgerSecret) -> None:
    _secrets.append(secret)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None, "this is the other process"
    parent.join()
    os._exit(0)


def _keys(text: bytes) -> bytes:
    return b"".join(keys_of(text, _secrets[-1]))
