"""The annexes (別紙) of a reply: one table a side, repeats folded, in documents of a bounded size.

A row of a tagged table takes about 130 kB of memory while it is set, and each character beyond an
ordinary row's some 500 bytes more, so a document has two bounds. The annexes go on in further ones;
of a reply on a medium only the first `ROWS_MAX` rows are printed, and the files have all of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import cast

from api.documents.forms import plain
from ledger.cases.letters import words
from ledger.cases.letters.contents import Full, Partial
from ledger.cases.letters.fold import PrintedRow, folded
from ledger.cases.letters.letter import Letter
from ledger.cases.letters.lines import PROVIDED, RECEIVED, Side
from ledger.cases.medium import ROWS_OF_A_DOCUMENT
from ledger.values import Json

ROWS_MAX = ROWS_OF_A_DOCUMENT
"""Rows of a document, both annexes together: 1.4 GB of memory and 770 pages when no row folds."""
CHARACTERS_MAX = 1_500_000
"""Characters of the rows of a document, as `_size` counts them: 10,000 ordinary rows have fewer. So
many of kanji take some 800 MB and 4 s, beside what the rows take. One row alone may have more: then
it has a document of its own."""
_DEAR = 10
"""Characters that a line end counts as, and one that is printed by its code point: each takes some
ten times what another takes."""
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
REFERENCE = "参考（法定の記録事項ではありません）"
_ITEMS = "個人データの項目"
_ITEMS_OF_BOTH = "個人データ又は個人関連情報の項目"
_COLUMNS: Mapping[Side, tuple[tuple[str, int], ...]] = MappingProxyType(
    {
        PROVIDED: (
            ("番号", 5),
            ("提供の相手方（氏名又は名称、住所、代表者の氏名）", 24),
            ("本人を特定するに足りる事項", 14),
            (_ITEMS, 22),
            ("同意等", 14),
            ("提供した年月日", 16),
            ("件数", 5),
        ),
        RECEIVED: (
            ("番号", 5),
            ("提供をした者（氏名又は名称、住所、代表者の氏名）", 20),
            ("取得の経緯", 14),
            ("本人を特定するに足りる事項", 12),
            (_ITEMS, 16),
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
        tables: for the template, one a side that has rows in this document.
        folded: some printed row stands for several records.
        all_printed: no row was left to the files.
        printed: records that the printed rows stand for, those of all documents.
        parts: documents that the rows are printed in, the one with the letter first.
        many_rows: there are more rows than one document holds.
    """

    counts: list[Json]
    tables: list[Json]
    folded: bool
    all_printed: bool
    printed: int
    parts: int = 1
    many_rows: bool = False


@dataclass(frozen=True, slots=True)
class _MeasuredRow:
    """A row, and the texts of its cells."""

    side: Side
    row: PrintedRow
    cells: Sequence[str]


def annexes_of(letter: Letter, part: int = 1) -> Annexes:
    """The annexes of `letter` in its document `part` (1-based); empty without lines."""
    rows = _measured(letter)
    documents = _cut(rows, letter)
    begin, end = documents[part - 1] if part <= len(documents) else (0, 0)
    printed = rows[: documents[-1][1]] if documents else []
    counts: list[Json] = []
    tables: list[Json] = []
    for side in _requested_sides(letter):
        count = sum(line.side == side for line in letter.lines)
        shown = [one for one in rows[begin:end] if one.side == side]
        goes_on = any(one.side == side for one in rows[:begin])
        is_printed = any(one.side == side for one in printed)
        where = f"（{ANNEXES[side]}）" if is_printed else ""
        counts.append([_TITLES[side], f"{count:,}件{where}" if count else _NONE])
        if shown:
            tables.append(_table(side, shown, count, letter, goes_on=goes_on))
    return Annexes(
        counts=counts,
        tables=tables,
        folded=any(len(one.row.lines) > 1 for one in printed),
        all_printed=len(rows) <= ROWS_MAX or prints_all_rows(letter),
        printed=sum(len(one.row.lines) for one in printed),
        parts=max(1, len(documents)),
        many_rows=len(rows) > ROWS_MAX,
    )


def parts_of(letter: Letter) -> int:
    """Documents that the rows of `letter` are printed in."""
    return max(1, len(_cut(_measured(letter), letter)))


def _requested_sides(letter: Letter) -> Sequence[Side]:
    requested: dict[Side, bool] = {PROVIDED: letter.asked.provided, RECEIVED: letter.asked.received}
    return [side for side in _SIDES if requested[side] and letter.lines]


