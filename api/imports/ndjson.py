"""Lines of a file with their places, in bounded memory; NDJSON: one item a line, in UTF-8."""

import codecs
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from api.imports.rows import KEPT_BYTES_MAX, FilePosition, FileRow, touched
from api.problems.refusals import DuplicateMemberError, MalformedBodyError, NotUtf8Error
from api.web.intake import parse_json
from ledger.errors import Defect
from ledger_emitter.items import ITEM_BYTES_MAX

_PIECE: Final = 1 << 20
_LINE_BYTES_MAX: Final = ITEM_BYTES_MAX + 2
"""With its line end."""


@dataclass(frozen=True, slots=True)
class FileLine:
    """One line.

    Attributes:
        content: with its line end; the beginning of a line that is cut.
        is_cut: it is longer than any item.
    """

    at: FilePosition
    after: FilePosition
    content: bytes = field(repr=False)
    is_cut: bool = False


def lines(file: BinaryIO, place: FilePosition) -> Iterator[FileLine]:
    """All lines from `place` on; the last may have no line end."""
    file.seek(place.offset)
    at = place
    while content := file.readline(_LINE_BYTES_MAX):
        length, is_cut = len(content), False
        if length == _LINE_BYTES_MAX and not content.endswith(b"\n"):
            while piece := file.readline(_PIECE):
                is_cut = True
                length += len(piece)
                if piece.endswith(b"\n"):
                    break
        after = FilePosition(at.line + 1, at.offset + length)
        yield FileLine(at, after, content[:KEPT_BYTES_MAX] if is_cut else content, is_cut)
        at = after


def without_end(content: bytes) -> bytes:
    """The content without its line end."""
    return content.removesuffix(b"\n").removesuffix(b"\r")


class NdjsonRows:
    """A file with one item a line.

    Args:
        file: stays open as long as it is read.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.total = os.fstat(file.fileno()).st_size

    def begin(self) -> FilePosition:
        """The first line; a byte order mark is tolerated."""
        self._file.seek(0)
        marked = self._file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
        return FilePosition(1, len(codecs.BOM_UTF8) if marked else 0)

    def rows(self, place: FilePosition) -> Iterator[FileRow]:
        """A row a line."""
        for line in lines(self._file, place):
            yield _row(line)


def _row(line: FileLine) -> FileRow:
    content = without_end(line.content)
    if line.is_cut or len(content) > ITEM_BYTES_MAX:
        return bad(line, "LINE_TOO_LONG", f"has more than {ITEM_BYTES_MAX} bytes")
    if b"\0" in content:
        return bad(line, "NUL", f"holds a NUL at byte {content.index(0)}")
    content = content.strip(b" \t\r")
    if not content:
        return FileRow(line.at, line.after, line.content)
    try:
        value = parse_json(content)
    except NotUtf8Error as error:
        return bad(line, error.code, f"is no UTF-8 at byte {error.byte}")
    except MalformedBodyError as error:
        return bad(line, error.code, f"cannot be read as JSON from byte {error.byte} on")
    except DuplicateMemberError as error:
        return bad(line, error.code, "names a member twice")
    if not isinstance(value, dict):
        return bad(line, "NOT_AN_ITEM", "is no JSON object")
    return FileRow(line.at, line.after, line.content, content, touched(value))


def bad(line: FileLine, code: str, detail: str, pointer: str = "") -> FileRow:
    """The row of a line that is no item."""
    defects = (Defect(pointer, code, detail),)
    return FileRow(line.at, line.after, line.content, defects=defects)
