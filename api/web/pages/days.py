"""Days as the desk writes them, and as people type them: in the calendar or by era (和暦).

Source: 元号法 (昭和54年法律第43号) and its orders: 平成 from 8 January 1989, 令和 from 1 May 2019;
明治5年12月3日 became 1 January 1873 (太政官布告第337号), so no earlier day is read by era.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from ledger.clock import JAPAN, day_in_japan
from ledger.unicode_forms import normalize


@dataclass(frozen=True, slots=True)
class Era:
    """An era: its first day in the calendar; `code` is what a form sends for it."""

    code: str
    name: str
    first: date


ERAS: Final = (
    Era("reiwa", "令和", date(2019, 5, 1)),
    Era("heisei", "平成", date(1989, 1, 8)),
    Era("showa", "昭和", date(1926, 12, 25)),
    Era("taisho", "大正", date(1912, 7, 30)),
    Era("meiji", "明治", date(1873, 1, 1)),
)
"""The eras, the newest first."""

CALENDAR: Final = "ad"
"""What a form sends for a year of the calendar (西暦)."""

_CALENDAR_YEAR_MIN: Final = 1000
_MEIJI_OFFSET: Final = 1867
_NUMBER: Final = re.compile(r"[0-9]{1,4}")
_WEEKDAYS: Final = "月火水木金土日"


class NoSuchDayError(Exception):
    """What was typed is no day; `part` names the field: `year`, `month`, `day`, `era`."""

    def __init__(self, part: str, words: str) -> None:
        super().__init__(words)
        self.part = part
        self.words = words


def parse_day(era: str, year: str, month: str, day: str) -> date | None:
    """The day that four fields say; None when none of the three numbers was typed.

    Args:
        era: `CALENDAR` or the code of an era.
        year: a number, 元 for the first year of an era; full-width digits too.

    Raises:
        NoSuchDayError: they say no day, or one of another era.
    """
    parts = {"year": year.strip(), "month": month.strip(), "day": day.strip()}
    if not any(parts.values()):
        return None
    numbers = {name: _number(name, text) for name, text in parts.items()}
    chosen = next((one for one in ERAS if one.code == era), None)
    if chosen is None and era != CALENDAR:
        raise NoSuchDayError("era", "西暦か元号を選んでください。")
    if chosen is None and numbers["year"] < _CALENDAR_YEAR_MIN:
        # 5 or 08 beside 西暦 is a year of an era: a record of the year 5 would be found by nobody.
        raise NoSuchDayError(
            "year", "西暦の年は4桁で入力してください。令和などの年なら、元号を選んでください。"
        )
    try:
        found = date(_ad(chosen, numbers["year"]), numbers["month"], numbers["day"])
    except ValueError:
        raise NoSuchDayError("day", "存在しない日付です。") from None
    if chosen is not None and era_of(found) != chosen:
        raise NoSuchDayError("year", f"{chosen.name}にない日付です。元号と年を確認してください。")
    return found


def _number(name: str, text: str) -> int:
    plain = normalize("NFKC", text)
    if name == "year" and plain == "元":
        return 1
    if not _NUMBER.fullmatch(plain):
        raise NoSuchDayError(name, "年・月・日を数字で入力してください。")
    return int(plain)


def _ad(era: Era | None, year: int) -> int:
    if era is None:
        return year
    return _MEIJI_OFFSET + year if era.code == "meiji" else era.first.year + year - 1


def era_of(day: date) -> Era | None:
    """The era of a day; None before the first one that is read."""
    return next((one for one in ERAS if one.first <= day), None)


def by_era(day: date) -> str:
    """A day by its era: 令和8年11月24日; the first year is 元年."""
    era = era_of(day)
    if era is None:
        return in_full(day)
    year = day.year - (_MEIJI_OFFSET if era.code == "meiji" else era.first.year - 1)
    return f"{era.name}{'元' if year == 1 else year}年{day.month}月{day.day}日"


def in_full(day: date) -> str:
    """A day with its weekday: 2026年11月24日（火）."""
    return f"{day.year}年{day.month}月{day.day}日（{_WEEKDAYS[day.weekday()]}）"


def short(day: date) -> str:
    """A day for a table: 2026/11/24."""
    return f"{day.year}/{day.month:02}/{day.day:02}"


def instant(at: datetime) -> str:
    """An instant in Japan, to the minute: 2026/11/24 10:02."""
    there = at.astimezone(JAPAN)
    return f"{short(there.date())} {there.hour:02}:{there.minute:02}"


SOON: Final = 3
"""Days before its end from which a term is near."""


@dataclass(frozen=True, slots=True)
class RemainingTerm:
    """How much of a term is left, in words; `level`: `late`, `near` or `far`."""

    words: str
    level: str


def left(last: date, at: datetime) -> RemainingTerm:
    """How many days are left through `last`."""
    days = (last - day_in_japan(at)).days
    if days < 0:
        return RemainingTerm(f"▲ {-days}日超過", "late")
    if days == 0:
        return RemainingTerm("▲ 本日まで", "near")
    return RemainingTerm(
        f"{'▲ ' if days <= SOON else ''}残{days}日", "near" if days <= SOON else "far"
    )
