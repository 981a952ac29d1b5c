"""What was typed into the form of a step, field by field; what is wrong is told at its field."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import Final

from api.pages.days import NoSuchDayError, short, typed_day
from api.pages.forms import Form
from api.problems.kind import DEFECTS_JA
from ledger.errors import Defect

PARTS: Final = ("era", "year", "month", "day")
EMPTY: Final = "入力してください。"
CHOOSE: Final = "選んでください。"
_LOOK_AGAIN: Final = "入力を確認してください。"


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
        try:
            found = typed_day(*(self._form.text(f"{name}_{part}") for part in PARTS))
        except NoSuchDayError as error:
            self.defects.setdefault(name, error.words)
            return date.min
        if found is None:
            self.defects.setdefault(name, EMPTY)
            return date.min
        return found

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


def day_said(form: Form, name: str) -> str:
    """A day of a form as a table has it; what is no day, as it was typed; empty for nothing."""
    parts = [form.text(f"{name}_{part}") for part in PARTS]
    try:
        found = typed_day(parts[0], *parts[1:])
    except NoSuchDayError:
        return "/".join(parts[1:])
    return "" if found is None else short(found)


def by_field(labels: Collection[str]) -> Callable[[Iterable[Defect]], Mapping[str, str]]:
    """Field of the page → what the domain finds wrong with it; what has no field, at the first."""

    def told(defects: Iterable[Defect]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for one in defects:
            name = one.pointer.strip("/").partition("/")[0]
            words = DEFECTS_JA.get(one.code, _LOOK_AGAIN)
            place = name if name in labels else next(iter(labels))
            found.setdefault(place, _LOOK_AGAIN if one.code == "SCHEMA" else words)
        return found

    return told
