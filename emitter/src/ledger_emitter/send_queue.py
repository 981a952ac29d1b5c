"""The outbox as its sender sees it: the next batch, and what the ledger said of it."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from ledger_emitter.items import body_bytes
from ledger_emitter.outbox import Outbox
from ledger_emitter.records import State

_DAY_MS: Final = 86_400_000
_FAR_MS: Final = 2 * 3_600_000
"""What is due later than that was put off by a clock that has been set back since."""

_PRUNED_AT_ONCE: Final = 5_000

_PROBES: Final = (
    "SELECT items.number, items.source, items.content, items.tries"
    " FROM held JOIN items ON items.number = ("
    " SELECT min(number) FROM items WHERE source = held.source AND acknowledged_at IS NULL)"
    " WHERE held.probe_at <= :now OR held.probe_at > :far ORDER BY items.number LIMIT :items"
)
_BATCH: Final = (
    "SELECT number, source, content, tries FROM items"
    " WHERE acknowledged_at IS NULL AND (due_at <= :now OR due_at > :far)"
    " AND source NOT IN (SELECT source FROM held) ORDER BY number LIMIT :items"
)
_NEXT_DUE: Final = (
    "SELECT min(due) FROM ("
    " SELECT min(due_at) AS due FROM items WHERE acknowledged_at IS NULL AND due_at > 0"
    " UNION ALL SELECT min(probe_at) FROM held)"
)
_ACKNOWLEDGE: Final = (
    "UPDATE items SET acknowledged_at = ?, status = ?, position = ?, due_at = 0, tries = 0"
    " WHERE number = ? AND acknowledged_at IS NULL RETURNING source, id"
)
_MENDED: Final = (
    "UPDATE refused SET settled_at = ?"
    " WHERE source = ? AND id = ? AND status = 'rejected' AND settled_at IS NULL"
)
_RELEASE: Final = "DELETE FROM held WHERE source = ?"
_RELEASE_EMPTY: Final = (
    "DELETE FROM held WHERE NOT EXISTS ("
    " SELECT 1 FROM items WHERE items.source = held.source AND acknowledged_at IS NULL)"
)
_TAKE: Final = (
    "DELETE FROM items WHERE number = ? AND acknowledged_at IS NULL"
    " RETURNING source, id, content, put_at"
)
_SAME_REFUSED: Final = (
    "UPDATE refused SET refused_at = ?, status = ?, code = ?, problem = ?"
    " WHERE source = ? AND id = ? AND content = ? AND settled_at IS NULL"
)
_REFUSE: Final = (
    "INSERT INTO refused (refused_at, status, code, problem, source, id, content, put_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_HOLD: Final = (
    "INSERT INTO held (source, code, since, probe_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (source) DO UPDATE SET code = excluded.code, probe_at = excluded.probe_at"
)
_DEFER: Final = "UPDATE items SET due_at = ?, tries = tries + 1 WHERE number = ?"
_NOTE: Final = (
    "UPDATE sending SET code = :code, http_status = :status, next_try_at = :next,"
    " since = CASE WHEN state = :state AND since IS NOT NULL THEN since ELSE :now END,"
    " state = :state"
)
_PRUNE: Final = (
    "DELETE FROM items WHERE number IN (SELECT number FROM items"
    " WHERE acknowledged_at < ? ORDER BY acknowledged_at LIMIT ?) RETURNING acknowledged_at"
)
_PRUNED_TO: Final = "UPDATE totals SET pruned_to = max(pruned_to, ?)"
_PRUNE_SETTLED: Final = "DELETE FROM refused WHERE settled_at < ?"


@dataclass(frozen=True, slots=True)
class QueuedItem:
    """An item on its way out.

    Attributes:
        tries: how often the ledger broke on it alone.
    """

    number: int
    source: str
    content: bytes = field(repr=False)
    tries: int


@dataclass(frozen=True, slots=True)
class ItemAcknowledged:
    """It stands in the ledger: `recorded`, `duplicate` or `duplicate_expired`."""

    number: int
    status: str
    position: int | None


@dataclass(frozen=True, slots=True)
class ItemRefused:
    """The ledger does not take it as it is."""

    number: int
    status: Literal["rejected", "conflict"]
    code: str
    problem: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SourcePaused:
    """The key may not send for its source: all items of the source wait, `for_s` seconds."""

    source: str
    code: str
    for_s: float


@dataclass(frozen=True, slots=True)
class ItemDeferred:
    """Today it gets no answer of its own, and may get one tomorrow: it alone waits.

    Attributes:
        for_s: seconds.
        code: why, where the ledger has not even seen it: nothing changes before a person mends
            what stands between. None: the ledger broke on it.
    """

    number: int
    for_s: float
    code: str | None = None


Settled = ItemAcknowledged | ItemRefused | SourcePaused | ItemDeferred


class SendQueue:
    """What the sender of an outbox takes from it and notes in it."""

    def __init__(self, outbox: Outbox) -> None:
        self._storage: Final = outbox.storage
        self._clock: Final = outbox.clock
        self._keep_ms: Final = outbox.keep_days * _DAY_MS

    def batch(self, items_max: int, bytes_max: int) -> list[QueuedItem]:
        """The oldest items that are due, as many as fit into one request; at least one, if any.

        One item of each held source is asked about first, when its time has come.
        """
        at = self._clock()
        parameters = {"now": at, "far": at + _FAR_MS, "items": items_max}
        with self._storage.reading() as connection:
            return _fitting(connection, _PROBES, parameters, bytes_max) or _fitting(
                connection, _BATCH, parameters, bytes_max
            )

    def settle(self, settled: Sequence[Settled]) -> None:
        """Note what the ledger said, all of it or nothing."""
        if not settled:
            return
        at = self._clock()
        with self._storage.writing() as connection:
            released: set[str] = set()
            for one in settled:
                match one:
                    case ItemAcknowledged():
                        released |= _acknowledge(connection, one, at)
                    case ItemRefused():
                        _refuse(connection, one, at)
                    case SourcePaused():
                        probe_at = at + _ms(one.for_s)
                        connection.execute(_HOLD, (one.source, one.code, at, probe_at))
                    case ItemDeferred():
                        connection.execute(_DEFER, (at + _ms(one.for_s), one.number))
            for source in released:
                connection.execute(_RELEASE, (source,))
            connection.execute(_RELEASE_EMPTY)

    def due_in_s(self) -> float | None:
        """Seconds until something that was put off is due; None if nothing was."""
        with self._storage.reading() as connection:
            due = connection.execute(_NEXT_DUE).fetchone()[0]
        if due is None:
            return None
        return min(max(due - self._clock(), 0), _FAR_MS) / 1_000

    def note(self, state: State, code: str, http_status: int, next_s: float | None) -> None:
        """Note how the sending goes, for `Outbox.status`."""
        at = self._clock()
        next_try_at = None if next_s is None else at + _ms(next_s)
        noted = {"state": state, "code": code, "status": http_status}
        with self._storage.writing() as connection:
            connection.execute(_NOTE, {**noted, "next": next_try_at, "now": at})

    def prune(self) -> int:
        """Delete what was acknowledged longer ago than it is kept; how many items that were."""
        until = self._clock() - self._keep_ms
        with self._storage.writing() as connection:
            settled = connection.execute(_PRUNE_SETTLED, (until,)).rowcount
        deleted = 0
        while True:
            with self._storage.writing() as connection:
                gone = connection.execute(_PRUNE, (until, _PRUNED_AT_ONCE)).fetchall()
                if gone:
                    connection.execute(_PRUNED_TO, (max(at for (at,) in gone),))
            deleted += len(gone)
            if len(gone) < _PRUNED_AT_ONCE:
                break
        if deleted or settled:
            self._storage.shorten_the_log()
        return deleted


def _fitting(
    connection: sqlite3.Connection, question: str, parameters: Mapping[str, int], bytes_max: int
) -> list[QueuedItem]:
    """The rows, while their request stays within `bytes_max`."""
    found: list[QueuedItem] = []
    content_bytes = 0
    rows = connection.execute(question, parameters)
    for number, source, content, tries in rows:
        content_bytes += len(content)
        if found and body_bytes(len(found) + 1, content_bytes) > bytes_max:
            break
        found.append(QueuedItem(number, source, content, tries))
    rows.close()
    return found


def _acknowledge(connection: sqlite3.Connection, one: ItemAcknowledged, at: int) -> set[str]:
    """Note it; the source, of which we now know that the key may send for it."""
    noted = (at, one.status, one.position, one.number)
    keys = connection.execute(_ACKNOWLEDGE, noted).fetchall()
    for source, id_ in keys:
        connection.execute(_MENDED, (at, source, id_))
    return {source for source, _ in keys}


def _refuse(connection: sqlite3.Connection, one: ItemRefused, at: int) -> None:
    """Move it to the refused ones, in the same transaction: it is always in one of both."""
    problem = json.dumps(one.problem, ensure_ascii=True)
    refusal = (at, one.status, one.code, problem)
    for source, id_, content, put_at in connection.execute(_TAKE, (one.number,)).fetchall():
        same = connection.execute(_SAME_REFUSED, (*refusal, source, id_, content))
        if same.rowcount == 0:
            connection.execute(_REFUSE, (*refusal, source, id_, content, put_at))


def _ms(seconds: float) -> int:
    return int(seconds * 1_000)
