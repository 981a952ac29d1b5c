"""XML of a workbook, piece by piece, by expat: no declarations, so no entities and no outside.

What the parser itself must hold is bounded: how deeply elements lie in each other, and how long a
tag or a comment is. Characters of a text come as they are read.

Elements of the format alone come, by their local names: what lies in one of another namespace, or
in `extLst`, is what no spreadsheet program shows.
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
_NAMESPACES: Final = frozenset(
    (
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
        "http://schemas.openxmlformats.org/package/2006/relationships",
    )
)
"""Of a workbook, in both of its conformance classes, and of its relations. Source: ECMA-376 Part 1,
8; Part 2, annex D."""
_EXTENSIONS: Final = "extLst"


def fed(
    part: BinaryIO,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Parse the part; a turn after each piece, for whoever takes what it brought.

    No spreadsheet program writes a document type; whoever does so wants entities.

    Args:
        start: is called with the name and the attributes of each element as it begins; an attribute
            of another namespace is called `<namespace> <name>`.
        end: with its name as it ends.
        text: with characters.

    Raises:
        RegisterError: it is more than is read, or of another format.
        ExpatError: it is damaged.
    """
    made: Any = expat.ParserCreate(namespace_separator=" ")
    depth = aside = 0  # aside: the depth of what is passed over

    def on_start(name: str, given: dict[str, str]) -> None:
        nonlocal depth, aside
        depth += 1
        if depth > DEPTH_MAX:
            raise RegisterError("TOO_COMPLEX")
        namespace, _, local = name.rpartition(" ")
        if aside:
            return
        if namespace not in _NAMESPACES or local == _EXTENSIONS:
            if depth == 1:
                raise RegisterError("DAMAGED")
            aside = depth
        else:
            start(local, given)

    def on_end(name: str) -> None:
        nonlocal depth, aside
        if aside == depth:
            aside = 0
        elif not aside and end is not None:
            end(name.rpartition(" ")[2])
        depth -= 1

    made.buffer_text = True
    made.StartElementHandler, made.EndElementHandler = on_start, on_end
    if text is not None:

        def on_text(piece: str) -> None:
            if not aside:
                text(piece)

        made.CharacterDataHandler = on_text
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
