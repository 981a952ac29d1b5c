"""From a cell to the values of its column. What cannot be read for certain is told, not guessed."""

import re
from collections.abc import Iterable
from datetime import datetime, time
from decimal import Decimal
from typing import Final, NamedTuple

from api.resources.registers import days
from api.resources.registers.cells import Cell, CellFault, DateCell, MergedCell, NumberCell
from api.resources.registers.fields import FIELDS, PERSON, UNKNOWN, CellKind, Field
from api.resources.registers.mapping import MappedColumn
from api.resources.registers.xlsx.sheet import stamp
from ledger.clock import JAPAN
from ledger.values import Json

_EXACT_DIGITS: Final = 15
"""A sheet keeps no more of a number. Source: Excel's specifications and limits."""
_SCIENTIFIC: Final = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)
_PRIVATE: Final = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_INSTANT: Final = re.compile(r"(.+?)[ T　](\d{1,2}:\d{2}(?::\d{2})?)")
_COMPACT_LENGTH: Final = 8


class UnfitCell(Exception):  # noqa: N818 -- it is no error of the program
    """The cell has no value for its column.

    Attributes:
        code: of the problem.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ConvertedCell(NamedTuple):
    """What one cell brought.

    Attributes:
        members: field → value; of a person's fields a list, one value a person.
        faults: field → code of the problem; then its raw text, if any, is among the members.
        unplaced: the raw text of an unfit cell that is no field's.
    """

    members: dict[str, Json]
    faults: dict[str, str]
    unplaced: str | None = None


def resolve_cell(cell: Cell, *, repeats_merged: bool) -> Cell:
    """The cell, or what covers it.

    Raises:
        Unfit: it is covered, and that does not count.
    """
    if not isinstance(cell, MergedCell):
        return cell
    if repeats_merged or cell.shown is None:
        return cell.shown
    raise UnfitCell("CELL_MERGED")


def converted(column: MappedColumn, cell: Cell, *, repeats_merged: bool) -> ConvertedCell:
    """What `cell` states in `column`."""
    members: dict[str, Json] = {}
    faults: dict[str, str] = {}

    def unfit(names: Iterable[str], code: str) -> None:
        raw = raw_of(cell)
        for name in names:
            faults[name] = code
            if raw is not None and column.fields:
                members[name] = [*_parts(column, raw)] if name.startswith(PERSON) else raw

    try:
        uncovered = resolve_cell(cell, repeats_merged=repeats_merged)
        if uncovered is None:
            if column.is_unknown_if_blank:
                members |= dict(UNKNOWN[name] for name in column.fields)
            return ConvertedCell(members, faults)
        if column.values:
            return ConvertedCell(_map_values(column, uncovered), faults)
    except UnfitCell as error:
        stated = (name for meant in column.values.values() for name in meant)
        unfit(column.fields or dict.fromkeys(stated), error.code)
        return ConvertedCell(members, faults, None if column.fields else raw_of(cell))
    for name in column.fields:
        try:
            members[name] = _field_value(FIELDS[name], column, uncovered)
        except UnfitCell as error:
            unfit([name], error.code)
    return ConvertedCell(members, faults)


def _field_value(field: Field, column: MappedColumn, cell: Cell) -> Json:
    if field.is_many or field.name.startswith(PERSON):
        return [_value(field, column, part) for part in _split(column, cell)]
    return _value(field, column, cell)


def text_of(column: MappedColumn, cell: Cell) -> str:
    """The cell as a text.

    Raises:
        Unfit: it is none, or not for certain.
    """
    match cell:
        case str():
            return _checked_text(column, cell)
        case NumberCell(value):
            return _digits_of(column, value)
        case CellFault(code):
            raise UnfitCell(code)
        case _:
            raise UnfitCell("NOT_A_TEXT")


def raw_of(cell: Cell) -> str | None:
    """The cell as it is kept in quarantine, where somebody mends it."""
    match cell:
        case str():
            return cell
        case bool():
            return str(cell).upper()
        case NumberCell(value):
            return f"{value:f}"
        case DateCell(at):
            return at.isoformat()
        case MergedCell(covering):
            return raw_of(covering)
        case CellFault(_, text):
            return text
        case _:
            return None


def _checked_text(column: MappedColumn, text: str) -> str:
    if "\ufffd" in text:
        raise UnfitCell("CHARACTER_LOST")
    if _PRIVATE.search(text):
        raise UnfitCell("GAIJI")
    if _SCIENTIFIC.fullmatch(text):
        raise UnfitCell("NUMBER_ROUNDED")
    has_digits = text.isascii() and text.isdigit() and len(text) == column.digits
    if column.digits is not None and not has_digits:
        raise UnfitCell("DIGITS_MISSING")
    return text


def _digits_of(column: MappedColumn, value: Decimal) -> str:
    if not (column.numbers or column.digits is not None):
        raise UnfitCell("NUMBER_NOT_TEXT")
    plain = f"{value:f}"
    whole, _, fraction = plain.partition(".")
    if fraction.strip("0") or not whole.isdigit() or len(whole) > _EXACT_DIGITS:
        raise UnfitCell("NUMBER_ROUNDED")
    text = whole.lstrip("0") or "0"
    if column.digits is None:
        return text
    if len(text) > column.digits:
        raise UnfitCell("DIGITS_MISSING")
    return text.zfill(column.digits)


def _split(column: MappedColumn, cell: Cell) -> list[Cell]:
    return [*_parts(column, cell)] if isinstance(cell, str) else [cell]


def _parts(column: MappedColumn, text: str) -> list[str]:
    if not column.separators:
        return [text]
    pattern = "|".join(map(re.escape, column.separators))
    return [part.strip() for part in re.split(pattern, text) if part.strip()]


def _map_values(column: MappedColumn, cell: Cell) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for part in _split(column, cell):
        members = column.values.get(_word(part))
        if members is None:
            raise UnfitCell(part.code if isinstance(part, CellFault) else "VALUE_UNKNOWN")
        for name, value in members.items():
            stated = [value] if name.startswith(PERSON) else value
            if isinstance(stated, list):
                before = found.get(name, [])
                assert isinstance(before, list), "a field is a list always or never"
                found[name] = [*before, *stated]
            elif found.setdefault(name, value) != value:
                raise UnfitCell("VALUES_DIFFER")
    return found


def _word(cell: Cell) -> str:
    match cell:
        case str():
            return cell
        case bool():
            return str(cell).upper()
        case NumberCell(value):
            return f"{value.normalize():f}"
        case _:
            return ""


def _value(field: Field, column: MappedColumn, cell: Cell) -> Json:
    match field.kind:
        case CellKind.TEXT:
            return text_of(column, cell)
        case CellKind.CHOICE:
            text = text_of(column, cell)
            if text not in field.choices:
                raise UnfitCell("VALUE_UNKNOWN")
            return text
        case CellKind.BOOLEAN:
            return _boolean(cell)
        case CellKind.DAY:
            return _day(column, cell).date().isoformat()
        case CellKind.INSTANT:
            return _instant(column, cell)


def _boolean(cell: Cell) -> bool:
    if isinstance(cell, CellFault):
        raise UnfitCell(cell.code)
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, str) and cell.lower() in ("true", "false"):
        return cell.lower() == "true"
    raise UnfitCell("VALUE_UNKNOWN")


def _day(column: MappedColumn, cell: Cell) -> datetime:
    """The day as its first moment; of a cell with a time, that too."""
    match cell:
        case DateCell(at):
            return at
        case CellFault(code):
            raise UnfitCell(code)
        case NumberCell(value):
            return _day_of_number(column, value)
        case str():
            day = days.day_of(cell, column.days)
            if day is None:
                raise UnfitCell("DAY_UNREADABLE")
            return datetime.combine(day, time())
        case _:
            raise UnfitCell("DAY_UNREADABLE")


def _day_of_number(column: MappedColumn, value: Decimal) -> datetime:
    plain = f"{value:f}"
    if days.COMPACT in column.days and len(plain) == _COMPACT_LENGTH:
        day = days.day_of(plain, frozenset({days.COMPACT}))
        if day is None:
            raise UnfitCell("DAY_UNREADABLE")
        return datetime.combine(day, time())
    if days.SERIAL in column.days:
        made = stamp(value)
        if isinstance(made, DateCell):
            return made.at
        raise UnfitCell("NOT_A_DAY")
    raise UnfitCell("NUMBER_NOT_DAY")


def _instant(column: MappedColumn, cell: Cell) -> str:
    """An RFC 3339 instant; a time without an offset is Japan's."""
    if isinstance(cell, str):
        try:
            stated = datetime.fromisoformat(cell)
        except ValueError:
            stated = None
        if stated is not None and stated.tzinfo is not None:
            return cell
        found = _INSTANT.fullmatch(cell)
        if found is not None:
            day = _day(column, found[1].strip())
            hour, _, minutes = found[2].partition(":")
            try:
                clock = time.fromisoformat(f"{int(hour):02}:{minutes}")
            except ValueError:
                raise UnfitCell("DAY_UNREADABLE") from None
            return datetime.combine(day, clock, JAPAN).isoformat()
    at = _day(column, cell)
    if at.time() == time():
        if column.clock is None:
            raise UnfitCell("TIME_MISSING")
        at = datetime.combine(at, column.clock)
    return at.replace(tzinfo=JAPAN).isoformat()
