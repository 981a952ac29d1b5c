"""Characters that look like nothing, although their category says that they are seen; and the rest.

Source: Unicode, Default_Ignorable_Code_Point, U+2800 (the empty Braille cell), section 23.2 (the
joiners), section 23.4 (the selectors of forms).
"""

import re
from typing import Final
from unicodedata import east_asian_width

FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and a symbol that are blank: the Hangul fillers and the empty Braille cell."""

INVISIBLE_CHARACTER: Final = "INVISIBLE_CHARACTER"

# Bidirectional controls are barred everywhere (`api.contract.characters`).
_HIDDEN: Final = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u2060-\u2065\u206a-\u206f\u2800\u3164"
    "\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
# They choose how the letter before them is printed: a kanji, a Mongolian letter. Behind anything
# else they are not seen. What U+16FE4 marks, nobody is called by.
_SELECTORS: Final = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U00016fe4\U000e0100-\U000e01ef]")
_CHOSEN: Final = re.compile(
    "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff][\ufe00-\ufe0f\U000e0100-\U000e01ef]"
    "|[\u1820-\u18aa][\u180b-\u180d\u180f]"
)
_JOINERS: Final = "\u200c\u200d"
# C0, DEL, C1 and the bidirectional controls, which no member of a transfer may hold.
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def hidden_in(text: str) -> str | None:
    """The first character of an identifier that no reader sees, as `U+200B`.

    As `hidden_in_name`; and no selector of a form, for no system tells persons apart by one.
    """
    return None if text.isascii() else _unseen(text, _SELECTORS.search(text))


def hidden_in_name(text: str) -> str | None:
    """The first character of a name that no reader sees, as `U+200B`.

    Two texts that differ by one look alike, and are two for whoever searches. The joiners stand in
    names of scripts that need them, and in emoji: between two characters that are neither Latin,
    nor of a width that Japanese has.
    """
    return None if text.isascii() else _unseen(text, _SELECTORS.search(_CHOSEN.sub("", text)))


def _unseen(text: str, selector: re.Match[str] | None) -> str | None:
    for found in _HIDDEN.finditer(text):
        if not (found[0] in _JOINERS and _joins(text, found.start())):
            return f"U+{ord(found[0]):04X}"
    return None if selector is None else f"U+{ord(selector[0]):04X}"


def visible(text: str) -> str:
    """The text without what no reader sees: two that look alike are one.

    For looking for what may be meant alone. Joiners go everywhere, which finds more.
    """
    if text.isalnum() and text.isascii():
        return text
    return _CONTROLS.sub("", _SELECTORS.sub("", _HIDDEN.sub("", text)))


def _joins(text: str, at: int) -> bool:
    neighbours = (text[at - 1 : at], text[at + 1 : at + 2])
    return all(neighbours) and not any(map(_ignores_joiner, neighbours))


def _ignores_joiner(character: str) -> bool:
    """Whether it takes no other form beside a joiner: Latin, kana, kanji, Hangul."""
    is_latin = character < "\u0250" or "\u1e00" <= character < "\u1f00"
    is_wide = east_asian_width(character) in "WFH" and character.isalnum()
    return is_latin or is_wide
