"""本人の履歴: the form, read: why, as of when, and which rows of which heading."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from api.pages.days import NoSuchDayError, typed_day
from api.pages.forms import Form
from ledger.streams.history import HEADINGS

LABELS: Final[Mapping[str, str]] = {
    "reason": "閲覧の理由",
    "moment": "いつの時点の記録か",
    "as_of": "日付",
    "position": "台帳の位置",
}
"""Field of the page → what it is called there."""

LATEST: Final = "latest"
DAY: Final = "day"
POSITION: Final = "position"
MOMENTS: Final[Mapping[str, str]] = {
    LATEST: "最新",
    DAY: "日付を指定する",
    POSITION: "台帳の位置を指定する",
}
"""As of when → what the page calls it."""

FIRST: Final = Form({"moment": (LATEST,)})
"""The form as the page begins."""

_PARTS: Final = ("era", "year", "month", "day")
KEPT: Final = ("reason", "moment", *(f"as_of_{one}" for one in _PARTS), "position")
"""Fields that wait for whoever sent them when their time was up; no page of the rows does."""

EMPTY: Final = "入力してください。"
_NO_POSITION: Final = "1以上の整数を入力してください。"
_DIGITS_MAX: Final = 15


@dataclass(frozen=True, slots=True)
class HistoryForm:
    """What the form asks for.

    Attributes:
        day: as of its end; position: as of it; neither: as of now.
        pages: heading → the page of its rows, from 1.
        defects: field → what is wrong with it.
    """

    form: Form
    reason: str
    day: date | None
    position: int | None
    pages: Mapping[str, int]
    defects: Mapping[str, str]


def read(form: Form) -> HistoryForm:
    """Read the form. A button that goes somewhere changes the moment or a page."""
    what, _, where = form.text("go").partition(":")
    if what == LATEST:
        form = Form({**form.fields, "moment": (LATEST,)})
    if what == POSITION:
        form = Form({**form.fields, "moment": (POSITION,), "position": (where,)})
    pages = {one: page for one in HEADINGS if (page := _number(form.text(f"page_{one}")))}
    if what == "page":
        heading, _, number = where.partition(":")
        pages |= {heading: page} if heading in HEADINGS and (page := _number(number)) else {}
    else:
        pages = pages if not what else {}
    defects: dict[str, str] = {}
    day, position = None, None
    match form.text("moment") or LATEST:
        case "latest":
            pass
        case "day":
            day = _day(form, defects)
        case "position":
            position = _number(form.text("position"))
            if position is None:
                defects["position"] = _NO_POSITION
        case _:
            defects["moment"] = "選んでください。"
    return HistoryForm(form, form.text("reason"), day, position, pages, defects)


def _day(form: Form, defects: dict[str, str]) -> date | None:
    try:
        found = typed_day(*(form.text(f"as_of_{part}") for part in _PARTS))
    except NoSuchDayError as error:
        defects["as_of"] = error.words
        return None
    if found is None:
        defects["as_of"] = EMPTY
    return found


def _number(text: str) -> int | None:
    """A whole number from 1; full-width digits and separators are read too."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "")
    if not (plain.isascii() and plain.isdigit() and len(plain) <= _DIGITS_MAX):
        return None
    return int(plain) or None
