"""XML of a workbook, piece by piece, by expat: no declarations, so no entities and no outside."""

from collections.abc import Iterator
from typing import Any, BinaryIO, Final
from xml.parsers import expat
from zipfile import BadZipFile
from zlib import error as ZlibError  # noqa: N812 -- the library calls it in small letters

from api.registers.errors import RegisterError

_PIECE: Final = 1 << 16
_ENCODINGS: Final = ("utf-8", "utf-16")


def parser() -> Any:  # noqa: ANN401 -- the library names no type for it
    """A parser of one part.

    No spreadsheet program writes a document type; whoever does so wants entities.
    """
    made = expat.ParserCreate()
    made.buffer_text = True
    made.StartDoctypeDeclHandler = _refused
    made.XmlDeclHandler = _checked
    return made


def _refused(*_: object) -> None:
    raise RegisterError("XML_NOT_ALLOWED")


def _checked(version: str, encoding: str | None, standalone: int) -> None:
    """Refuse other encodings than the format has, which the library would look up by name."""
    del version, standalone
    if (encoding or _ENCODINGS[0]).lower() not in _ENCODINGS:
        raise RegisterError("DAMAGED")


def fed(made: Any, part: BinaryIO) -> Iterator[None]:  # noqa: ANN401 -- see `parser`
    """Feed the part to the parser; a turn after each piece, for whoever takes what it brought.

    Raises:
        RegisterError: the part is damaged.
    """
    try:
        while piece := part.read(_PIECE):
            made.Parse(piece, False)  # noqa: FBT003 -- the library has no name for it
            yield
        made.Parse(b"", True)  # noqa: FBT003 -- the library has no name for it
    except (expat.ExpatError, BadZipFile, ZlibError, EOFError, OSError) as error:
        raise RegisterError("DAMAGED") from error
    yield


def parse(made: Any, part: BinaryIO) -> None:  # noqa: ANN401 -- see `parser`
    """Feed all of it."""
    for _ in fed(made, part):
        pass


def local(name: str) -> str:
    """The name of an element or attribute without its prefix: programs choose different ones."""
    return name.rpartition(":")[2] if ":" in name else name
