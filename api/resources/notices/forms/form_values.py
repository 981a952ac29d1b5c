"""The forms of notices, as the bodies that the API takes."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from api.resources.notices.forms.about import About
from api.resources.notices.forms.fields import (
    AMENDMENT,
    LABELS,
    ROWS,
    STATEMENTS,
    WHAT,
    filled,
    lines,
)
from api.web.pages.form_values import (
    CHOOSE,
    PARTS,
    FormBody,
    FormValues,
    by_field,
    shows_number,
    wrong,
)
from api.web.pages.forms import Form
from ledger.errors import Defect

_MANY: Final = "一つずつが500字以内か、数が多すぎないか、使えない文字がないかを確認してください。"
KNOWN: Final = (
    "この識別名の公表は既にあります。新しい版や取下げは、その公表の画面から行ってください。"
)
OTHER_KIND: Final = "この識別名は、別の区分の公表に使われています。別の識別名にしてください。"
SAME_VERSION: Final = "この名称の版は公表済みです。別の名称にしてください。"
NO_USER: Final = "この版の共同利用者の識別名を入力してください。"
NOTHING_NEW: Final = "最後の公表と同じ内容です。改める項目を入力してください。"
_NONE: Final = {
    "scope": ("party_1", "共同利用者を、一つ以上入力してください。"),
    "items": ("category_1", "項目を、一つ以上入力してください。"),
    "purposes": ("purpose_1", "利用目的を、一つ以上入力してください。"),
}
_LISTS: Final = ("filed_items", "notes", "data_kinds")
_RESPONSIBLE: Final = ("name", "address", "representative")
_INSIDE: Final = re.compile(r"^/(version|stated)(?=/)")
_IN_ROWS: Final[Mapping[str, Mapping[str, str]]] = {
    "scope": {"party_id": "party", "name": "user"},
    "items": {
        "category": "category",
        "definition": "definition",
        "listed": "listed",
        "note": "item_note",
    },
    "purposes": {"code": "code", "label": "purpose", "examples": "examples"},
    "successions": {"from": "predecessor", "to": "successor"},
    "responsible_changes": {"changed_on": "changed", "field": "changed_field"},
}
"""List of the body → member of its rows → field of the page."""


def read(form: Form, about: About) -> FormBody:
    """Read the form by which something is published about a notice."""
    typed = FormValues(form)
    notice_id = about.notice_id or form.text("notice_id")
    body: dict[str, object] = {"kind": about.kind, "notice_id": notice_id}
    if about.kind == "opt_out":
        body |= _days(typed, "filed_on", "available_from", "start_planned")
        body["items"] = lines(form.text("filed_items"))
        return FormBody(body, typed.defects)
    what = form.text("what")
    if about.state is not None and what not in WHAT:
        typed.defects["what"] = CHOOSE
    body["owner"] = form.text("owner")
    body |= {name: text for name in ("title", "source") if (text := form.text(name))}
    body["data_kinds"] = list(form.texts("data_kinds"))
    body["notes"] = lines(form.text("notes"))
    body["responsible_changes"] = [_change(form, n, typed.defects) for n in _there(form, "changes")]
    if not form.texts("data_kinds"):
        typed.defects["data_kinds"] = CHOOSE
    if about.state is None or what != AMENDMENT:
        body["version"] = _version(form, typed)
        body["stated"] = _read_statement(form)
    return FormBody(body, typed.defects)


def read_withdrawal(form: Form) -> FormBody:
    """Read the form by which a notice is withdrawn."""
    typed = FormValues(form)
    return FormBody({"reason": form.text("reason"), **_days(typed, "day")}, typed.defects)


def _version(form: Form, typed: FormValues) -> dict[str, object]:
    found: dict[str, object] = {"version": form.text("version")}
    found |= _days(typed, "in_force_from", "published_on")
    found["scope"] = [
        {"party_id": form.text(f"party_{n}"), "name": form.text(f"user_{n}")}
        for n in _there(form, "scope")
    ]
    found["items"] = [_item(form, n) for n in _there(form, "items")]
    found["purposes"] = [
        {
            "code": form.text(f"code_{n}"),
            "label": form.text(f"purpose_{n}"),
            "examples": lines(form.text(f"examples_{n}")),
        }
        for n in _there(form, "purposes")
    ]
    found["responsible"] = {one: form.text(f"responsible_{one}") for one in _RESPONSIBLE}
    return found


def _read_statement(form: Form) -> dict[str, object]:
    found: dict[str, object] = {name: True for name in STATEMENTS if form.has(name)}
    found["successions"] = [
        {"from": form.text(f"predecessor_{n}"), "to": form.text(f"successor_{n}")}
        for n in _there(form, "successions")
    ]
    return found


def _item(form: Form, n: int) -> dict[str, object]:
    found: dict[str, object] = {"category": form.text(f"category_{n}")}
    for member, field in (("definition", "definition"), ("note", "item_note")):
        if text := form.text(f"{field}_{n}"):
            found[member] = text
    return {**found, "listed": lines(form.text(f"listed_{n}"))}


def _change(form: Form, n: int, defects: dict[str, str]) -> dict[str, object]:
    # The number of a row stands behind the part of the day.
    parts = {f"changed_{n}_{part}": form.texts(f"changed_{part}_{n}") for part in PARTS}
    typed = FormValues(Form(parts))
    found: dict[str, object] = {"field": form.text(f"changed_field_{n}")}
    day = typed.day(f"changed_{n}")
    defects |= typed.defects
    return found if typed.defects else {**found, "changed_on": day.isoformat()}


def _days(typed: FormValues, *names: str) -> dict[str, str]:
    """The days that must be there, as far as they are."""
    days = {name: typed.day(name) for name in names}
    return {name: day.isoformat() for name, day in days.items() if name not in typed.defects}


def _there(form: Form, rows: str) -> list[int]:
    return [n for n in filled(form, rows) if n]


def describe_defects(defects: Iterable[Defect], form: Form, about: About) -> dict[str, str]:
    """Field → what is wrong with it."""
    found = (replace(one, pointer=_INSIDE.sub("", one.pointer)) for one in defects)
    there = {rows: _there(form, rows) for rows in ROWS}
    places = {f"responsible/{one}": f"responsible_{one}" for one in _RESPONSIBLE}
    places |= {"NOTICE_KIND_DIFFERS": "notice_id", "responsible": "responsible_name"}
    codes = {"NOTICE_KIND_DIFFERS": OTHER_KIND, "NOT_A_JOINT_USER": NO_USER}
    if about.kind == "opt_out":
        places["items"] = "filed_items"
    for name, members in () if about.kind == "opt_out" else _IN_ROWS.items():
        first = next(iter(members.values()))
        rows = "changes" if name == "responsible_changes" else name
        places[name] = _NONE[name][0] if name in _NONE else "changed_1"
        for place, n in enumerate(there[rows]):
            places[f"{name}/{place}"] = f"{first}_{n}"
            places |= {f"{name}/{place}/{it}": f"{field}_{n}" for it, field in members.items()}

    def words(name: str) -> str:
        is_list = name.startswith(("listed_", "examples_")) or name in _LISTS
        if name.startswith("changed_field_"):
            return CHOOSE
        for rows, (field, none) in _NONE.items():
            if name == field and not there[rows]:
                return none
        texts = "\n".join(form.texts(name))
        return _of_list(texts) if is_list else wrong(form.text(name))

    return by_field(found, LABELS, places, otherwise="notice_id", codes=codes, words=words)


def _of_list(text: str) -> str:
    """What is wrong with lines of which one was not taken."""
    is_one = not text or shows_number(text)
    return wrong(text) if is_one else _MANY
