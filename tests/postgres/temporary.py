"""A server that is gone afterwards."""

from collections.abc import Generator
from contextlib import contextmanager

from ledger.postgres.embedded import EmbeddedServer, EmbeddedSettings
from ledger.postgres.temporary import temporary_folder


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
    chosen = settings or EmbeddedSettings(durable=False)
    with temporary_folder(chosen) as folder, EmbeddedServer(folder, chosen) as server:
        yield server
