"""The records of an export for a spreadsheet: one a row, as it stands at the export's position.

UTF-8 with BOM, CRLF; a cell that a spreadsheet would take for a formula has `'` before it.

Source: RFC 4180.
"""

import csv
import re
from collections.abc import Sequence
from datetime import date
from io import StringIO
from typing import Final, cast

from ledger.exports.rows import INDIVIDUAL, Kept, Persons
from ledger.law.bases import BASES
from ledger.law.findings import FINDINGS
from ledger.letters.files import BOM, guarded
from ledger.values import Json, counterparty_of, days_of

SIDES: Final = {"provided": "提供", "received": "受領"}
STATUSES: Final = {"standing": "有効", "retracted": "取消", "destroyed": "廃棄"}
WITHHELD: Final = "(個人)"
"""In place of an individual's name and address, where nobody is to be named."""
# Where `guarded` may change a cell, with a NUL before each; and what a cell is quoted for.
_GUARDED: Final = re.compile("\0(?:[\\t\\r\\n]|\\s*[=+\\-@＝＋－＠])")
_QUOTED: Final = re.compile('["\r\n]')
COLUMNS: Final = (
    "番号",
    "位置",
    "提供・受領の別",
    "根拠",
    "義務",
    "記録の方法",
    "年月日(初日)",
    "年月日(末日)",
    "記録日",
    "第三者の氏名又は名称",
    "第三者の住所",
    "第三者の代表者の氏名",
    "第三者の識別子",
    "個人データの項目",
    "本人の数",
    "指摘",
    "保存期間の末日",
    "訂正等の回数",
    "状態",
    "発信元",
)


def head() -> bytes:
    """What the file begins with."""
    return BOM + line_of(COLUMNS)


def table_row(number: int, kept: Kept, persons: Persons) -> bytes:
    """The record as one row: of one person's export, without what concerns others alone.

    Args:
        number: as in the lines of the bag.
    """
    state = kept.state
    first = kept.events[0]
    cells: list[str] = [str(number), str(first.position)]
    if state.record is None:
        facts = first.header.facts
        cells += [SIDES[str(facts["direction"])], BASES[str(facts["basis"])].label]
        cells += [""] * (len(COLUMNS) - 6) + [STATUSES[kept.status], kept.source or ""]
        return line_of(cells)
    data, verdict = state.record.data, state.record.verdict
    begin, end = days_of(data)
    lines = [line for line in state.lines.values() if persons.holds(line.principal)]
    own = (code for line in lines if line.verdict for code in line.verdict.findings)
    findings = sorted({*verdict.findings, *own}) if state.retracted is None else []
    party = counterparty_of(cast("dict[str, Json]", data["counterparty"]))
    shown = (party.name, party.address, party.representative, party.party_id)
    if party.kind == INDIVIDUAL and persons.named is not None:
        shown = (WITHHELD, None, None, None)
    cells += [
        SIDES[str(data["direction"])],
        BASES[str(data["basis"])].label,
        verdict.duty,
        verdict.effective_method,
        _day(begin),
        _day(end),
        _day(state.record.recorded_on),
        *(one or "" for one in shown),
        "、".join(cast("list[str]", data["items"])),
        str(len(lines)),
        "、".join(FINDINGS[code].label for code in findings),
        _day(verdict.retain_through),
        str(len(state.positions) - 1),
        STATUSES[kept.status],
        kept.source or "",
    ]
    return line_of(cells)


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def line_of(cells: Sequence[str]) -> bytes:
    """A row of cells as CSV, guarded (RFC 4180)."""
    # Most rows have nothing that a spreadsheet takes for a formula, and nothing to quote.
    if _GUARDED.search("\0" + "\0".join(cells)):
        cells = [guarded(cell) for cell in cells]
    line = ",".join(cells)
    if line.count(",") == len(cells) - 1 and _QUOTED.search(line) is None:
        return f"{line}\r\n".encode()
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().encode()
