"""A folder for a server that is gone afterwards, for trials."""

import fcntl
import logging
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Final

from ledger.postgres.account import server_account, unreachable_folder
from ledger.postgres.embedded_server import EmbeddedServer, EmbeddedSettings
from ledger.postgres.errors import UnreachableFolderError
from ledger.postgres.home import system_home

log = logging.getLogger(__name__)

_PREFIX: Final = "ppl-"
_OWNER: Final = "in-use"
_STOP_SECONDS_MAX: Final = 10


@contextmanager
def temporary_folder(settings: EmbeddedSettings) -> Generator[Path, None, None]:
    """A new home folder that the server's user can reach; removed at the end, its server first.

    What a killed process left behind is stopped and removed too: each folder's owner holds a lock
    on a file in it as long as it lives.

    Raises:
        UnreachableFolderError: the server's user can reach none of the usual temporary folders.
    """
    base = _base(settings)
    _sweep(base, settings)
    folder, owner = _owned(base)
    with owner:
        if server_account(settings.account).switched:
            folder.chmod(0o711)  # ours, just made; the server's user must pass through
        try:
            yield folder
        finally:
            _remove(folder, settings)


def _owned(base: Path) -> tuple[Path, IO[str]]:
    """A new folder, and the lock that says whose it is."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
        owner = (folder / _OWNER).open("w")
        fcntl.flock(owner, fcntl.LOCK_EX)
        # Between the two somebody else may have taken it for left behind, and have swept it away.
        if os.fstat(owner.fileno()).st_nlink:
            return folder, owner
        owner.close()


def _base(settings: EmbeddedSettings) -> Path:
    account = server_account(settings.account)
    candidates = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]  # noqa: S108 -- mkdtemp makes a private folder below
    if account.switched:
        candidates.append(system_home())
    for candidate in candidates:
        if candidate.is_dir() and unreachable_folder(candidate, account) is None:
            return candidate
    raise UnreachableFolderError(
        f"the system user {account.name}, who runs PostgreSQL, can enter none of "
        f"{', '.join(map(str, candidates))}; set TMPDIR to a folder that it can enter"
    )


def _sweep(base: Path, settings: EmbeddedSettings) -> None:
    for folder in base.glob(f"{_PREFIX}*"):
        mark = folder / _OWNER
        try:
            if folder.stat().st_uid != os.geteuid() or not mark.is_file():
                continue
            with mark.open("r+") as owner:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                log.warning("removing %s, which a killed process left behind", folder)
                _remove(folder, settings)
        except OSError:  # in use, or just removed by somebody else
            continue


def _remove(folder: Path, settings: EmbeddedSettings) -> None:
    """Nothing in there is kept, so a clean end is not waited for long."""
    if any(folder.glob("postgres-*")):
        EmbeddedServer(folder, replace(settings, stop_seconds_max=_STOP_SECONDS_MAX)).stop()
    shutil.rmtree(folder, ignore_errors=True)
