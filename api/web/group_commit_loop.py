"""Group commit, as the event loop sees it.

What arrives in one turn of the loop, and in those that follow it at once, becomes commands and is
handed over together, and what one batch answers wakes the loop once. A lock, a thread switch and a
wake-up for each request would cost more than the request; and items are checked in half the time
when one is checked right after another, while the code for it is in the processor's cache.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from ledger.commands import RecordTransfer
from ledger.service import RecordOutcome
from ledger.service.group import Notify, WorkerGroup

Answer = list[RecordOutcome] | BaseException
Commands = Callable[[], Sequence[RecordTransfer]]
"""Makes the commands of one request; quick, for the loop waits."""
ENOUGH: Final = 32
"""Requests for which nobody waits any longer: half of a crowd, as `WorkerGroup` shares it."""
_Future = asyncio.Future[list[RecordOutcome]]


class _Turn:
    """What arrived in one turn of one loop, and what has been answered of it.

    Attributes:
        seen: how many requests were waiting when it was looked at last.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.waiting: list[tuple[Commands, _Future]] = []
        self.seen = 0
        self._answers: deque[tuple[_Future, Answer]] = deque()
        self._is_waking = False

    def add_answer(self, future: _Future, answer: Answer) -> None:
        """Note an answer, in a worker's thread; the loop is woken for the first one."""
        self._answers.append((future, answer))
        if not self._is_waking:
            self._is_waking = True
            self.loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        # First the flag, then the answers: one that comes in between wakes the loop again.
        self._is_waking = False
        while self._answers:
            future, answer = self._answers.popleft()
            if future.done():
                continue  # its client hung up; the transfer is recorded all the same
            if isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)


class GroupCommitLoop:
    """Hands what arrives in one turn of the loop to the group together."""

    def __init__(self, group: WorkerGroup) -> None:
        self._group = group
        self._turn: _Turn | None = None

    async def record(self, commands: Commands) -> list[RecordOutcome]:
        """Make the commands and record them, together with whatever else is waiting.

        Raises:
            StoreUnavailableError: nothing is acknowledged; send the same commands again.
        """
        loop = asyncio.get_running_loop()
        future: _Future = loop.create_future()
        turn = self._turn
        if turn is None or turn.loop is not loop:
            turn = self._turn = _Turn(loop)
            loop.call_soon(self._hand_over, turn)
        turn.waiting.append((commands, future))
        return await future

    def _hand_over(self, turn: _Turn) -> None:
        # Clients that were answered together ask again one after another: as long as each turn
        # brings some of them, the next one does, too. One that brings none ends the waiting.
        count = len(turn.waiting)
        if turn.seen < count < ENOUGH:
            turn.seen = count
            turn.loop.call_soon(self._hand_over, turn)
            return
        if self._turn is turn:
            self._turn = None
        parts: list[tuple[Sequence[RecordTransfer], Notify]] = []
        for make, future in turn.waiting:
            try:
                commands = make()
            except Exception as error:  # noqa: BLE001 -- it is raised where the request waits
                turn.add_answer(future, error)
                continue
            if commands:
                parts.append((commands, partial(turn.add_answer, future)))
            else:
                turn.add_answer(future, [])
        self._group.hand_over(parts)
