"""How far an import is, in a folder beside its file; it survives kill -9 at any moment.

`journal.ndjson` grows by a line: `begun` says of which file, into which ledger and how; `sent`,
before a batch leaves, from which line and what was the highest position known; `done`, once the
outputs are on disk, how far they and the file are. A last line that is not whole was never there.
"""

import fcntl
import hashlib
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISDIR
from typing import Any, BinaryIO, Final, cast

import orjson

from api.files.errors import FileError
from api.files.outputs import MODE
from api.files.rows import Place
from ledger.values import Json

_NAME: Final = "journal.ndjson"
_FOLDER_MODE: Final = 0o700
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Identity:
    """Which file, into which ledger, read how.

    Attributes:
        sha256: of its content, in hex.
        rows_max: most rows of a batch, as begun.
    """

    bytes: int
    sha256: str
    url: str
    format: str
    encoding: str
    rows_max: int


@dataclass(slots=True)
class Standing:
    """How far it is.

    Attributes:
        place: where the next row that has no result is; None at the beginning.
        lengths: of the outputs.
        counts: rows by status.
        sent: offsets of batches that were sent and not settled, with what was known before.
        position: the highest position known.
    """

    place: Place | None = None
    lengths: list[int] = field(default_factory=lambda: [0, 0, 0])
    counts: Counter[str] = field(default_factory=Counter[str])
    sent: dict[int, int] = field(default_factory=dict[int, int])
    position: int | None = None
    is_over: bool = False


def folder_of(path: Path) -> Path:
    """The folder beside a file."""
    return path.with_name(f"{path.name}.import")


def hashed(path: Path) -> tuple[int, str]:
    """Length and SHA-256 of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return file.tell(), digest.hexdigest()


class Journal:
    """The journal of one import, held by one process at a time.

    Args:
        identity: of this call; `rows_max` gives way to the one that the import was begun with.

    Raises:
        FileError: the folder is of another import, damaged, or held by another process.
    """

    def __init__(self, folder: Path, identity: Identity) -> None:
        folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        stated = folder.lstat()  # not where a link of somebody else leads
        if not S_ISDIR(stated.st_mode) or stated.st_uid != os.geteuid() or stated.st_mode & 0o077:
            raise FileError("FOLDER_EXPOSED")
        path = folder / _NAME
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE)
        self._file: BinaryIO = os.fdopen(descriptor, "r+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise FileError("IS_RUNNING") from None
        try:
            self.standing, begun, length = _read(self._file)
            self.identity = _agreed(begun, identity)
        except FileError:
            self._file.close()
            raise
        self._file.truncate(length)
        self._file.seek(length)
        if begun is None:
            self._add({"begun": _told(identity)})
            for place in (folder, folder.parent):
                _sync(place)

    def close(self) -> None:
        """Let the next process have it."""
        self._file.close()

    def sent(self, place: Place, position: int) -> None:
        """A batch leaves now; known up to `position`. On disk when this returns."""
        self.standing.sent[place.offset] = position
        self._add({"sent": place.offset, "after": position})

    def done(self, place: Place, lengths: list[int], counts: Counter[str]) -> None:
        """All rows before `place` are settled, and the outputs say so up to `lengths`."""
        standing = self.standing
        standing.place, standing.lengths = place, lengths
        standing.counts.update(counts)
        standing.sent = {at: known for at, known in standing.sent.items() if at >= place.offset}
        told = {"line": place.line, "offset": place.offset}
        counted, known = dict(standing.counts), standing.position
        self._add({"done": told, "lengths": lengths, "counts": counted, "known": known})

    def knows(self, position: int) -> None:
        """The ledger has reached this position, at least."""
        standing = self.standing
        standing.position = max(position, standing.position or 0)

    def over(self) -> None:
        """There is nothing more in the file."""
        self.standing.is_over = True
        self._add({"over": True})

    def _add(self, entry: Mapping[str, Any]) -> None:
        self._file.write(orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE))
        self._file.flush()
        os.fsync(self._file.fileno())


def _read(file: BinaryIO) -> tuple[Standing, Mapping[str, Json] | None, int]:
    """What stands in a journal, what it was begun with, and where its last whole line ends."""
    standing, begun, length = Standing(), None, 0
    for content in file:
        if not content.endswith(b"\n"):
            break
        try:
            entry = cast("dict[str, Any]", orjson.loads(content))
            if "begun" in entry:
                begun = cast("Mapping[str, Json]", entry["begun"])
            elif "sent" in entry:
                known = int(entry["after"])
                standing.sent.setdefault(int(entry["sent"]), known)
                standing.position = max(known, standing.position or 0)
            elif "done" in entry:
                place = Place(int(entry["done"]["line"]), int(entry["done"]["offset"]))
                standing.place, standing.lengths = place, list(entry["lengths"])
                standing.counts = Counter(entry["counts"])
                if entry["known"] is not None:
                    standing.position = max(int(entry["known"]), standing.position or 0)
                standing.sent = {a: k for a, k in standing.sent.items() if a >= place.offset}
            elif "over" in entry:
                standing.is_over = True
            else:
                raise FileError("JOURNAL_DAMAGED")
        except (ValueError, TypeError, KeyError):
            raise FileError("JOURNAL_DAMAGED") from None
        length += len(content)
    if length and begun is None:
        raise FileError("JOURNAL_DAMAGED")
    return standing, begun, length


def _agreed(begun: Mapping[str, Json] | None, identity: Identity) -> Identity:
    if begun is None:
        return identity
    told = _told(identity)
    if begun.get("version") != _VERSION or set(begun) != set(told):
        raise FileError("JOURNAL_DAMAGED")
    for names, code in (
        (("bytes", "sha256"), "ANOTHER_FILE"),
        (("url",), "ANOTHER_LEDGER"),
        (("format", "encoding"), "ANOTHER_READING"),
    ):
        if any(begun[name] != told[name] for name in names):
            raise FileError(code)
    rows_max = begun["rows_max"]
    assert isinstance(rows_max, int)
    return Identity(
        identity.bytes,
        identity.sha256,
        identity.url,
        identity.format,
        identity.encoding,
        rows_max,
    )


def _told(identity: Identity) -> dict[str, Json]:
    return {
        "version": _VERSION,
        "bytes": identity.bytes,
        "sha256": identity.sha256,
        "url": identity.url,
        "format": identity.format,
        "encoding": identity.encoding,
        "rows_max": identity.rows_max,
    }


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
