"""What is wrong with one place of a register: row and column, never what stands there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, cast

from api.contract.member_reasons import article
from api.problems.kind import DEFECTS_JA
from api.resources.registers.fields import FIELDS, LABELS
from ledger.errors import Defect
from ledger.values import Json

MISSING: Final = "MISSING"
SAYINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        MISSING: "{label}がありません{article}。記入してください。{unknown}",
        "CELL_ERROR": "セルがエラー値（#REF!など）です。正しい値を入れてください。",
        "FORMULA_WITHOUT_VALUE": "計算結果のない数式です。Excelで保存し直すか値を入れてください。",
        "CELL_TOO_LONG": "セルの文字数が上限（32,767字）を超えています。",
        "CELL_MERGED": "結合されたセルです。結合を解いて各行に値を入れるか、"
        '対応表に merged = "repeat" と書いてください。',
        "CELL_OUTSIDE": "見出しのない列に値があります。見出しを付けて対応表で定めるか、"
        '対応表の ignore に列記号（"@K"など）を書いてください。',
        "NOT_A_DAY": "年月日として読めない数値です。年月日を文字で入れてください。",
        "DAY_UNREADABLE": "年月日として読めません。2024-04-01、2024年4月1日、令和6年4月1日"
        "などの形にするか、対応表の days を確認してください。",
        "NUMBER_NOT_DAY": "年月日の列に数値があります。表示形式を日付にするか、"
        "対応表の days に serial 又は compact を加えてください。",
        "TIME_MISSING": "日時の時刻がありません。対応表の clock で定めるか、時刻を入れてください。",
        "NUMBER_NOT_TEXT": "文字であるべき列に数値があります。先頭の0が失われている可能性が"
        "あります。元の台帳を確認し、文字列にするか、対応表に digits（桁数）又は "
        'numbers = "plain" を書いてください。',
        "NUMBER_ROUNDED": "表計算ソフトが桁を丸めた数値です。元の値を文字列で入れてください。",
        "DIGITS_MISSING": "対応表に定めた桁数の数字ではありません。"
        "先頭の0が失われていないか確認してください。",
        "NOT_A_TEXT": "文字の列に、年月日又は真偽値のセルがあります。文字列にしてください。",
        "VALUE_UNKNOWN": "対応表の values にない値です。値を直すか、対応表に加えてください。",
        "GAIJI": "外字（利用者定義文字）が含まれています。通常の文字に直してください。",
        "CHARACTER_LOST": "以前の文字コード変換で失われた文字（�）が含まれています。"
        "元の文字に直してください。",
        "ID_MISSING": "番号がありません。番号を入れてください。",
        "ID_TWICE": "離れた行に同じ番号があります。1件の行は続けて並べ、"
        "別の件には別の番号を付けてください。",
        "GROUP_DIFFERS": "同じ番号の行と内容が異なります。同じ件の行では同じ内容にするか、"
        "番号を分けてください。",
        "VALUES_DIFFER": "同じ行の別の列と矛盾しています。どちらかを直してください。",
        "PERSONS_DIFFER": "一つのセルに並べた本人の数が、列によって異なります。",
        "PERSON_TWICE": "同じ件に同じ本人が二度あります。行を除くか、番号を分けてください。",
        "PERSONS_TOO_MANY": "1件の本人又は行が1,000を超えています。番号を分けてください。",
        "DUPLICATE_MISMATCH": "この番号では、異なる内容が既に記録されています。上書きしていません。"
        "記録の誤りは訂正の手続によってください。別の件であれば番号を変えてください。",
        "ITEM_TOO_LARGE": "1件の内容が大きすぎて記録できません。件を分けてください。",
        "UNSTORABLE": "記録できませんでした。運用担当者に連絡してください。",
        "CONTROL_CHARACTER": "制御文字又は文字の向きを変える文字が含まれています。除いてください。",
        "INVISIBLE_CHARACTER": "目に見えない文字が含まれています。除いてください。",
    }
)
"""What to do, in Japanese, by code; other codes are the input contract's (`DEFECTS_JA`).

