"""The code of a letter that answers: bound to all that it says, for people and for cameras.

Who has the paper and the letter's JSON sees that they are one letter. Who has the paper alone
learns nothing from the code: what it is made of holds a salt that stands in the JSON alone.

Source: decision 0089; Crockford's base 32 (https://www.crockford.com/base32.html).
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from ledger.cases.letters.files import json_of
from ledger.cases.letters.letter import Letter
from ledger.format.json import canonical
from ledger.unicode_forms import normalize
from ledger.values import Json

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's 32 digits: no I, L, O and U."""
SCANNED: Final = "ppl-letter/1"
"""What a QR code of a letter begins with."""

_TAG: Final = b"ppl/letter-code/1\0"
_GROUP: Final = 4
_DIGITS: Final = 20
_HASHED_BITS: Final = 5 * (_DIGITS - 1)
_REDUCTION: Final = 0b100101  # x^5 + x^2 + 1, primitive over GF(2)
_SUM: Final = 1
_MISREAD: Final = str.maketrans("OIL", "011")
_BETWEEN: Final = re.compile(r"[\s\-‐-―−ー]+")


def issued(letter: Letter) -> Letter:
    """`letter` with the code that all the rest of it makes."""
    return replace(letter, verification_code=code_of(json_of(letter)))


def code_of(shown: Mapping[str, Json]) -> str:
    """The code of the letter whose JSON is `shown`, whatever code that names.

    The first 95 bits of SHA-256 of `ppl/letter-code/1`, a zero byte and the canonical JSON without
    `verification_code`, and a digit that checks the others.
    """
    members = {name: one for name, one in shown.items() if name != "verification_code"}
    digest = hashlib.sha256(_TAG + canonical(members)).digest()
    number = int.from_bytes(digest, "big") >> 8 * len(digest) - _HASHED_BITS
    digits = [number >> 5 * place & 31 for place in reversed(range(_DIGITS - 1))]
    digits.append(_summed([*digits, 0]) ^ _SUM)
    return _grouped(ALPHABET[one] for one in digits)


def fits(code: str) -> bool:
    """Whether the last digit of a code checks the others: no digit is another, no two changed.

    Codes of letters from before codes were bound have none: of these one in 32 fits.
    """
    return _summed(ALPHABET.index(one) for one in code.replace("-", "")) == _SUM


def read(typed: str) -> str | None:
    """The code in what somebody typed or a camera read; None: it holds none.

    Case, width, blanks and dashes are no difference; O is 0, I and L are 1.
    """
    words = normalize("NFKC", typed).split()
    text = words[1] if words[:1] == [SCANNED] and len(words) > 1 else " ".join(words)
    digits = _BETWEEN.sub("", text).upper().translate(_MISREAD)
    is_code = len(digits) == _DIGITS and all(one in ALPHABET for one in digits)
    return _grouped(digits) if is_code else None


def scanned(letter: Letter) -> str:
    """What the QR code of the letter holds: no more than a code and the name of a log."""
    return " ".join([SCANNED, letter.verification_code, *([letter.log] if letter.log else [])])


def _grouped(digits: Iterable[str]) -> str:
    text = "".join(digits)
    return "-".join(text[begin : begin + _GROUP] for begin in range(0, len(text), _GROUP))


def _summed(digits: Iterable[int]) -> int:
    """The digits as a polynomial over GF(32) at its primitive element.

    Its powers differ for 31 places, so one other digit, or two that changed places, are another
    sum.
    """
    total = 0
    for digit in digits:
        total <<= 1
        if total & 32:
            total ^= _REDUCTION
        total ^= digit
    return total
