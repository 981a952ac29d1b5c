"""The last checkpoint, outside the database: what tells that a ledger was restored behind it.

It is the truth about what was signed: a checkpoint counts as signed when it stands here, and is
published after that. Keep the file where no backup of the database is restored to: another disk.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from ledger.crypto.files import write_atomically
from projections.log.errors import AnchorMovedError


class Anchor(Protocol):
    """A place that holds one note and moves it by compare and swap."""

    def read(self) -> str | None:
        """The note; None: none was ever put there."""
        ...

    def swap(self, old: str | None, new: str) -> None:
        """Put `new` in the place of `old`; it is kept when this returns.

        Raises:
            AnchorMovedError: there stands another one than `old`.
        """
        ...


class FileAnchor:
    """An anchor in a file; processes on one machine, or on a file system that locks, agree.

    Args:
        path: the file; its folder exists. Beside it lies `<name>.lock`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> str | None:
        """See `Anchor`. Bytes that are no text are no note either: whoever reads it says so."""
        try:
            return self._path.read_bytes().decode("utf-8", "replace")
        except FileNotFoundError:
            return None

    def swap(self, old: str | None, new: str) -> None:
        """See `Anchor`."""
        with self._locked():
            if self.read() != old:
                raise AnchorMovedError
            write_atomically(self._path, new.encode())

    @contextmanager
    def _locked(self) -> Generator[None]:
        lock = self._path.with_name(f"{self._path.name}.lock")
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
