"""From the rows of a register to items as the API takes them, one transfer in memory at a time."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final, cast

import orjson

from api.contract import PERSONS_MAX
from api.resources.registers.cells import Cell, MergedCell, Sheet, SheetRow, column_of, letters
from api.resources.registers.conversion import (
    ConvertedCell,
    UnfitCell,
    converted,
    raw_of,
    resolve_cell,
    text_of,
)
from api.resources.registers.errors import RegisterError
from api.resources.registers.fields import PERSON
from api.resources.registers.mapping import MappedColumn, Mapping
from ledger.crypto.pseudonyms import random_uuid
from ledger.quarantine.item_text import VALUES_MAX
from ledger.quarantine.rejected_rows import BYTES_MAX
from ledger.values import Json

_TABLE = "CREATE TABLE seen (digest BLOB PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID"
_FIRST = "INSERT INTO seen VALUES (?, ?) ON CONFLICT DO NOTHING"
_AGAIN = """
    INSERT INTO seen VALUES (?, 1) ON CONFLICT DO UPDATE SET number = number + 1 RETURNING number
"""

_SCHEME: Final = f"{PERSON}scheme"

Fault = tuple[int, str, str, str]
"""Row, title of the column, JSON Pointer, code."""


def pointer_of(name: str) -> str:
    """JSON Pointer to a field of a transfer."""
    return "/" + name.replace(".", "/")


@dataclass(slots=True)
class TransferRows:
    """The rows of one transfer so far.

    Attributes:
        first, last: numbers of its rows.
        id: as its number stands in the register; None when it has none, or none that can be read.
        members: field → value, without the persons' fields.
        rows_of: field → the row that states it.
        persons: each with the row that states it.
        faults: where something is wrong.
        unplaced: title of a column → texts of it that could not become a member, each once.
    """

    first: int
    last: int
    id: str | None
    members: dict[str, Json] = field(default_factory=dict[str, Json])
    rows_of: dict[str, int] = field(default_factory=dict[str, int])
    persons: list[tuple[int, dict[str, Json]]] = field(
        default_factory=list[tuple[int, dict[str, Json]]]
    )
    faults: list[Fault] = field(default_factory=list[Fault])
    unplaced: dict[str, list[Json]] = field(default_factory=dict[str, list[Json]])
    _known: set[str] = field(default_factory=set[str])
    _is_too_large: bool = False
    _rows: int = 0
    _last_row: int | None = None
    _values: int = 0
    _characters: int = 0

    def fault(self, row: int, title: str, pointer: str, code: str) -> None:
        """Note what is wrong; once a place and code, and of as many rows as a transfer may have."""
        if self._last_row is not None and row > self._last_row:
            # Else one number in a million rows would be a million faults in memory.
            return
        if (row, title, pointer, code) not in self.faults[-8:]:
            self.faults.append((row, title, pointer, code))

    def keep(self, title: str, value: Json) -> None:
        """Keep what has a fault and is no member's value, as it stands."""
        known = repr((title, value))
        if value is not None and known not in self._known and self._fits([value]):
            self._known.add(known)
            self.unplaced.setdefault(title, []).append(value)

    def _fits(self, values: Iterable[Json]) -> bool:
        """Count what is to be kept, unless so much is kept that nothing compares the item.

        An item beyond these bounds may be anybody's, see `Quarantine.matching`.
        """
        if self._values > VALUES_MAX or self._characters > BYTES_MAX:
            return False
        for value in values:
            texts = value if isinstance(value, list) else [value]
            self._values += len(texts)
            self._characters += sum(len(text) for text in texts if isinstance(text, str))
        return True

    def take(self, row: int, found: list[tuple[str, ConvertedCell]]) -> None:
        """Take what one row states.

        Args:
            found: for each column its title and what its cell brought.
        """
        self.last = row
        self._rows += 1
        if self._rows > PERSONS_MAX:
            of_person = (t for t, cell in found if any(n.startswith(PERSON) for n in cell.members))
            self._too_large(row, next(of_person, ""))
            self._last_row = self._last_row or row
        persons: dict[str, list[Json]] = {}
        titles: dict[str, str] = {}
        here: dict[str, Json] = {}
        for title, cell in found:
            for name, code in cell.faults.items():
                self.fault(row, title, self._pointer(name), code)
            self.keep(title, cell.unplaced)
            for name, value in cell.members.items():
                titles.setdefault(name, title)
                if name.startswith(PERSON):
                    persons[name] = cast("list[Json]", value)
                elif name in here:
                    if here[name] != value:
                        self.fault(row, title, pointer_of(name), "VALUES_DIFFER")
                        self.keep(title, value)
                else:
                    here[name] = value
        for name, value in here.items():
            if name not in self.members:
                self.members[name] = value
                self.rows_of[name] = row
            elif self.members[name] != value:
                self.fault(row, titles[name], pointer_of(name), "GROUP_DIFFERS")
                self.keep(titles[name], value)
        self._take_persons(row, persons, titles)

    def _pointer(self, name: str) -> str:
        if name.startswith(PERSON):
            return f"/principals/{len(self.persons)}/{name.removeprefix(PERSON)}"
        return pointer_of(name)

    def _too_large(self, row: int, title: str) -> None:
        if not self._is_too_large:
            self.fault(row, title, "/principals", "PERSONS_TOO_MANY")
        self._is_too_large = True

    def _take_persons(
        self, row: int, stated: dict[str, list[Json]], titles: dict[str, str]
    ) -> None:
        count = max((len(values) for values in stated.values()), default=0)
        for name, values in stated.items():
            # A scheme may be stated once for all persons of the cell.
            if len(values) != count and not (len(values) == 1 and name == _SCHEME):
                self.fault(row, titles[name], "/principals", "PERSONS_DIFFER")
                break
        for person in _persons_of(stated):
            title = next(iter(titles[name] for name in stated))
            known = repr(sorted(person.items()))
            if known in self._known:
                self.fault(row, title, "/principals", "PERSON_TWICE")
                continue
            if len(self.persons) == PERSONS_MAX:
                self._too_large(row, title)
            if not self._fits([None, *person.values()]):
                return
            self._known.add(known)
            self.persons.append((row, person))


