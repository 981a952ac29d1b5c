"""Canaries: invented persons who may appear in answers to whom they belong, and nowhere else.

Tests that go through the doors, or type into pages, use them for every person. What is written
anywhere (logs, the database's own log, metrics, problems, URLs) is then searched for them in every
usual disguise: of the whole run, see `tests.leaving`.
"""

import base64
import json
import re
from typing import Final
from urllib.parse import quote, quote_plus

NAME: Final = "神楽坂 金糸雀"
OTHER_NAME: Final = "鶺鴒 かなりあ"
LATIN_NAME: Final = "Canaria Kagurazaka"
MEMBER: Final = "CNRY-M-0042-7781"
CONTRACT: Final = "CNRY-K-88-0417"
OTHER_MEMBER: Final = "CNRY-M-5150-2112"
MAIL: Final = "canaria.kagurazaka@cnry.example"
EVIDENCE: Final = "金糸雀の住民票と契約情報"
SUSPECT: Final = "CNRY7-typed-into-the-wrong-place"

APPLICANT: Final = "鳴滝 小夜"
STRANGER: Final = "玉響 沙羅"
RARE: Final = "渡邉\U000e010f 花子"
WATCHED: Final = "匿名 カナリア"
"""Who asks at the desk, who is not meant, whose name no printer has, and whom a page lists."""

OFFICERS: Final = (
    "佐藤　明子",
    "田中　浩",
    "鈴木　葵",
    "高橋　誠",
    "伊藤　恵",
    "榊原　透",
    "渡辺　薫",
    "山本　翔",
    "加藤　蓮",
    "中村　光",
    "小林　望",
)
"""Who works at the desk: everybody's pages say who is signed in. As `api.demo.provider` has them,
of which nothing is imported here: processes that are killed all the time start by it."""

CANARIES: Final = (
    *OFFICERS,
    NAME,
    OTHER_NAME,
    LATIN_NAME,
    MEMBER,
    CONTRACT,
    OTHER_MEMBER,
    MAIL,
    EVIDENCE,
    SUSPECT,
    APPLICANT,
    STRANGER,
    RARE,
    WATCHED,
    # Others whom the tests know by name: in one test, or in many.
    "下書 花子",
    "代理 二郎",
    "代理 太郎",
    "代理 次郎",
    "代表 花子",
    "保護 者",
    "偽物 花子",
    "別人 二郎",
    "別人 花子",
    "改名 花子",
    "時間 切子",
    "氷室 冴子",
    "服部 昇",
    "渡邉 愛",
    "照合 花子",
    "田中 浩",
    "雲雀野 親",
    "花鶏 花",
    "秘匿　仮名子",
    "自動 保存",
    "覗見 太郎",
    "見本 太郎",
    "見本 花子",
    "親権 花子",
    "計数 花子",
    "追記 花子",
    "隠岐 真帆",
    "髙橋 さくら",
    "髙橋 花子",
    # What else is typed of somebody.
    "1989-01-07",
    "ショウゴウ　ハナコ",
    "03-1234-5678",
    "+819000000117",
    "nobody@cnry.example",
    "東京都千代田区永田町2-11-1",
    "東京都千代田区永田町二丁目11番1号",
    "東京都港区芝1-2-3 THE TOWER 芝 1001",
)

MARK: Final = "CNRY-"
"""Begins every identifier that a test makes up for somebody."""


_ASCII_END: Final = 0x80


def disguises(text: str) -> set[str]:
    """The text as it stands, and as JSON escapes, percent-encoding, base64 and hex write it."""
    raw, escaped = text.encode(), json.dumps(text)[1:-1]
    found = {
        text,
        escaped,
        quote(text),
        quote(text, safe=""),
        quote_plus(text),
        raw.hex(),
        text.encode("utf-16-be").hex(),
        repr(raw)[2:-1],
        # As PostgreSQL may write bytes.
        "".join(chr(one) if one < _ASCII_END else f"\\{one:03o}" for one in raw),
    }
    # Base64 looks different at each of three offsets; its ends depend on the neighbours.
    for content in {raw, escaped.encode()}:
        for offset in range(3):
            part = base64.b64encode(b"\0" * offset + content).decode()
            part = part[(0, 2, 3)[offset] : len(part) - 4]
            found |= {part, part.replace("+", "-").replace("/", "_")}
    # A log of JSON escapes what it is given, and that may be JSON already.
    for _ in range(2):
        found |= {json.dumps(one)[1:-1] for one in found}
    return {one.lower() for one in found}


def _in_base64(text: bytes) -> re.Pattern[str]:
    """The text in base64 at each of three offsets, case and all: chance writes 40 bits never."""
    forms: list[str] = []
    for offset in range(3):
        around = (bytes([one]) for one in range(256))
        codes = [base64.b64encode(one * offset + text + one * 3).decode() for one in around]
        begin, end = offset * 8 // 6, -(-(offset + len(text)) * 8 // 6)
        places = ("".join(sorted(set(place))) for place in zip(*codes, strict=True))
        forms.append("".join(f"[{re.escape(place)}]" for place in list(places)[begin:end]))
    return re.compile("|".join(forms))


_DISGUISED: Final = {canary: disguises(canary) for canary in CANARIES}
_MARKS: Final = (MARK.lower(), MARK.encode().hex())
_MARKS_IN_BASE64: Final = _in_base64(MARK.encode())

_PIECE: Final = 6
_FORMS: Final = frozenset[str]().union(*_DISGUISED.values())
# So long a form holds one of the pieces that a text is cut into, wherever it stands there.
_LONG_MIN: Final = 2 * _PIECE - 1
_SHORT: Final = tuple(one for one in _FORMS if len(one) < _LONG_MIN)
_PIECES: Final = frozenset(
    form[at : at + _PIECE] for form in _FORMS if len(form) >= _LONG_MIN for at in range(_PIECE)
)
_CUT: Final = re.compile(f".{{{_PIECE}}}", re.DOTALL)


def _may_name(lower: str) -> bool:
    """Whether a form may be in the text; 10 times faster than looking for each."""
    if not _PIECES.isdisjoint(_CUT.findall(lower)):
        return True
    return any(one in lower for one in _SHORT)


def traces(text: str | bytes) -> list[str]:
    """The canaries found in `text` in any disguise, case aside; else `MARK`, if that is in it."""
    if isinstance(text, bytes):
        # What is no UTF-8 names nobody, and is one character a byte.
        text = text.decode(errors="replace")
    lower = text.lower()
    found: list[str] = []
    if _may_name(lower):
        found = [name for name, forms in _DISGUISED.items() if any(one in lower for one in forms)]
    is_marked = any(one in lower for one in _MARKS) or _MARKS_IN_BASE64.search(text) is not None
    return found or ([MARK] if is_marked else [])
