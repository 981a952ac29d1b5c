"""The key ring's table in memory, with a place to be interrupted at."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from ledger.crypto.keys import KeyRow


class InterruptedRunError(Exception):
    """The process ended here."""


@dataclass
class Table:
    rows: list[KeyRow] = field(default_factory=list[KeyRow])
    idle: dict[str, date] = field(default_factory=dict[str, date])
    looks: int = 0
    before_replacing: Callable[[KeyRow], None] = lambda _: None

    def find(self, key_class: str, day: date | None, owner: UUID | None) -> KeyRow | None:
        self.looks += 1
        for row in self.rows:
            if (row.key_class, row.owner) == (key_class, owner) and (owner or row.day == day):
                return row
        return None

    def get(self, ids: Collection[bytes]) -> list[KeyRow]:
        self.looks += 1
        return [row for row in self.rows if row.key_id in ids]

    def add(self, row: KeyRow) -> KeyRow:
        self.rows.append(row)
        return row

    def of_other_epochs(self, epoch: str, after: bytes, limit: int) -> list[KeyRow]:
        rows = [row for row in self.rows if row.epoch != epoch and row.key_id > after]
        return sorted(rows, key=lambda row: row.key_id)[:limit]

    def counts(self) -> dict[str, int]:
        return dict(Counter(row.epoch for row in self.rows))

    def replace(self, old: KeyRow, new: KeyRow) -> bool:
        self.before_replacing(old)
        if old not in self.rows:
            return False
        self.rows[self.rows.index(old)] = new
        return True

    def in_use(self, epochs: Collection[str]) -> None:
        for name in epochs:
            self.idle.pop(name, None)

    def idle_since(self, epochs: Collection[str], today: date) -> dict[str, date]:
        self.idle = {name: self.idle.get(name, today) for name in epochs}
        return self.idle


@dataclass
class Clock:
    now: datetime = datetime(2026, 11, 24, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now
