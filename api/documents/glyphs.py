"""Is every character of a text printed as it was written?

The typesetter notices a missing character but no missing variation sequence: 邉 with a selector
that the font lacks is drawn as plain 邉, another person's name. So texts are checked before.

Source: Unicode Standard, section 23.4 (variation selectors); UTS #37.
"""

from collections.abc import Iterator, Mapping
from functools import cache
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
    font, plain = repertoire(), _plain()
    bad = {
        text: found
        for text in _distinct(data)
        if not plain.issuperset(text) and (found := _unprintable(text, font))
    }
    if bad:
        raise UnprintableError(
            {where: bad[text] for where, text in _texts(data, "") if text in bad}
        )


@cache
def _plain() -> frozenset[str]:
    """The characters that are printed as they are, wherever they stand and no selector follows."""
    known = (one for one in map(chr, repertoire().characters) if not _is_bad_alone(one))
    return frozenset((*known, _ALLOWED_CONTROL))


def _is_bad_alone(character: str) -> bool:
    return _is_selector(ord(character)) or category(character) in _REFUSED_CATEGORIES


def _unprintable(text: str, font: Repertoire) -> tuple[str, ...]:
    found: list[str] = []
    for cluster in _clusters(text):
        base = ord(cluster[0])
        if len(cluster) > 1:
            is_bad = (base, ord(cluster[1])) not in font.variations
        elif _is_bad_alone(cluster):
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


def _distinct(data: Json | Mapping[str, Json]) -> set[str]:
    """Every text of `data` once: a table repeats its texts thousands of times."""
    found: set[str] = set()
    waiting: list[Json | Mapping[str, Json]] = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, Mapping):
            waiting += value.values()
    return found


def _texts(value: Json | Mapping[str, Json], pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{pointer}/{index}")
