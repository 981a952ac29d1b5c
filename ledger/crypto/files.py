"""Files that are whole or not there, on the disk when the call returns, and their owner's alone."""

import os
from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Put `content` into `path`, 0600, in one step: a reader sees the old file or the new one.

    Raises:
        OSError: the folder cannot be written.
    """
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)
    move(partial, path)


def move(old: Path, new: Path) -> None:
    """Give the file `old` the name `new` in the same folder, also after a crash."""
    old.replace(new)
    sync_folder(new.parent)


def erase(path: Path) -> None:
    """Overwrite the file where it lies and remove it; nothing when it is not there.

    A disk or a file system may keep the old blocks all the same: the medium has to be trusted.

    Raises:
        OSError: the folder cannot be written.
    """
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return
    with path.open("r+b") as file:
        file.write(bytes(size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Let the names in `folder` survive a crash."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
