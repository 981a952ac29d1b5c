"""What a chart of counts looks like, in thousandths of its axis: the template only draws it."""

from collections.abc import Mapping, Sequence
from typing import Final

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
