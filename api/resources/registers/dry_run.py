"""The dry run: every problem of every transfer, with its row and column; nothing is recorded."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from api.resources.registers.fields import PERSON
from api.resources.registers.mapping import Mapping
from api.resources.registers.problems import CellProblem, said_of, told
from api.resources.registers.transfers import Unit
from api.web.items import ParsedItem, Sender, item_of
from ledger.errors import Defect, MalformedError
from ledger.values import Json

_DATA = "/data"

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class CheckedTransfer:
    """One transfer of the register after the dry run.

    Attributes:
        first, last: numbers of its first and its last row.
        item: as the doors would have made it: a command, or why there is none.
        problems: everything that is wrong with it; none: it can be recorded.
    """

    first: int
    last: int
    item: ParsedItem
    problems: tuple[CellProblem, ...]


def checked(
    units: Iterable[Unit], mapping: Mapping, sender: Sender, now: Clock
) -> Iterator[CheckedTransfer]:
    """Look at each transfer as the doors do; one result each, in their order.

    Args:
        sender: on whose word they come in; it must own the mapping's source.
    """
    titles = mapping.titles
    for unit in units:
        item = item_of(unit.item, "", sender, now())
        yield _with_problems(unit, item, mapping, titles)


def _with_problems(
    unit: Unit, item: ParsedItem, mapping: Mapping, titles: dict[str, str]
) -> CheckedTransfer:
    if item.error is not None and not isinstance(item.error, MalformedError):
        raise item.error  # the sender does not own the source: no row is to blame
    found = () if item.error is None else item.error.defects
    if not (found or unit.faults):
        return CheckedTransfer(unit.first, unit.last, item, ())
    problems = [
        CellProblem(row, title, pointer, code, "", said_of(code))
        for row, title, pointer, code in unit.faults
    ]
    places = {pointer for _, _, pointer, _ in unit.faults}
    left = [defect for defect in found if not _is_below(_inner(defect), places)]
    problems += [_problem(unit, defect, mapping, titles) for defect in left]
    problems.sort(key=lambda one: one.row)
    kept = tuple(
        Defect(_outer(pointer), code, "the cell of the register has no value that is certain")
        for _, _, pointer, code in unit.faults
    )
    error = MalformedError((*kept, *left))
    return CheckedTransfer(unit.first, unit.last, _refused(item, error), tuple(problems))


def _refused(item: ParsedItem, error: MalformedError) -> ParsedItem:
    """The item without a command: what could not be read for certain is not recorded as if."""
    return ParsedItem(item.given, item.pointer, item.within, None, error, item.mark)


def _problem(unit: Unit, defect: Defect, mapping: Mapping, titles: dict[str, str]) -> CellProblem:
    pointer = _inner(defect)
    if not defect.pointer.startswith(_DATA):
        title = mapping.id_column.title if mapping.id_column is not None else ""
        code = "ID_MISSING" if "id" not in unit.item else defect.code
        return CellProblem(unit.first, title, pointer, code, "", said_of(code))
    data = cast("dict[str, Json]", unit.item["data"])
    code, article, said = told(Defect(pointer, defect.code, defect.detail), data)
    row, title = _place(pointer, unit, titles)
    return CellProblem(row, title, pointer, code, article, said)


def _place(pointer: str, unit: Unit, titles: dict[str, str]) -> tuple[int, str]:
    """The row and the column that state what `pointer` leads to, or would if it were there."""
    tokens = pointer.split("/")[1:]
    row = unit.first
    if tokens and tokens[0] == "principals" and len(tokens) > 1 and tokens[1].isdigit():
        number = int(tokens[1])
        row = unit.persons[number] if number < len(unit.persons) else unit.first
    name = ".".join(token for token in tokens if not token.isdigit())
    if not name.startswith(PERSON):
        row = unit.rows_of.get(name, row)
    if name in titles:
        return row, titles[name]
    # A whole that is missing is stated by the columns of its parts; a part by its whole's.
    for known, title in titles.items():
        if known.startswith(f"{name}.") or name.startswith(f"{known}."):
            return row, title
    if name == "date_not_recorded":
        return row, titles.get("transferred_on", "")
    return row, ""


def _inner(defect: Defect) -> str:
    return defect.pointer.removeprefix(_DATA)


def _outer(pointer: str) -> str:
    return pointer if pointer == "/id" else f"{_DATA}{pointer}"


def _is_below(pointer: str, places: set[str]) -> bool:
    """Whether one of `places` is `pointer`, or a part or the whole of it: told once is enough."""
    return any(
        pointer == place or place.startswith(f"{pointer}/") or pointer.startswith(f"{place}/")
        for place in places
        if pointer
    )
