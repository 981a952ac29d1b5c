"""What is said on the pages of registers: whoever reads it has no mapping file.

The command line says the same of the keys of such a file (`api.resources.registers.problems`).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from api.resources.registers.errors import SAYINGS
from api.resources.registers.fields import FIELDS, CellKind
from api.resources.registers.forms.choices import values_of
from api.resources.registers.problems import (
    MAY_BE_UNKNOWN,
    MISSING,
    CellProblem,
    label_of,
    message_for,
    name_of,
)
from ledger.store.registers import SpoiltRegisterError

FILE_EMPTY: Final = "ファイルを選んでください。"
FILE_TOO_LARGE: Final = "ファイルが大きすぎます（{megabytes} MB まで）。台帳を分けてください。"
CHOOSE: Final = "選んでください。"
EMPTY: Final = "入力してください。"
NOT_A_URL: Final = "https:// で始まる、貴社の管理するURLを入力してください。"
NOT_A_NUMBER: Final = "1から{most}までの数字で入力してください。"
TAKEN_TWICE: Final = "「{label}」は別の列にも割り当てられています。"
NOT_UNKNOWN: Final = "この項目は、空欄を「不明」として記録することができません。"
NOT_SEPARATED: Final = "この項目は一つの値だけを持つため、区切り文字を使えません。"
NOT_A_CLOCK: Final = "09:00 の形で入力してください。"
NOT_A_VALUE: Final = (
    "「{line}」を読めません。1行に「セルの文字 = 値」の形で、選べる値を入力してください。"
)
NOT_A_MAPPING: Final = "設定の組合せが正しくありません（{places}）。"
BUSY: Final = "この台帳は今、処理中です。終わってから操作してください。"
PROCESS_BUSY: Final = "別の台帳を処理中です。終わってから操作してください。"
PREVIEWS_BUSY: Final = (
    "他の台帳の見出しを読み取っているため、読み取れませんでした。"
    "しばらくしてから、もう一度操作してください。"
)
NOT_NOW: Final = "状態が変わったため、操作できませんでした。今の状態を確認してください。"
CONFLICT: Final = (
    "この画面を開いた後に台帳の内容が変わったため、この操作はまだ行っていません。"
    "今の内容を確認し、必要であれば、もう一度操作してください。"
)
PROBLEMS_LEFT: Final = "問題のある行が残っているため、取込を始めていません。"

STATES: Final[Mapping[str, str]] = {
    "uploaded": "列の対応付け",
    "checking": "確認中",
    "checked": "確認済み",
    "recording": "取込中",
    "recorded": "取込済み",
}
RESULTS: Final[Mapping[str, str]] = {
    "recorded": "記録した",
    "duplicate": "記録済みだった",
    "conflict": "内容の異なる記録が既にある",
    "quarantined": "隔離に置いた",
    "rejected": "記録できなかった",
}
ENCODINGS: Final = {"": "自動で判定", "utf-8": "UTF-8", "cp932": "Shift_JIS（CP932）"}

_ON_PAGES: Final[Mapping[str, str]] = {
    "SHEET_NOT_CHOSEN": "シートが複数あります。取り込むシートを選んでください。",
    "ENCODING_UNCLEAR": "文字コードを確実に判定できません。文字コードを選んでください。",
    "ENCODING_UNKNOWN": "文字コードは UTF-8 又は Shift_JIS（CP932）です。",
    "HEADINGS_MISSING": "見出しの行が空です。見出しの行の番号を確認してください。",
    "HEADING_TWICE": "同じ見出しの列が複数あります。"
    "見出しを直して、もう一度アップロードしてください。",
    "COLUMN_MISSING": "対応を定めた列がありません。見出しの文字を確認してください。",
    "COLUMN_NOT_MAPPED": "対応を定めていない列があります。「読み直す」で列を読み直してください。",
    "NO_HEADINGS_KNOWN": SAYINGS["NO_HEADINGS_KNOWN"]
    + "見出しの行の番号を入力し、「読み直す」を押してください。",
}


def why_unreadable(code: str) -> str:
    """Why a register cannot be read, as the page says it."""
    return _ON_PAGES.get(code) or SAYINGS.get(code, SAYINGS["DAMAGED"])


_SPOILT: Final[Mapping[str, str]] = {"state": "状態", "counts": "件数", "error": "読取の結果"}


def why_spoilt(error: Exception) -> str:
    """Which part of a register somebody changed past the ledger, as the list says it."""
    column = error.column if isinstance(error, SpoiltRegisterError) else "told"
    return f"{_SPOILT.get(column, '封をした内容')}が書き換えられています。"


AGAIN_READABLE: Final = frozenset(
    (
        "SHEET_NOT_CHOSEN",
        "ENCODING_UNCLEAR",
        "ENCODING_WRONG",
        "NO_HEADINGS_KNOWN",
        "HEADINGS_MISSING",
    )
)
"""Errors that another way of reading may mend; any other one is the file's."""

_SCHEMA: Final = "SCHEMA"
_OF_ROWS: Final[Mapping[str, str]] = {
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


def page_message_for(code: str) -> str:
    """What to do about problems of that code."""
    return _OF_ROWS.get(code) or message_for(code)


def with_page_message(one: CellProblem) -> CellProblem:
    """The problem as the page tells it."""
    return replace(one, message=_page_message(one))


def _page_message(one: CellProblem) -> str:
    name = name_of(one.pointer)
    if one.code == MISSING:
        article = f"（{one.article}）" if one.article else ""
        message = _IS_MISSING.format(label=label_of(one.pointer), article=article)
        return message + (_UNKNOWN if name.rpartition(".")[2] in MAY_BE_UNKNOWN else "")
    field = FIELDS.get(name)
    if (
        one.code == _SCHEMA
        and field is not None
        and field.kind in (CellKind.CHOICE, CellKind.BOOLEAN)
    ):
        return _ONE_OF.format(values="、".join(values_of(name).values()))
    return page_message_for(one.code)
