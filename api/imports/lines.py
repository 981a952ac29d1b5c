"""Lines of a file with their places, in bounded memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from api.imports.rows import ITEM_BYTES_MAX, KEPT_BYTES_MAX, FilePosition

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
