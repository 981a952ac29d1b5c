"""How far an import is, in the journal beside its file.

`begun` says of which file, into which ledger and how; `sent`, before a batch leaves, from which
line and what was the highest position known; `done`, once the outputs are on disk, how far they and
the file are.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, cast

from api.imports.errors import FileError
from api.imports.journal_folder import JournalFile, agree, folder_of
from api.imports.rows import FilePosition
from ledger.values import Json

__all__ = ["FileImportIdentity", "ImportJournal", "JournalState", "folder_of", "hashed", "mark_of"]

_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class FileImportIdentity:
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
class JournalState:
    """How far it is.

    Attributes:
        place: where the next row that has no result is; None at the beginning.
        lengths: of the outputs.
        counts: rows by status.
        sent: offsets of batches that were sent and not settled, with what was known before.
        position: the highest position known.
    """

    place: FilePosition | None = None
    lengths: list[int] = field(default_factory=lambda: [0, 0, 0])
    counts: Counter[str] = field(default_factory=Counter[str])
    sent: dict[int, int] = field(default_factory=dict[int, int])
    position: int | None = None
    is_over: bool = False


def hashed(path: Path) -> tuple[int, str]:
    """Length and SHA-256 of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return file.tell(), digest.hexdigest()


def mark_of(path: Path) -> tuple[int, ...]:
    """What changes when somebody writes into a file, or puts another in its place."""
    stated = path.stat()
    return stated.st_dev, stated.st_ino, stated.st_size, stated.st_mtime_ns


class ImportJournal:
    """The journal of one import, held by one process at a time.

    Args:
        identity: of this call; `rows_max` gives way to the one that the import was begun with.

    Raises:
        FileError: the folder is of another import, damaged, or held by another process.
    """

    def __init__(self, folder: Path, identity: FileImportIdentity) -> None:
        self._diary = JournalFile(folder)
        try:
            self.standing, begun = _read(self._diary.entries())
            self.identity = identity if begun is None else _agreed(begun, identity)
            self._diary.go_on(_told(identity))
        except BaseException:
            self._diary.close()
            raise

    def close(self) -> None:
        """Let the next process have it."""
        self._diary.close()

    def sent(self, place: FilePosition, position: int) -> None:
        """A batch leaves now; known up to `position`. On disk when this returns."""
        self.standing.sent[place.offset] = position
        self._diary.add({"sent": place.offset, "after": position})

    def done(self, place: FilePosition, lengths: list[int], counts: Counter[str]) -> None:
        """All rows before `place` are settled, and the outputs say so up to `lengths`."""
        standing = self.standing
        standing.place, standing.lengths = place, lengths
        standing.counts.update(counts)
        standing.sent = {at: known for at, known in standing.sent.items() if at >= place.offset}
        told = {"line": place.line, "offset": place.offset}
        counted, known = dict(standing.counts), standing.position
        self._diary.add({"done": told, "lengths": lengths, "counts": counted, "known": known})

    def knows(self, position: int) -> None:
        """The ledger has reached this position, at least."""
        standing = self.standing
        standing.position = max(position, standing.position or 0)

    def over(self) -> None:
        """There is nothing more in the file."""
        self.standing.is_over = True
        self._diary.add({"over": True})


def _read(entries: Iterable[Mapping[str, Any]]) -> tuple[JournalState, Mapping[str, Json] | None]:
    """What stands in a journal, and what it was begun with."""
    standing, begun, is_empty = JournalState(), None, True
    for entry in entries:
        is_empty = False
        try:
            if "begun" in entry:
                begun = cast("Mapping[str, Json]", entry["begun"])
            elif "sent" in entry:
                known = int(entry["after"])
                standing.sent.setdefault(int(entry["sent"]), known)
                standing.position = max(known, standing.position or 0)
            elif "done" in entry:
                place = FilePosition(int(entry["done"]["line"]), int(entry["done"]["offset"]))
                standing.place, standing.lengths = place, list(entry["lengths"])
                standing.counts = Counter(entry["counts"])
                if entry["known"] is not None:
                    standing.position = max(int(entry["known"]), standing.position or 0)
                standing.sent = {a: k for a, k in standing.sent.items() if a >= place.offset}
            elif "over" in entry:
                standing.is_over = True
            elif begun is None or "as_one" not in begun:
                raise FileError("JOURNAL_DAMAGED")
        except (ValueError, TypeError, KeyError):
            raise FileError("JOURNAL_DAMAGED") from None
    if begun is None and not is_empty:
        raise FileError("JOURNAL_DAMAGED")
    return standing, begun


def _agreed(begun: Mapping[str, Json], identity: FileImportIdentity) -> FileImportIdentity:
    agree(begun, _told(identity))
    rows_max = begun["rows_max"]
    assert isinstance(rows_max, int)
    return replace(identity, rows_max=rows_max)


def _told(identity: FileImportIdentity) -> dict[str, Json]:
    return {
        "version": _VERSION,
        "bytes": identity.bytes,
        "sha256": identity.sha256,
        "url": identity.url,
        "format": identity.format,
        "encoding": identity.encoding,
        "rows_max": identity.rows_max,
    }
