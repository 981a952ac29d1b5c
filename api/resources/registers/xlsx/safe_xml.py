"""XML of a workbook, piece by piece, by expat: no declarations, so no entities and no outside.

What the parser itself must hold is bounded: how deeply elements lie in each other, and how long a
tag or a comment is. Characters of a text come as they are read. Names come without their prefix:
programs choose different ones.
"""

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final
from xml.parsers import expat

from api.resources.registers.errors import RegisterError

_PIECE: Final = 1 << 16
DEPTH_MAX: Final = 64
"""Elements within each other; the format itself needs some ten."""
TOKEN_BYTES_MAX: Final = 1 << 20
"""Of one tag with its attributes, or one comment."""
_ENCODINGS: Final = ("utf-8", "utf-16")


def fed(
    part: BinaryIO,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Parse the part; a turn after each piece, for whoever takes what it brought.

    No spreadsheet program writes a document type; whoever does so wants entities.

    Args:
        start: is called with the name and the attributes of each element as it begins.
        end: with its name as it ends.
        text: with characters.

    Raises:
        RegisterError: it is more than is read.
        ExpatError: it is damaged.
    """
    made: Any = expat.ParserCreate()
    depth = 0

    def on_start(name: str, given: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH_MAX:
            raise RegisterError("TOO_COMPLEX")
        start(name.rpartition(":")[2], given)

    def ended(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(name.rpartition(":")[2])

    made.buffer_text = True
    made.StartElementHandler, made.EndElementHandler = on_start, ended
    if text is not None:
        made.CharacterDataHandler = text
    made.StartDoctypeDeclHandler = _refused
    made.XmlDeclHandler = _checked
    read = token = 0
    while piece := part.read(_PIECE):
        read += len(piece)
        made.Parse(piece, False)  # noqa: FBT003 -- the library has no name for it
        # Where what is not complete begins; below 0 where the parser does not say it now.
        token = max(token, made.CurrentByteIndex)
        if read - token > TOKEN_BYTES_MAX + _PIECE:
            raise RegisterError("TOO_COMPLEX")
        yield
    made.Parse(b"", True)  # noqa: FBT003 -- the library has no name for it
    yield


def parse(
    part: BinaryIO,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
) -> None:
    """Parse all of it; see `fed`."""
    for _ in fed(part, start, end):
        pass


def _refused(*_: object) -> None:
    raise RegisterError("XML_NOT_ALLOWED")


def _checked(version: str, encoding: str | None, standalone: int) -> None:
    """Refuse other encodings than the format has, which the library would look up by name."""
    del version, standalone
    if (encoding or _ENCODINGS[0]).lower() not in _ENCODINGS:
        raise RegisterError("DAMAGED")
