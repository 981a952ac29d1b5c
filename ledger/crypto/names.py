"""Folded names: what makes two spellings of a name candidates for one person.

For candidates in index rows: a match proves nothing. The version is part of the keyed hash, so a
better table is a rebuild and never a silent change. Names that a person typed are compared by
`ledger.policies.name_comparison`, which folds further.

Source: `docs/reference/event-format.md`, section 4.
"""

import re

from ledger.crypto.normal_forms import WHITE_SPACE
from ledger.unicode_forms import normalize

FOLDING = "name/1"

# Old and variant forms (異体字) that registers and platforms write for one another in names.
_VARIANTS = (
    "高髙 崎﨑嵜 斎斉齋齊 辺邉邊 沢澤 浜濱濵 島嶋嶌 国國 広廣 真眞 桜櫻 瀬瀨 徳德 恵惠 静靜 万萬 "
    "竜龍 蔵藏 栄榮 学學 寿壽 関關 豊豐 鉄鐵 曽曾 渕淵渊 富冨 峰峯 吉𠮷 郎郞 黒黑 条條 芦蘆 浅淺 "
    "実實 滝瀧 鶴靏靍 船舩 柳栁 桧檜 館舘 薮藪 穂穗 巌巖 円圓 亀龜 亜亞 弥彌 楽樂 済濟 礼禮 縄繩 "
    "荘莊 蛍螢 遥遙 頼賴 駆驅 鴎鷗 麦麥"
)
# Hiragana → katakana; small kana → large, since furigana writes them either way.
_FOLDED = {
    **{ord(variant): group[0] for group in _VARIANTS.split() for variant in group[1:]},
    **{code: chr(code + 0x60) for code in range(0x3041, 0x3097)},
}
_FOLDED_SMALL = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_IGNORED = re.compile(
    f"[{re.escape(WHITE_SPACE)}・･.\uff0e,'\u2019\ufe00-\ufe0f\U000e0100-\U000e01ef-]"
)


def folded_name(name: str) -> str:
    """NFKC, variation selectors and spaces off, kana folded, variant kanji folded, lower case."""
    folded = normalize("NFKC", _IGNORED.sub("", name))
    folded = _IGNORED.sub("", folded).translate(_FOLDED).translate(_FOLDED_SMALL)
    return folded.lower()
