"""Values of a form by field: read, filled in, said in words, and what is wrong with them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from api.problems.kind import DEFECTS_JA
from api.web.pages.days import CALENDAR, NoSuchDayError, parse_day, short
from api.web.pages.forms import Form
from ledger.errors import Defect, MalformedError
from ledger.policies.my_number import MY_NUMBER_SHOWN, my_number_defects

CHARACTERS_MAX: Final = 20_000
"""Characters of a text of a form: the largest fields take so many."""
PARTS: Final = ("era", "year", "month", "day")
"""The four fields of a day are called `<name>_<part>`."""
EMPTY: Final = "入力してください。"
CHOOSE: Final = "選んでください。"
CHECK: Final = "入力を確認してください。"
PLAIN: Final[Mapping[str, str]] = {"SCHEMA": CHECK}
"""What a code says of a form that is nobody's contract."""
_NOTHING: Final[Mapping[str, str]] = {}

FieldValue = str | bool | date | Sequence[str] | None


def filled(values: Mapping[str, FieldValue]) -> Form:
    """The form with these values; what is None or False has no field."""
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in values.items():
        if isinstance(value, date):
            fields |= day_fields(name, value)
        elif isinstance(value, str):
            fields[name] = (value,)
        elif value is not None and value is not False:
            fields[name] = ("on",) if value is True else tuple(value)
    return Form(fields)


def day_fields(name: str, day: date | None) -> dict[str, tuple[str, ...]]:
    """The four fields of a day of the calendar; without a day its numbers are empty."""
    numbers = ("", "", "") if day is None else (str(day.year), str(day.month), str(day.day))
    texts = (CALENDAR, *numbers)
    return {f"{name}_{part}": (text,) for part, text in zip(PARTS, texts, strict=True)}


def day_of(form: Form, name: str) -> date | None:
    """The day that the four fields say; None when none was typed.

    Raises:
        NoSuchDayError: they say no day.
    """
    return parse_day(*(form.text(f"{name}_{part}") for part in PARTS))


def day_text_of(form: Form, name: str) -> str:
    """A day of a form as a table has it; what is no day, as it was typed; empty for nothing."""
    try:
        found = day_of(form, name)
    except NoSuchDayError:
        return "/".join(form.text(f"{name}_{part}") for part in PARTS[1:])
    return "" if found is None else short(found)


def number_of(text: str, digits_max: int = 15) -> int | None:
    """The number that a text says; None when it says none, or a longer one."""
    is_number = text.isascii() and text.isdigit() and len(text) <= digits_max
    return int(text) if is_number else None


@dataclass(frozen=True, slots=True)
class FormBody:
    """What was typed: as the body of the API's endpoint, and field → what could not be read."""

    body: Mapping[str, object]
    defects: Mapping[str, str]


class FormValues:
    """A form as it is read.

    Attributes:
        defects: field → what is wrong with it; the first defect of each.
    """

    def __init__(self, form: Form) -> None:
        self._form = form
        self.defects: dict[str, str] = {}

    def day(self, name: str) -> date:
        """A day that must be there; the first day of all when it is not."""
        found = self.optional_day(name)
        if found is None:
            self.defects.setdefault(name, EMPTY)
        return found or date.min

    def optional_day(self, name: str) -> date | None:
        """A day that may be left out."""
        try:
            return day_of(self._form, name)
        except NoSuchDayError as error:
            self.defects.setdefault(name, error.words)
            return None

    def text(self, name: str) -> str:
        """A text that must be there."""
        found = self._form.text(name)
        if not found:
            self.defects.setdefault(name, EMPTY)
        return found

    def choice(self, name: str, codes: Collection[str]) -> str:
        """One of the codes, which must be chosen."""
        found = self._form.text(name)
        if found not in codes:
            self.defects.setdefault(name, CHOOSE)
        return found


def by_field(
    defects: Iterable[Defect],
    labels: Collection[str],
    places: Mapping[str, str] = _NOTHING,
    *,
    otherwise: str = "",
    codes: Mapping[str, str] = _NOTHING,
    words: Callable[[str], str] | None = None,
) -> dict[str, str]:
    """Field of the page → what is wrong with it: its first defect, in the order of the page.

    Args:
        labels: the fields, in the order of the page.
        places: code, or pointer without its first slash → the field of all that is below it. Else
            the field is called as the first member of the pointer.
        otherwise: the field of what belongs to no other; empty: the first one of the page.
        codes: code → words of the page's own.
        words: field → what is wrong with it; None: what the code says.
    """
    fallback = otherwise or next(iter(labels))
    found: dict[str, str] = {}
    for one in defects:
        name = places.get(one.code) or _field_of(one.pointer, places)
        name = name if name in labels else fallback
        text = codes.get(one.code) or (words(name) if words else DEFECTS_JA.get(one.code, CHECK))
        found.setdefault(name, text)
    return in_order(found, labels)


def in_order(found: Mapping[str, str], labels: Iterable[str]) -> dict[str, str]:
    """What is wrong, in the order of the page."""
    return {name: found[name] for name in labels if name in found}


def _field_of(pointer: str, places: Mapping[str, str]) -> str:
    steps = pointer.strip("/").split("/")
    paths = ("/".join(steps[:n]) for n in range(len(steps), 0, -1))
    return next((places[path] for path in paths if path in places), steps[0])


def shows_number(text: str) -> bool:
    """Whether an individual number stands in a text; one that no field takes is not searched."""
    return len(text) <= CHARACTERS_MAX and any(True for _ in my_number_defects(text))


def wrong(text: str) -> str:
    """What is wrong with a text that was not taken."""
    if not text:
        return EMPTY
    if shows_number(text):
        return DEFECTS_JA[MY_NUMBER_SHOWN]
    return "使えない文字が含まれているか、長すぎます。"


AnyBody = TypeVar("AnyBody", bound=BaseModel)


def validate_body(model: type[AnyBody], body: Mapping[str, object]) -> AnyBody:
    """The body of an endpoint, as a form states it.

    Raises:
        MalformedError: it does not fit; each place is named.
    """
    try:
        return model.model_validate(body)
    except ValidationError as error:
        places = ("".join(f"/{step}" for step in one["loc"]) for one in error.errors())
        raise MalformedError(tuple(Defect(place, "SCHEMA", "") for place in places)) from None
