"""The flat mapping: a column is called like the member that it states, with dots.

Envelope: `source`, `id`, `order_11`. Members of the transfer: their paths in its schema
(`counterparty.name`). Persons: `principals.0.id` and so on, from 0.
"""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from api.contract import SCHEMA
from api.imports.errors import FileError
from api.resources.registers.fields import FIELDS, PERSON, UNKNOWN, CellKind, Field
from ledger.values import Json

ENVELOPE: Final = ("source", "id", "order_11")
SEPARATOR: Final = ";"
"""Between the texts of a list in one cell."""

NULL: Final = "null"
"""States that a fact is known to be missing, where a transfer can say so."""

_PERSON: Final = re.compile(r"principals\.(0|[1-9][0-9]{0,2})\.([a-z]+)")
_TRUTH: Final[Mapping[str, bool]] = {"true": True, "false": False}
NULLABLE: Final = frozenset(name for name, value in UNKNOWN.values() if value is None)
_MORE: Final = (
    Field("date_not_recorded", CellKind.BOOLEAN, is_many=False, choices=frozenset()),
    Field("backfill.source_system", CellKind.TEXT, is_many=False, choices=frozenset()),
    Field("backfill.batch", CellKind.TEXT, is_many=False, choices=frozenset()),
)
FIELDS_OF_A_ROW: Final = {**FIELDS, **{field.name: field for field in _MORE}}
"""What a column can state, by the name of the member."""

_PERSON_NEEDED: Final = ("scheme", "id")
_PERSON_NAMES: Final = (*_PERSON_NEEDED, "name")
_PERSON_FIELDS: Final = {
    name.removeprefix(PERSON): field for name, field in FIELDS.items() if name.startswith(PERSON)
}


@dataclass(frozen=True, slots=True)
class CellColumn:
    """What the cells of one column state.

    Attributes:
        path: the members that lead to the value, from the item.
        field: of the input contract; None for the envelope, and for a whole member.
        person: the number of the person; None when it is of no person.
    """

    name: str
    path: tuple[str, ...]
    field: Field | None = None
    person: int | None = None

    def value(self, cell: str) -> Json:
        """What a cell that is not empty states; what fits nothing stays as it is."""
        field = self.field
        if field is None:
            return cell
        if field.is_many:
            return [part.strip() for part in cell.split(SEPARATOR)]
        if cell == NULL and field.name in NULLABLE:
            return None
        if field.kind is CellKind.BOOLEAN:
            return _TRUTH.get(cell.lower(), cell)
        return cell


def columns_of(names: Sequence[str], *, whole: bool = False) -> list[CellColumn]:
    """The columns of a header.

    Args:
        whole: whether a column may state a whole member (a list or an object), as in Parquet.

    Raises:
        FileError: names each column by its number: what is no header may be a person's data.
    """
    found = [_column(name, number, whole=whole) for number, name in enumerate(names, 1)]
    first: dict[tuple[tuple[str, ...], int | None], int] = {}
    for number, column in enumerate(found, 1):
        earlier = first.setdefault((column.path, column.person), number)
        if earlier != number:
            raise FileError("COLUMN_TWICE", f"columns {earlier} and {number}")
    if not {"source", "id"} <= {column.name for column in found}:
        raise FileError("COLUMN_MISSING")
    return found


def _column(name: str, number: int, *, whole: bool) -> CellColumn:
    if name in ENVELOPE:
        return CellColumn(name, (name,))
    if name in FIELDS_OF_A_ROW and not name.startswith(PERSON):
        return CellColumn(name, ("data", *name.split(".")), FIELDS_OF_A_ROW[name])
    person = _PERSON.fullmatch(name)
    if person is not None and person[2] in _PERSON_FIELDS:
        path = ("data", "principals", person[2])
        return CellColumn(name, path, _PERSON_FIELDS[person[2]], int(person[1]))
    if whole and name in cast("Mapping[str, object]", SCHEMA["properties"]):
        return CellColumn(name, ("data", name))
    known = [*ENVELOPE, *(one for one in FIELDS_OF_A_ROW if not one.startswith(PERSON))]
    known += [f"principals.0.{one}" for one in _PERSON_FIELDS]
    near = difflib.get_close_matches(name, known, 1, 0.75)
    raise FileError("COLUMN_UNKNOWN", f"column {number}" + (f", like {near[0]}" if near else ""))


def item_of(columns: Sequence[CellColumn], values: Sequence[Json]) -> dict[str, Json]:
    """The item that a row states; an empty text is left out."""
    item: dict[str, Json] = {"data": {}}
    persons: dict[int, dict[str, Json]] = {}
    for column, value in zip(columns, values, strict=True):
        if value == "":
            continue
        stated = column.value(value) if isinstance(value, str) else value
        if column.person is not None:
            persons.setdefault(column.person, {})[column.path[-1]] = stated
            continue
        services = item
        for member in column.path[:-1]:
            services = cast("dict[str, Json]", services.setdefault(member, {}))
        services[column.path[-1]] = stated
    if persons:
        data = cast("dict[str, Json]", item["data"])
        data["principals"] = [persons[number] for number in sorted(persons)]
    return item


def person_columns_of(names: Sequence[str]) -> list[CellColumn]:
    """The columns of a header of persons.

    Raises:
        FileError: names columns by their numbers, as `columns_of` does.
    """
    for number, name in enumerate(names, 1):
        if name not in _PERSON_NAMES:
            raise FileError("PERSON_COLUMNS", f"column {number}")
        if name in names[: number - 1]:
            raise FileError("COLUMN_TWICE", f"columns {names.index(name) + 1} and {number}")
    if not set(_PERSON_NEEDED) <= set(names):
        raise FileError("PERSON_COLUMNS")
    return [CellColumn(name, (name,)) for name in names]


def person_of(columns: Sequence[CellColumn], values: Sequence[Json]) -> dict[str, Json]:
    """The person whom a row states; an empty text is left out."""
    pairs = zip(columns, values, strict=True)
    return {column.name: value for column, value in pairs if value != ""}


@dataclass(frozen=True, slots=True)
class Of:
    """What the rows of a table are.

    Attributes:
        columns: of a header; raises `FileError`.
        item: what a row states.
    """

    columns: Callable[[Sequence[str]], list[CellColumn]]
    item: Callable[[Sequence[CellColumn], Sequence[Json]], dict[str, Json]]


TRANSFERS: Final = Of(columns_of, item_of)
PERSONS: Final = Of(person_columns_of, person_of)
