"""What is said on the pages of registers."""

from collections.abc import Mapping
from typing import Final

from api.resources.registers.errors import SAYINGS

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
LOOKS_BUSY: Final = (
    "他の台帳の見出しを読み取っているため、読み取れませんでした。"
    "しばらくしてから、もう一度操作してください。"
)
NOT_NOW: Final = "状態が変わったため、操作できませんでした。今の状態を確認してください。"
OVERTAKEN: Final = (
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
