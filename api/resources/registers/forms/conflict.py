"""What somebody typed of a register that was changed meanwhile, laid on the register as it stands.

The fields of a column bear its number. After another reading that number is another column's, so
what was typed follows its heading; what was typed of a heading that is gone is told as text.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final, cast

from api.resources.registers.forms import choices, words
from api.web.pages.conflict import YES, ConflictRow, FormField, conflict_rows
from api.web.pages.form_values import filled
from api.web.pages.forms import Form

VERSION: Final = "version"
"""The hidden field of each form of a register that holds the version it was made of."""
TITLES: Final = "titles"
"""The hidden field that holds the headings its columns had, a JSON array."""

_OF_COLUMN: Final = re.compile(r"c([0-9]{1,4})_([a-z]+)", re.ASCII)
_PARTS: Final = {
    "field": "記録項目",
    "values": "値の対応",
    "separator": "区切り文字",
    "digits": "番号の桁数",
    "clock": "日だけの場合の時刻",
    "unknown": "空欄を「不明」とする",
    "plain": "数値を番号として読む",
    "serial": "通し番号の日付を読む",
    "compact": "20240401 の形の日付を読む",
}
_TICKED: Final = ("unknown", "plain", "serial", "compact")
_BOXES: Final = {
    "id_above": "番号が空欄の行は、上の行と同じ件とする",
    "merged": "結合されたセルの値を、覆われた全ての行の値とする",
}
_NONE: Final = "なし"
COLUMN_GONE: Final = "この列は、今はありません"
"""What is stored of a column that is not there any more."""


def titles_in(form: Form) -> list[str]:
    """The headings of which a form was made; none when it does not say."""
    try:
        value: object = json.loads(form.text(TITLES))
    except (ValueError, RecursionError):
        return []
    listed = cast("list[object]", value) if isinstance(value, list) else []
    return [one for one in listed if isinstance(one, str)]


def relaid(form: Form, current: Form, titles: Sequence[str]) -> Form:
    """The typed form with each column under its heading; of a new heading, what stands."""
    before = titles_in(form)
    if before == list(titles):
        return form
    others = {
        name: texts
        for name, texts in form.fields.items()
        if not _OF_COLUMN.fullmatch(name) and name != "id"
    }
    fields = others | {"id": (_id(form, current, before, titles),)}
    for n, title in enumerate(titles):
        source, number = (form, before.index(title)) if title in before else (current, n)
        for part in _PARTS:
            if source.has(f"c{number}_{part}"):
                fields[f"c{n}_{part}"] = source.fields[f"c{number}_{part}"]
    return Form(fields)


def _id(form: Form, current: Form, before: Sequence[str], titles: Sequence[str]) -> str:
    title = _title(form.text("id"), before)
    if title in titles:
        return str(titles.index(title))
    return current.text("id") if title is not None else form.text("id")


def _title(number: str, titles: Sequence[str]) -> str | None:
    is_one = number.isascii() and number.isdigit() and len(number) <= len("9999")
    return titles[int(number)] if is_one and int(number) < len(titles) else None


def differences(
    form: Form, laid: Form, current: Form, titles: Sequence[str], labels: Mapping[str, str]
) -> list[ConflictRow]:
    """Where the form as it is laid anew differs from what stands, and what has no place any more.

    Args:
        form: as it was typed.
        laid: that form on the columns as they stand.
    """
    found = [*conflict_rows(_fields(titles, labels), current, laid)]
    for n, title in enumerate(titles_in(form)):
        if title in titles:
            continue
        parts = [(part, _field_text(form, f"c{n}_{part}", ())) for part in _PARTS]
        summary = "、".join(f"{_PARTS[part]}：{text}" for part, text in parts if text != _NONE)
        found.append(ConflictRow(f"「{title}」", COLUMN_GONE, summary or _NONE))
    return found


def summarize_form(form: Form, labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a form says, by itself: (what it is of, in words); what says nothing is left out."""
    titles = titles_in(form)
    read = [(labels[name], form.text(name)) for name in ("sheet", "encoding", "row")]
    mapped = [(one.label, one.words(form, it)) for it, one in _fields(titles, labels).items()]
    entries = [*read, *mapped] if form.has(TITLES) else read
    return [one for one in entries if one[1] not in ("", _NONE)]


def reading_differences(
    typed: Mapping[str, str], current: Mapping[str, str], labels: Mapping[str, str]
) -> list[ConflictRow]:
    """Where another reading stands than the typed one."""
    fields = {name: FormField(labels[name], _read) for name in typed}
    return [*conflict_rows(fields, filled(current), filled(typed))]


def _read(form: Form, name: str) -> str:
    text = form.text(name)
    return (words.ENCODINGS.get(text, text) if name == "encoding" else text) or _NONE


def _fields(titles: Sequence[str], labels: Mapping[str, str]) -> dict[str, FormField]:
    own = {name: labels[name] for name in ("source", "system", "batch", "id", *choices.CONSTANTS)}
    of_columns = {
        f"c{n}_{part}": f"「{title}」の{word}"
        for n, title in enumerate(titles)
        for part, word in _PARTS.items()
    }
    words = partial(_field_text, titles=titles)
    return {
        name: FormField(label, words) for name, label in {**own, **_BOXES, **of_columns}.items()
    }


def _field_text(form: Form, name: str, titles: Sequence[str]) -> str:
    """What a field says, in the words of the page."""
    text = form.text(name)
    column = _OF_COLUMN.fullmatch(name)
    part = "" if column is None else column[2]
    if name in _BOXES or part in _TICKED:
        return YES if form.has(name) else _NONE
    if part == "field":
        return choices.COLUMNS.get(text, text) if text else _NONE
    if name == "id":
        return _title(text, titles) or "番号の列はない"
    if name in choices.CONSTANTS and name != "k_scheme":
        return choices.values_of(choices.CONSTANTS[name]).get(text, text) or _NONE
    return text or _NONE
