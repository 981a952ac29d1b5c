"""The form that describes an emitter: registers it, renames it, ends it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from api.web.pages.conflict import ConflictRow, FormField, conflict_rows, labels_of
from api.web.pages.form_values import (
    EMPTY,
    FormValues,
    by_field,
    day_fields,
    day_text_of,
    filled,
    wrong,
)
from api.web.pages.forms import Form
from ledger.emitters.emitter import State
from ledger.errors import Defect

ID: Final = "[a-z0-9][a-z0-9-]{0,39}"
REGISTERED: Final = "stood"
"""The hidden field that says which registration the form was made of; empty: of none."""
NAMES: Final = ("emitter", "source", REGISTERED)
"""Fields that hold names of systems: twelve digits mean something else there."""
FIELDS: Final = {
    "emitter": FormField("送信元の記号"),
    "name": FormField("名称"),
    "source": FormField("送信元（source の先頭）"),
    "since": FormField("初日", day_text_of),
    "until": FormField("最終日", day_text_of),
}
"""The fields, in the order of the page."""
LABELS: Final = labels_of(FIELDS)
_MESSAGES: Final[Mapping[str, str]] = {
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
    fields = filled(
        {"emitter": it.id, "name": it.name, "source": it.source, REGISTERED: mark(state)}
    )
    days = {**day_fields("since", it.since), **day_fields("until", it.until)}
    return Form({**fields.fields, **days})


def mark(state: State | None) -> str:
    """Which registration stands: the moment of the newest one; empty: there is none."""
    return "" if state is None else state.registered_at.isoformat()


def read(form: Form) -> RegistrationForm:
    """What the form states; a day that was not typed is not stated."""
    typed = FormValues(form)
    emitter = typed.text("emitter")
    if emitter and not re.fullmatch(ID, emitter):
        typed.defects["emitter"] = _MESSAGES["emitter"]
    body: dict[str, object] = {"source": form.text("source"), "name": form.text("name")}
    for name in ("since", "until"):
        if (day := typed.optional_day(name)) is not None:
            body[name] = day.isoformat()
    if "since" not in body:
        typed.defects.setdefault("since", EMPTY)
        body["since"] = None
    return RegistrationForm(emitter, body, typed.defects)


def describe_defects(defects: Iterable[Defect], form: Form) -> dict[str, str]:
    """Field → what is wrong with it."""

    def words(name: str) -> str:
        if name == "name":
            return wrong(form.text(name))
        is_missing = name == "source" and not form.text(name)
        return EMPTY if is_missing else _MESSAGES.get(name, EMPTY)

    return by_field(defects, LABELS, codes=_CODES, words=words)


def rows(stored: State, typed: Form) -> tuple[ConflictRow, ...]:
    """In what the form differs from what is stored."""
    return conflict_rows(FIELDS, form_of(stored), typed)
