"""The records of a reply as 回答内容の確認 shows them: what the letter will say of each.

Repeats are one row, as on paper; the same rows unfolded are every record. What is shown is left
after exclusion, and is of the person alone.

Source: Rules 20(1), 24(1); the officer's flow, section 3.4 (S4).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from api.case_replies import ReplyRecords
from ledger.cases.letters import words
from ledger.cases.letters.fold import PrintedRow, folded
from ledger.cases.letters.lines import PROVIDED, RECEIVED, ReplyLine, Side, lines_of, numbered
from ledger.cases.letters.words import NOT_RECORDED, NOT_REQUIRED

PAGE: Final = 100
"""Rows of one side on a page."""
SIDES: Final[tuple[Side, ...]] = (PROVIDED, RECEIVED)
_RANGES_MAX: Final = 3


@dataclass(frozen=True, slots=True)
class ReplyLineView:
    """One row.

    Attributes:
        records: the records that it stands for, of which `tick` is the first.
        number: of their lines in the letter.
        days: every day of theirs; count: how many records.
        acquisition: None on the side of what was provided.
        withheld: numbers of the blocks that withhold something of one of them.
    """

    tick: UUID
    records: tuple[UUID, ...]
    number: str
    days: str
    party: str
    address: str
    representative: str
    acquisition: str | None
    person: str
    items: str
    ground: str
    count: int
    withheld: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReplyTable:
    """One side of the reply.

    Attributes:
        count: records; rows: those of this page.
        page: from 1; pages: at least 1.
        folds: whether some row stands for several records.
    """

    side: Side
    count: int
    rows: tuple[ReplyLineView, ...]
    page: int
    pages: int
    folds: bool


@dataclass(frozen=True, slots=True)
class Tables:
    """Both sides, and what each row stands for.

    Attributes:
        records: every record, in the order of the letter.
        ticks: first record of a row → the records of the row, as the rows are shown now.
        names: record → names of its items of data, and codes of its statutory items.
    """

    tables: tuple[ReplyTable, ...]
    records: tuple[UUID, ...]
    ticks: Mapping[UUID, tuple[UUID, ...]]
    names: Mapping[UUID, tuple[tuple[str, ...], tuple[str, ...]]]
    sides: Mapping[UUID, Side]


def tables_of(
    found: ReplyRecords,
    sides: Collection[Side],
    withheld: Mapping[UUID, tuple[int, ...]],
    pages: Mapping[str, int],
    *,
    unfolded: bool,
    kinds: Mapping[str, str],
) -> Tables:
    """The tables of what was found.

    Args:
        sides: the sides that the request is about.
        withheld: record → numbers of the blocks that it stands in.
        pages: side → the page that is wanted.
        unfolded: every record has a row of its own.
        kinds: scheme → what such an identifier is called.
    """
    name = found.names[-1] if found.names else None
    lines = lines_of(found.entries, current_name=name, wording=words.WORDING)
    places = numbered(found.entries, {})
    record_of = {number: entry.transfer for number, entry, _ in places}
    tables: list[ReplyTable] = []
    ticks: dict[UUID, tuple[UUID, ...]] = {}
    for side in SIDES:
        if side not in sides:
            continue
        own = [line for line in lines if line.side == side]
        rows = [PrintedRow((line,)) for line in own] if unfolded else folded(own)
        page, last = _page(pages.get(side, 1), len(rows))
        for row in rows:
            records = tuple(record_of[one.number] for one in row.lines)
            ticks[records[0]] = records
        part = rows[(page - 1) * PAGE : page * PAGE]
        shown = tuple(_render_row(one, record_of, withheld, kinds) for one in part)
        is_folded = any(len(one.lines) > 1 for one in rows)
        tables.append(ReplyTable(side, len(own), shown, page, last, is_folded))
    return Tables(
        tuple(tables),
        tuple(record_of.values()),
        ticks,
        {one.transfer: (one.verdict.statutory_items, one.items) for _, one, _ in places},
        {record_of[line.number]: line.side for line in lines},
    )


def _page(page: int, rows: int) -> tuple[int, int]:
    last = max(1, -(-rows // PAGE))
    return min(max(page, 1), last), last


def _render_row(
    row: PrintedRow,
    record_of: Mapping[int, UUID],
    withheld: Mapping[UUID, tuple[int, ...]],
    kinds: Mapping[str, str],
) -> ReplyLineView:
    line = row.lines[0]
    records = tuple(record_of[one.number] for one in row.lines)
    party, address, representative = _party(line)
    note = "" if line.current_name is None else f"\n（現在の氏名：{line.current_name}）"
    blocks = sorted({block for one in records for block in withheld.get(one, ())})
    return ReplyLineView(
        tick=records[0],
        records=records,
        number=words.numbers_text([one.number for one in row.lines], ranges_max=_RANGES_MAX),
        days=words.days_text(row.days) if row.days else words.date_text(line.item("DATE")),
        party=party,
        address=address,
        representative=representative,
        acquisition=words.acquisition_text(line.item("ACQUISITION"))
        if line.side == RECEIVED
        else None,
        person=words.principal_text(line.item("PRINCIPAL"), kinds) + note,
        items=words.items_text(line),
        ground=words.ground_text(line) or NOT_REQUIRED,
        count=len(records),
        withheld=tuple(blocks),
    )


def _party(line: ReplyLine) -> tuple[str, str, str]:
    """Name, address and representative; a blank that is lawful says so."""
    name, address, representative = words.party_texts(line.item("COUNTERPARTY"))
    blank = name if name in (NOT_REQUIRED, NOT_RECORDED) else NOT_REQUIRED
    return name, address or blank, representative or blank


def choices_of(tables: Tables, records: Sequence[UUID]) -> tuple[list[tuple[str, str]], list[str]]:
    """What may be withheld of these records: (code, label) of statutory items, names of data."""
    codes: dict[str, str] = {}
    names: dict[str, None] = {}
    for one in records:
        statutory, data = tables.names.get(one, ((), ()))
        for code in statutory:
            codes.setdefault(code, words.item_label(code, tables.sides[one]))
        names |= dict.fromkeys(data)
    return list(codes.items()), list(names)
