"""What went into the post, read from its form."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from api.pages.forms import Form
from api.pages.steps.typed import Typed
from api.sending.steps import Posted

LABELS: Final = {
    "item_number": "引受番号",
    "dispatched_on": "発送日",
    "sheets": "同封した用紙の枚数",
    "already_posted": "投函済み",
}

SHEETS_MAX: Final = 100_000
"""As at the door of the API (`api.wire.cases.replying.Posted`)."""
_SHEETS: Final = "1以上の数字で入力してください。"

# Labels of the post bear the number in NW-7 (Codabar), which some scanners hand on whole: with the
# letter that begins a code and the one that ends it. Source: JIS X 0506.
_FRAMED: Final = re.compile(r"[A-Da-d](.+)[A-Da-d]")
_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−ー", "-"))


@dataclass(frozen=True, slots=True)
class Read:
    """What the form says; of no account while there are defects (field → what is wrong)."""

    posted: Posted
    defects: Mapping[str, str]


def read(form: Form) -> Read:
    """Read the form; whether the number is one of the post's, the domain says."""
    typed = Typed(form)
    number = scanned(typed.text("item_number"))
    day = typed.day("dispatched_on")
    text = unicodedata.normalize("NFKC", form.text("sheets"))
    sheets = int(text) if text.isascii() and text.isdigit() and len(text) <= len("100000") else None
    if text and (sheets is None or not 1 <= sheets <= SHEETS_MAX):
        typed.defects["sheets"] = _SHEETS
    posted = Posted(day, number, sheets, already_posted=form.has("already_posted"))
    return Read(posted, typed.defects)


def scanned(text: str) -> str:
    """The number without what a scanner or an input method adds to it."""
    plain = "".join(unicodedata.normalize("NFKC", text).translate(_DASHES).split())
    framed = _FRAMED.fullmatch(plain)
    return framed[1] if framed else plain
