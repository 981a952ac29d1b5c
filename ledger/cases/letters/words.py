"""Values of a reply in Japanese, the same words on paper and in the CSV."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from types import MappingProxyType
from typing import Final, cast

from ledger.cases.letters.lines import (
    CONSENTED_WITHIN,
    CONSENTS,
    ONLY_WHAT_COUNTS,
    PROVIDED,
    WITHDRAWN_BEFORE,
    WITHDRAWN_WITHIN,
    LineItem,
    ReplyLine,
)
from ledger.clock import JAPAN
from ledger.law.bases import Route
from ledger.values import Json

WORDING: Final = 3
"""How letters are worded today. A letter without a number of its wording has the first one, in
which replies of before are made again."""
GUARDED_BEHIND_SEPARATORS: Final = 3
"""The first wording in which the CSV is guarded by `ledger.csv_guard`, and the letter says so."""
INTERIM_OF_A_DAY: Final = 3
"""The first wording in which a notice of the interim says the day alone on which it was made."""
NOT_REQUIRED = "法定の記録事項ではないため記載していません"
"""In place of an item that the law does not ask for in such a record."""
_NOT_REQUIRED_AT_FIRST = "記録事項でないため記録なし"
NOT_RECORDED = "記録なし"
"""In place of an item that the law asks for and the record lacks."""
NOT_DISCLOSED = "開示しません"
MANY = "不特定かつ多数の者"

SIDES: Mapping[str, str] = MappingProxyType({"provided": "提供", "received": "受領"})
MEDIA: Mapping[str, str] = MappingProxyType({"paper": "書面", "electronic": "電磁的記録"})
ORDINALS: Mapping[str, int] = MappingProxyType({"ART33_2_I": 1, "ART33_2_II": 2, "ART33_2_III": 3})
"""Ground → number of its item in Act Art. 33(2)."""

_STATED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "CONSENT": ("{article}本人の同意を得ている", "{article}本人の同意を得ている旨の記録なし"),
        "ART31_CONSENT": (
            "法第31条第1項の同意が得られている",
            "法第31条第1項の同意が得られている旨の記録なし",
        ),
        "PUBLISHED": (
            "法第27条第4項の規定により公表されている",
            "法第27条第4項の規定により公表されている旨の記録なし",
        ),
    }
)
_CONSENTS: Mapping[str, str] = MappingProxyType(
    {"27(1)": "法第27条第1項の", "28(1)": "法第28条第1項の"}
)
"""Article of the Act → the words before the consent that it asks for (Rules 20(1)(ii)イ, 24)."""
_ROUTES: Mapping[str, str] = MappingProxyType(
    {
        Route.OPT_OUT.value: "オプトアウト（法第27条第2項）",
        Route.NON_OPERATOR.value: "個人情報取扱事業者でない者からの受領",
        Route.UNFOUNDED.value: "法の要件を満たす同意等の記録なし",
        WITHDRAWN_BEFORE: "同意の撤回後の受領について、法の要件を満たす同意等の記録なし",
        CONSENTED_WITHIN: "同意の前の期間について、法の要件を満たす同意等の記録なし",
        WITHDRAWN_WITHIN: "同意の撤回後の期間について、法の要件を満たす同意等の記録なし",
    }
)
_UNFOUNDED_AT_FIRST = "同意を得ている旨等の記録なし"


def day_text(day: date) -> str:
    """2026年4月1日."""
    return f"{day.year}年{day.month}月{day.day}日"


def instant_text(at: datetime) -> str:
    """A day and a time in Japan."""
    here = at.astimezone(JAPAN)
    return f"{day_text(here.date())} {here:%H:%M:%S}（日本時間）"


def days_text(days: Sequence[date]) -> str:
    """Every one of `days`, at least one, ascending: as a daily period, or day by day."""
    first, last = days[0], days[-1]
    if first == last:
        return day_text(first)
    whole = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    period = f"{day_text(first)}から{day_text(last)}まで"
    if list(days) == whole:
        return f"{period}毎日"
    counts = sorted(Counter(days).items())
    months = groupby(counts, key=lambda one: (one[0].year, one[0].month))
    return f"{period}の次の日\n" + "\n".join(
        f"{year}年{month}月：{_days_of_month([(day.day, count) for day, count in of])}"
        for (year, month), of in months
    )


def _days_of_month(counts: Sequence[tuple[int, int]]) -> str:
    """(day, how often) as runs of days that follow each other equally often."""
    runs: list[list[int]] = []
    for day, count in counts:
        if runs and day == runs[-1][1] + 1 and count == runs[-1][2]:
            runs[-1][1] = day
        else:
            runs.append([day, day, count])
    return "、".join(
        (f"{first}日" if first == last else f"{first}～{last}日")
        + ("" if count == 1 else f"（{'' if first == last else '各'}{count}回）")
        for first, last, count in runs
    )


def not_requested_text(wording: int | None) -> str:
    """`NOT_REQUIRED` in that wording; None: the first."""
    return _NOT_REQUIRED_AT_FIRST if wording is None else NOT_REQUIRED


def guard_position(wording: int | None) -> str:
    """Where else than at its beginning a cell of the CSV may have its guard, in that wording."""
    is_first = (wording or 0) < GUARDED_BEHIND_SEPARATORS
    return "" if is_first else "（区切り記号の直後を含みます。）"


def date_text(item: LineItem | None, wording: int | None = WORDING) -> str:
    """The day or the period of transfer; `wording` as of a letter, here and below."""
    replacement = _instead(item, wording)
    if replacement is not None or item is None:
        return replacement or ""
    return period_text(item.value)


def period_text(value: Json) -> str:
    """A day, or a period as the item `DATE` has it."""
    if isinstance(value, str):
        return day_text(date.fromisoformat(value))
    period = cast("Mapping[str, str | None]", value)
    first = day_text(date.fromisoformat(cast("str", period["from"])))
    last = period.get("to")
    if last is None:
        return f"{first}から（継続中）"
    return f"{first}から{day_text(date.fromisoformat(last))}まで"


def party_texts(item: LineItem | None, wording: int | None = WORDING) -> tuple[str, str, str]:
    """Name, address and representative of the other party; empty where a party has none."""
    replacement = _instead(item, wording)
    if replacement is not None or item is None:
        return (replacement or "", "", "")
    party = cast("Mapping[str, Json]", item.value)
    if party.get("kind") == "unspecified_many":
        return (MANY, "", "")
    representative = _text(party.get("representative")) if "representative" in party else ""
    return (_text(party.get("name")), _text(party.get("address")), representative)


def principal_text(
    item: LineItem | None, kinds: Mapping[str, str], wording: int | None = WORDING
) -> str:
    """What identifies the person in the record, as it was recorded.

    Args:
        kinds: scheme → what it is called; one that is not there is called by its code.
    """
    replacement = _instead(item, wording)
    if replacement is not None or item is None:
        return replacement or ""
    persons = cast("list[Mapping[str, str]]", item.value)
    return "\n".join(
        "\n".join(
            [
                *([one["name"]] if "name" in one else []),
                f"{kinds.get(one['scheme'], one['scheme'])}：{one['id']}",
            ]
        )
        for one in persons
    )


def names_text(item: LineItem | None, wording: int | None = WORDING) -> str:
    """The items of data, and how many of them are not disclosed."""
    replacement = _instead(item, wording)
    if replacement is not None or item is None:
        return replacement or ""
    names = "、".join(cast("list[str]", item.value))
    suffix = f"（ほか{item.withheld:,}項目は{NOT_DISCLOSED}）" if item.withheld else ""
    return f"{names}{suffix}"


def items_text(line: ReplyLine, wording: int | None = WORDING) -> str:
    """The same of a line; of personally referable information it says that it is of such."""
    names = names_text(line.item("ITEMS"), wording)
    if wording is None or not is_referable(line):
        return names
    return f"{item_label('ITEMS', line.side, is_referable=True)}：{names}"


def is_referable(line: ReplyLine) -> bool:
    """Whether the record is one of personally referable information (Rule 24(1)(iii))."""
    return line.item("ART31_CONSENT") is not None


def acquisition_text(item: LineItem | None, wording: int | None = WORDING) -> str:
    """How the other party had acquired the data (Act Art. 30(1)(ii))."""
    replacement = _instead(item, wording)
    if replacement is not None or item is None:
        return replacement or ""
    return _text(item.value)


def ground_text(line: ReplyLine, wording: int | None = WORDING) -> str:
    """The consent, or what stood in its place."""
    # A consent that was withdrawn before is told by the route: to state it, too, would deny that.
    codes = [one for one in _STATED if line.route != WITHDRAWN_BEFORE or one not in CONSENTS]
    statements = [_statement_text(line.item(code), code, line.consent) for code in codes]
    words = [_ROUTES[line.route]] if line.route is not None and line.route in _ROUTES else []
    if line.route == Route.UNFOUNDED.value and (wording or 0) < ONLY_WHAT_COUNTS:
        words = [_UNFOUNDED_AT_FIRST]
    return "\n".join([*words, *(one for one in statements if one)])


def _statement_text(item: LineItem | None, code: str, consent: str | None) -> str:
    if item is None:
        return ""
    if item.withheld:
        return NOT_DISCLOSED
    yes, no = _STATED[code]
    return (yes if item.value is True else no).format(article=_CONSENTS.get(consent or "", ""))


def withheld_codes(line: ReplyLine) -> tuple[str, ...]:
    """The codes of the items of which something is not disclosed."""
    return tuple(one.code for one in line.items if one.withheld)


def item_label(code: str, line_side: str, *, is_referable: bool = False) -> str:
    """An item as the columns of that side name it; `is_referable` as of a line."""
    is_provided = line_side == PROVIDED
    return {
        "DATE": "提供した年月日" if is_provided else "提供を受けた年月日",
        "COUNTERPARTY": "提供の相手方" if is_provided else "提供をした者",
        "PRINCIPAL": "本人を特定するに足りる事項",
        "ITEMS": "個人関連情報の項目" if is_referable else "個人データの項目",
        "CONSENT": "本人の同意を得ている旨",
        "ACQUISITION": "取得の経緯",
        "PUBLISHED": "公表されている旨",
        "ART31_CONSENT": "法第31条第1項の同意が得られている旨",
    }[code]


def numbers_text(numbers: Sequence[int], *, ranges_max: int | None = None) -> str:
    """Ascending numbers as ranges; only the first number when these are too many."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    if ranges_max is not None and len(ranges) > ranges_max:
        return f"{numbers[0]}ほか"
    return "、".join(str(a) if a == b else f"{a}～{b}" for a, b in ranges)


def _instead(item: LineItem | None, wording: int | None) -> str | None:
    if item is None:
        return not_requested_text(wording)
    if item.value is None:
        return NOT_DISCLOSED if item.withheld else NOT_RECORDED
    return None


def _text(value: Json) -> str:
    return value if isinstance(value, str) and value else NOT_RECORDED