def _persons_of(stated: dict[str, list[Json]]) -> Iterator[dict[str, Json]]:
    """The persons of one row; values that differ in number are persons of their own.

    Nobody can tell which name belongs to which identifier then, so none is laid beside another.
    """
    shared: dict[str, Json] = {}
    by_count: dict[int, dict[str, list[Json]]] = {}
    for name, values in stated.items():
        if name == _SCHEME and len(values) == 1:
            shared["scheme"] = values[0]
        elif values:
            by_count.setdefault(len(values), {})[name.removeprefix(PERSON)] = values
    if shared and not by_count:
        yield shared
    for count, columns in by_count.items():
        for n in range(count):
            yield shared | {name: values[n] for name, values in columns.items()}


class KeyCounter:
    """Remembers. Belongs to one thread at a time; close it when done."""

    def __init__(self) -> None:
        self._key = random_uuid().bytes
        # An empty name: a temporary database on disk, which SQLite removes when it is closed.
        self._rows = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -2048"):
            self._rows.execute(f"PRAGMA {pragma}")
        self._rows.execute(_TABLE)
        self._rows.execute("BEGIN")

    def close(self) -> None:
        """Forget."""
        self._rows.close()

    def is_new(self, text: str) -> bool:
        """Whether `text` was not asked about before."""
        return self._rows.execute(_FIRST, (self._digest(text.encode()), 0)).rowcount == 1

    def times(self, content: bytes) -> int:
        """How often this was asked of `content` by now, this time included."""
        [number] = self._rows.execute(_AGAIN, (self._digest(content),)).fetchone()
        return int(number)

    def _digest(self, content: bytes) -> bytes:
        return blake2b(content, digest_size=16, key=self._key).digest()


