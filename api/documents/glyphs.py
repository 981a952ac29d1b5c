"""Is every character of a text printed as it was written?

The typesetter notices a missing character but no missing variation sequence: 邉 with a selector
that the font lacks is drawn as plain 邉, another person's name. So texts are checked before.

Source: Unicode Standard, section 23.4 (variation selectors); UTS #37.
"""

from collections.abc import Iterator, Mapping
from unicodedata import category

from api.documents.errors import UnprintableError
from api.documents.font import Repertoire, repertoire
from ledger.values import Json

# A line break is set as one; every other control, format, private or unknown character is refused:
# it is invisible, or turns around what stands beside it.
_ALLOWED_CONTROL = "\n"
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


def check_printable(data: Json | Mapping[str, Json]) -> None:
    """Refuse `data` when one of its texts cannot be printed as it is.

    Raises:
        UnprintableError: names each such text and its characters.
    """
    font = repertoire()
    # A table repeats its texts thousands of times.
    known: dict[str, tuple[str, ...]] = {}
    places: dict[str, tuple[str, ...]] = {}
    for pointer, text in _texts(data, ""):
        if text not in known:
            known[text] = _unprintable(text, font)
        if known[text]:
            places[pointer] = known[text]
    if places:
        raise UnprintableError(places)


def _unprintable(text: str, font: Repertoire) -> tuple[str, ...]:
    found: list[str] = []
    for cluster in _clusters(text):
        base = ord(cluster[0])
        if len(cluster) > 1:
            is_bad = (base, ord(cluster[1])) not in font.variations
        elif _is_selector(base) or category(cluster) in _REFUSED_CATEGORIES:
            is_bad = cluster != _ALLOWED_CONTROL
        else:
            is_bad = base not in font.characters
        if is_bad and cluster not in found:
            found.append(cluster)
    return tuple(found)


def _clusters(text: str) -> Iterator[str]:
    """Each character, together with the variation selector behind it."""
    at = 0
    while at < len(text):
        has_selector = at + 1 < len(text) and _is_selector(ord(text[at + 1]))
        size = 2 if has_selector and not _is_selector(ord(text[at])) else 1
        yield text[at : at + size]
        at += size


def _is_selector(code: int) -> bool:
    return any(code in block for block in _SELECTORS)


def _texts(value: Json | Mapping[str, Json], pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{pointer}/{index}")
