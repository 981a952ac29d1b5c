"""One sender an outbox: whoever holds the lock on the file beside it.

The kernel lets go of the lock when its holder dies, however it dies. Two senders at once would
double nothing, for the ledger knows each item by its key; they would only send in vain.
"""

import fcntl
import os
import weakref
from pathlib import Path
from typing import Final


class Election:
    """A candidate for being the sender of one outbox.

    Args:
        path: of the outbox.
    """

    def __init__(self, path: Path) -> None:
        self._path: Final = path.with_name(path.name + ".sender")
        self._descriptor: int | None = None
        _CANDIDATES.add(self)

    def is_won(self) -> bool:
        """Whether we are the sender, now or from now on."""
        if self._descriptor is not None:
            return True
        descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        if _locked(descriptor, fcntl.LOCK_EX):
            self._descriptor = descriptor
            return True
        os.close(descriptor)
        return False

    def is_held_by_anybody(self) -> bool:
        """Whether there is a sender at this moment, in whatever process."""
        if self._descriptor is not None:
            return True
        try:
            descriptor = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            return not _locked(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)

    def resign(self) -> None:
        """Let others send."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def forget(self) -> None:
        """In a forked child: the lock is the parent's, and must not outlive it here."""
        self.resign()


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


_CANDIDATES: Final[weakref.WeakSet[Election]] = weakref.WeakSet()


def _forget_all() -> None:
    for one in list(_CANDIDATES):
        one.forget()


os.register_at_fork(after_in_child=_forget_all)
