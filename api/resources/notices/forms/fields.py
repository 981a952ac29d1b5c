"""The fields by which a notice is published, and what stands in them at first.

A list is a number of rows. A page asks for more of them with a button, so that it needs no script.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, cast

from api.web.pages.form_values import day_fields, number_of
from api.web.pages.forms import Form
from ledger.notices.notice import State
from ledger.values import Json

VERSION: Final = "version"
AMENDMENT: Final = "amendment"
WHAT: Final = {
    VERSION: "新しい版を公表する",
    AMENDMENT: "補足だけを公表する（標題、備考、管理について責任を有する者の変更など、"
    "版の外の項目）",
}
"""What is published about a notice that stands."""

ROWS: Final[Mapping[str, tuple[int, int, tuple[str, ...]]]] = {
    "changes": (20, 1, ("changed_year", "changed_month", "changed_day", "changed_field")),
    "successions": (10, 1, ("predecessor", "successor")),
    "scope": (150, 3, ("party", "user")),
    "items": (60, 2, ("category", "definition", "listed", "item_note")),
    "purposes": (60, 2, ("code", "purpose", "examples")),
}
"""List → (rows that a page has at most, at first, and the fields of a row).

A form has a thousand fields at most; the API takes more rows.
"""
_DIGITS_MAX: Final = 3
MORE: Final = 3
"""Rows that the button adds."""

_ROW_LABELS: Final = {
    "changes": (
        ("changed", "管理について責任を有する者の変更{}の日"),
        ("changed_field", "管理について責任を有する者の変更{}の項目"),
    ),
    "successions": (
        ("predecessor", "事業の承継{}の、前の共同利用者の識別名"),
        ("successor", "事業の承継{}の、承継した共同利用者の識別名"),
    ),
    "scope": (("party", "共同利用者{}の識別名"), ("user", "共同利用者{}の名称")),
    "items": (
        ("category", "項目{}の区分"),
        ("definition", "項目{}の定義"),
        ("listed", "項目{}の例"),
        ("item_note", "項目{}の備考"),
    ),
    "purposes": (
        ("code", "利用目的{}の識別名"),
        ("purpose", "利用目的{}"),
        ("examples", "利用目的{}の例"),
    ),
}


def _numbered(rows: str) -> dict[str, str]:
    """Each field of each row, row by row."""
    most = ROWS[rows][0]
    return {
        f"{name}_{n}": words.format(n)
        for n in range(1, most + 1)
        for name, words in _ROW_LABELS[rows]
    }


STATEMENTS: Final = {
    "principals_consented": "追加する項目及び共同利用者について、あらかじめ本人の同意を得ている",
    "responsible_is_same_party": "管理について責任を有する者は同じ者で、氏名又は名称だけが変わった",
    "wording_only": "項目の定義及び備考並びに利用目的は、字句だけを改め、内容は変わらない",
}
"""What the publisher may state of a version's changes: member of the API's body → words."""

RECORD_UNLAWFUL: Final = "record_unlawful"
"""The box by which changes that are not allowed are published all the same."""

LABELS: Final[Mapping[str, str]] = {
    "what": "公表するもの",
    "notice_id": "識別名",
    "version": "版の名称",
    "in_force_from": "効力の生じる日",
    "published_on": "公表日",
    **_numbered("scope"),
    **_numbered("items"),
    **_numbered("purposes"),
    "responsible_name": "管理について責任を有する者の氏名又は名称",
    "responsible_address": "管理について責任を有する者の住所",
    "responsible_representative": "管理について責任を有する者の代表者の氏名",
    **STATEMENTS,
    **_numbered("successions"),
    "title": "標題",
    "owner": "公表した者の識別名",
    "source": "出典",
    "data_kinds": "対象の情報",
    "notes": "備考",
    **_numbered("changes"),
    "filed_on": "届出の日",
    "available_from": "本人が容易に知り得る状態に置いた日",
    "start_planned": "提供の開始予定日",
    "filed_items": "第三者に提供される個人データの項目",
    "day": "効力を失う日",
    "reason": "取下げの理由",
    RECORD_UNLAWFUL: "法第27条第6項に適合しない変更の記録",
}
"""Field of a page → what it is called, in the order of the pages."""

_IDS: Final = ("party_", "code_", "predecessor_", "successor_")
NAMES: Final = frozenset(
    (
        *("notice_id", "version", "owner", "data_kinds"),
        *(one for one in LABELS if one.startswith(_IDS)),
    )
)
"""Fields that hold names of things: eleven or twelve digits mean something else there."""


def rows_of(form: Form, rows: str) -> int:
    """How many rows of a list the page has: all that are filled, and those that were asked for."""
    most, first, _ = ROWS[rows]
    form_count = number_of(form.text(f"rows_{rows}"), _DIGITS_MAX)
    row_count = first if form_count is None else form_count
    if form.text("more") == rows:
        row_count += MORE
    return min(most, max(row_count, 1, *filled(form, rows)))


def filled(form: Form, rows: str) -> Sequence[int]:
    """The numbers of the rows in which something stands; at least a 0."""
    most, _, names = ROWS[rows]
    there = [n for n in range(1, most + 1) if any(form.text(f"{one}_{n}") for one in names)]
    return there or [0]


def lines(text: str) -> list[str]:
    """What stands in the lines of a text, without empty ones."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def first(state: State | None, kind: str) -> Form:
    """The form as it begins: empty, or with what is published last.

    A version that is to come has a name and days of its own: those are typed.
    """
    fields: dict[str, str] = {"data_kinds": "personal_data"} if kind == "joint_use" else {}
    if state is None:
        return Form({name: (text,) for name, text in fields.items()})
    newest = state.published[-1].event.notice
    if kind == "opt_out":
        return Form({"filed_items": ("\n".join(cast("list[str]", newest["items"])),)})
    fields = {name: cast("str", newest.get(name) or "") for name in ("title", "owner", "source")}
    fields |= {"what": VERSION, "notes": "\n".join(cast("list[str]", newest.get("notes") or []))}
    fields |= _changes(cast("list[dict[str, str]]", newest.get("responsible_changes") or []))
    for one in reversed(state.published):
        if one.event.version is not None:
            fields |= _of_version(one.event.version)
            break
    kinds = tuple(cast("list[str]", newest.get("data_kinds") or ["personal_data"]))
    return Form({**{name: (text,) for name, text in fields.items()}, "data_kinds": kinds})


