"""The items of an outbox by the day to which their transfers belong.

A transfer belongs to `transferred_on`, or to `transferred_to`, the last day of its period.
"""

import json
import sqlite3
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final

from ledger_emitter.outbox import Outbox

_JAPAN: Final = timezone(timedelta(hours=9))
_WINDOW: Final = 5_000
"""Items that are looked at in one go: whoever puts meanwhile waits no longer than that takes."""
_BOUNDARIES: Final = frozenset("/:?#")

_LAST_ITEM: Final = "SELECT coalesce(max(number), 0) FROM items"
_LAST_REFUSED: Final = "SELECT coalesce(max(number), 0) FROM refused"
# The day stands in the content as it was encoded, so most items need not be read.
_ITEMS: Final = (
    "SELECT number, source, id, content, acknowledged_at IS NULL FROM items"
    " WHERE number > ? AND number <= ? AND instr(content, ?) > 0 ORDER BY number"
)
_REFUSED: Final = (
    "SELECT 0, r.source, r.id, r.content, 0 FROM refused AS r"
    " WHERE r.number > ? AND r.number <= ? AND r.settled_at IS NULL AND instr(r.content, ?) > 0"
    " AND NOT EXISTS (SELECT 1 FROM items AS i WHERE i.source = r.source AND i.id = r.id)"
    " AND NOT EXISTS (SELECT 1 FROM refused AS o WHERE o.source = r.source AND o.id = r.id"
    " AND o.settled_at IS NULL AND o.number < r.number)"
    " ORDER BY r.number"
)
_PRUNED_TO: Final = "SELECT pruned_to FROM totals"
_WAITS: Final = "SELECT 1 FROM items WHERE number = ? AND acknowledged_at IS NULL"
_AGAIN: Final = (
    "UPDATE items SET acknowledged_at = NULL, due_at = 0, tries = 0"
    " WHERE source = ? AND id = ? AND acknowledged_at IS NOT NULL RETURNING number"
)


@dataclass(frozen=True, slots=True)
class DatedItem:
    """An item of the day.

    Attributes:
        number: in the outbox; 0 of one that was refused.
        is_waiting: it has no answer yet.
    """

    number: int
    source: str
    id: str = field(repr=False)
    is_waiting: bool


def items_of(outbox: Outbox, day: date, source: str) -> Generator[DatedItem]:
    """Every item of the day from a source and what lies below it, each key once.

    Acknowledged, waiting and refused ones: whatever became of it, the transfer was made.
    """
    sought = f'"{day.isoformat()}"'.encode()
    for last_of, question in ((_LAST_ITEM, _ITEMS), (_LAST_REFUSED, _REFUSED)):
        with outbox.storage.reading() as connection:
            last: int = connection.execute(last_of).fetchone()[0]
        for begin in range(0, last, _WINDOW):
            rows = _rows(outbox, question, (begin, begin + _WINDOW, sought))
            for number, own, id_, content, is_waiting in rows:
                if _is_within(own, source) and day_of(content) == day.isoformat():
                    yield DatedItem(number, own, id_, bool(is_waiting))


def _rows(outbox: Outbox, question: str, parameters: Sequence[object]) -> list[Any]:
    with outbox.storage.reading() as connection:
        return connection.execute(question, parameters).fetchall()


def day_of(content: bytes) -> str | None:
    """The day to which the transfer of an item belongs, `2026-11-24`; None: to none."""
    data = json.loads(content)["data"]
    day = data.get("transferred_on") or data.get("transferred_to")
    return day if isinstance(day, str) else None


def _is_within(source: str, prefix: str) -> bool:
    """Whether the source is the emitter's, or lies below it."""
    if source == prefix:
        return True
    if not source.startswith(prefix):
        return False
    return prefix[-1] in "/:" or source[len(prefix)] in _BOUNDARIES


def is_retained(outbox: Outbox, day: date) -> bool:
    """Whether no acknowledged item of the day can have been deleted: none is before its day."""
    begin = datetime(day.year, day.month, day.day, tzinfo=_JAPAN)
    with outbox.storage.reading() as connection:
        pruned_to: int = connection.execute(_PRUNED_TO).fetchone()[0]
    return pruned_to < begin.timestamp() * 1_000


def waits(outbox: Outbox, numbers: Iterable[int]) -> bool:
    """Whether one of these items has no answer yet."""
    with outbox.storage.reading() as connection:
        return any(connection.execute(_WAITS, (one,)).fetchone() for one in numbers)


def resend(outbox: Outbox, keys: Iterable[tuple[str, str]]) -> list[int]:
    """Send acknowledged items again that the ledger does not hold; their numbers."""
    with outbox.storage.writing() as connection:
        return [number for key in keys for number in _requeue(connection, key)]


def _requeue(connection: sqlite3.Connection, key: tuple[str, str]) -> list[int]:
    return [number for (number,) in connection.execute(_AGAIN, key).fetchall()]
