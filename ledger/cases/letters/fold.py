"""Repeats on paper: lines that differ in nothing but their day are printed once, with their number.

Nothing is lost: a row tells how many records it stands for and every day of theirs. Files never
fold.

Source: 45 CFR 164.528(b)(3) for the idea; the days stay because they are statutory items here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ledger.cases.letters.lines import ReplyLine
from ledger.format.json import encoded
from ledger.values import Json


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """Lines that paper prints as one row.

    Attributes:
        lines: at least one, in their order.
        days: ascending, one for each line; empty where no single day is among the items.
    """

    lines: tuple[ReplyLine, ...]
    days: tuple[date, ...] = ()


def folded(lines: Sequence[ReplyLine]) -> tuple[PrintedRow, ...]:
    """The rows of `lines`, each where its first line stands."""
    groups: dict[bytes, list[ReplyLine]] = {}
    for line in lines:
        groups.setdefault(_sameness(line), []).append(line)
    return tuple(PrintedRow(tuple(group), _days(group)) for group in groups.values())


def _sameness(line: ReplyLine) -> bytes:
    items: list[Json] = [
        [one.code, None if _is_one_day(line, one.code) else one.value, one.withheld]
        for one in line.items
    ]
    # A line without a day is not the same as one with a day.
    key_parts = [line.side, line.route, items, line.current_name, _is_one_day(line, "DATE")]
    # Days for reference stand in a table of their own, so they part no rows.
    return encoded([*key_parts, line.consent])


def _is_one_day(line: ReplyLine, code: str) -> bool:
    item = line.item(code)
    return code == "DATE" and item is not None and isinstance(item.value, str)


def _days(group: Sequence[ReplyLine]) -> tuple[date, ...]:
    days: list[date] = []
    for line in group:
        item = line.item("DATE")
        if item is not None and isinstance(item.value, str):
            days.append(date.fromisoformat(item.value))
    return tuple(sorted(days))