def is_too_long(state: State | None) -> bool:
    """Whether what is published last has more rows than a page: the API takes it."""
    if state is None or state.kind == "opt_out":
        return False
    newest = state.published[-1].event.notice
    versions = [one.event.version for one in state.published if one.event.version is not None]
    version = versions[-1] if versions else None
    lists: dict[str, Json] = {"changes": newest.get("responsible_changes")}
    for name in ("scope", "items", "purposes"):
        lists[name] = None if version is None else version[name]
    return any(
        len(cast("list[Json]", found or [])) > ROWS[name][0] for name, found in lists.items()
    )


def _changes(changes: Iterable[Mapping[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for n, one in enumerate(changes, 1):
        day = day_fields("changed", date.fromisoformat(one["changed_on"]))
        found |= {f"{name}_{n}": text for name, (text,) in day.items()}
        found[f"changed_field_{n}"] = one["field"]
    return found


def _of_version(version: Mapping[str, Json]) -> dict[str, str]:
    found: dict[str, str] = {}
    for n, user in enumerate(cast("list[dict[str, str]]", version["scope"]), 1):
        found |= {f"party_{n}": user["party_id"], f"user_{n}": user["name"]}
    for n, item in enumerate(cast("list[dict[str, Json]]", version["items"]), 1):
        found |= {
            f"category_{n}": cast("str", item["category"]),
            f"definition_{n}": cast("str", item.get("definition") or ""),
            f"listed_{n}": "\n".join(cast("list[str]", item.get("listed") or [])),
            f"item_note_{n}": cast("str", item.get("note") or ""),
        }
    for n, one in enumerate(cast("list[dict[str, Json]]", version["purposes"]), 1):
        found |= {
            f"code_{n}": cast("str", one["code"]),
            f"purpose_{n}": cast("str", one["label"]),
            f"examples_{n}": "\n".join(cast("list[str]", one.get("examples") or [])),
        }
    for name, text in cast("dict[str, str]", version["responsible"]).items():
        found[f"responsible_{name}"] = text
    return found
