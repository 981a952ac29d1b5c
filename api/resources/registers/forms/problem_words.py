"""What is wrong with a row, in the words of the page: whoever reads it has no mapping file.

The command line says the same of the keys of such a file (`api.resources.registers.problems`).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from api.resources.registers.fields import FIELDS, CellKind
from api.resources.registers.forms.choices import values_of
from api.resources.registers.problems import (
    MAY_BE_UNKNOWN,
    MISSING,
    CellProblem,
    label_of,
    name_of,
    said_of,
)

_SCHEMA: Final = "SCHEMA"
_SAYINGS: Final[Mapping[str, str]] = {
    MISSING: "必要な事項がありません。",
    "CELL_MERGED": "結合されたセルです。結合を解いて各行に値を入れるか、"
    "「結合されたセルの値を、覆われた全ての行の値とする」を選んでください。",
    "CELL_OUTSIDE": "見出しのない列に値があります。"
    "見出しを付けて、もう一度アップロードしてください。",
    "DAY_UNREADABLE": "年月日として読めません。2024-04-01、2024年4月1日、令和6年4月1日"
    "などの形にしてください。20240401 の形である場合は、その列の"
    "「20240401 の形の日付を読む」を選んでください。",
    "NUMBER_NOT_DAY": "年月日の列に数値があります。表示形式を日付にするか、その列の"
    "「書式のない数値を、Excelの日付の通し番号として読む」又は"
    "「20240401 の形の日付を読む」を選んでください。",
    "TIME_MISSING": "日時の時刻がありません。"
    "その列の「日だけの場合の時刻」を入力するか、セルに時刻を入れてください。",
    "NUMBER_NOT_TEXT": "文字であるべき列に数値があります。先頭の0が失われている可能性があります。"
    "元の台帳を確認し、文字列にするか、その列の「番号の桁数」を入力するか、"
    "「数値のセルを、その数字の番号として読む」を選んでください。",
    "DIGITS_MISSING": "「番号の桁数」に入力した桁数の数字ではありません。"
    "先頭の0が失われていないか確認してください。",
    "VALUE_UNKNOWN": "その列の「値の対応」にない値です。値を直すか、「値の対応」に加えてください。",
    _SCHEMA: "この項目の値として読めません。値を直してください。",
}
_ONE_OF: Final = (
    "この項目の値として読めません。"
    "その列の「値の対応」で、{values}のいずれを表すかを定めてください。"
)
_IS_MISSING: Final = "「{label}」がありません{article}。記入してください。"
_UNKNOWN: Final = (
    "不明であることが確かな場合は、その列の"
    "「空欄を『不明であることが確か』として記録する」を選んでください。"
)


def told_of(code: str) -> str:
    """What to do about problems of that code."""
    return _SAYINGS.get(code) or said_of(code)


def as_told(one: CellProblem) -> CellProblem:
    """The problem as the page tells it."""
    return replace(one, said=_told(one))


def _told(one: CellProblem) -> str:
    name = name_of(one.pointer)
    if one.code == MISSING:
        article = f"（{one.article}）" if one.article else ""
        said = _IS_MISSING.format(label=label_of(one.pointer), article=article)
        return said + (_UNKNOWN if name.rpartition(".")[2] in MAY_BE_UNKNOWN else "")
    field = FIELDS.get(name)
    if (
        one.code == _SCHEMA
        and field is not None
        and field.kind in (CellKind.CHOICE, CellKind.BOOLEAN)
    ):
        return _ONE_OF.format(values="、".join(values_of(name).values()))
    return told_of(one.code)
