"""A ring with its masters in one folder and their copies in another."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pyrage

from ledger.crypto.epoch_folder import FolderMasters
from ledger.crypto.escrow import Escrow
from ledger.crypto.keyring import KeyRing
from ledger.crypto.rotation import Rotation, rotated
from tests.format.ring_table import Clock, Table

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
