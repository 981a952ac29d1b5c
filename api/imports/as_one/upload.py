"""The parts of a bulk transfer, several under way at a time."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final

from api.imports.as_one.bulk import Bulks
from api.imports.as_one.contents import Contents
from api.imports.as_one.survey import Defects, FilePart

_TELL_EVERY_S: Final = 1.0


class Uploader:
    """Sends parts of one file.

    Args:
        parallel: most requests under way; as many parts are held, and one.
        stop: ends the waits of those that are under way.
    """

    def __init__(
        self, bulks: Bulks, contents: Contents, parallel: int, stop: threading.Event
    ) -> None:
        self._bulks, self._contents = bulks, contents
        self._parallel, self._stop = parallel, stop
        self._under_way: deque[tuple[FilePart, Future[dict[int, Defects]]]] = deque()

    def send(
        self, bulk: str, parts: Sequence[FilePart], sent: Callable[[int], None]
    ) -> dict[int, Defects]:
        """Send these parts; the lines of the file that the ledger refuses.

        Args:
            sent: called with how many persons were sent; now and then with 0.

        Raises:
            FileError: the file is not what it was; else as `Bulks.put`.
        """
        refused: dict[int, Defects] = {}
        pool = ThreadPoolExecutor(self._parallel, "import")
        try:
            for part in parts:
                content = self._contents.of(part)
                while len(self._under_way) >= self._parallel:
                    refused |= self._settle(sent)
                self._under_way.append((part, pool.submit(self._bulks.put, bulk, content)))
            while self._under_way:
                refused |= self._settle(sent)
        finally:
            self._stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            self._under_way.clear()
            self._stop.clear()  # nobody waits any more; whoever goes on may
        return refused

    def _settle(self, sent: Callable[[int], None]) -> dict[int, Defects]:
        part, future = self._under_way[0]
        while not wait((future,), _TELL_EVERY_S).done:
            sent(0)
        refused = future.result()
        self._under_way.popleft()
        sent(part.lines)
        return refused
