"""Which numbers and contents came before, in a private file: memory stays flat.

What is kept is a keyed digest under a key of this run; the file has no name and goes with it.
"""

import sqlite3
from hashlib import blake2b
from types import TracebackType
from typing import Self

from ledger.crypto.pseudonyms import random_uuid

_TABLE = "CREATE TABLE seen (digest BLOB PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID"
_FIRST = "INSERT INTO seen VALUES (?, ?) ON CONFLICT DO NOTHING"
_AGAIN = """
    INSERT INTO seen VALUES (?, 1) ON CONFLICT DO UPDATE SET number = number + 1 RETURNING number
"""


class SeenKeys:
    """Remembers. Belongs to one thread at a time; close it when done."""

    def __init__(self) -> None:
        self._key = random_uuid().bytes
        # An empty name: a temporary database on disk, which SQLite removes when it is closed.
        self._rows = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -2048"):
            self._rows.execute(f"PRAGMA {pragma}")
        self._rows.execute(_TABLE)
        self._rows.execute("BEGIN")

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Forget."""
        self._rows.close()

    def is_new(self, text: str) -> bool:
        """Whether `text` was not asked about before."""
        return self._rows.execute(_FIRST, (self._digest(text.encode()), 0)).rowcount == 1

    def times(self, content: bytes) -> int:
        """How often this was asked of `content` by now, this time included."""
        [number] = self._rows.execute(_AGAIN, (self._digest(content),)).fetchone()
        return int(number)

    def _digest(self, content: bytes) -> bytes:
        return blake2b(content, digest_size=16, key=self._key).digest()
