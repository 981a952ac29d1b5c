"""A server or a folder that is gone afterwards, in memory where the machine has room for it.

A database of a test is some 440 small files, and a run makes two thousand databases.
"""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from ledger.postgres import temporary
from ledger.postgres.embedded_server import EmbeddedServer, EmbeddedSettings

_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108 -- a private folder is made below
_FREE_MIN: Final = 2 << 30
"""Bytes; Docker gives 64 MiB, where no database of a run would fit."""
_SMALL: Final = {"max_wal_size": "256MB", "scram_iterations": "1"}
"""Its log takes memory too."""


@contextmanager
def temporary_server(
    settings: EmbeddedSettings | None = None,
) -> Generator[EmbeddedServer, None, None]:
    """A running server in a new folder; stopped and removed at the end.

    Args:
        settings: None: without fsync, fast and not crash-safe.

    Raises:
        UnreachableFolderError: the server's user can reach none of the usual temporary folders.
    """
    chosen = settings or EmbeddedSettings(durable=False, options=_SMALL)
    with temporary_folder(chosen) as folder, EmbeddedServer(folder, chosen) as server:
        yield server


@contextmanager
def temporary_folder(settings: EmbeddedSettings) -> Generator[Path, None, None]:
    """A new folder that the server's user can reach; in memory, if there is room.

    Raises:
        UnreachableFolderError: as `temporary_server`.
    """
    before = tempfile.tempdir
    with ExitStack() as stack:
        try:
            if _IN_MEMORY.is_dir() and shutil.disk_usage(_IN_MEMORY).free >= _FREE_MIN:
                tempfile.tempdir = str(_IN_MEMORY)
            folder = stack.enter_context(temporary.temporary_folder(settings))
        finally:
            tempfile.tempdir = before
        yield folder
