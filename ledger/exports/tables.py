"""The records of an export for a spreadsheet: one a row, as it stands at the export's position.

UTF-8 with BOM, CRLF; what a spreadsheet would take for a formula has `'` before it.

Source: RFC 4180.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Final, cast

from ledger.cases.letters.files import BOM
from ledger.csv_guard import guarded
from ledger.exports.rows import INDIVIDUAL, ExportedRecord, PersonDisplay
from ledger.law.bases import BASES
from ledger.law.findings import FINDINGS
from ledger.values import days_of

SIDES: Final = {"provided": "提供", "received": "受領"}
STATUSES: Final = {"standing": "有効", "begun": "記録中", "retracted": "取消", "destroyed": "廃棄"}
WITHHELD: Final = "(個人)"
"""In place of an individual's name and address, where nobody is to be named."""
_QUOTED: Final = re.compile('[",\r\n]')
_PARTY: Final = ("name", "address", "representative", "party_id")
_REMEMBERED_MAX: Final = 200
"""Characters of a cell in a row whose cells are remembered: most of them come again and again."""


class ColumnType(Enum):
    """What the cells of a column are; a day, and a number, may be missing."""

    TEXT = "text"
    DAY = "day"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table.

    Attributes:
        width: in the workbook, in characters.
        is_unique: nearly every record has another value.
        of_destroyed: the cell is there, too, when the record is destroyed.
    """

    title: str
    width: int
    kind: ColumnType = ColumnType.TEXT
    is_unique: bool = False
    of_destroyed: bool = False


_DAY, _NUMBER = ColumnType.DAY, ColumnType.NUMBER
COLUMNS: Final = (
    Column("番号", 10, _NUMBER, is_unique=True, of_destroyed=True),
    Column("位置", 12, _NUMBER, is_unique=True, of_destroyed=True),
    Column("提供・受領の別", 18, of_destroyed=True),
    Column("根拠", 34, of_destroyed=True),
    Column("義務", 15),
    Column("記録の方法", 14),
    Column("年月日(初日)", 17, _DAY),
    Column("年月日(末日)", 17, _DAY),
    Column("記録日", 13, _DAY),
    Column("第三者の氏名又は名称", 30),
    Column("第三者の住所", 48),
    Column("第三者の代表者の氏名", 26),
    Column("第三者の識別子", 20),
    Column("個人データの項目", 36),
    Column("本人の数", 13, _NUMBER),
    Column("指摘", 40),
    Column("保存期間の末日", 19, _DAY),
    Column("訂正等の回数", 16, _NUMBER),
    Column("状態", 9, of_destroyed=True),
    Column("発信元", 36, of_destroyed=True),
)
"""In the order of the file; `table_row` gives the cells in this order, too."""
TITLES: Final = tuple(one.title for one in COLUMNS)


def head() -> bytes:
    """What the file begins with."""
    return BOM + line_of(TITLES)


def table_row(number: int, kept: ExportedRecord, persons: PersonDisplay) -> bytes:
    """The record as one row: of one person's export, without what concerns others alone.

    Args:
        number: as in the lines of the bag.
    """
    state = kept.state
    first = kept.events[0]
    numbers = f"{number},{first.position},".encode()  # as `line_of` would write them
    if state.record is None:
        facts = first.header.facts
        side, basis = SIDES[str(facts["direction"])], BASES[str(facts["basis"])].label
        left = iter((side, basis, STATUSES[kept.status], kept.source or ""))
        return numbers + line_of([next(left) if one.of_destroyed else "" for one in COLUMNS[2:]])
    data, verdict = state.record.data, state.record.verdict
    begin, end = days_of(data)
    lines = [line for line in state.lines.values() if persons.holds(line.principal)]
    own = (code for line in lines if line.verdict for code in line.verdict.findings)
    findings = sorted({*verdict.findings, *own}) if state.retracted is None else []
    party = cast("dict[str, str | None]", data["counterparty"])
    shown = [party.get(one) or "" for one in _PARTY]
    if party["kind"] == INDIVIDUAL and persons.named is not None:
        shown = [WITHHELD, "", "", ""]
    cells = [
        SIDES[str(data["direction"])],
        BASES[str(data["basis"])].label,
        verdict.duty,
        verdict.effective_method,
        _day_text(begin),
        _day_text(end),
        _day_text(state.record.recorded_on),
        *shown,
        "、".join(cast("list[str]", data["items"])),
        str(len(lines)),
        "、".join(FINDINGS[code].label for code in findings),
        _day_text(verdict.retain_through),
        str(kept.corrections),
        STATUSES[kept.status],
        kept.source or "",
    ]
    return numbers + line_of(cells)


def _day_text(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def line_of(cells: Sequence[str]) -> bytes:
    """A row of two cells or more as CSV, guarded (RFC 4180)."""
    is_short = max(map(len, cells)) <= _REMEMBERED_MAX
    return f"{','.join(map(_remembered if is_short else _render_cell, cells))}\r\n".encode()


def _render_cell(cell: str) -> str:
    cell = guarded(cell)
    return cell if _QUOTED.search(cell) is None else '"' + cell.replace('"', '""') + '"'


_remembered = lru_cache(maxsize=4_096)(_render_cell)


def forget() -> None:
    """Keep no cell any longer: some of them are people, who may have to be forgotten."""
    _remembered.cache_clear()
