"""The outbox as producers and people see it: put, look, replay, see to what was refused."""

import fcntl
import json
import os
import sqlite3
import time
import weakref
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from ledger_emitter.clock import instant, milliseconds, now_ms
from ledger_emitter.errors import ConflictingItemError, OutboxFullError
from ledger_emitter.items import Item, encoded
from ledger_emitter.records import Placed, RefusedItem, Replayed, Status
from ledger_emitter.storage import Storage


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

    def has_leader(self) -> bool:
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
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


_CANDIDATES: Final[weakref.WeakSet[Election]] = weakref.WeakSet()


def _forget_all() -> None:
    for one in list(_CANDIDATES):
        one.resign()  # the lock is the parent's, and must not outlive it here


os.register_at_fork(after_in_child=_forget_all)


FULL_POLL_S: Final = 0.1
"""How often whoever waits for room looks: the sender may be another process."""

_KNOWN: Final = "SELECT number, content FROM items WHERE source = ? AND id = ?"
_PUT: Final = "INSERT INTO items (source, id, content, put_at) VALUES (?, ?, ?, ?)"
_TOTALS: Final = "SELECT waiting, waiting_bytes FROM totals"
_PRUNED_TO: Final = "SELECT pruned_to FROM totals"
_LAST: Final = "SELECT coalesce(max(number), 0) FROM items"
_ANY_WAITING: Final = (
    "SELECT EXISTS (SELECT 1 FROM items WHERE acknowledged_at IS NULL AND number <= ?)"
)
_OLDEST: Final = "SELECT put_at FROM items WHERE acknowledged_at IS NULL ORDER BY number LIMIT 1"
_KEPT: Final = "SELECT count(*), min(acknowledged_at) FROM items WHERE acknowledged_at IS NOT NULL"
_REFUSED_COUNT: Final = "SELECT count(*) FROM refused WHERE settled_at IS NULL"
_HELD: Final = "SELECT source FROM held ORDER BY source"
_SENDING: Final = "SELECT state, code, http_status, since, next_try_at FROM sending"
_REPLAY: Final = (
    "UPDATE items SET acknowledged_at = NULL, due_at = 0, tries = 0 WHERE acknowledged_at >= ?"
)
_REFUSED: Final = (
    "SELECT number, source, id, status, code, problem, put_at, refused_at, content FROM refused"
    " WHERE settled_at IS NULL AND number > ? ORDER BY number LIMIT ?"
)
# Not "ON CONFLICT DO NOTHING": what does nothing would take a number all the same.
_AGAIN: Final = (
    "INSERT INTO items (source, id, content, put_at)"
    " SELECT r.source, r.id, r.content, r.put_at FROM refused AS r"
    " WHERE r.number = ? AND r.settled_at IS NULL AND NOT EXISTS"
    " (SELECT 1 FROM items AS i WHERE i.source = r.source AND i.id = r.id)"
)
_DROP_REFUSED: Final = "DELETE FROM refused WHERE number = ? AND settled_at IS NULL"


