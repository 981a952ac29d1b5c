"""Normal forms of identifiers: what two spellings of one identifier have in common.

A scheme (`member`, `email`, …) names its normaliser and version; the name enters the principal key,
so that a new rule gives new keys and never silently other ones.

Source: `docs/reference/event-format.md`, section 4; ITU-T E.164; the numbering plan of Japan.
"""

import re
from collections.abc import Callable, Mapping

from ledger.crypto.nfc15 import nfc

EXACT = "exact/1"
EMAIL = "email/1"
PHONE = "phone-e164/1"

# The property White_Space of Unicode 15.0 (PropList.txt). `str.strip` alone takes U+001C to U+001F
# too, which are not white space there.
WHITE_SPACE = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u2028\u2029\u202f\u205f\u3000"
)

_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_NARROW = {0xFF01 + i: 0x21 + i for i in range(0x5E)}
# Signs that people write between the digits of a telephone number, hyphens of all kinds included.
_SEPARATORS = re.compile(f"[{re.escape(WHITE_SPACE)}()./\u2010-\u2015\u2212\u30fc\uff70-]")
_INTERNATIONAL = re.compile(r"\+[1-9][0-9]{6,14}")
_NATIONAL = re.compile(r"0[1-9][0-9]{7,9}")


def exact_1(text: str) -> str:
    """NFC of Unicode 15.0, white space at both ends off, case kept."""
    # What nearly every identifier is: ASCII from end to end, and no space or control at an end.
    if text.isascii() and text and text[0] > " " < text[-1]:
        return text
    return nfc(text).strip(WHITE_SPACE)


def email_1(text: str) -> str:
    """As `exact/1`, full-width ASCII narrowed, ASCII letters in lower case; dots and tags stay."""
    return exact_1(text).translate(_NARROW).translate(_LOWER)


def phone_e164_1(text: str) -> str:
    """`+` and the country's digits; a number that starts with one 0 is a Japanese one.

    What is no telephone number keeps its `exact/1` form: it identifies as it was written.
    """
    exact = exact_1(text)
    digits = exact.translate(_NARROW).replace("(0)", "")
    digits = _SEPARATORS.sub("", digits)
    if _NATIONAL.fullmatch(digits):
        return "+81" + digits[1:]
    if digits.startswith(("00", "010")):
        digits = "+" + digits.removeprefix("010").removeprefix("00")
    return digits if _INTERNATIONAL.fullmatch(digits) else exact


NORMALISERS: Mapping[str, Callable[[str], str]] = {
    EXACT: exact_1,
    EMAIL: email_1,
    PHONE: phone_e164_1,
}
"""Name and version → normaliser. A rule never changes under its name."""

SCHEMES: Mapping[str, str] = {
    "email": EMAIL,
    "phone": PHONE,
}
"""Scheme → name of its normaliser; any other scheme is `exact/1`."""
