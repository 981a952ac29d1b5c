"""How far an import is: a journal in the folder beside its file, JSON objects that only grow.

The first entry says of which file, into which ledger and how it was begun. The journal survives
kill -9 at any moment: a last line that is not whole was never there.
"""

import fcntl
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISDIR
from typing import Any, Final, Generic, Protocol, TypeVar, cast

import orjson

from api.imports.errors import FileError
from api.imports.outputs import open_private
from api.imports.rows import FilePosition
from ledger.crypto.files import sync_folder

Entry = Mapping[str, Any]

_NAME: Final = "journal.ndjson"
_FOLDER_MODE: Final = 0o700


def folder_of(path: Path) -> Path:
    """The folder beside a file."""
    return path.with_name(f"{path.name}.import")


class JournalledState(Protocol):
    """How far an import is."""

    def apply(self, entry: Entry) -> None:
        """Note one entry; KeyError, TypeError and ValueError say that it is none."""
        ...


S = TypeVar("S", bound=JournalledState)


class ImportJournal(Generic[S]):
    """A journal, held by one process at a time.

    Args:
        begun: of which file, into which ledger, read how; see `importer.begun_with`.

    Attributes:
        begun: what the import was begun with, perhaps by another call.
        state: how far it is.

    Raises:
        FileError: the folder is of another import, damaged, not its owner's alone, or held by
            another process.
    """

    def __init__(self, folder: Path, begun: Entry, state: S) -> None:
        folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        stated = folder.lstat()  # not where a link of somebody else leads
        if not S_ISDIR(stated.st_mode) or stated.st_uid != os.geteuid() or stated.st_mode & 0o077:
            raise FileError("FOLDER_EXPOSED")
        self.state: Final = state
        self._file = open_private(folder / _NAME)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.begun = self._read(begun) or self._begin(begun, folder)
        except BlockingIOError:
            self.close()
            raise FileError("IS_RUNNING") from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let the next process have it."""
        self._file.close()

    def add(self, entry: Entry) -> None:
        """Add an entry. On disk when this returns."""
        self._write(entry)
        self.state.apply(entry)

    def _read(self, requested: Entry) -> Entry | None:
        """What the import was begun with; what is added goes behind the last whole line."""
        begun: Entry | None = None
        length = 0
        for content in self._file:
            if not content.endswith(b"\n"):
                break
            length += len(content)
            try:
                entry = orjson.loads(content)
                if begun is None:
                    begun = cast("Entry", entry["begun"])
                    _agree(begun, requested)
                else:
                    self.state.apply(entry)
            except (AttributeError, KeyError, TypeError, ValueError):
                raise FileError("JOURNAL_DAMAGED") from None
        self._file.truncate(length)
        self._file.seek(length)
        return begun

    def _begin(self, begun: Entry, folder: Path) -> Entry:
        self._write({"begun": begun})
        sync_folder(folder)
        sync_folder(folder.parent)
        return begun

    def _write(self, entry: Entry) -> None:
        self._file.write(orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE))
        self._file.flush()
        os.fsync(self._file.fileno())


def _agree(begun: Entry, requested: Entry) -> None:
    """Refuse to go on with an import that was begun as another one.

    Args:
        begun: what the journal was begun with.
        requested: what this call says.

    Raises:
        FileError: says in what they differ; or the journal is damaged.
    """
    if begun.get("version") != requested["version"]:
        raise FileError("JOURNAL_DAMAGED")
    if ("as_one" in begun) != ("as_one" in requested):
        raise FileError("ANOTHER_READING")
    if set(begun) != set(requested):
        raise FileError("JOURNAL_DAMAGED")
    for names, code in (
        (("bytes", "sha256"), "ANOTHER_FILE"),
        (("url",), "ANOTHER_LEDGER"),
        (("format", "encoding"), "ANOTHER_READING"),
        (("as_one",), "ANOTHER_TRANSFER"),
    ):
        if any(begun.get(name) != requested.get(name) for name in names):
            raise FileError(code)


@dataclass(slots=True)
class JournalState:
    """How far an import of transfers is.

    Entries: `sent`, before a batch leaves, from where and what was the highest position known;
    `done`, once the outputs are on disk, how far they and the file are; `over`.

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

    def apply(self, entry: Entry) -> None:
        """Note one entry."""
        if "sent" in entry:
            self.sent.setdefault(int(entry["sent"]), int(entry["after"]))
            self.knows(int(entry["after"]))
        elif "done" in entry:
            place = FilePosition(int(entry["done"]["line"]), int(entry["done"]["offset"]))
            self.place, self.lengths = place, list(entry["lengths"])
            self.counts = Counter(entry["counts"])
            if entry["known"] is not None:
                self.knows(int(entry["known"]))
            self.sent = {at: known for at, known in self.sent.items() if at >= place.offset}
        else:
            self.is_over = bool(entry["over"])

    def knows(self, position: int) -> None:
        """The ledger has reached this position, at least."""
        self.position = max(position, self.position or 0)
