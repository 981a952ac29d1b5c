"""A number as a barcode that any scanner reads, drawn as bars: Code 39.

Source: ISO/IEC 16388:2023, 4.2 and 4.3: nine elements a character, bars and spaces in turn, three
of them wide; `*` begins and ends; a narrow space between characters.
"""

from dataclasses import dataclass
from typing import Final

_WIDE: Final = 3
_NARROW: Final = 1
QUIET: Final = 10
"""Narrow elements left blank on each side."""
_PATTERNS: Final = {
    "0": "nnnwwnwnn",
    "1": "wnnwnnnnw",
    "2": "nnwwnnnnw",
    "3": "wnwwnnnnn",
    "4": "nnnwwnnnw",
    "5": "wnnwwnnnn",
    "6": "nnwwwnnnn",
    "7": "nnnwnnwnw",
    "8": "wnnwnnwnn",
    "9": "nnwwnnwnn",
    "-": "nwnnnnwnw",
    "*": "nwnnwnwnn",
}
"""Character → its elements, wide or narrow: those of the number of a case."""


@dataclass(frozen=True, slots=True)
class Barcode:
    """Lengths are in narrow elements. `bars`: where each begins, and how wide it is."""

    width: int
    bars: tuple[tuple[int, int], ...]


def code_39(text: str) -> Barcode:
    """The barcode of digits and hyphens.

    Raises:
        KeyError: another character.
    """
    bars: list[tuple[int, int]] = []
    at = QUIET
    for character in f"*{text}*":
        for n, element in enumerate(_PATTERNS[character]):
            width = _WIDE if element == "w" else _NARROW
            if n % 2 == 0:
                bars.append((at, width))
            at += width
        at += _NARROW
    return Barcode(at - _NARROW + QUIET, tuple(bars))
