"""The second pass: a part as it was surveyed, made again out of the file."""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from api.imports.as_one.survey import FilePart, content_of
from api.imports.errors import FileError
from api.imports.rows import FileRow, FileRows


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
