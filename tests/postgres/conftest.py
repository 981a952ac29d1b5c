"""A folder that servers may use, and an erasure journal in it."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from ledger.retention.journal_file import Journal
from tests.database import Database, Server
from tests.journals import journal_in
from tests.postgres.backups import FAST, keeping, open_up
from tests.postgres.returned import DAY, Ledger
from tests.postgres.temporary import temporary_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short enough for a socket, and whoever runs the server may enter it."""
    with temporary_folder(FAST) as made:
        yield made


@pytest.fixture
def journal(folder: Path) -> Journal:
    """Not begun yet."""
    return journal_in(folder / "journal")


@pytest.fixture
def ledger(server: Server, database: Database, tmp_path: Path) -> Generator[Ledger]:
    journal = journal_in(tmp_path / "journal")
    with keeping(database, journal) as kept:
        open_up(journal, database)
        kept.on(DAY)
        yield Ledger(server, journal, tmp_path / "backup", database, kept)
