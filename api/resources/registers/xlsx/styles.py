"""Which styles of a workbook show a number as a day.

Source: ECMA-376 Part 1, 18.8.30: formats 14 to 22 and 45 to 47 everywhere; 27 to 36 and 50 to 58 in
Japanese, where 27 is `[$-411]ge.m.d` and 31 `yyyy"年"m"月"d"日"`, Excel's usual long date.
"""

import re
from typing import BinaryIO, Final

from api.resources.registers.xlsx.safe_xml import local, parse, parser

_BUILT_IN: Final = frozenset((*range(14, 18), 22, *range(27, 32), *range(34, 37), *range(50, 59)))
"""Days; what is left out of the ranges (18 to 21, 32, 33, 45 to 47) shows a time alone."""
_ASIDE: Final = re.compile(
    r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|E[+-]|General|G/標準|AM/PM|A/P', re.IGNORECASE
)
_DAY: Final = re.compile(r"[ydeg]|aaa|(?<![hs])m", re.IGNORECASE)
_CLOCK: Final = re.compile(r"[hs]", re.IGNORECASE)
_ELAPSED: Final = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
CODE_MAX: Final = 255
"""Characters of a format. Source: Excel's specifications and limits."""
_CALENDAR: Final = re.compile(r"[ydeg]|aaa", re.IGNORECASE)


def days_of(part: BinaryIO) -> tuple[bool, ...]:
    """For each style of the part, by its number: whether it shows a day."""
    formats: dict[int, bool] = {}
    days: list[bool] = []
    within_cells = False

    def start(name: str, given: dict[str, str]) -> None:
        nonlocal within_cells
        plain = local(name)
        if plain == "numFmt":
            formats[_number(given.get("numFmtId"))] = shows_day(given.get("formatCode", ""))
        elif plain == "cellXfs":
            within_cells = True
        elif plain == "xf" and within_cells:
            wanted = _number(given.get("numFmtId"))
            days.append(formats.get(wanted, wanted in _BUILT_IN))

    def end(name: str) -> None:
        nonlocal within_cells
        if local(name) == "cellXfs":
            within_cells = False

    parse(parser(start, end), part)
    return tuple(days)


def shows_day(code: str) -> bool:
    """Whether the format shows a day of the calendar; a time of day alone is none."""
    code = code[:CODE_MAX]
    first = _ASIDE.sub("", _ELAPSED.sub("h", code.partition(";")[0]))
    if _CALENDAR.search(first):
        return True
    return bool(_DAY.search(first)) and not _CLOCK.search(first)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004 -- longer ones are none
