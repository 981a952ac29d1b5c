"""A rejected item as fields of a form, and the item that a form states.

Any JSON may have been sent. Fields are offered where they can show all of it; else its text is
edited (`content`). Only what somebody typed anew becomes something else. What says nothing (a blank
text, a list without anything) stands in an empty field, and is left out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from api.resources.registers.fields import FIELDS, CellKind
from api.resources.transfers.forms import members
from api.resources.transfers.forms.form_values import read as read_members
from api.resources.transfers.forms.members import (
    BACKFILL,
    BASIS,
    MEMBERS,
    NO_DATE,
    SERIES,
    UNKNOWN,
    at,
    is_there,
)
from api.web.pages.forms import Form
from ledger.transfers.correction import NULL_HAS_A_MEANING
from ledger.values import Json

PERSONS_MAX: Final = 20
"""Persons who have fields; an item with more of them is edited as text."""
PRINCIPALS: Final = "principals"
ENVELOPE: Final = ("source", "id")
OF_A_PERSON: Final = ("scheme", "id", "name")
_DATA: Final = "data"
_DAY: Final = re.compile(r"[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,2}")


def item_field(name: str) -> str:
    """The name of the field for a member of the item itself: `item_source`."""
    return f"item_{name}"


def person_field(number: int, name: str) -> str:
    """The name of the field for a member of a person, from 1: `person_1_id`."""
    return f"person_{number}_{name}"


@dataclass(frozen=True, slots=True)
class RepairFormValues:
    """The item that a form states.

    Attributes:
        defects: field → why it cannot be read; the item is then not what was meant.
    """

    item: Json
    defects: Mapping[str, str]


def fits(item: Json) -> bool:
    """Whether fields can show all that the item says."""
    if not isinstance(item, dict) or not item.keys() <= {*ENVELOPE, _DATA}:
        return False
    data = item.get(_DATA)
    if not isinstance(data, dict) or not _is_known(data):
        return False
    are_texts = all(isinstance(item.get(one, ""), str) for one in ENVELOPE)
    return are_texts and _persons_fit(data) and all(_fits(one, data) for one in (BASIS, *MEMBERS))


def form_of(item: Json) -> Form:
    """The fields of an item that fits, with what stands in it."""
    whole, data = _parts(item)
    fields = {item_field(one): (str(whole.get(one, "")),) for one in ENVELOPE}
    for number, person in enumerate(_persons(data), 1):
        for name in OF_A_PERSON:
            fields[person_field(number, name)] = (str(person.get(name, "")),)
    return Form({**members.form_of(data).fields, **fields})


def read(form: Form, item: Json) -> RepairFormValues:
    """The item that the form states in place of one that fits."""
    whole, data = _parts(item)
    typed = read_members(form, data)
    after = _without_blanks(data, set(typed.fields))
    for member, value in typed.changes.items():
        if value is None and member not in NULL_HAS_A_MEANING:
            after.pop(member, None)
        else:
            after[member] = value
    if form.has(BASIS) and form.text(BASIS) != str(data.get(BASIS, "")).strip():
        after[BASIS] = form.text(BASIS)
    if form.has(person_field(1, "id")):
        _lay_persons(after, form, data)
    outer = {one: value for one in ENVELOPE if (value := _outer(one, form, whole)) is not None}
    return RepairFormValues({**outer, _DATA: cast("Json", after)}, typed.defects)


def people_in(form: Form) -> int:
    """How many persons the form has fields for."""
    number = 0
    while number < PERSONS_MAX and form.has(person_field(number + 1, "id")):
        number += 1
    return number


def _parts(item: Json) -> tuple[dict[str, Json], dict[str, Json]]:
    whole = cast("dict[str, Json]", item)
    return whole, cast("dict[str, Json]", whole[_DATA])


def _persons(data: Mapping[str, Json]) -> list[dict[str, Json]]:
    """The persons of an item that fits, and one who is not there yet while there is room."""
    found = cast("list[dict[str, Json]]", data.get(PRINCIPALS, []))
    return [*found, {}] if len(found) < PERSONS_MAX else found


def _is_known(data: Mapping[str, Json]) -> bool:
    """Whether it has no member but those that have fields, and those that stay as they are."""
    inner: dict[str, set[str]] = {}
    for name in (BASIS, *MEMBERS):
        top, *below = FIELDS[name].path
        inner.setdefault(top, set()).update(below)
    for member, value in data.items():
        if member in (PRINCIPALS, SERIES, BACKFILL, NO_DATE):
            continue
        below = inner.get(member)
        if below is None:
            return False
        if below and not (isinstance(value, dict) and value.keys() <= below):
            return False
    return True


def _persons_fit(data: Mapping[str, Json]) -> bool:
    found = data.get(PRINCIPALS, [])
    if not isinstance(found, list) or len(found) > PERSONS_MAX:
        return False
    return all(
        isinstance(one, dict)
        and one.keys() <= {*OF_A_PERSON}
        and all(isinstance(it, str) and _is_line(it) for it in one.values())
        for one in found
    )


def _is_line(text: str) -> bool:
    return "\n" not in text and "\r" not in text


def _fits(name: str, data: Mapping[str, Json]) -> bool:
    """Whether the field of a member shows its value as it is."""
    if not is_there(data, name):
        return True
    field, value = FIELDS[name], at(data, name)
    if value is None:
        return name in UNKNOWN and name != "transferred_on"
    if field.is_many:
        return isinstance(value, list) and all(isinstance(x, str) and _is_line(x) for x in value)
    if field.kind is CellKind.BOOLEAN:
        return isinstance(value, bool)
    return isinstance(value, str) and _can_render(field.kind, value)


def _can_render(kind: CellKind, text: str) -> bool:
    if kind is CellKind.DAY:
        return not text or _DAY.fullmatch(text) is not None
    if kind is not CellKind.INSTANT:
        return True
    try:
        there = datetime.fromisoformat(text)
        return there.tzinfo is not None and there.astimezone().year > 1
    except (ValueError, OverflowError):
        return False


def _without_blanks(data: Mapping[str, Json], touched: set[str]) -> dict[str, Json]:
    """The members of an item but those that nobody typed into and that say nothing."""
    after: dict[str, Json] = {**data}
    for name in MEMBERS:
        value = at(data, name)
        is_text = isinstance(value, str) and not value.strip()
        is_list = isinstance(value, list) and not any(str(one).strip() for one in value)
        if not (is_text or is_list) or members.field_of(name) in touched:
            continue
        top, *below = FIELDS[name].path
        if not below:
            after.pop(top, None)
            continue
        left = {
            one: it for one, it in cast("dict[str, Json]", after[top]).items() if one != below[0]
        }
        after[top] = left
    return after


def _outer(name: str, form: Form, whole: Mapping[str, Json]) -> Json:
    """A member of the item itself: as it was unless somebody typed it anew; None: it has none."""
    current, field = whole.get(name), item_field(name)
    if not form.has(field) or form.text(field) == str(current or "").strip():
        return current
    return form.text(field) or None


def _lay_persons(after: dict[str, Json], form: Form, data: Mapping[str, Json]) -> None:
    """Lay the persons of the form over those that stand; one without anything is left out."""
    stand = cast("list[dict[str, Json]]", data.get(PRINCIPALS, []))
    persons: list[Json] = []
    for number in range(1, people_in(form) + 1):
        before = stand[number - 1] if number <= len(stand) else {}
        person: dict[str, Json] = {}
        for name in OF_A_PERSON:
            text, was = form.text(person_field(number, name)), str(before.get(name, ""))
            if text:
                person[name] = was if text == was.strip() else text
        if person:
            persons.append(person)
    if persons or PRINCIPALS in data:
        after[PRINCIPALS] = persons
