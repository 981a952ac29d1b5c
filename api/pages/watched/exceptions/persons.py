"""The form that corrects who a record is about: one person at a time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from api.pages.forms import Form
from api.pages.watched.exceptions.told import EMPTY, PERSONS
from api.pages.watched.exceptions.words import CHOOSE
from api.registers.problems import said_of
from ledger.errors import Defect
from ledger.values import Json

REPLACE: Final = "replace"
REMOVE: Final = "remove"
ADD: Final = "add"
DOINGS: Final[Mapping[str, str]] = {
    REPLACE: "この本人の記載を、下の内容に改める",
    REMOVE: "この本人を、この記録から除く",
    ADD: "下の本人を、この記録に加える",
}
"""What is done → what it is called."""

LABELS: Final[Mapping[str, str]] = {
    "doing": "訂正の内容",
    "who": "対象の本人",
    "scheme": "識別子の種類",
    "id": "識別子",
    "name": "氏名",
    "reason": "理由",
}
"""Field of the form → what it is called, in the order of the page."""

TWICE: Final = "この本人は、すでに記録されています。"
_CHARACTERS: Final = "使えない文字が含まれているか、長すぎます。"
_PRINCIPALS: Final = "/changes/principals"
_SCHEMA: Final = "SCHEMA"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who the record is about then.

    Attributes:
        principals: all persons as the contract states them; None where the form states nothing.
        typed: the place of the person that was typed among them; None: nobody was typed.
        defects: field → what is wrong with it.
    """

    principals: list[Json] | None
    typed: int | None
    defects: Mapping[str, str]


def read(form: Form, principals: list[Json]) -> Wanted:
    """What the form makes of the persons of a record.

    Args:
        principals: as they stand, in the order in which the page numbers them from 1.
    """
    defects: dict[str, str] = {}
    doing = form.text("doing")
    if doing not in DOINGS:
        defects["doing"] = CHOOSE
    place = _place(form.text("who"), len(principals)) if doing != ADD else len(principals)
    if place is None:
        defects["who"] = CHOOSE
    person = _person(form)
    if doing != REMOVE:
        defects |= {name: EMPTY for name in ("scheme", "id") if name not in person}
    if defects or place is None:
        return Wanted(None, None, defects)
    before, after = principals[:place], principals[place + 1 :]
    if doing == REMOVE:
        return Wanted([*before, *after], None, {})
    return Wanted([*before, person, *after], place, {})


def by_field(defects: Iterable[Defect], wanted: Wanted) -> dict[str, str]:
    """Field → what is wrong with it, of the defects of a body of the door."""
    found: dict[str, str] = {}
    own = f"{_PRINCIPALS}/{wanted.typed}/"
    for one in defects:
        name = one.pointer.removeprefix(own) if one.pointer.startswith(own) else ""
        if name in ("scheme", "id", "name"):
            is_shape = one.code == _SCHEMA
            found.setdefault(name, _CHARACTERS if is_shape else said_of(one.code))
        elif one.pointer == _PRINCIPALS and wanted.typed is not None:
            found.setdefault("id", TWICE)
        elif one.pointer != "/reason":
            found.setdefault("doing", PERSONS)
    return found


def _place(text: str, count: int) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(count))
    number = int(text) if is_number else 0
    return number - 1 if 1 <= number <= count else None


def _person(form: Form) -> dict[str, Json]:
    names = ("scheme", "id", "name")
    return cast("dict[str, Json]", {one: form.text(one) for one in names if form.text(one)})
