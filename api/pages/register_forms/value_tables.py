"""Tables of values as they are typed: a line each, `word = value`, or `word = field=value, …`."""

from collections.abc import Iterator, Mapping
from typing import Final, cast

from api.pages.register_forms.choices import BY_VALUES, values_of
from api.registers.fields import FIELDS, UNKNOWN, CellKind
from api.registers.mapping_file import UNKNOWN_WORD
from ledger.values import Json

_YES: Final = frozenset(("有", "あり", "はい", "true"))
_NO: Final = frozenset(("無", "なし", "いいえ", "false"))
_UNKNOWN: Final = frozenset(("不明", UNKNOWN_WORD))


class UnreadableLineError(Exception):
    """A line that says nothing."""

    def __init__(self, line: str) -> None:
        super().__init__("a line of a table of values says nothing")
        self.line = line


def text_of(values: Mapping[str, Json]) -> str:
    """A table as it is shown in its field."""
    return "\n".join(f"{word} = {_shown(meant)}" for word, meant in values.items())


def read(text: str, field: str) -> dict[str, Json]:
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


def _shown(meant: Json) -> str:
    match meant:
        case bool():
            return "有" if meant else "無"
        case dict():
            members = cast("Mapping[str, Json]", meant)
            return ", ".join(f"{name}={_shown(one)}" for name, one in members.items())
        case _:
            return "不明" if meant == UNKNOWN_WORD else str(meant)
