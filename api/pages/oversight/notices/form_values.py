"""The forms of notices, read: what was typed becomes the body that the API's door takes, too."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from api.pages.days import NoSuchDayError, typed_day
from api.pages.forms import Form
from api.pages.oversight.notices.about import About
from api.pages.oversight.notices.fields import (
    AMENDMENT,
    DAY_PARTS,
    LABELS,
    STATEMENTS,
    WHAT,
    filled,
    lines,
)
from api.pages.oversight.text_errors import wrong
from ledger.errors import Defect
from ledger.policies.my_number import my_number_defects

EMPTY: Final = "入力してください。"
CHOOSE: Final = "選んでください。"
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


@dataclass(frozen=True, slots=True)
class NoticeFormValues:
    """What was typed: the body of the API's door, and what of it could not be read."""

    body: Mapping[str, object]
    defects: Mapping[str, str]


def read(form: Form, about: About) -> NoticeFormValues:
    """Read the form by which something is published about a notice."""
    defects: dict[str, str] = {}
    notice_id = about.notice_id or form.text("notice_id")
    body: dict[str, object] = {"kind": about.kind, "notice_id": notice_id}
    if about.kind == "opt_out":
        for name in ("filed_on", "available_from", "start_planned"):
            _put_day(body, form, name, defects)
        body["items"] = lines(form.text("filed_items"))
        return NoticeFormValues(body, defects)
    what = form.text("what")
    if about.state is not None and what not in WHAT:
        defects["what"] = CHOOSE
    body["owner"] = form.text("owner")
    body |= {name: text for name in ("title", "source") if (text := form.text(name))}
    body["data_kinds"] = list(form.texts("data_kinds"))
    body["notes"] = lines(form.text("notes"))
    body["responsible_changes"] = [_change(form, n, defects) for n in _there(form, "changes")]
    if not form.texts("data_kinds"):
        defects["data_kinds"] = CHOOSE
    if about.state is None or what != AMENDMENT:
        body["version"] = _version(form, defects)
        body["stated"] = _stated(form)
    return NoticeFormValues(body, defects)


def read_withdrawal(form: Form) -> NoticeFormValues:
    """Read the form by which a notice is withdrawn."""
    defects: dict[str, str] = {}
    body: dict[str, object] = {"reason": form.text("reason")}
    _put_day(body, form, "day", defects)
    return NoticeFormValues(body, defects)


def _version(form: Form, defects: dict[str, str]) -> dict[str, object]:
    found: dict[str, object] = {"version": form.text("version")}
    for name in ("in_force_from", "published_on"):
        _put_day(found, form, name, defects)
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
    members = ("name", "address", "representative")
    found["responsible"] = {one: form.text(f"responsible_{one}") for one in members}
    return found


def _stated(form: Form) -> dict[str, object]:
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
    found: dict[str, object] = {"field": form.text(f"changed_field_{n}")}
    parts = tuple(form.text(f"changed_{part}_{n}") for part in DAY_PARTS)
    if day := _day(parts, f"changed_{n}", defects):
        found["changed_on"] = day.isoformat()
    return found


def _put_day(body: dict[str, object], form: Form, name: str, defects: dict[str, str]) -> None:
    if day := _day(tuple(form.text(f"{name}_{part}") for part in DAY_PARTS), name, defects):
        body[name] = day.isoformat()


def _day(parts: tuple[str, ...], name: str, defects: dict[str, str]) -> date | None:
    era, year, month, day = parts
    try:
        found = typed_day(era, year, month, day)
    except NoSuchDayError as error:
        defects[name] = error.words
        return None
    if found is None:
        defects[name] = EMPTY
    return found


def _there(form: Form, rows: str) -> list[int]:
    return [n for n in filled(form, rows) if n]


def by_field(defects: Iterable[Defect], form: Form, about: About) -> dict[str, str]:
    """Field → what is wrong with it."""
    found: dict[str, str] = {}
    for one in defects:
        if one.code == "NOTICE_KIND_DIFFERS":
            found["notice_id"] = OTHER_KIND
            continue
        path = [part for part in one.pointer.split("/") if part]
        if path[:1] in (["version"], ["stated"]) and len(path) > 1:
            path = path[1:]
        name, words = _told(path, form, about)
        words = NO_USER if one.code == "NOT_A_JOINT_USER" else words
        found.setdefault(name, words)
    return found


def _told(path: list[str], form: Form, about: About) -> tuple[str, str]:
    name = path[0] if path else "notice_id"
    if about.kind == "opt_out" and name == "items":
        return "filed_items", _of_list(form.text("filed_items"))
    if name == "responsible":
        field = f"responsible_{path[1] if len(path) > 1 else 'name'}"
        return field, wrong(form.text(field))
    if name in _IN_ROWS:
        return _told_of_row(name, path[1:], form)
    if name in ("notes", "data_kinds"):
        return name, _of_list("\n".join(form.texts(name)))
    return (name, wrong(form.text(name))) if name in LABELS else ("notice_id", wrong(""))


def _told_of_row(name: str, path: list[str], form: Form) -> tuple[str, str]:
    rows = "changes" if name == "responsible_changes" else name
    if not path or not path[0].isdigit():
        return _NONE.get(name, ("changed_1", _MANY))
    members = _IN_ROWS[name]
    member = path[1] if len(path) > 1 else next(iter(members))
    there = _there(form, rows)
    n = there[int(path[0])] if int(path[0]) < len(there) else 1
    field = f"{members.get(member, next(iter(members.values())))}_{n}"
    if member in ("listed", "examples"):
        return field, _of_list(form.text(field))
    return field, CHOOSE if member == "field" else wrong(form.text(field))


def _of_list(text: str) -> str:
    """What is wrong with lines of which one was not taken."""
    is_one = not text or any(True for _ in my_number_defects(text))
    return wrong(text) if is_one else _MANY


def in_order(found: Mapping[str, str]) -> dict[str, str]:
    """What is wrong, in the order of the page."""
    return {name: found[name] for name in LABELS if name in found}
