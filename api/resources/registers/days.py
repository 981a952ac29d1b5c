"""Days as registers write them, in the Western calendar or by era (和暦). Nothing is guessed.

Source: era days: 元号を改める政令 of each era; Meiji counts from its sixth year, the first in the
Western calendar.
"""

import re
from datetime import date
from typing import Final

from api.web.pages.days import ERAS, NoSuchDayError, parse_day
from ledger.unicode_forms import normalize

ISO: Final = "iso"
SLASHED: Final = "slashed"
KANJI: Final = "kanji"
ERA: Final = "era"
COMPACT: Final = "compact"
SERIAL: Final = "serial"

USUAL: Final = frozenset({ISO, SLASHED, KANJI, ERA})
"""Forms in which the year comes first and in full, or with its era: each can be read in one way."""
ALL: Final = USUAL | {COMPACT, SERIAL}

_ERAS: Final = {name: era.code for era in ERAS for name in (era.name, era.code[0].upper())}
"""令和 and R, and so on → the code of the era."""
_KANJI: Final = {one: n for n, one in enumerate("〇一二三四五六七八九")}
_NUMERALS: Final = re.compile("[〇一二三四五六七八九十百千]+")
_FORMS: Final = {
    ISO: re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"),
    SLASHED: re.compile(r"(\d{4})([/.])(\d{1,2})\2(\d{1,2})"),
    KANJI: re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日"),
    COMPACT: re.compile(r"(\d{4})(\d{2})(\d{2})"),
}
_ERA: Final = re.compile(
    r"(令和|平成|昭和|大正|明治|[RHSTM])(元|\d{1,2})(?:年(\d{1,2})月(\d{1,2})日|([./-])(\d{1,2})\5(\d{1,2}))",
    re.IGNORECASE,
)


def day_of(text: str, forms: frozenset[str] = USUAL) -> date | None:
    """The day that `text` writes in one of `forms`; None when it writes none.

    A day by an era in which that era did not run (平成31年5月1日) is none: somebody must say what
    was meant.
    """
    plain = _plain(text)
    if ERA in forms and (found := _ERA.fullmatch(plain)):
        return _by_era(found)
    for form, pattern in _FORMS.items():
        if form in forms and (found := pattern.fullmatch(plain)):
            year, month, day = (int(one) for one in found.groups() if one.isdigit())
            return _day(year, month, day)
    return None


def _plain(text: str) -> str:
    """Narrow digits and signs, no spaces, kanji numerals as digits; ㋿ becomes 令和."""
    narrow = "".join(normalize("NFKC", text).split())
    return _NUMERALS.sub(lambda found: _digits(found[0]), narrow)


def _digits(numerals: str) -> str:
    """二〇二四 → 2024, 十二 → 12, 二十五 → 25."""
    if not set(numerals) & set("十百千"):
        return "".join(str(_KANJI[one]) for one in numerals)
    total = current = 0
    for one in numerals:
        if one in _KANJI:
            current = current * 10 + _KANJI[one]
        else:
            total += (current or 1) * {"十": 10, "百": 100, "千": 1000}[one]
            current = 0
    return str(total + current)


def _by_era(found: re.Match[str]) -> date | None:
    month, day = (found[3], found[4]) if found[3] else (found[6], found[7])
    try:
        return parse_day(_ERAS[found[1].upper()], found[2], month, day)
    except NoSuchDayError:
        return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