def _measured(letter: Letter) -> list[_MeasuredRow]:
    return [
        _MeasuredRow(side, row, _cells(side, row, letter.kinds or {}, letter.wording))
        for side in _requested_sides(letter)
        for row in folded([line for line in letter.lines if line.side == side])
    ]


def _cut(rows: Sequence[_MeasuredRow], letter: Letter) -> list[tuple[int, int]]:
    """The rows that are printed, as documents: the first row of each, and the one behind its last.

    A document ends where one more row would pass either bound.
    """
    documents: list[tuple[int, int]] = []
    begin = characters = 0
    printed = rows if prints_all_rows(letter) else rows[:ROWS_MAX]
    for place, one in enumerate(printed):
        more = _size(one)
        is_full = place - begin == ROWS_MAX or characters + more > CHARACTERS_MAX
        if is_full and place > begin:
            documents.append((begin, place))
            begin, characters = place, 0
        characters += more
    return [*documents, (begin, len(printed))] if printed else []


def _size(one: _MeasuredRow) -> int:
    texts = [*one.cells, _reference(one.row)]
    return sum(len(text) + (_DEAR - 1) * _dear(text) for text in texts)


def _dear(text: str) -> int:
    return text.count("\n") + (
        0 if plain().issuperset(text) else sum(c not in plain() for c in text)
    )


def prints_all_rows(letter: Letter) -> bool:
    """Whether every row is printed, in as many documents as it takes."""
    reply = letter.reply
    return isinstance(reply, Full | Partial) and reply.whole_on_paper is True


def _table(
    side: Side, rows: Sequence[_MeasuredRow], count: int, letter: Letter, *, goes_on: bool
) -> dict[str, Json]:
    labels = [label for label, _ in _COLUMNS[side]]
    if letter.wording is not None and side == RECEIVED:
        labels = [_ITEMS_OF_BOTH if label == _ITEMS else label for label in labels]
    return {
        "title": ANNEX_TITLES[side] + ("（続き）" if goes_on else ""),
        "count": f"{count:,}",
        "columns": cast("Json", labels),
        "widths": [width for _, width in _COLUMNS[side]],
        "rows": list(_rows(side, rows)),
        "reference": _references(side, [one.row for one in rows]),
    }


def _references(side: Side, rows: Sequence[PrintedRow]) -> Json:
    """What is told for reference: a title, two labels, and number and day of each row with one."""
    reference_rows: list[Json] = [
        [_numbers(row), _reference(row)]
        for row in rows
        if any(line.reference is not None for line in row.lines)
    ]
    if not reference_rows:
        return None
    return {
        "title": REFERENCE,
        "columns": ["番号", words.item_label("DATE", side)],
        "rows": reference_rows,
    }


def _reference(row: PrintedRow) -> str:
    references = [line.reference for line in row.lines if line.reference is not None]
    days = sorted(date.fromisoformat(one) for one in references if isinstance(one, str))
    periods = dict.fromkeys(
        words.period_text(one) for one in references if not isinstance(one, str)
    )
    return "\n".join([*([words.days_text(days)] if days else []), *periods])


def _rows(side: Side, rows: Sequence[_MeasuredRow]) -> Iterator[Json]:
    widths = [width * _CHARACTERS_A_LINE // 100 for _, width in _COLUMNS[side]]
    for one in rows:
        is_long = any(
            sum(1 + len(part) // width for part in cell.split("\n")) > _SHORT_LINES_MAX
            for cell, width in zip(one.cells, widths, strict=True)
        )
        yield {"cells": cast("Json", one.cells), "long": is_long}


def _cells(side: Side, row: PrintedRow, kinds: Mapping[str, str], wording: int | None) -> list[str]:
    line = row.lines[0]
    days = words.days_text(row.days) if row.days else words.date_text(line.item("DATE"), wording)
    acquisition = words.acquisition_text(line.item("ACQUISITION"), wording)
    note = "" if line.current_name is None else f"\n（現在の氏名：{line.current_name}）"
    return [
        _numbers(row),
        _party(words.party_texts(line.item("COUNTERPARTY"), wording)),
        *([acquisition] if side == RECEIVED else []),
        words.principal_text(line.item("PRINCIPAL"), kinds, wording) + note,
        words.items_text(line, wording),
        words.ground_text(line, wording),
        days,
        f"{len(row.lines):,}",
    ]


def _numbers(row: PrintedRow) -> str:
    return words.numbers_text([one.number for one in row.lines], ranges_max=_RANGES_MAX)


def _party(texts: tuple[str, str, str]) -> str:
    name, address, representative = texts
    return "\n".join(
        [
            name,
            *([f"住所：{address}"] if address else []),
            *([f"代表者：{representative}"] if representative else []),
        ]
    )
