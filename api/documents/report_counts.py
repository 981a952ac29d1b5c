"""Counts of the cover report as they are printed: by month, by counterparty, of requests."""

from collections.abc import Mapping, Sequence
from typing import Final, cast

from ledger.exports.summary import MANY, PARTIES_MAX, Summary
from ledger.exports.tally import UNDATED
from ledger.values import Json

WHOLE: Final = 1_000
"""The length of an axis."""
TICKS_MAX: Final = 5
MONTHS_MAX: Final = 36
"""Columns of a chart of months: they stand 4 mm apart on A4."""
_LABELLED_MAX: Final = 12
_QUARTERS: Final = (1, 4, 7, 10)
_YEAR: Final = 12
_DECIMAL: Final = 10


def axis(greatest: int) -> tuple[int, int]:
    """(Where an axis from 0 ends, the step of its ticks), in round numbers of 1, 2 and 5."""
    unit = 1
    while True:
        for step in (unit, 2 * unit, 5 * unit):
            if greatest <= step * TICKS_MAX:
                ticks = max(-(-greatest // step), 1)
                return ticks * step, step
        unit *= _DECIMAL


def share(count: int, end: int) -> int:
    """The part of an axis that ends at `end`; what is not 0 is seen."""
    return max(count * WHOLE // end, int(count > 0)) if end else 0


def months_before(month: str, count: int) -> list[str]:
    """So many months, `2026-04`, ascending, of which the last one is given."""
    year, number = (int(one) for one in month.split("-"))
    last = year * _YEAR + number - 1
    return [f"{one // _YEAR:04}-{one % _YEAR + 1:02}" for one in range(last - count + 1, last + 1)]


def month_columns(counts: Mapping[str, int], months: Sequence[str]) -> dict[str, Json]:
    """Columns of months with an axis of counts.

    Args:
        counts: of months, `2026-04`; one that is not there has none.
        months: those that are drawn, ascending.
    """
    end, step = axis(max((counts.get(one, 0) for one in months), default=0))
    columns: list[Json] = []
    for n, month in enumerate(months):
        year, number = (int(one) for one in month.split("-"))
        is_labelled = len(months) <= _LABELLED_MAX or number in _QUARTERS
        is_first = not n or number == 1
        columns.append(
            {
                "height": share(counts.get(month, 0), end),
                "month": f"{number}月" if is_labelled else "",
                "year": f"{year}年" if is_first else "",
            }
        )
    ticks: list[Json] = [
        {"at": share(one, end), "label": f"{one:,}"} for one in range(0, end + 1, step)
    ]
    return {"columns": columns, "ticks": ticks}


PARTIES_SHOWN_MAX: Final = 30
"""Counterparties on paper, those with most records first."""
HIDDEN: Final = "秘匿"
_OTHERS: Final = {
    "individual": "個人",
    MANY: "不特定かつ多数の者",
    "destroyed": "廃棄されたため不明",
}
_NAMELESS: Final = "名称の記載なし"
REQUESTS: Final = {
    "provision_records": "第三者提供記録の開示",
    "retained_data": "保有個人データの開示",
    "provision_stop": "第三者提供の停止",
    "utilization_cease": "利用停止・消去",
    "purpose_of_use": "利用目的の通知",
    "data_correction": "訂正・追加・削除",
    "measures_abroad": "外国の第三者の相当措置の情報",
}
OUTCOMES: Final = {
    "open": "対応中",
    "full_disclosure": "全部開示",
    "partial_disclosure": "一部開示",
    "non_disclosure": "不開示",
    "not_exist": "不存在",
    "procedural_refusal": "手続不備による不開示",
    "measures_decided": "措置の請求への決定",
    "withdrawn": "取下げ",
    "principal_deceased": "本人死亡",
    "entered_in_error": "誤登録",
    "closed": "完了",
    "closed_procedural": "手続終了",
}

_Object = dict[str, Json]


def number_text(count: Json) -> str:
    """1,234."""
    return f"{cast('int', count):,}"


def months(by_month: Mapping[str, int]) -> _Object:
    """The newest months as columns; what comes before them, and what has no day, in numbers."""
    dated = sorted(one for one in by_month if one != UNDATED)
    shown: list[str] = []
    if dated:
        newest = months_before(dated[-1], MONTHS_MAX)
        shown = newest[newest.index(max(dated[0], newest[0])) :]
    rows = [[_month(one), number_text(by_month[one])] for one in shown if one in by_month]
    if earlier := sum(by_month[one] for one in dated if one not in shown):
        rows.insert(0, [f"{_month(shown[0])}より前", number_text(earlier)])
    if UNDATED in by_month:
        rows.append(["年月日の記載なし", number_text(by_month[UNDATED])])
    greatest = max(shown, key=lambda one: by_month.get(one, 0), default=None)
    alt = ""
    if greatest is not None:
        alt = (
            f"{_month(shown[0])}から{_month(shown[-1])}までの月ごとの記録の件数の棒グラフ。"
            f"最も多い月は{_month(greatest)}の{number_text(by_month[greatest])}件。内容は表のとおり。"
        )
    chart = month_columns(by_month, shown) if shown else None
    return {"chart": chart, "alt": alt, "rows": cast("list[Json]", rows)}


def _month(month: str) -> str:
    year, number = month.split("-")
    return f"{int(year)}年{int(number)}月"


def parties(summary: Summary) -> _Object:
    """Counterparties, those with most records first; bars are of the length of the longest."""
    ordered = sorted(
        summary.parties.values(),
        key=lambda one: (-one.records, one.party_id or "", one.name or ""),
    )
    shown, others = ordered[:PARTIES_SHOWN_MAX], ordered[PARTIES_SHOWN_MAX:]
    rows = [(one.name or _NAMELESS, one.party_id or "", one.records) for one in shown]
    if others:
        rows.append((f"上記以外の{len(others):,}者", "", sum(one.records for one in others)))
    rows += [(_OTHERS[kind], "", n) for kind, n in sorted(summary.others.items())]
    if not summary.has_all_parties:
        left = summary.records - summary.others.total()
        rows.insert(0, (f"個人でない{PARTIES_MAX:,}を超える者", "", left))
    whole, greatest = summary.records, max((n for _, _, n in rows), default=0)
    return {
        "rows": [
            [name, party_id, number_text(n), _percent(n, whole), share(n, greatest)]
            for name, party_id, n in rows
        ],
        "has_all": summary.has_all_parties,
    }


def _percent(part: int, whole: int) -> str:
    """To a tenth, rounded half up, without the error of a float."""
    tenths = (part * 2_000 + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}%"


def requests(figures: _Object) -> _Object:
    """Counts of requests; those that are not told are not told here."""

    def rows(name: str, labels: Mapping[str, str]) -> list[Json]:
        counts = cast("dict[str, int | None]", figures[name])
        return [[labels.get(code, code), _count_text(n)] for code, n in counts.items()]

    return {
        "smallest": number_text(figures["smallest"]),
        "hides": cast("int", figures["smallest"]) > 1,
        "received": _count_text(cast("int | None", figures["received"])),
        "by_kind": rows("by_kind", REQUESTS),
        "by_outcome": rows("by_outcome", OUTCOMES),
    }


def _count_text(count: int | None) -> str:
    return HIDDEN if count is None else number_text(count)
