"""What went into the post, read from its form."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.resources.cases.dispatch.steps import PostedReply
from api.web.pages.conflict import ConflictRow, FormField, conflict_rows, labels_of, ticked
from api.web.pages.form_values import PLAIN, FieldValue, FormValues, by_field, day_text_of, filled
from api.web.pages.forms import Form
from ledger.cases.events.reply import CaseDispatched, PasswordPosted
from ledger.errors import Defect
from ledger.unicode_forms import normalize

SHEETS_MAX: Final = 100_000
"""As at the endpoint of the API (`api.resources.cases.schemas.replies.PostedBody`)."""
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
    text = normalize("NFKC", form.text("sheets"))
    sheets = int(text) if text.isascii() and text.isdigit() and len(text) <= len("100000") else None
    if text and (sheets is None or not 1 <= sheets <= SHEETS_MAX):
        typed.defects["sheets"] = _SHEETS
    posted = PostedReply(day, number, sheets, form.has("already_posted"), _password(typed, form))
    return PostForm(posted, typed.defects)


def _password(typed: FormValues, form: Form) -> PasswordPosted | None:
    """The second item; without a number it is not in the post yet, whatever day stands there."""
    number = scanned(form.text("password_number"))
    return PasswordPosted(typed.day("password_on"), number) if number else None


def scanned(text: str) -> str:
    """The number without what a scanner or an input method adds to it."""
    plain = "".join(normalize("NFKC", text).translate(_DASHES).split())
    framed = _FRAMED.fullmatch(plain)
    return framed[1] if framed else plain


def item_number_text(form: Form, name: str) -> str:
    """The number of an item of the post."""
    return scanned(form.text(name))


def password_day_text(form: Form, name: str) -> str:
    """The day of the second item; without a number it is not in the post yet."""
    return day_text_of(form, name) if form.text("password_number") else ""


FIELDS: Final = {
    "item_number": FormField("引受番号", item_number_text),
    "dispatched_on": FormField("発送日", day_text_of),
    "sheets": FormField("同封した用紙の枚数"),
    "already_posted": FormField("投函済み", ticked),
    "password_number": FormField("パスワードのお知らせの引受番号", item_number_text),
    "password_on": FormField("パスワードのお知らせの発送日", password_day_text),
}
LABELS: Final = labels_of(FIELDS)
_PLACES: Final = {
    "password_letter/item_number": "password_number",
    "password_letter/dispatched_on": "password_on",
}


def describe_defects(defects: Iterable[Defect]) -> Mapping[str, str]:
    """Field of the page → what is wrong with it."""
    return by_field(defects, LABELS, _PLACES, codes=PLAIN)


def conflict(
    came: Sequence[CaseDispatched], typed: Form, counted: int | None
) -> tuple[ConflictRow, ...]:
    """In what the form differs from the dispatch that is stored.

    Args:
        came: what went into the post meanwhile.
        counted: the sheets of what was approved, which an empty field stands for.
    """
    is_counted = not typed.text("sheets")
    if is_counted and counted is not None:
        typed = Form({**typed.fields, "sheets": (str(counted),)})
    if not came:
        return conflict_rows(
            FIELDS, filled({"sheets": typed.text("sheets") if is_counted else None}), typed
        )
    stored, number = came[-1], item_number_text(typed, "item_number")
    second = stored.password_letter
    # Written with dashes or without, it is one number.
    is_same = number.replace("-", "") == stored.item_number.replace("-", "")
    ours: dict[str, FieldValue] = {
        "item_number": number if is_same else stored.item_number,
        "dispatched_on": stored.dispatched_on,
        "sheets": str(stored.sheets),
        "already_posted": typed.has("already_posted"),
    }
    if second is not None:
        ours |= {"password_number": second.item_number, "password_on": second.dispatched_on}
    return conflict_rows(FIELDS, filled(ours), typed)
