"""The form in which a character stands on paper: as it is written, or the same text composed.

A letter with marks may be written as one code point or as several. They are the same text, so the
spelling that the font has is printed and nobody need say so; any other form is somebody's choice.
A mark alone is not enough: the font has some whose place it does not know, and they would stand
over the letter behind.

Source: Unicode Standard, sections 3.11 (canonical equivalence), 23.4 (variation selectors).
"""

from collections.abc import Iterable
from functools import cache
from unicodedata import category, east_asian_width

from api.documents.font import Repertoire, repertoire
from ledger.policies.substitutes import is_mark, is_selector, same_texts

# A line break is set as one; every other control, format, private or unknown character is refused:
# it is invisible, or turns around what stands beside it.
_ALLOWED_CONTROL = "\n"
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
# Drawn to the left of where they stand, over a character as wide as a kanji.
_OVER_WIDE = frozenset("\u20dd\u20de\u302a\u302b\u302c\u302d\u3099\u309a")


@cache
def plain() -> frozenset[str]:
    """The characters that are printed as they are, unless a selector or a mark follows."""
    known = (one for one in map(chr, repertoire().characters) if not _is_bad_alone(one))
    return frozenset((*known, _ALLOWED_CONTROL))


def form_of(cluster: str) -> str | None:
    """How a character (`ledger.policies.substitutes.clusters`) is printed; None: it cannot be."""
    font = repertoire()
    return next((one for one in same_texts(cluster) if _is_printed(one, font)), None)


def lacking(characters: Iterable[str]) -> frozenset[str]:
    """Those of the characters, each with what belongs to it, that cannot be printed."""
    return frozenset(one for one in characters if form_of(one) is None)


def _is_printed(cluster: str, font: Repertoire) -> bool:
    base, marks = cluster[0], cluster[1:]
    if marks and is_selector(marks[0]):
        if (ord(base), ord(marks[0])) not in font.variations:
            return False
        marks = marks[1:]
    elif base not in plain():
        return False
    return not marks or (len(marks) == 1 and _is_joinable(base, marks, font))


def _is_joinable(base: str, mark: str, font: Repertoire) -> bool:
    if (ord(base), ord(mark)) in font.joined:
        return True
    is_wide = east_asian_width(base) in {"W", "F"}
    return is_wide and mark in _OVER_WIDE and ord(mark) in font.characters


def _is_bad_alone(character: str) -> bool:
    is_refused = category(character) in _REFUSED_CATEGORIES
    return is_refused or is_selector(character) or is_mark(character)
