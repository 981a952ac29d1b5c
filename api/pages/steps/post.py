"""What went into the post, read from its form."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from api.case_dispatch.steps import PostedReply
from api.pages.days import short
from api.pages.forms import Form
from api.pages.steps.differences import FieldDifference, differing
from api.pages.steps.form_values import FormValues, by_field, day_said
from ledger.cases.events.reply import CaseDispatched, PasswordPosted
from ledger.errors import Defect

LABELS: Final = {
    "item_number": "引受番号",
    "dispatched_on": "発送日",
    "sheets": "同封した用紙の枚数",
    "already_posted": "投函済み",
    "password_number": "パスワードのお知らせの引受番号",
    "password_on": "パスワードのお知らせの発送日",
}
_OF_PASSWORD: Final = {"item_number": "password_number", "dispatched_on": "password_on"}
"""Member of the second item at the door → field of the page."""

SHEETS_MAX: Final = 100_000
"""As at the door of the API (`api.wire.cases.replies.PostedBody`)."""
_SHEETS: Final = "1以上の数字で入力してください。"

# Labels of the post bear the number in NW-7 (Codabar), which some scanners hand on whole: with the
# letter that begins a code and the one that ends it. Source: JIS X 0506.
_FRAMED: Final = re.compile(r"[A-Da-d](.+)[A-Da-d]")
_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−ー", "-"))


@dataclass(frozen=True, slots=True)
class PostForm:
    """What the form says; of no account while there are defects (field → what is wrong)."""

    posted: PostedReply
    defects: Mapping[str, str]


def read(form: Form) -> PostForm:
    """Read the form; whether the number is one of the post's, the domain says."""
    typed = FormValues(form)
    number = scanned(typed.text("item_number"))
    day = typed.day("dispatched_on")
    text = unicodedata.normalize("NFKC", form.text("sheets"))
    sheets = int(text) if text.isascii() and text.isdigit() and len(text) <= len("100000") else None
    if text and (sheets is None or not 1 <= sheets <= SHEETS_MAX):
        typed.defects["sheets"] = _SHEETS
    posted = PostedReply(day, number, sheets, form.has("already_posted"), _password(typed, form))
    return PostForm(posted, typed.defects)


def _password(typed: FormValues, form: Form) -> PasswordPosted | None:
    """The second item; without a number it is not in the post yet, whatever day stands there."""
    number = scanned(form.text("password_number"))
    return PasswordPosted(typed.day("password_on"), number) if number else None


def told(defects: Iterable[Defect]) -> Mapping[str, str]:
    """Field of the page → what is wrong with it; `by_field` knows no member of a member."""
    return by_field(LABELS)(replace(one, pointer=_place(one.pointer)) for one in defects)


def _place(pointer: str) -> str:
    first, _, inner = pointer.strip("/").partition("/")
    return f"/{_OF_PASSWORD.get(inner, first)}" if first == "password_letter" else pointer


def scanned(text: str) -> str:
    """The number without what a scanner or an input method adds to it."""
    plain = "".join(unicodedata.normalize("NFKC", text).translate(_DASHES).split())
    framed = _FRAMED.fullmatch(plain)
    return framed[1] if framed else plain


def differences(
    stands: CaseDispatched | None, typed: Form, counted: int | None
) -> tuple[FieldDifference, ...]:
    """In what the form differs from the dispatch that stands.

    Args:
        stands: None when nothing went into the post meanwhile.
        counted: the sheets of what was approved, which an empty field stands for.
    """
    number, sheets = scanned(typed.text("item_number")), typed.text("sheets")
    theirs = {
        "item_number": number,
        "dispatched_on": day_said(typed, "dispatched_on"),
        "sheets": sheets or ("" if counted is None else str(counted)),
        "already_posted": "はい" if typed.has("already_posted") else "",
        "password_number": scanned(typed.text("password_number")),
        "password_on": day_said(typed, "password_on") if typed.text("password_number") else "",
    }
    if stands is None:
        ours = {"sheets": "" if sheets else theirs["sheets"]}
        return differing(LABELS, ours, theirs)
    second = stands.password_letter
    ours = {
        # Written with dashes or without, it is one number.
        "item_number": number
        if _digits(number) == _digits(stands.item_number)
        else stands.item_number,
        "dispatched_on": short(stands.dispatched_on),
        "sheets": str(stands.sheets),
        "already_posted": theirs["already_posted"],
        "password_number": "" if second is None else second.item_number,
        "password_on": "" if second is None else short(second.dispatched_on),
    }
    return differing(LABELS, ours, theirs)


def _digits(number: str) -> str:
    return number.replace("-", "")
