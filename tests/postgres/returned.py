"""A ledger that is backed up, goes on, and is brought back."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.backup.after_restore import RestoreAgreement
from ledger.retention.journal_file import Journal
from tests.database import Database, Server
from tests.postgres.backups import back_up, brought_back, came_back, keeping, open_up
from tests.retaining.keeper import Keeper

DAY: Final = "2024-04-01"
"""On which it begins."""
BEFORE: Final = "2027-03-31"
"""The last day on which nothing of that day is due."""
AFTER: Final = "2027-04-02"


@dataclass(slots=True)
class Ledger:
    """A ledger before and after its restore, with one journal."""

    server: Server
    journal: Journal
    backup: Path
    database: Database
    kept: Keeper

    def back_up(self) -> None:
        self.kept.inside.follow()
        back_up(self.database, self.backup, "dump", self.journal)

    @contextmanager
    def restored(self) -> Generator[tuple[Keeper, RestoreAgreement]]:
        """The backup, brought back at the instant of the keeper's clock."""
        at = self.kept.inside.now
        with came_back(self.server, self.backup) as database:
            returned = brought_back(self.journal, database, accept_loss=True, at=at)
            open_up(self.journal, database)
            with self.again(database) as kept:
                yield kept, returned

    @contextmanager
    def again(self, database: Database) -> Generator[Keeper]:
        with keeping(database, self.journal) as kept:
            kept.transfers, kept.witnessed = self.kept.transfers, self.kept.witnessed
            kept.inside.now = self.kept.inside.now
            yield kept
