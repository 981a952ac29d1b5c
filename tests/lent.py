"""Processes that set letters, handed from an application of a test that ends to the next one.

Each takes half a second of a processor to start, and a run opens hundreds of applications. Each of
these still has a process to itself, which the product started and greets before it asks.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import pytest
from typing_extensions import override

from api import container
from api.documents import Renderer
from ledger.workers.process import WorkerProcess

_IDLE: Final[list[WorkerProcess]] = []


class _Lent(Renderer):
    """As it is, but that it begins with the process of one that was closed."""

    def __init__(self) -> None:
        super().__init__()
        self._child = _IDLE.pop() if _IDLE else None

    @override
    def close(self) -> None:
        """Let another have the process, if it is doing nothing."""
        self._closed = True
        if not self._lock.acquire(blocking=False):
            super().close()
            return
        try:
            if self._child is not None:
                _IDLE.append(self._child)
                self._child = None
        finally:
            self._lock.release()


@contextmanager
def lent_renderers() -> Generator[None]:
    """Applications that open meanwhile lend each other the processes that set their letters."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(container, "Renderer", _Lent)
        try:
            yield
        finally:
            while _IDLE:
                _IDLE.pop().close()
