"""The one font of all documents, and what it can print.

Noto Sans CJK JP has 30,000 kanji and 14,787 ideographic variation sequences (Adobe-Japan1). It
comes as a package, so no document depends on what a machine happens to have installed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import as_file
from itertools import product
from pathlib import Path
from typing import Any
from unicodedata import category

import noto_cjk_sans_jp_regular  # pyright: ignore[reportMissingTypeStubs] -- it ships none
from fontTools.ttLib import TTFont  # pyright: ignore[reportMissingTypeStubs] -- it ships none

from api.documents.errors import FontError

SHA256 = "68a3fc98800b2a27b371f2fb79991daf3633bd89309d4ffaa6946fd587f375b5"
"""Of Version 2.004: other outlines would give the same input other bytes."""

_UNICODE_VARIATION_SEQUENCES = 14
_LIGATURES = 4


@dataclass(frozen=True, slots=True)
class Repertoire:
    """What the font can print.

    Attributes:
        characters: code points.
        variations: (code point, variation selector) pairs.
        joined: (code point, code point of a mark) pairs that it has as one glyph.
    """

    characters: frozenset[int]
    variations: frozenset[tuple[int, int]]
    joined: frozenset[tuple[int, int]]


@cache
def path() -> Path:
    """The font file.

    Raises:
        FontError: another file lies there.
    """
    with as_file(noto_cjk_sans_jp_regular.FONT_PATH) as found:
        return verified(found)


def verified(file: Path) -> Path:
    """`file`, when it is the font that documents are made with.

    Raises:
        FontError: it is another one.
    """
    if sha256(file.read_bytes()).hexdigest() != SHA256:
        raise FontError("the font file is another version")
    return file


@cache
def repertoire() -> Repertoire:
    """What the font can print; read once in a process.

    Raises:
        FontError: another file lies there.
    """
    with TTFont(path(), lazy=True) as font:
        # fontTools builds its tables at run time, so they have no types.
        table: Any = font["cmap"]
        characters: dict[int, str] = table.getBestCmap()
        sequences: Any = next(
            one for one in table.tables if one.format == _UNICODE_VARIATION_SEQUENCES
        )
        by_selector: dict[int, list[tuple[int, str | None]]] = sequences.uvsDict
        return Repertoire(
            frozenset(characters),
            frozenset(
                (base, selector) for selector, pairs in by_selector.items() for base, _ in pairs
            ),
            frozenset(_joined(font, characters)),
        )


def _joined(font: TTFont, characters: dict[int, str]) -> Iterator[tuple[int, int]]:
    """What the font's composition (`ccmp`) makes of a letter and a mark."""
    codes: dict[str, list[int]] = {}
    for code, glyph in characters.items():
        codes.setdefault(glyph, []).append(code)
    table: Any = font["GSUB"].table
    features = (one.Feature for one in table.FeatureList.FeatureRecord if one.FeatureTag == "ccmp")
    lookups = {index for one in features for index in one.LookupListIndex}
    for lookup in (table.LookupList.Lookup[index] for index in sorted(lookups)):
        for part in lookup.SubTable:
            known = getattr(part, "ExtSubTable", part)
            if known.LookupType != _LIGATURES:
                continue
            for first, ligatures in known.ligatures.items():
                seconds = [one.Component[0] for one in ligatures if len(one.Component) == 1]
                marks = [code for one in seconds for code in codes.get(one, ())]
                for base, mark in product(codes.get(first, ()), marks):
                    if category(chr(mark)) == "Mn":
                        yield base, mark
