"""The folder beside a file, and the journal in it: JSON objects, one a line, that only grow.

It survives kill -9 at any moment: a last line that is not whole was never there.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from stat import S_ISDIR
from typing import Any, BinaryIO, Final, cast

import orjson

from api.imports.errors import FileError
from api.imports.outputs import MODE
from ledger.values import Json

_NAME: Final = "journal.ndjson"
_FOLDER_MODE: Final = 0o700


def folder_of(path: Path) -> Path:
    """The folder beside a file."""
    return path.with_name(f"{path.name}.import")


class JournalFile:
    """A journal, held by one process at a time: read its `entries`, `go_on`, then `add`.

    Raises:
        FileError: the folder is not its owner's alone, or held by another process.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        stated = folder.lstat()  # not where a link of somebody else leads
        if not S_ISDIR(stated.st_mode) or stated.st_uid != os.geteuid() or stated.st_mode & 0o077:
            raise FileError("FOLDER_EXPOSED")
        self._folder = folder
        self._length = 0
        descriptor = os.open(folder / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE)
        self._file: BinaryIO = os.fdopen(descriptor, "r+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise FileError("IS_RUNNING") from None

    def close(self) -> None:
        """Let the next process have it."""
        self._file.close()

    def entries(self) -> Iterator[Mapping[str, Any]]:
        """What stands in it, in its order.

        Raises:
            FileError: it is damaged.
        """
        for content in self._file:
            if not content.endswith(b"\n"):
                return
            try:
                entry: object = orjson.loads(content)
            except orjson.JSONDecodeError:
                raise FileError("JOURNAL_DAMAGED") from None
            if not isinstance(entry, dict):
                raise FileError("JOURNAL_DAMAGED")
            yield cast("Mapping[str, Any]", entry)
            self._length += len(content)

    def go_on(self, begun: Mapping[str, Json]) -> None:
        """Write behind its last whole line from now on; `begun` is the first, if there is none."""
        self._file.truncate(self._length)
        self._file.seek(self._length)
        if not self._length:
            self.add({"begun": begun})
            for place in (self._folder, self._folder.parent):
                _sync(place)

    def add(self, entry: Mapping[str, Any]) -> None:
        """Add an entry. On disk when this returns."""
        self._file.write(orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE))
        self._file.flush()
        os.fsync(self._file.fileno())


def agree(begun: Mapping[str, Json], told: Mapping[str, Json]) -> None:
    """Refuse to go on with an import that was begun as another one.

    Args:
        begun: what the journal was begun with.
        told: what this call says.

    Raises:
        FileError: says in what they differ; or the journal is damaged.
    """
    if begun.get("version") != told["version"]:
        raise FileError("JOURNAL_DAMAGED")
    if ("as_one" in begun) != ("as_one" in told):
        raise FileError("ANOTHER_READING")
    if set(begun) != set(told):
        raise FileError("JOURNAL_DAMAGED")
    for names, code in (
        (("bytes", "sha256"), "ANOTHER_FILE"),
        (("url",), "ANOTHER_LEDGER"),
        (("format", "encoding"), "ANOTHER_READING"),
        (("as_one",), "ANOTHER_TRANSFER"),
    ):
        if any(begun.get(name) != told.get(name) for name in names):
            raise FileError(code)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