Identify = Callable[[bytes], str]
"""Makes an id of a transfer's content: keyed, for content can be guessed and an id is no secret."""

_ID: Final = "/id"


@dataclass(frozen=True, slots=True)
class Unit:
    """One transfer of the register.

    Attributes:
        first, last: numbers of its first and its last row.
        item: `source`, `id` and `data` as in `POST /v1/transfers`; what could not be read stands in
            it as it is, or not at all.
        faults: what is wrong with its cells; the input contract has not looked yet.
        rows_of: field → the row that states it.
        persons: the row of each person, in their order.
        unplaced: title of a column → what stands there and is not in the item; then it has faults.
    """

    first: int
    last: int
    item: dict[str, Json]
    faults: tuple[Fault, ...]
    rows_of: dict[str, int]
    persons: tuple[int, ...]
    unplaced: dict[str, Json]


class Transfers:
    """The transfers of a sheet under a mapping, as often as they are asked for.

    Args:
        identify: only where the content is the id.

    Raises:
        RegisterError: the columns of the sheet are not those of the mapping.
    """

    def __init__(self, sheet: Sheet, mapping: Mapping, identify: Identify) -> None:
        self._sheet = sheet
        self._mapping = mapping
        self._identify = identify
        self._placed = self._map_columns()
        self._columns = [(self._placed[column.title], column) for column in mapping.columns]
        self._known = frozenset(self._placed.values())

    def units(self) -> Iterator[Unit]:
        """Every transfer in the order of its first row.

        Raises:
            RegisterError: the file is damaged.
        """
        with closing(KeyCounter()) as seen:
            for group in self._groups():
                yield self._unit(group, seen)

    def _map_columns(self) -> dict[str, int]:
        """The place of each column that the mapping names, by its title."""
        heading = self._heading()
        mapping, places = self._mapping, _index_titles(heading)
        chosen = mapping.id_column
        titles = [column.title for column in mapping.columns] + sorted(mapping.ignored)
        titles += [chosen.title] if chosen is not None else []
        placed = {
            title: place for title in titles if (place := _column_index(title, places)) is not None
        }
        if missing := [title for title in titles if title not in placed]:
            raise RegisterError("COLUMN_MISSING", "、".join(dict.fromkeys(missing)))
        # What nobody decided about is told by its letters alone: it may be no heading at all.
        if unmapped := sorted(set(heading) - set(placed.values())):
            raise RegisterError("COLUMN_NOT_MAPPED", "、".join(letters(one) for one in unmapped))
        return placed

    def _heading(self) -> dict[int, str]:
        for row in self._sheet.rows():
            if row.number > self._mapping.heading_row:
                break
            if row.number == self._mapping.heading_row:
                heading = {n: _heading_of(cell) for n, cell in row.cells.items()}
                stated = {n: text for n, text in heading.items() if text}
                if stated:
                    return stated
        raise RegisterError("HEADINGS_MISSING", str(self._mapping.heading_row))

    def _groups(self) -> Iterator[TransferRows]:
        group: TransferRows | None = None
        for row in self._sheet.rows():
            if row.number <= self._mapping.heading_row or row.is_blank:
                continue
            stated, code = self._read_id(row)
            if group is None or not self._goes_on(group, stated, code):
                if group is not None:
                    yield group
                group = self._start_group(row.number, stated, code)
            for place, cell in row.cells.items():
                if place not in self._known and cell is not None:
                    group.fault(row.number, f"@{letters(place)}", "", "CELL_OUTSIDE")
                    group.keep(f"@{letters(place)}", raw_of(cell))
            repeats = self._mapping.repeats_merged
            group.take(
                row.number,
                [
                    (
                        column.title,
                        converted(column, row.cells.get(place), repeats_merged=repeats),
                    )
                    for place, column in self._columns
                    if row.number == group.first or not _is_as_above(row, place, column, group)
                ],
            )
        if group is not None:
            yield group

    def _goes_on(self, group: TransferRows, stated: str | None, code: str) -> bool:
        if stated is None:
            return not code and self._mapping.is_id_above_if_blank
        return stated == group.id

    def _start_group(self, row: int, stated: str | None, code: str) -> TransferRows:
        group = TransferRows(row, row, stated)
        if self._mapping.id_column is not None and stated is None:
            group.fault(row, self._mapping.id_column.title, _ID, code or "ID_MISSING")
        return group

    def _read_id(self, row: SheetRow) -> tuple[str | None, str]:
        """The number of the row's transfer, or the code of what is wrong with it."""
        chosen = self._mapping.id_column
        if chosen is None:
            return None, ""
        try:
            # A number that is merged over the rows of one transfer is the number of each.
            cell = resolve_cell(row.cells.get(self._placed[chosen.title]), repeats_merged=True)
            return (None if cell is None else text_of(chosen, cell)), ""
        except UnfitCell as unfit:
            return None, unfit.code

    def _unit(self, group: TransferRows, seen: KeyCounter) -> Unit:
        data = self._data(group)
        item: dict[str, Json] = {"source": self._mapping.source}
        if self._mapping.id_column is None:
            content = orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
            # The same row twice is two transfers: what happened twice is recorded twice.
            item["id"] = f"{self._identify(content)}-{seen.times(content)}"
        elif group.id is not None:
            item["id"] = group.id
            if not seen.is_new(group.id):
                group.fault(group.first, self._mapping.id_column.title, _ID, "ID_TWICE")
        data["backfill"] = {"source_system": self._mapping.system, "batch": self._mapping.batch}
        item["data"] = data
        unplaced: dict[str, Json] = {title: [*texts] for title, texts in group.unplaced.items()}
        rows = tuple(row for row, _ in group.persons)
        faults = tuple(group.faults)
        return Unit(group.first, group.last, item, faults, group.rows_of, rows, unplaced)

    def _data(self, group: TransferRows) -> dict[str, Json]:
        constants = self._mapping.constants
        whole = {
            name: value for name, value in constants.items() if not name.startswith(PERSON)
        } | group.members
        if "date_not_recorded" in group.members:
            whole.pop("transferred_on", None)
        data: dict[str, Json] = {}
        for name, value in whole.items():
            *path, member = name.split(".")
            inner = data
            for token in path:
                below = inner.setdefault(token, {})
                assert isinstance(below, dict), "a field is no other field's part"
                inner = below
            inner[member] = value
        if group.persons:
            always = {
                name.removeprefix(PERSON): value
                for name, value in constants.items()
                if name.startswith(PERSON)
            }
            data["principals"] = [{**always, **person} for _, person in group.persons]
        return data


def _is_as_above(row: SheetRow, place: int, column: MappedColumn, group: TransferRows) -> bool:
    """Whether the cell, below the first row of its transfer, only says what stands above it."""
    cell = row.cells.get(place)
    if isinstance(cell, MergedCell):
        is_person = any(name.startswith(PERSON) for name in column.fields)
        return group.first <= cell.top < row.number and not is_person
    return cell is None


def _heading_of(cell: Cell) -> str | None:
    """The text of a heading on one line; a cell of another kind has no name but its letters."""
    if isinstance(cell, str):
        return "".join(cell.split())
    is_empty = cell is None or (isinstance(cell, MergedCell) and cell.shown is None)
    return None if is_empty else "\0"


def _index_titles(heading: dict[int, str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, text in heading.items():
        found.setdefault(text, []).append(place)
    return found


def _column_index(title: str, places: dict[str, list[int]]) -> int | None:
    """Where the column of that title is; None: nowhere."""
    if title.startswith("@"):
        return column_of(title[1:])
    found = places.get("".join(title.split()), [])
    if len(found) > 1:
        raise RegisterError("HEADING_TWICE", title)
    return found[0] if found else None
