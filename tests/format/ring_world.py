"""A key ring: its table in memory, its masters in one folder and their copies in another."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pyrage
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.crypto.epoch import wrap_aad
from ledger.crypto.epoch_folder import FolderMasters
from ledger.crypto.escrow import Escrow
from ledger.crypto.keyring import KeyRing
from ledger.crypto.keys import DataKey, KeyRow
from ledger.crypto.rotation import Rotation, rotated


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

    def foreign(self) -> Iterator[KeyRow]:
        return iter(())

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


FIRST = date(2026, 11, 23)
NEXT = FIRST + timedelta(days=7)
HORIZON = timedelta(days=35)
RECIPIENT = str(pyrage.x25519.Identity.generate().to_public())


@dataclass
class World:
    """A ring, its masters in one folder and their copies in another."""

    folder: Path
    table: Table = field(default_factory=Table)

    def __post_init__(self) -> None:
        for place in (self.folder / "epochs", self.folder / "escrow"):
            place.mkdir()
        self.masters = FolderMasters(self.folder / "epochs")
        self.escrow = Escrow(self.folder / "escrow", RECIPIENT)
        self.keys = KeyRing(self.table, self.masters, "demo", Clock())

    def rotate(
        self, today: date, *, horizon: timedelta = HORIZON, confirmed: bool = False
    ) -> Rotation:
        return rotated(
            self.keys, self.table, today, horizon, escrow=self.escrow, confirmed=confirmed
        )

    def add_keys(self, count: int) -> list[bytes]:
        begin = len(self.table.rows)
        days = [FIRST + timedelta(days=1000 + begin + n) for n in range(count)]
        return [self.keys.key_for("record", day=day).id for day in days]

    def epochs(self) -> set[str]:
        return {row.epoch for row in self.table.rows}

    def ids(self) -> set[bytes]:
        ring = KeyRing(self.table, self.masters, "demo", Clock())
        return set(ring.open([row.key_id for row in self.table.rows]))


def wrapped_alone(key: DataKey, ledger: str, master: bytes, nonce: bytes) -> bytes:
    """Nonce ‖ AES-256-GCM(master, nonce, data key, AAD) in the first form, bound to no owner."""
    aad = wrap_aad(ledger, key.id, key.key_class, key.day)
    return nonce + AESGCM(master).encrypt(nonce, key.secret, aad)
