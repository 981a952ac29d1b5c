"""What identifies somebody at all, and which kinds of identifiers a ledger knows.

That nothing is recorded of a person may be said only after a search, and nobody is searched for by
a dash, a blank or a kind of identifier that no platform has. A word that stands where nothing was
known (なし, 不明) may be on a form and be searched for; it is no kind of identifier.

Source: Act Art. 33(2), 33(3); the published procedure; Unicode, Default_Ignorable_Code_Point; ITU-T
E.164 (telephone numbers); RFC 5321, 4.1.2 (mail addresses).
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from unicodedata import category

from ledger.crypto.names import folded_name
from ledger.crypto.normal_forms import email_1, phone_e164_1
from ledger.errors import Defect
from ledger.policies.blanks import FILLERS
from ledger.unicode_forms import normalize
from ledger.values import PrincipalRef

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "member": "会員ID",
        "contract": "契約者番号",
        "phone": "電話番号",
        "email": "メールアドレス",
        "email_hash": "メールアドレスのハッシュ値",
        "account": "アカウント番号",
    }
)
"""Schemes that every ledger knows → what pages and letters call them; an operator names those of
its own platforms besides, and may call these otherwise."""

IDENTIFIES_NOBODY = "IDENTIFIES_NOBODY"

_LETTERS_AND_DIGITS = frozenset(("Lu", "Ll", "Lt", "Lo", "Nd", "Nl", "No"))


def identifies(identifier: str) -> bool:
    """Whether an identifier has a letter or a digit, in any width or script.

    What cannot be seen is none, nor is a dash, a sign, a mark that lengthens or repeats (ー, 々):
    somebody typed it where nothing was known.
    """
    return any(_is_visible(one) for one in normalize("NFKC", identifier))


def nobody_defects(identifier: PrincipalRef, place: str) -> Iterator[Defect]:
    """The defect `IDENTIFIES_NOBODY` of an identifier that somebody at the desk states.

    Of a transfer that happened it is none: that is recorded as it was sent, and its history is read
    under whatever stands there.

    Args:
        place: the JSON pointer of the identifier.
    """
    if not identifies(identifier.id):
        detail = "it has no letter and no digit: leave it out, or give what the platform calls"
        yield Defect(f"{place}/id", IDENTIFIES_NOBODY, f"{detail} the person")


def counts_as_kind(identifier: PrincipalRef) -> bool:
    """Whether somebody can be looked for by it, so that its scheme is a kind that was searched for.

    A word that people write where they know nothing counts under no scheme; `phone` counts with a
    telephone number alone, `email` with a mail address. Whether a ledger knows the scheme, the
    caller asks.
    """
    if _NOTHING_KNOWN.fullmatch(_bare(identifier.id)):
        return False
    if identifier.scheme == "phone":
        return _TELEPHONE.fullmatch(phone_e164_1(identifier.id)) is not None
    if identifier.scheme == "email":
        return _MAIL_ADDRESS.fullmatch(email_1(identifier.id)) is not None
    return True


def says_something(text: str) -> bool:
    """Whether a note or a reason says anything: a dot, a dash, なし and x do not."""
    return identifies(text) and _NOTHING_KNOWN.fullmatch(_bare(text)) is None


def _is_visible(character: str) -> bool:
    return category(character) in _LETTERS_AND_DIGITS and character not in FILLERS


def _bare(text: str) -> str:
    """The letters and digits alone, folded in width, case and kana: N/A is na, ﾅｼ is なし."""
    return "".join(one for one in folded_name(text) if _is_visible(one))


_TELEPHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_MAIL_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_OF_WHAT = (
    "電話 携帯 固定 自宅 メール アドレス 番号 会員 契約 契約者 顧客 識別子 アカウント id "
    "特に 該当 登録 記入 記載"
)
_UNKNOWN = (
    "なし 無し 無 ない 無い なしです 無しです ありません 不明 不明です 不詳 同上 同左 上記同 "
    "上記と同じ 未記入 未記載 未入力 未登録 未設定 未定 未取得 非該当 該当せず 空欄 空白 省略 "
    "わからない 分からない わかりません 分かりません 覚えていない 失念 忘れた "
    "none null nil nan na no nothing unknown undefined unspecified empty blank "
    "notapplicable notavailable ditto sameasabove tbd"
)


def _any_of(words: str) -> str:
    return "|".join(map(_bare, words.split()))


# `x` and `0`, once or again and again, are typed where a field takes no blank.
_NOTHING_KNOWN = re.compile(f"(?:{_any_of(_OF_WHAT)})*(?:{_any_of(_UNKNOWN)})|x*|0*")
