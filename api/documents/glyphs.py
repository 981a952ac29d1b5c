"""Is every character of a text printed as it was written?

The typesetter notices a missing character but no missing variation sequence: 邉 with a selector
that the font lacks is drawn as plain 邉, another person's name. So texts are checked before.

Source: Unicode Standard, section 23.4 (variation selectors); UTS #37.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from unicodedata import category

from api.documents.errors import UnprintableError
from api.documents.font import Repertoire, repertoire
from ledger.policies.substitutes import clusters, is_selector
from ledger.values import Json

# A line break is set as one; every other control, format, private or unknown character is refused:
# it is invisible, or turns around what stands beside it.
_ALLOWED_CONTROL = "\n"
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})

Substitutes = tuple[tuple[str, str], ...]
"""(as it is written, what is printed in its place), in the order in which a document tells them."""


def check_printable(data: Json | Mapping[str, Json], substitutes: Substitutes = ()) -> None:
    """Refuse `data` when one of its texts cannot be printed, save for what has a substitute.

    Raises:
        UnprintableError: names each such text and its characters.
    """
    font, plain = repertoire(), _plain()
    bad = {
        text: found
        for text in texts_of(data)
        if not plain.issuperset(text) and (found := _unprintable(text, font, substitutes))
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
    return is_selector(character) or category(character) in _REFUSED_CATEGORIES


def lacking(characters: Iterable[str]) -> frozenset[str]:
    """Those of the characters, each with its selector, that are not printed as they are."""
    font = repertoire()
    return frozenset(one for one in characters if _is_bad(one, font))


def _unprintable(text: str, font: Repertoire, substitutes: Substitutes) -> tuple[str, ...]:
    left = (one for one, printed in pieces(text, substitutes) if printed is None)
    return tuple(dict.fromkeys(one for one in left if _is_bad(one, font)))


def _is_bad(cluster: str, font: Repertoire) -> bool:
    base = ord(cluster[0])
    if len(cluster) > 1:
        return (base, ord(cluster[1])) not in font.variations
    if _is_bad_alone(cluster):
        return cluster != _ALLOWED_CONTROL
    return base not in font.characters


def pieces(text: str, substitutes: Substitutes) -> Iterator[tuple[str, str | None]]:
    """(piece of `text`, what is printed in its place), in order; None: the piece as it is.

    A piece is a character with its selector, or what has a substitute: the longest there is. A
    substitute never takes part of a character, so never one whose selector it does not name.
    """
    whole = [*clusters(text)]
    at = 0
    while at < len(whole):
        found = max(
            (
                (size, printed)
                for written, printed in substitutes
                if (size := _size_at(whole, at, written))
            ),
            default=(1, None),
        )
        yield "".join(whole[at : at + found[0]]), found[1]
        at += found[0]


def _size_at(whole: list[str], at: int, written: str) -> int:
    """How many characters `written` has; 0 where something else stands at `at`."""
    wanted = [*clusters(written)]
    return len(wanted) if whole[at : at + len(wanted)] == wanted else 0


def texts_of(data: Json | Mapping[str, Json]) -> set[str]:
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
