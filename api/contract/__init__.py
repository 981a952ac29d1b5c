"""The input contract: what is malformed is refused here, with every defect and its place.

`check` is the only producer of `CheckedTransfer`. `characters` holds the encoding limits, `shape`
the JSON Schema, `bounds` how much of a malformed input is looked at, `blanks` what is stated and
says nothing; `ledger.policies.wellformedness` says the rest.
"""

from collections.abc import Mapping
from datetime import date
from typing import cast

from api.contract.blanks import blank_texts
from api.contract.bounds import (
    DEFECTS_MAX,
    NOT_READ_ON,
    VALUES_FOR_ONE_MAX,
    VALUES_MAX,
    within_bounds,
)
from api.contract.characters import control_characters, hidden_characters, is_visible
from api.contract.shape import PERSONS_MAX, SCHEMA, is_well_shaped, shape_defects
from ledger.errors import Defect, MalformedError
from ledger.policies import wellformedness
from ledger.values import CheckedTransfer, Json

__all__ = ["PERSONS_MAX", "SCHEMA", "check", "control_characters", "defects", "is_visible"]


def check(data: object, received_on: date, most: int = DEFECTS_MAX) -> CheckedTransfer:
    """Return `data` as a transfer that the contract accepts.

    Args:
        data: what a JSON parser made of the item.
        received_on: the day of receipt, in Japan.
        most: so many defects are named at most.

    Raises:
        MalformedError: names every defect, as far as it may.
    """
    found = defects(data, received_on, most)
    if found:
        raise MalformedError(found)
    return CheckedTransfer(cast("Mapping[str, Json]", data))


def defects(data: object, received_on: date, most: int = DEFECTS_MAX) -> tuple[Defect, ...]:
    """Everything that is wrong with `data`, `most` at most; none when it is accepted."""
    shape: tuple[Defect, ...] = ()
    if not is_well_shaped(data):
        # What an error of the schema says grows with the input, and so does their number.
        data, is_whole = within_bounds(data, VALUES_MAX if most > 1 else VALUES_FOR_ONE_MAX)
        if most == 1 and not is_whole:
            return (NOT_READ_ON,)
        shape = shape_defects(data) if is_whole else (*shape_defects(data), NOT_READ_ON)
    characters = control_characters(data)
    blanks = content = ()
    if isinstance(data, dict):
        members = cast("Mapping[str, Json]", data)
        blanks = blank_texts(members)
        unseen = {defect.pointer for defect in blanks}
        characters += tuple(d for d in hidden_characters(members) if d.pointer not in unseen)
        content = wellformedness.defects(members, received_on)
    if not (characters or shape or blanks or content):
        return ()
    # A place is named once for each code: two checks may have met the same fault. What holds
    # nothing but characters that no text may hold is no blank besides.
    barred = {defect.pointer for defect in characters}
    blanks = tuple(defect for defect in blanks if defect.pointer not in barred)
    first: dict[tuple[str, str], Defect] = {}
    for defect in (*characters, *shape, *blanks, *content):
        first.setdefault((defect.pointer, defect.code), defect)
    return tuple(first.values())[:most]
