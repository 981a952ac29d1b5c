"""What somebody changed in the form of a transfer: only the members that they typed anew."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final, cast

from api.resources.registers.fields import FIELDS, CellKind
from api.resources.transfers.forms.members import (
    BACKFILL,
    BOOLEANS,
    MEMBERS,
    NO_DATE,
    UNKNOWN,
    YES,
    field_of,
    form_of,
    tick_of,
    time_of,
)
from api.web.pages.days import NoSuchDayError
from api.web.pages.form_values import CHOOSE, PARTS, day_of
from api.web.pages.forms import Form
from ledger.clock import JAPAN
from ledger.transfers.correction import NULL_HAS_A_MEANING
from ledger.unicode_forms import normalize
from ledger.values import Json

NOT_EMPTY: Final = "空欄にはできません。書くべきことがないときは、その旨の欄を選んでください。"
EITHER: Final = "値を消すか、「{words}」の選択を外してください。"
NO_TIME: Final = "時刻を 09:00 の形で入力してください。"
_CLOCK: Final = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?")


@dataclass(frozen=True, slots=True)
class TransferFormValues:
    """What a form changes.

    Attributes:
        changes: top-level member → its new value; None takes one away, as in the API.
        fields: the fields that were typed anew, in the order of the form.
        defects: field → what is wrong with it.
    """

    changes: Mapping[str, Json]
    fields: tuple[str, ...]
    defects: Mapping[str, str]


def read(form: Form, data: Mapping[str, Json]) -> TransferFormValues:
    """What the form changes of a transfer that stands as `data`.

    A field that a form does not bring leaves its member as it is.
    """
    before = form_of(data)
    touched = [name for name in MEMBERS if _is_touched(name, form, before)]
    changes: dict[str, Json] = {}
    defects: dict[str, str] = {}
    for name in touched:
        try:
            value = _value(name, form, data)
        except _WrongError as error:
            defects[field_of(name)] = error.words
        else:
            _lay(changes, name, value, data)
    if "transferred_on" in touched and NO_DATE not in changes and NO_DATE in data:
        changes[NO_DATE] = None
    return TransferFormValues(changes, tuple(field_of(name) for name in touched), defects)


def fields_of(name: str) -> tuple[str, ...]:
    """The fields of a member of the form, with the box beside it."""
    return (*_names(name), tick_of(name)) if name in UNKNOWN else _names(name)


class _WrongError(Exception):
    """A field that cannot be read."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class _Absent:
    """The member is taken away."""


_ABSENT: Final = _Absent()
_Value = Json | _Absent


def _names(name: str) -> tuple[str, ...]:
    """The fields of a member, but the box beside it."""
    key = field_of(name)
    match FIELDS[name].kind:
        case CellKind.DAY:
            return tuple(f"{key}_{part}" for part in PARTS)
        case CellKind.INSTANT:
            return (*(f"{key}_{part}" for part in PARTS), time_of(name))
        case _:
            return (key,)


def _is_touched(name: str, form: Form, before: Form) -> bool:
    names = _names(name)
    is_boxes = FIELDS[name].is_many and FIELDS[name].kind is CellKind.CHOICE
    if is_boxes:
        return set(form.texts(names[0])) != set(before.texts(names[0]))
    if not all(form.has(one) for one in names):
        return False
    written = [one for one in names if not one.endswith("_era")]
    # An era beside no number says nothing.
    is_written = any(form.text(one) or before.text(one) for one in written)
    if is_written and any(form.text(one) != before.text(one) for one in names):
        return True
    return name in UNKNOWN and form.has(tick_of(name)) != before.has(tick_of(name))


def _value(name: str, form: Form, data: Mapping[str, Json]) -> _Value:
    field, key = FIELDS[name], field_of(name)
    is_empty = not any(form.text(one) for one in _names(name) if not one.endswith("_era"))
    if name in UNKNOWN and form.has(tick_of(name)):
        if not is_empty:
            raise _WrongError(EITHER.format(words=UNKNOWN[name]))
        if name != "transferred_on":
            return None
        if BACKFILL in data:
            return True
        raise _WrongError("旧記録を移行した記録に限り選べます。")
    if field.is_many:
        many = form.texts(key)
        if field.kind is CellKind.TEXT:
            many = tuple(one.strip() for one in form.text(key).split("\n") if one.strip())
        return cast("Json", list(many)) if many else _ABSENT
    if is_empty:
        if name in NULL_HAS_A_MEANING:
            raise _WrongError(NOT_EMPTY)
        return _ABSENT
    return _read_value(name, form)


def _read_value(name: str, form: Form) -> Json:
    key = field_of(name)
    text = form.text(key)
    match FIELDS[name].kind:
        case CellKind.TEXT:
            return text
        case CellKind.CHOICE:
            if text not in FIELDS[name].choices:
                raise _WrongError(CHOOSE)
            return text
        case CellKind.BOOLEAN:
            if text not in BOOLEANS:
                raise _WrongError(CHOOSE)
            return text == YES
        case CellKind.DAY | CellKind.INSTANT:
            return _moment(name, form)


def _moment(name: str, form: Form) -> Json:
    """A day, or an instant in Japan, as the contract writes it."""
    key = field_of(name)
    try:
        day = day_of(form, key)
    except NoSuchDayError as error:
        raise _WrongError(error.words) from None
    if day is None:
        raise _WrongError("日付を入力してください。")
    if FIELDS[name].kind is CellKind.DAY:
        return day.isoformat()
    typed = normalize("NFKC", form.text(time_of(name)))
    if not _CLOCK.fullmatch(typed):
        raise _WrongError(NO_TIME)
    try:
        clock = time.fromisoformat(typed.zfill(len("00:00") if typed.count(":") == 1 else 8))
    except ValueError:
        raise _WrongError(NO_TIME) from None
    return datetime.combine(day, clock, JAPAN).isoformat()


def _lay(changes: dict[str, Json], name: str, value: _Value, data: Mapping[str, Json]) -> None:
    """Lay the value of one member over what changes already."""
    if name == "transferred_on" and value is True:
        changes[NO_DATE] = True
        if "transferred_on" in data:
            changes["transferred_on"] = None
        return
    top, *below = FIELDS[name].path
    if not below:
        changes[top] = None if isinstance(value, _Absent) else value
        return
    current = changes.get(top) if top in changes else data.get(top)
    members: dict[str, Json] = {**current} if isinstance(current, dict) else {}
    if isinstance(value, _Absent):
        members.pop(below[0], None)
    else:
        members[below[0]] = value
    changes[top] = members or None