class Outbox:
    """Items that wait for the ledger's answer, and those that have it, in one file.

    Any number of processes and threads may put; see `Emitter` for who sends. An item is on disk
    when `put` returns.

    Args:
        path: the file; it is made, readable for its owner alone, if it is not there. On a local
            file system.
        waiting_max: most items that may wait.
        waiting_bytes_max: most bytes of items that may wait.
        wait_s: how long `put` waits for room before it raises; 0 raises at once.
        keep_days: how long acknowledged items are kept for a replay, in days: as far back as the
            oldest backup of the ledger that would be restored.

    Raises:
        OutboxExposedError: somebody else may read the file.
        OutboxFormatError: it is something else.
        OutboxUnavailableError: it cannot be opened.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        waiting_max: int = 100_000,
        waiting_bytes_max: int = 1 << 30,
        wait_s: float = 0.0,
        keep_days: int = 35,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        if waiting_max < 1 or waiting_bytes_max < 1 or wait_s < 0 or keep_days < 0:
            raise ValueError("bounds are positive, times are not negative")
        self.storage: Final = Storage(Path(path))
        self.election: Final = Election(Path(path))
        self.wait_s: Final = wait_s
        self.keep_days: Final = keep_days
        self.clock: Final = clock
        self._waiting_max: Final = waiting_max
        self._waiting_bytes_max: Final = waiting_bytes_max

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. What was put stays, and is sent by whoever sends next."""
        self.storage.close()

    def put(self, item: Item, *, wait_s: float | None = None) -> Placed:
        """Put one item; it is on disk when this returns. The same item again is put once.

        Raises:
            UnfitItemError, ConflictingItemError, OutboxFullError, OutboxUnavailableError: it is
                not in the outbox.
        """
        return self.put_many((item,), wait_s=wait_s)[0]

    def put_many(self, items: Iterable[Item], *, wait_s: float | None = None) -> list[Placed]:
        """Put all of these, or none of them, with one write to the disk.

        Args:
            items: in the order in which they are to be sent.
            wait_s: in place of the outbox's own.

        Raises:
            UnfitItemError, ConflictingItemError, OutboxFullError, OutboxUnavailableError: none of
                them is in the outbox.
        """
        given = [(item.source, item.id, encoded(item)) for item in items]
        deadline = time.monotonic() + (self.wait_s if wait_s is None else wait_s)
        while True:
            try:
                return self.enqueue(given)
            except OutboxFullError:
                left = deadline - time.monotonic()
                if left <= 0 or len(given) > self._waiting_max:
                    raise
                time.sleep(min(left, FULL_POLL_S))

    def enqueue(self, given: Sequence[tuple[str, str, bytes]]) -> list[Placed]:
        """Put encoded items (source, id, content) without waiting for room; see `put_many`."""
        at = self.clock()
        with self.storage.writing() as connection:
            placed = [_placed(connection, *one, at) for one in given]
            waiting, waiting_bytes = connection.execute(_TOTALS).fetchone()
            over = waiting > self._waiting_max or waiting_bytes > self._waiting_bytes_max
            # Who repeats what is there already needs no room.
            if over and any(one.is_new for one in placed):
                raise OutboxFullError(waiting, waiting_bytes)
        return placed

    def last_number(self) -> int:
        """The number of the item that was put last; 0 before the first one."""
        with self.storage.reading() as connection:
            number: int = connection.execute(_LAST).fetchone()[0]
            return number

    def waits(self, number: int) -> bool:
        """Whether an item up to this number still waits for its answer."""
        with self.storage.reading() as connection:
            return bool(connection.execute(_ANY_WAITING, (number,)).fetchone()[0])

    def status(self) -> Status:
        """How the outbox stands."""
        with self.storage.reading() as connection:
            waiting, waiting_bytes = connection.execute(_TOTALS).fetchone()
            oldest = connection.execute(_OLDEST).fetchone()
            kept, kept_since = connection.execute(_KEPT).fetchone()
            refused = connection.execute(_REFUSED_COUNT).fetchone()[0]
            held = tuple(source for (source,) in connection.execute(_HELD))
            state, code, status, since, next_try_at = connection.execute(_SENDING).fetchone()
        return Status(
            waiting=waiting,
            waiting_bytes=waiting_bytes,
            waiting_since=instant(oldest[0]) if oldest else None,
            kept=kept,
            kept_since=_instant(kept_since),
            refused=refused,
            held_sources=held,
            state=state,
            code=code,
            http_status=status,
            since=_instant(since),
            next_try_at=_instant(next_try_at),
            has_sender=self.election.has_leader(),
        )

    def replay(self, since: datetime) -> Replayed:
        """Send again what was acknowledged since then, in the order of putting.

        After a restore of the ledger: `since` is when the backup was taken, or earlier. What the
        ledger still knows is answered as a duplicate. Replayed items may exceed the bound.

        Raises:
            ValueError: the moment has no offset.
        """
        moment = milliseconds(since)
        with self.storage.writing() as connection:
            items = connection.execute(_REPLAY, (moment,)).rowcount
            pruned_to = connection.execute(_PRUNED_TO).fetchone()[0]
        return Replayed(items, is_complete=moment > pruned_to)

    def refused(self, *, after: int = 0, limit: int = 100) -> list[RefusedItem]:
        """What the ledger does not take as it is, oldest first, from a number on."""
        with self.storage.reading() as connection:
            rows = connection.execute(_REFUSED, (after, limit)).fetchall()
        return [_refused(row) for row in rows]

    def requeue(self, number: int) -> bool:
        """Send a refused item again as it is; False if there is none, or its key was put anew.

        For what was mended elsewhere: a right that the key lacked, a notice that was not published.
        An item that is wrong itself is mended by putting it anew, under the same id.
        """
        with self.storage.writing() as connection:
            if connection.execute(_AGAIN, (number,)).rowcount != 1:
                return False
            connection.execute(_DROP_REFUSED, (number,))
            return True

    def discard(self, number: int) -> bool:
        """Delete a refused item for good, once a person has decided so; False if there is none."""
        with self.storage.writing() as connection:
            found = connection.execute(_DROP_REFUSED, (number,)).rowcount == 1
        self.storage.shorten_the_log()
        return found


def _placed(
    connection: sqlite3.Connection, source: str, id_: str, content: bytes, at: int
) -> Placed:
    known = connection.execute(_KNOWN, (source, id_)).fetchone()
    if known is None:
        number = connection.execute(_PUT, (source, id_, content, at)).lastrowid
        assert number is not None, "a row was inserted"
        return Placed(number, is_new=True)
    if known[1] != content:
        raise ConflictingItemError(known[0])
    return Placed(known[0], is_new=False)


def _refused(row: tuple[int, str, str, str, str, str, int, int, bytes]) -> RefusedItem:
    number, source, id_, status, code, problem, put_at, refused_at, content = row
    return RefusedItem(
        number=number,
        source=source,
        id=id_,
        status=status,
        code=code,
        problem=json.dumps(json.loads(problem), ensure_ascii=False),
        put_at=instant(put_at),
        refused_at=instant(refused_at),
        content=content.decode(),
    )


def _instant(moment: int | None) -> datetime | None:
    return None if moment is None else instant(moment)
