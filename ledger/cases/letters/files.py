"""The files of a reply: canonical JSON of the whole letter, and a CSV of its records, unfolded.

Source: RFC 8785 (narrowed, `ledger.format.json`); RFC 4180.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from io import StringIO
from typing import Any, Final, cast

from ledger.cases.letters import words
from ledger.cases.letters.letter import Letter
from ledger.cases.letters.lines import LineItem, ReplyLine, Side
from ledger.csv_guard import GUARD, guarded
from ledger.format.header import instant_text
from ledger.format.json import NULLABLE, canonical
from ledger.values import Json

VERSION = 1
BOM = b"\xef\xbb\xbf"
CSV_COLUMNS = (
    "番号",
    "提供・受領の別",
    "年月日",
    "第三者の氏名又は名称",
    "第三者の住所",
    "第三者の代表者の氏名",
    "取得の経緯",
    "本人を特定するに足りる事項",
    "現在の氏名（注記）",
    "個人データの項目",
    "同意等",
    "開示しない記録事項",
)
REFERENCE_COLUMN = "参考：提供又は受領の年月日（法定の記録事項ではありません）"
"""Behind all others, in a table of which a line tells what the law does not ask for."""

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BREAKING = ("\t", "\r", "\n")
_SCALARS: Final = frozenset((str, int, bool, type(None)))


def content(letter: Letter) -> bytes:
    """The letter as canonical JSON, one encoding for one letter; `json_of` says its shape."""
    return canonical(json_of(letter))


def json_of(letter: Letter) -> dict[str, Json]:
    """The letter as JSON: members as the values' attributes, days ISO 8601, instants UTC.

    A member that is absent is not recorded, withheld (`withheld` counts) or does not apply. A
    letter that only asks for a call tells no more here than on paper.
    """
    shown = cast("dict[str, Json]", _plain(letter))
    if getattr(letter.content, "discreet", False):
        del shown["asked"]
        shown["content"] = {"kind": letter.content.KIND, "discreet": True}
    if letter.lines:
        shown["csv_guard"] = GUARD
    return {"type": "letter", "v": VERSION, **shown}


def records_json(lines: Sequence[ReplyLine]) -> bytes:
    """The records alone as canonical JSON, a list."""
    return canonical([_plain(line) for line in lines])


def records_csv(letter: Letter) -> bytes:
    """Every record of the reply, one a row: UTF-8 with BOM, CRLF, cells guarded."""
    return lines_csv(letter.lines, letter.kinds or {}, letter.wording)


def csv_of(content: bytes) -> bytes:
    """The CSV of a letter that is there as its JSON alone: the bytes of `records_csv`.

    Args:
        content: what `content` gave.
    """
    whole = cast("dict[str, Json]", json.loads(content))
    body = cast("dict[str, Json]", whole["content"])
    body = cast("dict[str, Json]", body.get("reply", body))
    lines = cast("list[dict[str, Json]]", body.get("lines", []))
    return lines_csv([_line(one) for one in lines], kinds_of(whole), wording_of(whole))


def kinds_of(whole: Mapping[str, Json]) -> Mapping[str, str]:
    """What the kinds of identifiers are called in a letter that is there as its JSON alone."""
    return cast("Mapping[str, str]", whole.get("kinds", {}))


def wording_of(whole: Mapping[str, Json]) -> int | None:
    """How such a letter is worded."""
    return cast("int | None", whole.get("wording"))


def _line(shown: Mapping[str, Json]) -> ReplyLine:
    items = cast("list[dict[str, Json]]", shown["items"])
    return ReplyLine(
        cast("int", shown["number"]),
        cast("Side", shown["side"]),
        cast("str | None", shown.get("route")),
        tuple(
            LineItem(
                cast("str", one["code"]), one.get("value"), cast("int", one.get("withheld", 0))
            )
            for one in items
        ),
        cast("str | None", shown.get("current_name")),
        cast("str | None", shown.get("consent")),
        shown.get("reference"),
    )


def lines_csv(
    lines: Sequence[ReplyLine], kinds: Mapping[str, str], wording: int | None = None
) -> bytes:
    """These records, one a row: UTF-8 with BOM, CRLF, cells guarded; the rest as of a letter.

    The JSON has no guard.
    """
    guard = guarded if (wording or 0) >= words.GUARDED_BEHIND_SEPARATORS else _guarded_at_first
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    more = [REFERENCE_COLUMN] if any(line.reference is not None for line in lines) else []
    writer.writerow([*CSV_COLUMNS, *more])
    for line in lines:
        cells = (*_cells(line, kinds, wording), *([_reference(line)] if more else []))
        writer.writerow([guard(cell) for cell in cells])
    return BOM + text.getvalue().encode()


def _guarded_at_first(cell: str) -> str:
    """The cell as older letters have it: it may have a formula behind a separator within it."""
    is_formula = cell.lstrip().startswith(_FORMULA) or cell.startswith(_BREAKING)
    return f"{GUARD}{cell}" if is_formula else cell


def _reference(line: ReplyLine) -> str:
    return "" if line.reference is None else words.period_text(line.reference)


def _cells(line: ReplyLine, kinds: Mapping[str, str], wording: int | None) -> tuple[str, ...]:
    name, address, representative = words.party_texts(line.item("COUNTERPARTY"), wording)
    is_referable = wording is not None and words.is_referable(line)
    return (
        str(line.number),
        words.SIDES[line.side],
        words.date_text(line.item("DATE"), wording),
        name,
        address,
        representative,
        words.acquisition_text(line.item("ACQUISITION"), wording),
        words.principal_text(line.item("PRINCIPAL"), kinds, wording),
        line.current_name or "",
        words.items_text(line, wording),
        words.ground_text(line, wording),
        "、".join(
            words.item_label(code, line.side, is_referable=is_referable)
            for code in words.withheld_codes(line)
        ),
    )


def _plain(value: object) -> Json:
    # A long reply has a million values: the most frequent kinds come first.
    if type(value) in _SCALARS:
        return cast("Json", value)
    if isinstance(value, LineItem):
        item: dict[str, Json] = {"code": value.code}
        if value.value is not None:
            item["value"] = _plain(value.value)
        if value.withheld:
            item["withheld"] = value.withheld
        return item
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in cast("tuple[object, ...]", value)]
    if isinstance(value, dict | Mapping):
        # A null of the record says "known to be missing" where the schema knows one.
        return {
            key: _plain(inner)
            for key, inner in cast("Mapping[str, object]", value).items()
            if inner is not None or key in NULLABLE
        }
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):
        kind = getattr(value, "KIND", None)
        shown: dict[str, Json] = {} if kind is None else {"kind": kind}
        for name in _names(type(value)):
            if (inner := getattr(value, name)) is not None:
                shown[name] = _plain(inner)
        return shown
    return cast("Json", value)


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    """The attributes of a dataclass."""
    return tuple(one.name for one in fields(kind))
