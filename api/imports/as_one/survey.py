"""The first pass: which lines are persons, which are bad, and where parts begin and end.

Where a part ends the file alone decides, and which lines are bad: so it can be made again.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from api.imports.errors import FileError
from api.imports.formats import FileRows
from api.imports.rows import FilePosition, FileRow
from api.resources.bulk.parts.lines import LINE_BYTES_MAX
from ledger.errors import Defect

PART_BYTES_MAX: Final = 8 * 1024 * 1024
"""Of content before compression; the lines of one part are held."""

BAD_MAX: Final = 100_000
_ROWS_AT_ONCE: Final = 1_000

Defects = tuple[Defect, ...]
Check = Callable[[Sequence[bytes]], Mapping[int, Defects]]
"""What is wrong with persons, by index; see `bad_persons`."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """One part.

    Attributes:
        number: from 1.
        at: where it begins in the file.
        end: where it ends, as `FilePosition.offset`.
        lines: how many persons it names.
        sha256: of its content.
    """

    number: int
    at: FilePosition
    end: int
    lines: int
    sha256: bytes


@dataclass(slots=True)
class Survey:
    """What is in the file.

    Attributes:
        bad: why lines are no persons, by their numbers.
        blank: lines that say nothing.
    """

    parts: list[FilePart] = field(default_factory=list[FilePart])
    bad: dict[int, Defects] = field(default_factory=dict[int, Defects])
    blank: int = 0

    @property
    def lines(self) -> int:
        """Persons in all parts."""
        return sum(part.lines for part in self.parts)

    @property
    def sha256(self) -> str:
        """Over the SHA-256 of each part, in hex: what is announced."""
        return hashlib.sha256(b"".join(part.sha256 for part in self.parts)).hexdigest()


def content_of(persons: Sequence[bytes]) -> bytes:
    """The content of a part: a line a person."""
    return b"\n".join(persons) + b"\n"


class Surveyor:
    """Goes through a file once.

    Args:
        check: says what no reader of lines sees.
        refused: lines that the ledger has refused, whatever is found here.
        lines_max: of a part.
        bad: called with each row that is no person, and its defects.
        seen: called now and then with where it is and how many persons there were.
    """

    def __init__(
        self,
        check: Check,
        refused: Mapping[int, Defects],
        lines_max: int,
        bad: Callable[[FileRow], None],
        noticed: Callable[[FileRow], None],
        seen: Callable[[int, int], None],
    ) -> None:
        self._check, self._refused, self._lines_max = check, refused, lines_max
        self._on_bad, self._on_noticed, self._seen = bad, noticed, seen
        self._found = Survey()
        self._hash = hashlib.sha256()
        self._lines = self._bytes = self._persons = 0
        self._at = self._last = FilePosition(1, 0)

    def survey(self, rows: FileRows) -> Survey:
        """All that is in the file.

        Raises:
            FileError: it cannot be read on, or is no file of persons.
        """
        self._at = rows.begin()
        coming = rows.rows(self._at)
        while some := list(islice(coming, _ROWS_AT_ONCE)):
            fit = [row for row in some if row.item and len(row.item) <= LINE_BYTES_MAX]
            wrong = self._check([row.item for row in fit])
            defects = {fit[index].at.line: found for index, found in wrong.items()}
            for row in some:
                self._take(row, defects.get(row.at.line, ()))
            self._seen(some[-1].after.offset, self._persons)
        self._end()
        return self._found

    def _take(self, row: FileRow, wrong: Defects) -> None:
        if row.noticed:
            self._on_noticed(row)
        found = row.defects or self._refused.get(row.at.line) or wrong
        if len(row.item) > LINE_BYTES_MAX:
            found = (Defect("", "LINE_TOO_LONG", f"has more than {LINE_BYTES_MAX} bytes"),)
        if found:
            if len(self._found.bad) == BAD_MAX:
                raise FileError("TOO_MANY_BAD", f"line {row.at.line}")
            self._found.bad[row.at.line] = found
            self._on_bad(replace(row, item=b"", defects=found))
        elif not row.item:
            self._found.blank += 1
        else:
            self._add(row)

    def _add(self, row: FileRow) -> None:
        line = row.item + b"\n"
        if self._lines == self._lines_max or self._bytes + len(line) > PART_BYTES_MAX:
            self._end()
        self._hash.update(line)
        self._lines, self._bytes = self._lines + 1, self._bytes + len(line)
        self._persons += 1
        self._last = row.after

    def _end(self) -> None:
        if self._lines:
            number, digest = len(self._found.parts) + 1, self._hash.digest()
            part = FilePart(number, self._at, self._last.offset, self._lines, digest)
            self._found.parts.append(part)
            self._at, self._hash, self._lines, self._bytes = self._last, hashlib.sha256(), 0, 0


@dataclass(frozen=True, slots=True)
class Content:
    """The persons of a part, and on which lines of the file they stand."""

    part: FilePart
    persons: list[bytes] = field(repr=False)
    lines: list[int]


class Contents:
    """Parts of a file; those that follow each other are read in one go.

    Args:
        bad: numbers of the lines that are left out.
    """

    def __init__(self, rows: FileRows, bad: Collection[int]) -> None:
        self._rows, self._bad = rows, bad
        self._coming: Iterator[FileRow] = iter(())
        self._offset: int | None = None

    def of(self, part: FilePart) -> Content:
        """The content of a part.

        Raises:
            FileError: the file is not what it was.
        """
        if self._offset != part.at.offset:
            self._coming = self._rows.rows(part.at)
        content = Content(part, [], [])
        for row in self._coming:
            if row.item and row.at.line not in self._bad:
                content.persons.append(row.item)
                content.lines.append(row.at.line)
            if row.after.offset >= part.end:
                break
        self._offset = part.end
        if hashlib.sha256(content_of(content.persons)).digest() != part.sha256:
            raise FileError("FILE_CHANGED")
        return content
