"""One spelling for a written address: width, spaces, 〒, dashes, kanji numerals.

Our own code: the libraries for Japanese addresses look every town up in a list that they fetch over
the network, and take the numerals of a building for those of the lot.
"""

import re
import unicodedata

from ledger.unicode_forms import normalize

_ONES = dict(
    zip(
        "〇零一壱壹二弐貳三参參四五六七八九",
        (0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, *range(4, 10)),
        strict=True,
    )
)
_TENS = {"十": 10, "拾": 10, "百": 100, "千": 1000}
_KANJI = "".join((*_ONES, *_TENS))
NUMERALS = f"0123456789{_KANJI}"
_NUMERAL = f"[{NUMERALS}]"

DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")
"""Every sign that people write for the dash of an address → that dash."""
_POST_CODE = re.compile(r"^(?:〒[0-9]{3}-?[0-9]{4}|[0-9]{3}-[0-9]{4}(?=[^0-9-]))")
# Between numerals, a prolonged sound mark is a dash, and so is の.
_BETWEEN = re.compile(rf"(?<={_NUMERAL})[ーのノ之](?={_NUMERAL})")
# A space ends a numeral: what follows it belongs to something else.
_APART = re.compile(rf"(?<={_NUMERAL})\s+(?={_NUMERAL})")
_AROUND_DASH = re.compile(r"\s*-\s*")
# A numeral is read as one where an address has a number: before a unit, or beside a dash. Names of
# towns and buildings (三重, 六本木, 二引ビル) keep theirs.
_UNITS = "丁目|番|号|条|線|階|F|棟|室"
_NUMBER = re.compile(
    rf"(?<![0-9{_KANJI}])(?:(?<=-)[{_KANJI}]+|[{_KANJI}]+(?={_UNITS}|-|\s|$))(?![0-9{_KANJI}])"
)


def one_spelling(text: str) -> str:
    """`text` in one spelling; the same again for what is already in it."""
    while (spelled := _once(text)) != text:
        # A numeral may come to stand beside a dash only after another one was read.
        text = spelled
    return text


def _once(text: str) -> str:
    text = normalize("NFKC", text).translate(DASHES)
    text = "".join(c for c in text if unicodedata.category(c) != "Cf").upper().strip()
    text = _AROUND_DASH.sub("-", text)
    text = _POST_CODE.sub("", text)
    text = _BETWEEN.sub("-", text)
    text = _NUMBER.sub(lambda found: _arabic(found[0]), text)
    return re.sub(r"\s+", "", _APART.sub("、", text))


def _arabic(numeral: str) -> str:
    """`numeral` in digits; unchanged when it is no number (千十百)."""
    if all(character in _ONES for character in numeral):
        return "".join(str(_ONES[character]) for character in numeral)
    total, ones, last_unit = 0, -1, 10_000
    for character in numeral:
        if character in _ONES:
            if ones >= 0:
                return numeral
            ones = _ONES[character]
            continue
        unit = _TENS[character]
        if unit >= last_unit or ones == 0:
            return numeral
        total, ones, last_unit = (
            total + max(ones, 1) * unit if ones >= 0 else total + unit,
            -1,
            unit,
        )
    return str(total + max(ones, 0))
