"""What a code page may have changed before the file came to us: the loss report of CP932.

Shift_JIS as JIS defines it has no 髙 and no 﨑, which CP932 has; who converts to it writes `?`, a
geta mark or nothing. And four signs stand at places of the table that converters read in two ways.
"""

import re
from collections.abc import Iterator
from typing import Final

from api.imports.rows import DoubtfulCharacter

_LOST: Final = "\u3013\ufffd"
"""Geta mark and replacement character: printed where a character was not to be had."""

_AMBIGUOUS: Final = "～－∥―￠￡￢￤\u301c\u2212\u2016\u2014"
"""Read by CP932 as full-width forms, by Shift_JIS as 〜 − ‖ — ¢ £ ¬."""

_JAPANESE: Final = r"[\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
_SUSPECT: Final = re.compile(rf"(?<={_JAPANESE})[?？]+|[?？]+(?={_JAPANESE})")
_EXTENSION: Final = re.compile(r"[\u7e8a\u9ad9\ufa0e-\ufa2d\u9592]")
_GAIJI: Final = re.compile(r"[\ue000-\uf8ff]")
_MAYBE: Final = re.compile(r"[^\x00-\x7f]")


def noticed(column: str, cell: str) -> Iterator[DoubtfulCharacter]:
    """What is to be said of one cell: each character once a code."""
    if _MAYBE.search(cell) is None:
        return
    found: dict[tuple[str, str], None] = {}
    for character in cell:
        if character in _LOST:
            found["LOST", character] = None
        elif character in _AMBIGUOUS:
            found["AMBIGUOUS", character] = None
        elif _EXTENSION.match(character):
            found["EXTENSION", character] = None
        elif _GAIJI.match(character):
            found["GAIJI", character] = None
    for match in _SUSPECT.finditer(cell):
        found["SUSPECT", match[0][0]] = None
    for code, character in found:
        yield DoubtfulCharacter(column, code, character)
