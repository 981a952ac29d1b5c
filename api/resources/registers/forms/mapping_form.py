"""The form that maps the columns of a register, and the mapping that it states.

A mapping is the document that mapping files hold, so that page and command line mean the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any, Final, cast

from api.resources.registers.days import USUAL
from api.resources.registers.fields import FIELDS, LABELS, PERSON, UNKNOWN, CellKind
from api.resources.registers.forms import words
from api.resources.registers.forms.choices import (
    BY_VALUES,
    COLUMNS,
    CONSTANTS,
    ID_AND_NAME,
    IGNORED,
    NO,
    YES,
    values_of,
)
from api.resources.registers.mapping import UNKNOWN_WORD, MappingError, mapping_of
from api.web.pages.forms import Form
from ledger.values import Json

Document = dict[str, Any]

OPEN: Final = "?"
COLUMNS_MAX: Final = 100
_DIGITS_MAX: Final = 30
_NEW_LINE: Final = "\\n"
LABELS_OF_FORM: Final[Mapping[str, str]] = {
    "source": "送信元を表すURL",
    "system": "移行元の名称",
    "batch": "移行単位の名称",
    "id": "番号の列",
    "k_direction": "提供・受領の別",
    "k_basis": "根拠",
    "k_method": "記録の方法",
    "k_consent": "本人の同意",
    "k_kind": "相手方の種類",
    "k_scheme": "本人の識別子の種類",
    "mapping": "列の対応付け",
}
_PLACES: Final[Mapping[str, str]] = {
    "source": LABELS_OF_FORM["source"],
    "backfill.source_system": LABELS_OF_FORM["system"],
    "backfill.batch": LABELS_OF_FORM["batch"],
    "id": LABELS_OF_FORM["id"],
    "constants": "全ての行に共通の値",
    "heading_row": "見出しの行",
    "sheet": "シート",
    "encoding": "文字コード",
}
"""Place in a mapping file → what the page calls it."""


@dataclass(frozen=True, slots=True)
class MappingFormValues:
    """What a form states.

    Attributes:
        defects: field of the form → what is wrong with it.
    """

    document: Document
    defects: dict[str, str]


def form_of(document: Mapping[str, Any]) -> Form:
    """The form that shows a mapping."""
    columns = cast("dict[str, dict[str, Any]]", document["columns"])
    backfill = cast("dict[str, str]", document.get("backfill", {}))
    chosen = cast("dict[str, Any]", document.get("id", {}))
    constants = cast("dict[str, str | bool]", document.get("constants", {}))
    titles = list(columns)
    column = chosen.get("column")
    found = {
        "source": _closed(document.get("source")),
        "system": _closed(backfill.get("source_system")),
        "batch": _closed(backfill.get("batch")),
        "id": str(titles.index(column)) if column in titles else "content",
        **{field: _constant(constants.get(name, "")) for field, name in CONSTANTS.items()},
    }
    ticked = {
        "id_above": chosen.get("blank") == "above",
        "merged": document.get("merged") == "repeat",
    }
    for n, entry in enumerate(columns.values()):
        found |= {f"c{n}_{name}": text for name, text in _column_fields(entry).items()}
        ticked |= {
            f"c{n}_unknown": entry.get("blank") == "unknown",
            f"c{n}_plain": entry.get("numbers") == "plain",
            f"c{n}_serial": "serial" in entry.get("days", ()),
            f"c{n}_compact": "compact" in entry.get("days", ()),
        }
    whole = found | {name: "on" for name, is_ticked in ticked.items() if is_ticked}
    return Form({name: (text,) for name, text in whole.items()})


def _constant(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _meant(name: str, text: str) -> str | bool:
    """The value of a constant; one that is not offered is refused with the mapping."""
    is_boolean = FIELDS[name].kind is CellKind.BOOLEAN
    return text == YES if is_boolean and text in (YES, NO) else text


def _closed(text: object) -> str:
    return text if isinstance(text, str) and text != OPEN else ""


def _column_fields(entry: Mapping[str, Any]) -> dict[str, str]:
    field: object = entry.get("field", "")
    if entry.get("ignore") is True:
        field = IGNORED
    elif isinstance(field, list):
        field = "+".join(cast("list[str]", field))
    elif not field and "values" in entry:
        field = BY_VALUES
    separators = entry.get("separator", ())
    listed = [separators] if isinstance(separators, str) else separators
    clock = entry.get("clock", "")
    return {
        "field": _closed(field),
        "separator": "".join(one.replace("\n", _NEW_LINE) for one in listed),
        "values": values_text(entry.get("values", {})),
        "digits": str(entry.get("digits", "")),
        "clock": clock.strftime("%H:%M") if isinstance(clock, time) else str(clock),
    }


def read_mapping(form: Form, before: Mapping[str, Any]) -> MappingFormValues:
    """The mapping that a form states of the columns of the mapping `before`."""
    return _Reading(form, list(before["columns"])).read_mapping(before)


class _Reading:
    """Reads one form; `_defects` grows meanwhile."""

    def __init__(self, form: Form, titles: Sequence[str]) -> None:
        self._form = form
        self._titles = titles
        self._defects: dict[str, str] = {}
        self._taken: set[str] = set()

    def read_mapping(self, before: Mapping[str, Any]) -> MappingFormValues:
        """The whole."""
        form = self._form
        # How the file is read was said before, by a form of its own.
        kept = {
            name: before[name] for name in ("heading_row", "sheet", "encoding") if name in before
        }
        document: Document = {
            "version": 1,
            **kept,
            "source": self._source(),
            "backfill": {"source_system": self._text("system"), "batch": self._text("batch")},
            "id": self._id(),
            "constants": {
                name: _meant(name, text)
                for field, name in CONSTANTS.items()
                if (text := form.text(field))
            },
            "columns": {title: self._column(n) for n, title in enumerate(self._titles)},
        }
        if form.has("merged"):
            document["merged"] = "repeat"
        if not self._defects:
            try:
                mapping_of(document)
            except MappingError as error:
                called = dict.fromkeys(self._called(one) for one in error.wrong)
                self._defects["mapping"] = words.NOT_A_MAPPING.format(places="、".join(called))
        return MappingFormValues(document, self._defects)

    def _called(self, wrong: str) -> str:
        """What the page calls the place of a fault in the mapping."""
        for title in self._titles:
            if wrong.startswith(f'columns."{title}"'):
                return f"「{title}」"
        found = (called for place, called in _PLACES.items() if wrong.startswith(place))
        return next(found, LABELS_OF_FORM["mapping"])

    def _source(self) -> str:
        text = self._text("source")
        if text and not text.startswith(("https://", "http://", "urn:")):
            self._defects["source"] = words.NOT_A_URL
        return text

    def _text(self, name: str) -> str:
        text = self._form.text(name)
        if not text or text == OPEN:
            self._defects[name] = words.EMPTY
        return text

    def _id(self) -> dict[str, Json]:
        chosen = self._form.text("id")
        if chosen == "content":
            return {"content": True}
        if not chosen.isascii() or not chosen.isdigit() or int(chosen) >= len(self._titles):
            self._defects["id"] = words.CHOOSE
            return {"content": True}
        members: dict[str, Json] = {"column": self._titles[int(chosen)]}
        return {**members, "blank": "above"} if self._form.has("id_above") else members

    def _column(self, n: int) -> Document:
        form, field = self._form, self._form.text(f"c{n}_field")
        if field not in COLUMNS or not field:
            self._defects[f"c{n}_field"] = words.CHOOSE
            return {"ignore": True}
        if field == IGNORED:
            return {"ignore": True}
        names = () if field == BY_VALUES else tuple(field.split("+"))
        self._once(n, names)
        members: Document = {} if not names else {"field": field}
        if field == ID_AND_NAME:
            members["field"] = list(names)
        if values := self._values(n, field):
            members["values"] = values
        elif not names:
            self._defects[f"c{n}_values"] = words.EMPTY
        if separators := self._separators(n, names):
            members["separator"] = separators
        days = [one for one in ("serial", "compact") if form.has(f"c{n}_{one}")]
        if days:
            members["days"] = sorted([*USUAL, *days])
        if form.has(f"c{n}_plain"):
            members["numbers"] = "plain"
        if form.has(f"c{n}_unknown"):
            members["blank"] = "unknown"
            if not (names and all(name in UNKNOWN for name in names)):
                self._defects[f"c{n}_unknown"] = words.NOT_UNKNOWN
        return {**members, **self._digits(n), **self._clock(n)}

    def _once(self, n: int, names: Sequence[str]) -> None:
        for name in names:
            if name in self._taken:
                label = LABELS[name]
                self._defects[f"c{n}_field"] = words.TAKEN_TWICE.format(label=label)
            self._taken.add(name)

    def _values(self, n: int, field: str) -> dict[str, Json]:
        name = f"c{n}_values"
        try:
            return read_values(self._form.text(name), field)
        except UnreadableLineError as error:
            self._defects[name] = words.NOT_A_VALUE.format(line=error.line)
            return {}

    def _separators(self, n: int, names: Sequence[str]) -> list[str]:
        text = self._form.text(f"c{n}_separator")
        separators = ["\n"] if _NEW_LINE in text else []
        separators += [one for one in text.replace(_NEW_LINE, "") if not one.isspace()]
        if separators and not all(FIELDS[one].is_many or one.startswith(PERSON) for one in names):
            self._defects[f"c{n}_separator"] = words.NOT_SEPARATED
        return list(dict.fromkeys(separators))

    def _digits(self, n: int) -> Document:
        text = self._form.text(f"c{n}_digits")
        if not text:
            return {}
        is_number = text.isascii() and text.isdigit() and len(text) <= len(str(_DIGITS_MAX))
        if not is_number or not 1 <= int(text) <= _DIGITS_MAX:
            self._defects[f"c{n}_digits"] = words.NOT_A_NUMBER.format(most=_DIGITS_MAX)
            return {}
        return {"digits": int(text)}

    def _clock(self, n: int) -> Document:
        text = self._form.text(f"c{n}_clock")
        if not text:
            return {}
        try:
            return {"clock": time.fromisoformat(text).strftime("%H:%M")}
        except ValueError:
            self._defects[f"c{n}_clock"] = words.NOT_A_CLOCK
            return {}


_YES: Final = frozenset(("有", "あり", "はい", "true"))
_NO: Final = frozenset(("無", "なし", "いいえ", "false"))
_UNKNOWN: Final = frozenset(("不明", UNKNOWN_WORD))


class UnreadableLineError(Exception):
    """A line that says nothing."""

    def __init__(self, line: str) -> None:
        super().__init__("a line of a table of values says nothing")
        self.line = line


def values_text(values: Mapping[str, Json]) -> str:
    """A table as it is shown in its field."""
    return "\n".join(f"{word} = {_member_text(meant)}" for word, meant in values.items())


def read_values(text: str, field: str) -> dict[str, Json]:
    """The table that was typed.

    Args:
        field: of the column; `BY_VALUES`: each line names its fields.

    Raises:
        UnreadableLineError: see there.
    """
    return dict(_lines(text, field))


def _lines(text: str, field: str) -> Iterator[tuple[str, Json]]:
    for line in filter(None, map(str.strip, text.splitlines())):
        word, equals, meant = line.replace("＝", "=").partition("=")
        word, meant = word.strip(), meant.strip()
        if not (equals and word and meant):
            raise UnreadableLineError(line)
        if "=" in meant:
            yield word, dict(_member(one, line) for one in meant.split(","))
        elif field == BY_VALUES:
            raise UnreadableLineError(line)
        else:
            yield word, _value(field, meant, line)


def _member(text: str, line: str) -> tuple[str, Json]:
    name, _, meant = text.partition("=")
    name, meant = name.strip(), meant.strip()
    if name not in FIELDS or not meant:
        raise UnreadableLineError(line)
    return name, _value(name, meant, line)


def _value(name: str, meant: str, line: str) -> Json:
    field = FIELDS.get(name)
    if meant in _UNKNOWN and name in UNKNOWN:
        return UNKNOWN_WORD
    if field is None or field.kind not in (CellKind.BOOLEAN, CellKind.CHOICE):
        return meant
    if field.kind is CellKind.BOOLEAN:
        if meant not in _YES | _NO:
            raise UnreadableLineError(line)
        return meant in _YES
    by_words = {words: one for one, words in values_of(name).items()}
    value = by_words.get(meant, meant)
    if value not in field.choices:
        raise UnreadableLineError(line)
    return value


def _member_text(meant: Json) -> str:
    match meant:
        case bool():
            return "有" if meant else "無"
        case dict():
            members = cast("Mapping[str, Json]", meant)
            return ", ".join(f"{name}={_member_text(one)}" for name, one in members.items())
        case _:
            return "不明" if meant == UNKNOWN_WORD else str(meant)
