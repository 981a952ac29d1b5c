"""Keeps individual numbers (個人番号, My Number) out: a text that holds one is refused.

Nothing here repeats what was found, neither in a result nor in an error: only that there is one.
Source: Act No. 27 of 2013 Art. 20 (nobody collects or keeps them outside its cases); Order of the
Ministry of Internal Affairs No. 85 of 2014 Art. 5 (check digit).
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from operator import mul
from typing import cast

from ledger.errors import Defect
from ledger.unicode_forms import normalize

MY_NUMBER_SHOWN = "MY_NUMBER_SHOWN"
_DETAIL = "holds an individual number (個人番号); send it without"
_LENGTH = 12
_WEIGHTS = [n + 1 if n <= 6 else n - 5 for n in range(1, 12)]  # noqa: PLR2004 -- the Order's own

_KANJI = str.maketrans("〇零一二三四五六七八九", "00123456789")
# The marks with which people group digits: a space, a dash of any kind, a dot, a comma, a slash.
_MARKS = r"[\s\-‐‑‒–—―−ー・･.,、_/~〜∼:|]"
_MARK = rf"{_MARKS}{{1,3}}"
# Overlapping on purpose: twelve digits may hide behind two that belong to something else.
# Each is looked for where a run of digits begins.
_CANDIDATE = re.compile(
    rf"(?:\d{{12}}|\d{{4}}{_MARK}\d{{4}}{_MARK}\d{{4}}|\d{{3}}(?:{_MARK}\d{{3}}){{3}}"
    rf"|\d{{6}}{_MARK}\d{{6}}|\d(?:{_MARK}\d){{11}})(?!\d)",
    re.ASCII,
)
_DIGITS = re.compile(r"[0-9]+")
_PLAIN = re.compile(r"\D+", re.ASCII)
_ALL_MARKS = re.compile(rf"{_MARKS}*", re.ASCII)
# One in a thousand of these has groups of digits that check; nobody writes a number so (RFC 9562).
_UUID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE
)
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def shows_my_number(text: str) -> bool:
    """Whether `text` holds twelve digits, alone or grouped, whose last one checks the others.

    Digits of any width and script count, kanji included. One text in eleven with twelve digits of
    another meaning is taken for one, too; a text that is a UUID and nothing else is not.
    """
    # Circled and raised digits are numeric, too, and become plain ones where they are folded.
    if not any(map(str.isnumeric, text)) or _UUID.fullmatch(text):
        return False
    digits = _as_digits(text)
    begun = (_CANDIDATE.match(digits, run.start()) for run in _DIGITS.finditer(digits))
    return any(_is_valid(_PLAIN.sub("", one[0])) for one in begun if one)


def my_number_defects(data: object, pointer: str = "") -> tuple[Defect, ...]:
    """One defect for each place of a parsed JSON document that holds a number.

    Args:
        data: strings, whole numbers and member names in it are looked at; so goes the name of a
            file with a scan, as a string.
        pointer: of `data` in the document.
    """
    return tuple(
        Defect(place, MY_NUMBER_SHOWN, _DETAIL)
        for place in dict.fromkeys(_find_pointers(data, pointer))
    )


def check_digit(base: str) -> int:
    """The check digit of an individual number whose other eleven digits are `base`.

    Source: Order No. 85 of 2014 Art. 5: 11 - (Σ Pn·Qn mod 11), 0 when that remainder is at most 1;
    Pn the n-th digit from the right, Qn n + 1 up to the sixth and n - 5 from the seventh on.
    """
    remainder = sum(map(mul, map(int, reversed(base)), _WEIGHTS)) % 11
    return 0 if remainder <= 1 else 11 - remainder


def _is_valid(digits: str) -> bool:
    return len(digits) == _LENGTH and check_digit(digits[:-1]) == int(digits[-1])


def _as_digits(text: str) -> str:
    """`text` with every digit in ASCII and without the marks that cannot be seen.

    Character by character, for no digit and no mark between digits becomes another one beside its
    neighbours, and each character once: a text costs what its length is, whatever stands in it.
    """
    if text.isascii():
        return text
    return text.translate({ord(one): _folded(one) for one in set(text)})


def _folded(character: str) -> str:
    plain = normalize("NFKC", character).translate(_KANJI)
    digits = "".join(_digit(one) for one in plain if unicodedata.category(one) != "Cf")
    # What separates digits for good does so in one character; some have eighteen.
    return digits if _DIGITS.search(digits) or _ALL_MARKS.fullmatch(digits) else "x"


def _digit(character: str) -> str:
    if character.isascii() or unicodedata.category(character) != "Nd":
        return character
    return str(unicodedata.decimal(character))


def _find_pointers(data: object, pointer: str) -> Iterator[str]:
    """Without recursion: the depth of the input is the sender's choice."""
    # A reason stands in thousands of places of one decision.
    shows = cache(shows_my_number)
    waiting: list[tuple[str, object]] = [(pointer, data)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, str):
            if shows(value):
                yield place
        elif isinstance(value, int) and not isinstance(value, bool):
            if _is_valid(str(value)):
                yield place
        elif isinstance(value, dict):
            members = cast("dict[str, object]", value)
            if any(shows(name) for name in members):
                yield place
            below = [(_below(place, name), member) for name, member in members.items()]
            waiting += reversed(below)
        elif isinstance(value, list):
            elements = cast("list[object]", value)
            waiting += [(f"{place}/{n}", one) for n, one in reversed(list(enumerate(elements)))]


def _below(place: str, name: str) -> str:
    # A member name may itself be what nobody may see: the pointer then ends above it.
    return f"{place}/{name}" if _FIELD_NAME.fullmatch(name) else place
