"""What a reader of two letters takes for the same name, address or postal code.

Blanks, width and the normal form of Unicode are how somebody typed. Another character is another
text, however near it is: 髙 and 高, a form of a kanji by its selector, 二丁目 and 2丁目 stand on
paper as they were written, and whoever asked for a reply may object to the one and not to the
other. So nothing is folded here that finding a person folds (`ledger.policies.name_comparison`,
`ledger.policies.addresses`).

Source: UAX #11 (wide, narrow), UAX #15; Unicode Standard, section 23.4.
"""

import re
from collections.abc import Callable
from itertools import pairwise
from unicodedata import category, decomposition, east_asian_width

from ledger.crypto.nfc15 import nfc
from ledger.crypto.normal_forms import WHITE_SPACE
from ledger.policies.addresses.spelling import DASHES, NUMERALS

_WIDTHS = ("<wide>", "<narrow>")
# U+3000 is a blank in any case; beyond it, the block of width forms holds them all.
_ONE_WIDTH = {
    code: "".join(chr(int(one, 16)) for one in parts)
    for code in (0x3000, *range(0xFF00, 0xFFF0))
    for tag, *parts in (decomposition(chr(code)).split() or [""],)
    if tag in _WIDTHS
}
# Compatibility ideographs: NFC would make them the kanji that they are a form of.
_FORMS = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f])")
_BLANKS = re.compile(f"[{re.escape(WHITE_SPACE)}\u115f\u1160\u2800\u3164]+")
_JOINERS = frozenset("\u200c\u200d")
"""Invisible themselves, they choose the forms of the letters beside them."""
_POSTAL_CODE = re.compile(r"〒?\s*([0-9]{3})[-\s]?([0-9]{4})")
_DIGITS = "0123456789"


def characters_as_read(text: str) -> str:
    """`text` in one width and one normal form; every blank of it stays."""
    parts = _FORMS.split(text.translate(_ONE_WIDTH))
    parts[::2] = map(nfc, parts[::2])
    return "".join(parts)


def name_as_read(name: str) -> str:
    """The name without blanks but those that part words of an alphabet, or digits."""
    return _without_blanks(characters_as_read(_visible_text(name)), lambda one: one in _DIGITS)


def address_as_read(address: str) -> str:
    """The address with one dash for all, and without blanks but those that part numerals too."""
    text = characters_as_read(_visible_text(address)).translate(DASHES)
    return _without_blanks(text, lambda one: one in NUMERALS)


def postal_code_as_read(code: str) -> str:
    """Seven digits, where these are there; else what is written, as an address is read."""
    read = address_as_read(code)
    found = _POSTAL_CODE.fullmatch(read)
    return read if found is None else "".join(found.groups())


def _visible_text(text: str) -> str:
    """`text` without what nobody sees."""
    return "".join(one for one in text if category(one) != "Cf" or one in _JOINERS)


def _without_blanks(text: str, is_numeral: Callable[[str], bool]) -> str:
    parts = [one for one in _BLANKS.split(text) if one]
    read = "".join(parts[:1])
    for before, after in pairwise(parts):
        left, right = before[-1], after[0]
        is_parted = any(
            of_one_sort(left) and of_one_sort(right) for of_one_sort in (is_numeral, _is_alphabetic)
        )
        read += f" {after}" if is_parted else after
    return characters_as_read(read)  # a mark may have come to stand beside its letter


def _is_alphabetic(character: str) -> bool:
    """Whether it is of a script that parts words by blanks, marks on its letters included."""
    return category(character)[0] in "LM" and east_asian_width(character) not in "WF"
