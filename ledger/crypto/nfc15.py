"""NFC of Unicode 15.0, whatever version the running Python knows.

A principal key is the hash of a normal form and lives for years; the tables of Python change every
year. Normal forms are stable for characters that a version assigns, so only characters that came
later can differ (they stay as they are here, and nothing composes with them), and ten marks that
came with 15.0 itself, which Python 3.11 (14.0) does not know.

Source: UAX #15, sections 3 and 9.1; UnicodeData.txt 14.0, 15.0 and 18.0. Characters after 18.0
that take part in normalising must be added to `LATER`; a test names them.
"""

import re
from unicodedata import combining

from ledger.unicode_forms import normalize

# First and last of ranges that are unassigned in 15.0 and hold everything assigned up to 18.0 that
# has a combining class, a canonical decomposition, or is a part of one.
LATER = (
    (0x5C8, 0x5C9),
    (0x897, 0x897),
    (0x1ACF, 0x1AF0),
    (0x105C9, 0x105E4),
    (0x10D69, 0x10D6D),
    (0x10ECB, 0x10EFB),
    (0x11382, 0x113D0),
    (0x1611E, 0x1612F),
    (0x16D63, 0x16D6A),
    (0x1D127, 0x1D128),
    (0x1D250, 0x1D281),
    (0x1E5EE, 0x1E6F5),
)
# Canonical combining classes that 15.0 gave and 14.0 does not know; 15.0 gave no decomposition.
_NEW_MARKS = {
    "\U00010efd": 220,
    "\U00010efe": 220,
    "\U00010eff": 220,
    "\U00011f41": 9,
    "\U00011f42": 9,
    "\U0001e08f": 230,
    "\U0001e4ec": 232,
    "\U0001e4ed": 232,
    "\U0001e4ee": 220,
    "\U0001e4ef": 230,
}

_LATER_CLASS = "".join(f"{chr(first)}-{chr(last)}" for first, last in LATER)
_SPLIT = re.compile(f"([{_LATER_CLASS}]+)")
_UNUSUAL = re.compile(f"[{_LATER_CLASS}{''.join(_NEW_MARKS)}]")


def nfc(text: str) -> str:
    """NFC of `text` by the tables of Unicode 15.0."""
    if text.isascii():
        return text
    if _UNUSUAL.search(text) is None:
        return normalize("NFC", text)
    # Odd parts are the later characters: starters that compose with nothing, in 15.0.
    parts = _SPLIT.split(text)
    parts[::2] = [composed(ordered_marks(normalize("NFD", part))) for part in parts[::2]]
    return "".join(parts)


def class_of(char: str) -> int:
    """Canonical combining class in Unicode 15.0, of a character that it assigns."""
    return _NEW_MARKS.get(char) or combining(char)


def ordered_marks(text: str) -> list[str]:
    """Canonical ordering: each run of marks sorted by class, equal ones as they came."""
    ordered: list[str] = []
    run: list[str] = []
    for char in text:
        if class_of(char):
            run.append(char)
        else:
            ordered += sorted(run, key=class_of)
            run.clear()
            ordered.append(char)
    return ordered + sorted(run, key=class_of)


def composed(chars: list[str]) -> str:
    """Canonical composition of ordered, decomposed characters."""
    done: list[str] = []
    starter = -1
    last_class = 0
    for char in chars:
        own_class = class_of(char)
        # A mark reaches its starter when everything between has a lower class than its own.
        is_near = starter == len(done) - 1 if last_class == 0 else last_class < own_class
        if starter >= 0 and is_near and char not in _NEW_MARKS:
            pair = normalize("NFC", done[starter] + char)
            if len(pair) == 1:
                done[starter] = pair
                continue
        if own_class == 0:
            starter = len(done)
        last_class = own_class
        done.append(char)
    return "".join(done)
