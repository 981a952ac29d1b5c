"""A mapping: which column of a register is which member of a transfer.

A mapping file is TOML, or JSON with the same members. Everything that is wrong is named at once.
"""

import json
import tomllib
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any, Final, cast

from api.resources.registers import days
from api.resources.registers.cells import column_of
from api.resources.registers.fields import FIELDS, PERSON, UNKNOWN, CellKind
from api.web.items import SOURCE_BYTES_MAX
from ledger.values import Json

VERSION: Final = 1
UNKNOWN_WORD: Final = "@unknown"
"""In place of a value: known to be missing."""
_BYTES_MAX: Final = 1 << 20
_TOP: Final = frozenset(
    [
        *("version", "source", "backfill", "id", "columns", "ignore", "constants"),
        *("heading_row", "merged", "sheet", "encoding"),
    ]
)
_OF_COLUMN: Final = frozenset(
    ["field", "separator", "values", "days", "clock", "blank", "numbers", "digits", "ignore"]
)
_DIGITS_MAX: Final = 30

Members = Table[str, Json]
"""Field → value."""


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """What one column is.

    Attributes:
        title: how the mapping names it: by its heading, or by its letters (`@C`).
        fields: what its text becomes; none for a column that only sets values, or is ignored.
        separators: between several items in one cell; none: the cell is one item.
        values: what its texts mean: text → members; a text that is not in it is a problem.
        days: forms of days that are read.
        clock: the time of day that a day alone stands for, where an instant is wanted.
        is_unknown_if_blank: an empty cell says "known to be missing"; else it says nothing.
        numbers: `True`: a whole number is the text of its digits; else a number is a problem.
        digits: that many digits each text has: a number gets its leading zeros back.
    """

    title: str
    fields: tuple[str, ...] = ()
    separators: tuple[str, ...] = ()
    values: Table[str, Members] = field(default_factory=dict[str, Members])
    days: frozenset[str] = days.USUAL
    clock: time | None = None
    is_unknown_if_blank: bool = False
    numbers: bool = False
    digits: int | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a register is read.

    Attributes:
        source: whose transfers they are; with the id of each it is the key.
        system: where the register comes from, in words (移行元).
        batch: what this part of it is called (移行単位).
        columns: every column of the register, but for those that are ignored.
        ignored: titles of columns that are not transferred, on purpose.
        id_column: the column that numbers the transfers: rows that follow each other with the same
            number are one transfer. None: the content is the id, and each row a transfer.
        is_id_above_if_blank: a row without a number belongs to the transfer above it.
        constants: members that are the same in every transfer, unless its row says otherwise.
        heading_row: the number of the row of headings.
        repeats_merged: a merged cell holds for each row that it covers; else it is a problem.
        sheet, encoding: as in `opened`; None: not stated.
    """

    source: str
    system: str
    batch: str
    columns: tuple[MappedColumn, ...]
    ignored: frozenset[str] = frozenset()
    id_column: MappedColumn | None = None
    is_id_above_if_blank: bool = False
    constants: Members = field(default_factory=dict[str, Json])
    heading_row: int = 1
    repeats_merged: bool = False
    sheet: str | None = None
    encoding: str | None = None

    @property
    def titles(self) -> dict[str, str]:
        """Field → title of the column that states it."""
        found: dict[str, str] = {}
        for column in self.columns:
            for members in column.values.values():
                for name in members:
                    found.setdefault(name, column.title)
            found |= dict.fromkeys(column.fields, column.title)
        return found


class MappingError(Exception):
    """The mapping file cannot be used.

    Attributes:
        wrong: one sentence for each fault, each with its place in the file.
    """

    def __init__(self, wrong: tuple[str, ...]) -> None:
        super().__init__("\n".join(wrong))
        self.wrong = wrong


def read(place: Path) -> Mapping:
    """The mapping in that file; `.json` is JSON, everything else TOML.

    Raises:
        MappingError: names everything that is wrong with it.
    """
    with place.open("rb") as file:
        content = file.read(_BYTES_MAX)
    try:
        text = content.decode("utf-8-sig")
        given: object = json.loads(text) if place.suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise MappingError((f"the file cannot be read: {error}",)) from None
    return mapping_of(given)


def mapping_of(given: object) -> Mapping:
    """The mapping that a parsed document states.

    Raises:
        MappingError: names everything that is wrong with it.
    """
    if not isinstance(given, dict):
        raise MappingError(("a mapping is a table",))
    reading = _Reading(cast("dict[str, Any]", given))
    made = reading.mapping()
    if reading.wrong:
        raise MappingError(tuple(reading.wrong))
    return made


class _Reading:
    """Reads one document; `wrong` grows meanwhile."""

    def __init__(self, given: Table[str, Any]) -> None:
        self._given = given
        self.wrong: list[str] = []

    def mapping(self) -> Mapping:
        """The mapping; it counts only when nothing is wrong."""
        given = self._given
        self._unknown("", given, _TOP)
        if given.get("version") != VERSION:
            self.wrong.append(f"version: must be {VERSION}")
        backfill = self._table("backfill", given.get("backfill"))
        self._unknown("backfill.", backfill, frozenset({"source_system", "batch"}))
        tables = self._table("columns", given.get("columns"))
        columns = [self._column(title, one) for title, one in tables.items()]
        ignored = set(self._texts("ignore", given.get("ignore", [])))
        ignored |= {title for title, one in tables.items() if _is_ignored(one)}
        self._once(columns)
        id_column, is_above = self._id(given.get("id"), columns)
        return Mapping(
            source=self._source(given.get("source")),
            system=self._text("backfill.source_system", backfill.get("source_system")),
            batch=self._text("backfill.batch", backfill.get("batch")),
            columns=tuple(one for one in columns if one.title not in ignored),
            ignored=frozenset(ignored),
            id_column=id_column,
            is_id_above_if_blank=is_above,
            constants=self._members("constants", given.get("constants", {})),
            heading_row=self._number("heading_row", given.get("heading_row", 1), 1_000),
            repeats_merged=self._choice("merged", given.get("merged"), ("refuse", "repeat")),
            sheet=self._maybe_text("sheet", given.get("sheet")),
            encoding=self._maybe_text("encoding", given.get("encoding")),
        )

    def _column(self, title: str, given: object) -> MappedColumn:
        place = f'columns."{title}"'
        table = self._table(place, given)
        self._unknown(f"{place}.", table, _OF_COLUMN)
        if title.startswith("@") and column_of(title[1:]) is None:
            self.wrong.append(f"{place}: @ is followed by the letters of a column, as in @C")
        fields = tuple(self._texts(f"{place}.field", table.get("field", [])))
        for name in fields:
            if name not in FIELDS:
                self.wrong.append(f"{place}.field: there is no field {name}")
        known = tuple(name for name in fields if name in FIELDS)
        values = self._values(place, table.get("values", {}), known)
        is_unknown = self._choice(f"{place}.blank", table.get("blank"), ("leave", "unknown"))
        if is_unknown and not all(name in UNKNOWN for name in known):
            self.wrong.append(f"{place}.blank: this field cannot be stated as unknown")
        if not (fields or values or _is_ignored(table)):
            self.wrong.append(f"{place}: state field, values or ignore = true")
        separators = tuple(self._texts(f"{place}.separator", table.get("separator", [])))
        if separators and not all(_may_be_many(name) for name in known):
            self.wrong.append(f"{place}.separator: this field holds one text")
        forms = frozenset(self._texts(f"{place}.days", table.get("days", sorted(days.USUAL))))
        if not forms <= days.ALL:
            self.wrong.append(f"{place}.days: of {', '.join(sorted(days.ALL))}")
        digits = table.get("digits")
        return MappedColumn(
            title=title,
            fields=known,
            separators=separators,
            values=values,
            days=forms,
            clock=self._clock(place, table.get("clock")),
            is_unknown_if_blank=is_unknown,
            numbers=self._choice(f"{place}.numbers", table.get("numbers"), ("refuse", "plain")),
            digits=None if digits is None else self._number(f"{place}.digits", digits, _DIGITS_MAX),
        )

    def _values(self, place: str, given: object, fields: tuple[str, ...]) -> Table[str, Members]:
        made: dict[str, Members] = {}
        for text, meant in self._table(f"{place}.values", given).items():
            here = f'{place}.values."{text}"'
            if isinstance(meant, dict):
                made[text] = self._members(here, cast("object", meant))
            elif fields:
                made[text] = self._members(here, dict.fromkeys(fields, cast("Json", meant)))
            else:
                self.wrong.append(f"{here}: a column without field needs a table of fields")
        return made

    def _members(self, place: str, given: object) -> Members:
        made: dict[str, Json] = {}
        for name, value in self._table(place, given).items():
            if name not in FIELDS:
                self.wrong.append(f"{place}: there is no field {name}")
            elif value == UNKNOWN_WORD and name in UNKNOWN:
                member, unknown = UNKNOWN[name]
                made[member] = unknown
            elif not _fits(name, value):
                self.wrong.append(f"{place}: not a value of {name}")
            else:
                is_alone = FIELDS[name].is_many and not isinstance(value, list)
                made[name] = cast("Json", [value] if is_alone else value)
        return made

    def _id(self, given: object, columns: list[MappedColumn]) -> tuple[MappedColumn | None, bool]:
        table = self._table("id", given)
        self._unknown("id.", table, frozenset({"column", "content", "blank"}))
        title = table.get("column")
        is_above = self._choice("id.blank", table.get("blank"), ("refuse", "above"))
        if (title is None) == (table.get("content") is not True):
            self.wrong.append("id: state either column, or content = true")
        if title is None:
            return None, is_above
        chosen = next((one for one in columns if one.title == title), None)
        if chosen is None:
            self.wrong.append("id.column: the column is not among columns")
        return chosen, is_above

    def _source(self, given: object) -> str:
        text = self._text("source", given)
        if len(text.encode(errors="replace")) > SOURCE_BYTES_MAX or not text.isprintable():
            self.wrong.append(f"source: at most {SOURCE_BYTES_MAX} printable bytes")
        return text

    def _once(self, columns: list[MappedColumn]) -> None:
        names = [name for one in columns for name in one.fields]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.wrong.append(f"columns: {name} is the field of several columns")

    def _unknown(self, place: str, given: Table[str, Any], known: frozenset[str]) -> None:
        self.wrong += [f"{place}{name}: unknown" for name in given if name not in known]

    def _table(self, place: str, given: object) -> dict[str, Any]:
        if isinstance(given, dict):
            return cast("dict[str, Any]", given)
        self.wrong.append(f"{place}: must be a table")
        return {}

    def _text(self, place: str, given: object) -> str:
        # A question mark is what a suggested mapping leaves open.
        if isinstance(given, str) and given.strip() not in ("", "?"):
            return given
        self.wrong.append(f"{place}: must be a text")
        return ""

    def _maybe_text(self, place: str, given: object) -> str | None:
        return None if given is None else self._text(place, given)

    def _texts(self, place: str, given: object) -> list[str]:
        listed = [given] if isinstance(given, str) else given
        if isinstance(listed, list) and all(
            isinstance(one, str) and one for one in cast("list[object]", listed)
        ):
            return cast("list[str]", listed)
        self.wrong.append(f"{place}: must be a text or a list of texts")
        return []

    def _number(self, place: str, given: object, most: int) -> int:
        if isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= most:
            return given
        self.wrong.append(f"{place}: must be a number from 1 to {most}")
        return 1

    def _choice(self, place: str, given: object, choices: tuple[str, str]) -> bool:
        """Whether the second one is chosen; the first one is what nobody states."""
        if given is not None and given not in choices:
            self.wrong.append(f"{place}: {choices[0]} or {choices[1]}")
        return given == choices[1]

    def _clock(self, place: str, given: object) -> time | None:
        if given is None or isinstance(given, time):
            return given
        try:
            return time.fromisoformat(self._text(f"{place}.clock", given))
        except ValueError:
            self.wrong.append(f"{place}.clock: a time of day, as in 09:00")
            return None


def _is_ignored(given: object) -> bool:
    return isinstance(given, dict) and cast("dict[str, object]", given).get("ignore") is True


def _may_be_many(name: str) -> bool:
    return FIELDS[name].is_many or name.startswith(PERSON)


def _fits(name: str, value: object) -> bool:
    """Whether a value of a mapping can be one of the field; the contract looks once more later."""
    known = FIELDS[name]
    if known.is_many:
        listed = cast("list[object]", value) if isinstance(value, list) else [value]
        return all(_fits_one(known.kind, known.choices, one) for one in listed)
    return _fits_one(known.kind, known.choices, value)


def _fits_one(kind: CellKind, choices: frozenset[str], value: object) -> bool:
    if kind is CellKind.BOOLEAN:
        return isinstance(value, bool)
    if kind is CellKind.CHOICE:
        return isinstance(value, str) and value in choices
    return isinstance(value, str) and bool(value)
