"""The form that describes an emitter: registers it, renames it, ends it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from api.pages.days import CALENDAR, NoSuchDayError, short, typed_day
from api.pages.forms import Form
from api.pages.oversight.text_errors import wrong
from ledger.emitters.emitter import State
from ledger.emitters.events import Registration
from ledger.errors import Defect

ID: Final = "[a-z0-9][a-z0-9-]{0,39}"
STOOD: Final = "stood"
"""The hidden field that says which registration the form was made of; empty: of none."""
NAMES: Final = ("emitter", "source", STOOD)
"""Fields that hold names of systems: twelve digits mean something else there."""
LABELS: Final[Mapping[str, str]] = {
    "emitter": "送信元の記号",
    "name": "名称",
    "source": "送信元（source の先頭）",
    "since": "初日",
    "until": "最終日",
}
"""Field of the form → what it is called, in the order of the page."""
_SAID: Final[Mapping[str, str]] = {
    "emitter": "英小文字、数字、ハイフンで、40字以内で入力してください。先頭は英小文字か数字です。",
    "source": "空白のない英数字・記号で、256字以内で入力してください（例：https://platform.example.jp/）。",
    "since": "1990年1月1日以後の日付を入力してください。",
    "until": "正しい日付を入力してください。",
}
KNOWN: Final = "KNOWN"
"""Code of a defect: a new emitter was meant, and there is one of that name."""
_CODES: Final[Mapping[str, str]] = {
    KNOWN: "この記号の送信元は登録されています。改めるときは、一覧の「改める」から開いてください。",
    "SOURCE_TAKEN": "同じ日に、ほかの送信元が、この範囲か、これと重なる範囲を使っています。"
    "範囲を分けるか、先にほかの送信元の最終日を入力してください。",
    "PERIOD_REVERSED": "最終日が初日より前です。",
}
_EMPTY: Final = "入力してください。"
_PARTS: Final = ("era", "year", "month", "day")


@dataclass(frozen=True, slots=True)
class RegistrationForm:
    """What a form states.

    Attributes:
        body: of `PUT /v1/emitters/{emitter}`.
        defects: field → what is wrong with it.
    """

    emitter: str
    body: Mapping[str, object]
    defects: Mapping[str, str]


def form_of(state: State | None) -> Form:
    """The form with what stands; None: nothing stands."""
    if state is None:
        return Form({})
    it = state.registration
    fields = {"emitter": (it.id,), "name": (it.name,), "source": (it.source,)}
    return Form(
        {**fields, **_day("since", it.since), **_day("until", it.until), STOOD: (mark(state),)}
    )


def mark(state: State | None) -> str:
    """Which registration stands: the moment of the newest one; empty: there is none."""
    return "" if state is None else state.registered_at.isoformat()


def read(form: Form) -> RegistrationForm:
    """What the form states; a day that was not typed is not stated."""
    defects: dict[str, str] = {}
    emitter = form.text("emitter")
    if not re.fullmatch(ID, emitter):
        defects["emitter"] = _SAID["emitter"] if emitter else _EMPTY
    body: dict[str, object] = {"source": form.text("source"), "name": form.text("name")}
    for name in ("since", "until"):
        try:
            day = typed_day(*(form.text(f"{name}_{part}") for part in _PARTS))
        except NoSuchDayError as error:
            defects[name] = error.words
        else:
            body |= {} if day is None else {name: day.isoformat()}
    if "since" not in body:
        defects.setdefault("since", _EMPTY)
        body["since"] = None
    return RegistrationForm(emitter, body, defects)


def by_field(defects: Iterable[Defect], form: Form) -> dict[str, str]:
    """Field → what is wrong with it."""
    found: dict[str, str] = {}
    for one in defects:
        name = one.pointer.removeprefix("/")
        if name == "name":
            said = wrong(form.text(name))
        elif name == "source" and not form.text(name):
            said = _EMPTY
        else:
            said = _CODES.get(one.code) or _SAID.get(name, _EMPTY)
        found.setdefault(name if name in LABELS else "emitter", said)
    return found


def in_order(found: Mapping[str, str]) -> dict[str, str]:
    """What is wrong, in the order of the page."""
    return {name: found[name] for name in LABELS if name in found}


def differences(stands: Registration, typed: RegistrationForm) -> tuple[tuple[str, str, str], ...]:
    """(label, what stands, what was typed) of what differs."""
    told = {
        "name": (stands.name, str(typed.body["name"])),
        "source": (stands.source, str(typed.body["source"])),
        "since": (short(stands.since), _said(typed.body.get("since"))),
        "until": (
            "" if stands.until is None else short(stands.until),
            _said(typed.body.get("until")),
        ),
    }
    return tuple((LABELS[name], was, now) for name, (was, now) in told.items() if was != now)


def _said(day: object) -> str:
    return short(date.fromisoformat(day)) if isinstance(day, str) else ""


def _day(name: str, day: date | None) -> dict[str, tuple[str, ...]]:
    parts = ("", "", "") if day is None else (str(day.year), str(day.month), str(day.day))
    return {f"{name}_{one}": (it,) for one, it in zip(_PARTS, (CALENDAR, *parts), strict=True)}
