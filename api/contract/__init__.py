"""The input contract: what is malformed is refused here, with every defect and its place.

`check` is the only producer of `CheckedTransfer`. `characters` holds the encoding limits, `shape`
the JSON Schema, `bounds` how much of a malformed input is looked at, `blanks` what is stated and
says nothing; `ledger.policies.wellformedness` says the rest.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import cast

from api.contract.blanks import blank_texts
from api.contract.bounds import (
    DEFECTS_MAX,
    NOT_CHECKED,
    NOT_READ_ON,
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
        most: so many defects are named at most; 0: none.

    Raises:
        MalformedError: names every defect, as far as it may.
    """
    found = defects(data, received_on, most)
    if found:
        raise MalformedError(found)
    return CheckedTransfer(cast("Mapping[str, Json]", data))


def defects(data: object, received_on: date, most: int = DEFECTS_MAX) -> tuple[Defect, ...]:
    """Everything that is wrong with `data`, `most` at most; none when it is accepted.

    Where none may be named, `NOT_CHECKED` stands for all: what names them costs a multiple of what
    tells that there are some.
    """
    is_shaped = is_well_shaped(data)
    if not is_shaped and most == 0:
        return (NOT_CHECKED,)
    subject, is_whole = data, True
    if not is_shaped:
        # What an error of the schema says grows with the input, and so does their number.
        subject, is_whole = within_bounds(data)
    characters = control_characters(subject)
    blanks = content = ()
    if isinstance(subject, dict):
        members = cast("Mapping[str, Json]", subject)
        blanks = blank_texts(members)
        unseen = {defect.pointer for defect in blanks}
        characters += tuple(d for d in hidden_characters(members) if d.pointer not in unseen)
        content = wellformedness.defects(members, received_on)
    if is_shaped and not (characters or blanks or content):
        return ()
    if most == 0:
        return (NOT_CHECKED,)

    value = cast("object", subject)

    def all_defects() -> Iterator[Defect]:
        yield from characters
        if not is_shaped:
            yield from shape_defects(value, most)
        if not is_whole:
            yield NOT_READ_ON
        # What holds nothing but characters that no text may hold is no blank besides.
        barred = {defect.pointer for defect in characters}
        yield from (defect for defect in blanks if defect.pointer not in barred)
        yield from content

    # A place is named once for each code: two checks may have met the same fault.
    first: dict[tuple[str, str], Defect] = {}
    for defect in all_defects():
        first.setdefault((defect.pointer, defect.code), defect)
        if len(first) == most:
            break
    return tuple(first.values())
