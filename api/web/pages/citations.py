"""Articles as Japanese texts cite them: `27(1)` is 法第27条第1項, `R20, 24` 規則第20条、第24条.

Source: the notation of `ledger.law.findings` and `ledger.law.bases`; 法令の引用の慣例.
"""

import re
from collections.abc import Mapping
from typing import Final

_ROMAN: Final[Mapping[str, int]] = {
    roman: n for n, roman in enumerate(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii"), start=1)
}
_RULES: Final = "R"
_PROVISO: Final = " proviso"
_ARTICLE: Final = re.compile(r"([0-9]+)((?:\([0-9ivx]+\))*)")


def cited(articles: str) -> str:
    """The articles, parted by commas, in words; what is written otherwise stays as it is.

    An article without an R before it is of the text of the one before it, first of the Act.
    """
    texts: list[str] = []
    for n, one in enumerate(articles.split(", ")):
        text = "規則" if one.startswith(_RULES) else ("" if n else "法")
        found = _ARTICLE.fullmatch(one.removeprefix(_RULES).removesuffix(_PROVISO))
        if found is None:
            return articles
        texts.append(text + _numbers(found) + ("ただし書" if one.endswith(_PROVISO) else ""))
    return "、".join(texts)


def _numbers(found: re.Match[str]) -> str:
    parts = re.findall(r"[0-9ivx]+", found[2])
    below = "".join(f"第{_ROMAN[one]}号" if one in _ROMAN else f"第{one}項" for one in parts)
    return f"第{found[1]}条{below}"
