"""Files that are on the disk, whole, when the call returns."""

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` into `path`, 0600, in one step: a reader sees the old file or the new one.

    Raises:
        OSError: the folder cannot be written.
    """
    fresh = path.with_suffix(".partial")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)
    fresh.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Let the names in `folder` survive a crash."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