For whoever has a mapping file; the pages say it in `api.resources.registers.forms.words`.
"""

_UNKNOWN: Final = '不明であることが確かな場合は、対応表に blank = "unknown" と書いてください。'
MAY_BE_UNKNOWN: Final = frozenset(
    [
        *("address", "representative", "acquisition", "notice_id"),
        *("opt_out_published", "consent", "obtained"),
    ]
)
"""Members that may be stated as known to be missing."""

_PLACE: Final = re.compile(r"(Rule|Act)? ?(\d+)((?:\([0-9ivx]+\))*)([イロハニホ]?)")
_LEVEL: Final = re.compile(r"\(([0-9ivx]+)\)")
_ROMAN: Final = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7}
_HEADS: Final = {"Rule": "施行規則", "Act": "法"}


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One thing that is wrong.

    Attributes:
        row: as the spreadsheet program numbers it.
        column: as the mapping names it; empty when no column of the mapping states it.
        pointer: JSON Pointer into the transfer, `/counterparty/address`; `/id` for the number.
        code: stable; `SCHEMA`, or one of `SAYINGS`, or another of the input contract.
        article: the article that asks for a statutory item that is missing, in Japanese; else
            empty.
        message: what to do, in Japanese.
    """

    row: int
    column: str
    pointer: str
    code: str
    article: str
    message: str


def message_for(code: str) -> str:
    """What to do about a problem of that code."""
    return SAYINGS.get(code) or DEFECTS_JA.get(code, DEFECTS_JA["SCHEMA"])


def describe_defect(defect: Defect, data: Mapping[str, Json]) -> tuple[str, str, str]:
    """Code, article and sentence of what the input contract found at a pointer into `data`."""
    if defect.code != "SCHEMA" or not _is_absent(defect.pointer, data):
        return defect.code, "", message_for(defect.code) + _allowed(defect.pointer)
    member = defect.pointer.rpartition("/")[2]
    cited = in_japanese(article(member, data))
    message = SAYINGS[MISSING].format(
        label=f"「{label_of(defect.pointer)}」",
        article=f"（{cited}）" if cited else "",
        unknown=_UNKNOWN if member in MAY_BE_UNKNOWN else "",
    )
    return MISSING, cited, message


def in_japanese(cited: str) -> str:
    """A citation as the Act's readers write it: `Rule 20(1)(i)ロ` → 施行規則第20条第1項第1号ロ."""
    head = ""
    parts: list[str] = []
    for found in _PLACE.finditer(cited.partition(":")[0]):
        head = _HEADS.get(found[1], head)
        levels = _LEVEL.findall(found[3])
        text = f"{head}第{found[2]}条"
        for level in levels:
            text += f"第{level}項" if level.isdigit() else f"第{_ROMAN.get(level, level)}号"
        parts.append(text + found[4])
    return "・".join(parts)


def _is_absent(pointer: str, data: Mapping[str, Json]) -> bool:
    inner: Json = cast("dict[str, Json]", data)
    for token in pointer.split("/")[1:]:
        if isinstance(inner, dict) and token in inner:
            inner = inner[token]
        elif isinstance(inner, list) and token.isdigit() and int(token) < len(inner):
            inner = inner[int(token)]
        else:
            return True
    return False


def name_of(pointer: str) -> str:
    """The field that a pointer leads to, `counterparty.address`."""
    return ".".join(token for token in pointer.split("/")[1:] if not token.isdigit())


def label_of(pointer: str) -> str:
    """What the field that a pointer leads to is called in Japanese."""
    name = name_of(pointer)
    return LABELS.get(name) or next(
        (label for field, label in LABELS.items() if field.startswith(f"{name}.")), name
    )


def _allowed(pointer: str) -> str:
    """Which values a member may have, where they are a list."""
    field = FIELDS.get(name_of(pointer))
    if field is None or not field.choices:
        return ""
    return f"（{'、'.join(sorted(field.choices))} のいずれか。）"
