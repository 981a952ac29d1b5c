"""What can be chosen for a column, and for what is the same in every row."""

from collections.abc import Mapping
from typing import Final

from api.resources.registers.fields import FIELDS, LABELS, CellKind
from api.web.pages.member_words import text_of

YES: Final = "true"
NO: Final = "false"
IGNORED: Final = "-"
BY_VALUES: Final = "*"
ID_AND_NAME: Final = "principals.id+principals.name"

COLUMNS: Final[Mapping[str, str]] = {
    "": "（選んでください）",
    IGNORED: "取り込まない",
    **LABELS,
    ID_AND_NAME: "本人の識別子（氏名で特定する）",
    BY_VALUES: "値の対応だけで定める",
}
"""Code → words, in the order of the list."""

CONSTANTS: Final = {
    "k_direction": "direction",
    "k_basis": "basis",
    "k_method": "method",
    "k_consent": "consent.obtained",
    "k_kind": "counterparty.kind",
    "k_scheme": "principals.scheme",
}
"""Field of the form → field of a transfer."""


def values_of(name: str) -> dict[str, str]:
    """The values of a choice, with words."""
    member = name.rpartition(".")[2]
    if FIELDS[name].kind is CellKind.BOOLEAN:
        return {YES: "有", NO: "無"}
    return {one: text_of(member, one) for one in sorted(FIELDS[name].choices)}


def allowed(name: str) -> str:
    """Which values a table of values may give to a field, for people; empty: any text."""
    field = FIELDS.get(name)
    if field is None or field.kind not in (CellKind.CHOICE, CellKind.BOOLEAN):
        return ""
    if field.kind is CellKind.BOOLEAN:
        return "有、無"
    return "、".join(f"{words}＝{one}" for one, words in values_of(name).items())
