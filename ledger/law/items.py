"""Statutory items (記録事項): which a record must hold, in which order, under which article.

Source: Rules 20(1), 24(1), 28(1); Act Art. 30(1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ledger.law.bases import Route


@dataclass(frozen=True, slots=True)
class StatutoryItem:
    """One item: code, Japanese label, and where each side's Rule asks for it."""

    code: str
    label: str
    provided: str | None
    received: str | None
    referable: str | None


_TABLE: tuple[tuple[str, str, str | None, str | None, str | None], ...] = (
    ("DATE", "提供・受領の年月日", "Rule 20(1)(i)イ", "Rule 24(1)(i)イ", "Rule 28(1)(ii)"),
    (
        "COUNTERPARTY",
        "第三者の氏名又は名称・住所・代表者の氏名",
        "Rule 20(1)(i)ロ",
        "Rule 24(1)(i)ロ",
        "Rule 28(1)(iii)",
    ),
    ("PRINCIPAL", "本人を特定するに足りる事項", "Rule 20(1)(i)ハ", "Rule 24(1)(i)ハ", None),
    ("ITEMS", "個人データの項目", "Rule 20(1)(i)ニ", "Rule 24(1)(i)ニ", "Rule 28(1)(iv)"),
    ("CONSENT", "本人の同意を得ている旨", "Rule 20(1)(ii)イ", "Rule 24(1)(ii)イ", None),
    ("ACQUISITION", "取得の経緯", None, "Act 30(1)(ii), Rule 24(1)(i)ロ", None),
    ("PUBLISHED", "法27条4項により公表されている旨", None, "Rule 24(1)(i)ホ", None),
    ("ART31_CONFIRMED", "31条の同意を確認した旨", None, None, "Rule 28(1)(i)"),
    ("ART31_CONSENT", "31条の同意が得られている旨", None, "Rule 24(1)(iii)イ", None),
)

STATUTORY_ITEMS: Mapping[str, StatutoryItem] = MappingProxyType(
    {row[0]: StatutoryItem(*row) for row in _TABLE}
)

ITEM_OF_MEMBER: Mapping[str, str] = MappingProxyType(
    {
        "counterparty": "COUNTERPARTY",
        "principals": "PRINCIPAL",
        "items": "ITEMS",
        "acquisition": "ACQUISITION",
        "opt_out_published": "PUBLISHED",
    }
)
"""Member of a transfer → the item that it holds, whatever the basis."""

ItemSets = Mapping[tuple[str, Route], tuple[str, ...]]

ITEM_SETS: ItemSets = MappingProxyType(
    {
        ("provided", Route.CONSENT): ("CONSENT", "COUNTERPARTY", "PRINCIPAL", "ITEMS"),
        ("provided", Route.OPT_OUT): ("DATE", "COUNTERPARTY", "PRINCIPAL", "ITEMS"),
        ("provided", Route.REFERABLE): ("ART31_CONFIRMED", "DATE", "COUNTERPARTY", "ITEMS"),
        # A product rule: the Rules have no class for a provision without a basis.
        ("provided", Route.UNFOUNDED): ("DATE", "COUNTERPARTY", "PRINCIPAL", "ITEMS"),
        ("received", Route.OPT_OUT): (
            "DATE",
            "COUNTERPARTY",
            "ACQUISITION",
            "PRINCIPAL",
            "ITEMS",
            "PUBLISHED",
        ),
        ("received", Route.CONSENT): (
            "CONSENT",
            "COUNTERPARTY",
            "ACQUISITION",
            "PRINCIPAL",
            "ITEMS",
        ),
        ("received", Route.REFERABLE): ("ART31_CONSENT", "COUNTERPARTY", "PRINCIPAL", "ITEMS"),
        ("received", Route.NON_OPERATOR): ("COUNTERPARTY", "ACQUISITION", "PRINCIPAL", "ITEMS"),
        # By analogy with the provider's side.
        ("received", Route.UNFOUNDED): (
            "DATE",
            "COUNTERPARTY",
            "ACQUISITION",
            "PRINCIPAL",
            "ITEMS",
        ),
    }
)
"""(direction, route) → the items in the order of the Rules."""


def citation(code: str, direction: str, route: Route | None) -> str:
    """Where the law asks for the item `code` of such a transfer; every place when none fits."""
    item = STATUTORY_ITEMS[code]
    if direction == "provided" and route is Route.REFERABLE and item.referable:
        return item.referable
    fitting = {"provided": item.provided, "received": item.received}.get(direction)
    places = (fitting,) if fitting else (item.provided, item.received, item.referable)
    return "; ".join(place for place in places if place)
