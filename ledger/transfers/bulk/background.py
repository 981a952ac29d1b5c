"""Something done in a thread beside what its maker goes on with, one after the other.

What waits for the database needs no interpreter, so that the maker's own work costs no time.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

_AHEAD_MAX: Final = 4
"""Of what is to be done; each holds a chunk."""


class BackgroundTask:
    """Does what it is given, in that order. Belongs to one thread.

    At the end of the block everything is done. What goes wrong is raised there, or by the next
    `do`, and nothing that was given later is done.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "bulk")
        self._given: deque[Future[None]] = deque()
        self._is_broken = False

    def do(self, work: Callable[[], None]) -> None:
        """Have it done; waits while much is left to do."""
        if len(self._given) == _AHEAD_MAX:
            self._given.popleft().result()
        self._given.append(self._thread.submit(self._done, work))

    def _done(self, work: Callable[[], None]) -> None:
        if self._is_broken:
            return
        try:
            work()
        except BaseException:
            self._is_broken = True
            raise

    def end(self, *, is_needed: bool = True) -> None:
        """Everything is done when this returns, or, where it is not wanted, nothing is any more."""
        try:
            while self._given and is_needed:
                self._given.popleft().result()
        finally:
            self._thread.shutdown(cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end(is_needed=error is None)
