"""Files of secrets that others than their owner may read: what an operator should close."""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

_OTHERS: Final = 0o066
"""Group and others, to read and to write."""


def open_files(files: Mapping[str, Path]) -> Iterator[str]:
    """A sentence for each file that its owner, who runs this, should close and can.

    What another user owns, or lies on a mount that cannot be written, is as its deployment made it:
    a secret that is mounted into a container is often root's, and readable by all inside.

    Args:
        files: what is told of a file → where it is; one that is not there is passed over.
    """
    if os.name != "posix":
        return  # its modes tell nothing
    for told, path in files.items():
        try:
            found = path.stat()
            is_fixed = os.statvfs(path).f_flag & os.ST_RDONLY
        except OSError:
            continue  # that it cannot be read is told by whoever needs it
        mode = stat.S_IMODE(found.st_mode)
        is_ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
        if is_ours and not is_fixed and mode & _OTHERS:
            yield (
                f"{told} is open to others than its owner (mode {mode:04o}): chmod 600, and take "
                "what it holds for read by whoever could"
            )


def share_a_disk(one: Path, other: Path) -> bool:
    """Whether both lie on the same file system, and are lost together; False if one is missing."""
    try:
        return one.stat().st_dev == other.stat().st_dev
    except OSError:
        return False
