"""Unicode normal forms in linear time.

CPython puts combining marks into their order by insertion: marks in an order that has to change
cost the square of their number, and no other thread runs meanwhile. A name of 120 kB took 16
seconds. Sorted beforehand, the same text is normalised in linear time, with the same result.

Source: UAX #15, section 3; Unicode Standard, D109 (canonical ordering).
"""

import re
import unicodedata
from typing import Final, Literal
from unicodedata import combining

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]

SHORT_MAX: Final = 1_000
"""Characters that are normalised as they are: the square of it is some milliseconds."""
_MARKS_IN_ONE: Final = frozenset("\u0f73\u0f75\u0f81")
"""Characters that are no marks by their class, and decompose into marks of several classes."""

# What is typed for a hyphen; the mark that lengthens a kana is one behind anything else.
_HYPHENS: Final = re.compile("[\u2010-\u2015\u2212]|(?<![\u3040-\u30ff])\u30fc")


def narrowed(text: str) -> str:
    """NFKC, with the hyphen of ASCII for whatever is typed for one."""
    return _HYPHENS.sub("-", normalize("NFKC", text))


def normalize(form: Form, text: str) -> str:
    """The same as `unicodedata.normalize`."""
    if len(text) <= SHORT_MAX or not (any(map(combining, text)) or _MARKS_IN_ONE & set(text)):
        return unicodedata.normalize(form, text)
    decomposed: Form = "NFD" if form in ("NFC", "NFD") else "NFKD"
    ordered: list[str] = []
    run: list[str] = []
    for char in text:
        for one in unicodedata.normalize(decomposed, char):
            if combining(one):
                run.append(one)
            else:
                ordered += sorted(run, key=combining)
                run.clear()
                ordered.append(one)
    ordered += sorted(run, key=combining)
    return unicodedata.normalize(form, "".join(ordered))
