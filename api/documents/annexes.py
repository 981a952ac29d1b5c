"""The annexes (別紙) of a reply: one table a side, repeats folded, bounded.

A row of a tagged table takes about 130 kB of memory while it is set, so paper has a bound; the
files have none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from ledger.letters import words
from ledger.letters.fold import Row, folded
from ledger.letters.letter import Letter
from ledger.letters.lines import PROVIDED, RECEIVED, Side
from ledger.values import Json

ROWS_MAX = 10_000
"""Rows on paper, both annexes together: 1.4 GB of memory and 770 pages when no row folds."""
_RANGES_MAX = 3
_SIDES: tuple[Side, ...] = (PROVIDED, RECEIVED)
# A sheet has 94 full-width characters of the table's size in a line and 38 lines below the head.
_CHARACTERS_A_LINE = 90
_SHORT_LINES_MAX = 15

_TITLES: Mapping[Side, str] = MappingProxyType(
    {PROVIDED: "当社が提供した記録", RECEIVED: "当社が提供を受けた記録"}
)
ANNEXES: Mapping[Side, str] = MappingProxyType({PROVIDED: "別紙1", RECEIVED: "別紙2"})
ANNEX_TITLES: Mapping[Side, str] = MappingProxyType(
    {side: f"{ANNEXES[side]}　{_TITLES[side]}" for side in _SIDES}
)
_NONE = "開示する記録はありません"
_COLUMNS: Mapping[Side, tuple[tuple[str, int], ...]] = MappingProxyType(
    {
        PROVIDED: (
            ("番号", 5),
            ("提供の相手方（氏名又は名称、住所、代表者の氏名）", 24),
            ("本人を特定するに足りる事項", 14),
            ("個人データの項目", 22),
            ("同意等", 14),
            ("提供した年月日", 16),
            ("件数", 5),
        ),
        RECEIVED: (
            ("番号", 5),
            ("提供をした者（氏名又は名称、住所、代表者の氏名）", 20),
            ("取得の経緯", 14),
            ("本人を特定するに足りる事項", 12),
            ("個人データの項目", 16),
            ("同意等", 12),
            ("提供を受けた年月日", 16),
            ("件数", 5),
        ),
    }
)
"""Side → its columns with their relative widths."""


@dataclass(frozen=True, slots=True)
class Annexes:
    """What is printed of the records of a letter.

    Attributes:
        counts: label and number of records, by side.
        tables: for the template, one a side that has rows.
        folded: some row stands for several records.
        all_printed: no row was left to the files.
        printed: records that the printed rows stand for.
    """

    counts: list[Json]
    tables: list[Json]
    folded: bool
    all_printed: bool
    printed: int


def annexes_of(letter: Letter) -> Annexes:
    """The annexes of `letter`; empty for a letter without lines."""
    counts: list[Json] = []
    tables: list[Json] = []
    printed: list[Row] = []
    left = 0
    asked: dict[Side, bool] = {PROVIDED: letter.asked.provided, RECEIVED: letter.asked.received}
    for side in _SIDES:
        if not asked[side] or not letter.lines:
            continue
        lines = [line for line in letter.lines if line.side == side]
        rows = folded(lines)
        shown = rows[: ROWS_MAX - len(printed)]
        printed.extend(shown)
        left += len(rows) - len(shown)
        where = f"（{ANNEXES[side]}）" if shown else ""
        counts.append([_TITLES[side], f"{len(lines):,}件{where}" if lines else _NONE])
        if shown:
            tables.append(_table(side, shown, len(lines), letter.kinds or {}))
    return Annexes(
        counts=counts,
        tables=tables,
        folded=any(len(row.lines) > 1 for row in printed),
        all_printed=not left,
        printed=sum(len(row.lines) for row in printed),
    )


def _table(side: Side, rows: Sequence[Row], count: int, kinds: Mapping[str, str]) -> Json:
    return {
        "title": ANNEX_TITLES[side],
        "count": f"{count:,}",
        "columns": [label for label, _ in _COLUMNS[side]],
        "widths": [width for _, width in _COLUMNS[side]],
        "rows": list(_rows(side, rows, kinds)),
    }


def _rows(side: Side, rows: Sequence[Row], kinds: Mapping[str, str]) -> Iterator[Json]:
    widths = [width * _CHARACTERS_A_LINE // 100 for _, width in _COLUMNS[side]]
    for row in rows:
        cells = _cells(side, row, kinds)
        is_long = any(
            sum(1 + len(part) // width for part in cell.split("\n")) > _SHORT_LINES_MAX
            for cell, width in zip(cells, widths, strict=True)
        )
        yield {"cells": cast("Json", cells), "long": is_long}


def _cells(side: Side, row: Row, kinds: Mapping[str, str]) -> list[str]:
    line = row.lines[0]
    date = words.days_text(row.days) if row.days else words.date_text(line.item("DATE"))
    acquisition = [words.acquisition_text(line.item("ACQUISITION"))] if side == RECEIVED else []
    note = "" if line.current_name is None else f"\n（現在の氏名：{line.current_name}）"
    return [
        words.numbers_text([one.number for one in row.lines], ranges_max=_RANGES_MAX),
        _party(words.party_texts(line.item("COUNTERPARTY"))),
        *acquisition,
        words.principal_text(line.item("PRINCIPAL"), kinds) + note,
        words.names_text(line.item("ITEMS")),
        words.ground_text(line),
        date,
        f"{len(row.lines):,}",
    ]


def _party(texts: tuple[str, str, str]) -> str:
    name, address, representative = texts
    return "\n".join(
        [
            name,
            *([f"住所：{address}"] if address else []),
            *([f"代表者：{representative}"] if representative else []),
        ]
    )
