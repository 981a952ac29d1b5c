"""A folder that servers may use, and an erasure journal in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.retention.journal_file import Journal
from tests.journals import journal_in
from tests.postgres.backups import FAST
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
