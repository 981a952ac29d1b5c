"""Which record stands on which line of a reply: by its statutory values, as histories show them."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from tests.acceptance.reading import CaseError

_SIDES = {"provided": "provisions", "received": "receipts"}


def keys_of(
    lines: Sequence[Mapping[str, Any]], history: Mapping[str, Any], keys: Mapping[str, str]
) -> list[str]:
    """The keys of the records on the lines, in their order.

    Records that read the same stand in the order of their arrival.

    Args:
        history: of the person, as of the search.
        keys: transfer → its key in the case.

    Raises:
        CaseError: a line is of no record of the person.
    """
    left = {side: list(history[name]) for side, name in _SIDES.items()}
    found: list[str] = []
    for line in lines:
        entries = left[line["side"]]
        fitting = [entry for entry in entries if _fits(line, entry)]
        if not fitting:
            raise CaseError(f"line {line['number']} is of no record of the person")
        entries.remove(fitting[0])
        found.append(keys[fitting[0]["transfer"]])
    return found


def _fits(line: Mapping[str, Any], entry: Mapping[str, Any]) -> bool:
    items = {one["code"]: one for one in line["items"]}
    values = {one["code"]: one["value"] for one in entry["statutory"]}
    return items.keys() == values.keys() and all(
        _agrees(items[code], value) for code, value in values.items()
    )


def _agrees(item: Mapping[str, Any], value: object) -> bool:
    shown, missing = item.get("value"), item.get("withheld", 0)
    if not missing:
        return _stated(shown) == _stated(value)
    if shown is None:
        return True
    whole = cast("list[object]", value)
    return len(shown) + missing == len(whole) and all(one in whole for one in shown)


def _stated(value: object) -> object:
    """Without members that say nothing."""
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return {name: _stated(one) for name, one in members.items() if one is not None}
    if isinstance(value, list):
        return [_stated(one) for one in cast("list[object]", value)]
    return value
