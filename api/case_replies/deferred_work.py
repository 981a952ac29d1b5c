"""Work that is done when another says so, and of which is told where it was asked for."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class DeferredWork(Generic[T]):
    """Work, to be called once by whoever has time for it. The call raises nothing."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._done: Future[T] = Future()

    def __call__(self) -> None:
        """Do it."""
        try:
            self._done.set_result(self._work())
        except Exception as error:  # noqa: BLE001 -- raised by `result`
            self._done.set_exception(error)

    def result(self) -> T:
        """What it gave; raises what it raised."""
        return self._done.result()
