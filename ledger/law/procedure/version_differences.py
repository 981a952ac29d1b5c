"""What a version changes in the one before it, row by row: what an operator looks at first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from ledger.values import Json

ADDED = "added"
REMOVED = "removed"
CHANGED = "changed"

_Row = Mapping[str, Json]
_Placed = tuple[int, _Row]

# What a row is of, in the order in which it is looked for.
_KEYS = ("code", "requester", "channel")


@dataclass(frozen=True, slots=True)
class RowDifference:
    """One row that is not as before.

    Attributes:
        row: what the row is of; empty in a table with one row at a time.
        change: `added`, `removed` or `changed`.
        pointer: JSON Pointer to it in the new document; None when it was removed.
        members: what differs in a changed row, sorted.
    """

    table: str
    row: str
    change: str
    pointer: str | None
    members: tuple[str, ...] = ()


def differences(before: Mapping[str, Json], after: Mapping[str, Json]) -> tuple[RowDifference, ...]:
    """Every difference between two documents but the first day.

    Args:
        before, after: as `document_of` writes them: the same tables in both.
    """
    return tuple(_differences(before, after))


def _differences(before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[RowDifference]:
    for table, value in after.items():
        was = before[table]
        if table == "effective_from" or value == was:
            continue
        if isinstance(value, list):
            yield from _of_rows(table, cast("list[_Row]", was), cast("list[_Row]", value))
        elif isinstance(value, dict):
            members = _members(cast("_Row", was), value)
            yield RowDifference(table, "", CHANGED, f"/{table}", members)
        else:
            yield RowDifference(table, "", CHANGED, f"/{table}")


def _of_rows(table: str, before: Sequence[_Row], after: Sequence[_Row]) -> Iterator[RowDifference]:
    """Rows of the same thing are compared in the order in which they hold."""
    was, now = _keyed(before), _keyed(after)
    for key in dict.fromkeys([*was, *now]):
        old, new = _without_equal(was.get(key, []), now.get(key, []))
        for (_, one), (index, other) in zip(old, new, strict=False):
            pointer = f"/{table}/{index}"
            yield RowDifference(table, key, CHANGED, pointer, _members(one, other))
        for _ in old[len(new) :]:
            yield RowDifference(table, key, REMOVED, None)
        for index, _ in new[len(old) :]:
            yield RowDifference(table, key, ADDED, f"/{table}/{index}")


def _without_equal(
    old: Sequence[_Placed], new: Sequence[_Placed]
) -> tuple[list[_Placed], list[_Placed]]:
    """The rows that stand in one of the two only."""
    olds, news = [row for _, row in old], [row for _, row in new]
    return (
        [placed for placed in old if placed[1] not in news],
        [placed for placed in new if placed[1] not in olds],
    )


def _keyed(rows: Sequence[_Row]) -> dict[str, list[_Placed]]:
    keyed: dict[str, list[_Placed]] = {}
    for placed in enumerate(rows):
        keyed.setdefault(_key(placed[1]), []).append(placed)
    for group in keyed.values():
        group.sort(key=lambda one: cast("str", one[1]["effective_from"]))
    return keyed


def _key(row: _Row) -> str:
    return next((cast("str", row[name]) for name in _KEYS if name in row), "")


def _members(before: _Row, after: _Row) -> tuple[str, ...]:
    names = before.keys() | after.keys()
    return tuple(sorted(name for name in names if before.get(name) != after.get(name)))
