"""Findings (指摘): what can be wrong with a transfer, in which class, under which article."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from ledger.law.bases import BASES, Route


class FindingClass(Enum):
    """What a finding does: the first two make a transfer unlawful."""

    NO_BASIS = "no_basis"
    UNLAWFUL = "unlawful"
    RECORD_DEFECT = "record_defect"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        label: Japanese, for letters and work lists.
        article: of the Act, or R for the Commission's Rules.
    """

    code: str
    kind: FindingClass
    label: str
    article: str


_N, _U, _R, _W = (
    FindingClass.NO_BASIS,
    FindingClass.UNLAWFUL,
    FindingClass.RECORD_DEFECT,
    FindingClass.WARNING,
)

_TABLE: tuple[tuple[str, FindingClass, str, str], ...] = (
    ("NO_VALID_BASIS", _N, "根拠なし", "27(1), 29(1)"),
    ("CONSENT_NOT_OBTAINED", _N, "同意なし", "27(1)"),
    ("CONSENT_AFTER_TRANSFER", _N, "事後の同意", "27(1)"),
    ("CONSENT_WITHDRAWN", _N, "同意の撤回後の提供", "27(1)"),
    ("ART28_CONSENT_MISSING", _N, "外国第三者提供の同意なし", "28(1)"),
    ("JU_NO_NOTICE", _N, "共同利用の公表なし", "27(5)(iii)"),
    ("JU_BEFORE_START", _N, "共同利用の開始前", "27(5)(iii)"),
    ("JU_RECIPIENT_OUT_OF_SCOPE", _N, "利用者の範囲外", "27(5)(iii)"),
    ("JU_ITEM_OUT_OF_SCOPE", _N, "項目の範囲外", "27(5)(iii)"),
    ("JU_PURPOSE_OUT_OF_SCOPE", _N, "目的の範囲外", "27(5)(iii)"),
    ("JU_PURPOSE_NOT_YET_ANNOUNCED", _N, "後の版にのみある目的", "27(6)"),
    ("ENTRUSTMENT_SCOPE_EXCEEDED", _N, "委託の範囲外", "27(5)(i)"),
    ("OPT_OUT_NOT_FILED", _U, "オプトアウトの届出なし", "27(2)"),
    ("OPT_OUT_BEFORE_START", _U, "届出・通知の前の提供", "27(2)"),
    ("OPT_OUT_ITEM_NOT_FILED", _U, "届出外の項目", "27(2)"),
    ("OPT_OUT_SPECIAL_CARE", _U, "要配慮個人情報のオプトアウト", "27(2) proviso"),
    ("OPT_OUT_CHAIN", _U, "再オプトアウト", "27(2) proviso"),
    ("OPT_OUT_UNLAWFUL_SOURCE", _U, "不正取得された個人データのオプトアウト", "27(2) proviso"),
    ("OPT_OUT_STOPPED", _U, "オプトアウトの停止後の提供", "27(2)(vi)"),
    ("PROVISION_STOPPED", _U, "提供停止後の提供", "35"),
    ("ART28_INFORMATION_MISSING", _U, "外国第三者提供の情報提供の不足", "28(2), R17"),
    ("ART31_CONSENT_MISSING", _U, "31条の同意の確認不足", "31(1)(i)"),
    ("ART31_FOREIGN_INFORMATION_MISSING", _U, "31条の情報提供の確認不足", "31(1)(ii)"),
    (
        "CONFIRMATION_INCOMPLETE",
        _U,
        "取得の経緯又は相手方を確認できない",
        "30(1)(i), 30(1)(ii)",
    ),
    ("PSEUDONYMOUS_NO_VALID_ROUTE", _U, "仮名加工情報の提供禁止", "41(6)"),
    ("ANONYMOUS_NOT_PUBLISHED", _U, "匿名加工情報の公表なし", "43(4), 44"),
    ("ANONYMOUS_NOT_STATED", _U, "匿名加工情報である旨の明示なし", "43(4), 44"),
    ("OPT_OUT_COLLECTIVE_NOT_ALLOWED", _R, "オプトアウトの一括記録は不可", "R19(2), 23(2)"),
    ("OPT_OUT_CONTRACT_NOT_ALLOWED", _R, "オプトアウトの契約書等は不可", "R19(3), 23(2)"),
    ("CONTRACT_ITEMS_INCOMPLETE", _R, "契約書等の記載不足", "R19(3), 23(3), 27(3)"),
    ("CONTRACT_CONDITIONS_NOT_MET", _R, "物品・役務の提供に関連しない", "R19(3), 23(3), 27(3)"),
    ("OMISSION_BASE_NOT_RETAINED", _R, "省略元の記録なし", "R20(2), 24(2), 28(2)"),
    ("OMISSION_BASE_DIFFERENT", _R, "省略元と内容が同一でない", "R20(2), 24(2), 28(2)"),
    ("COUNTERPARTY_INCOMPLETE", _R, "住所・代表者の欠落", "R20, 24, 28"),
    ("DATE_MISSING", _R, "年月日の欠落", "R20, 24, 28"),
    ("JU_RESPONSIBLE_STALE", _W, "責任者の変更が未反映", "27(6)"),
)

FINDINGS: Mapping[str, Finding] = MappingProxyType({row[0]: Finding(*row) for row in _TABLE})

# What the provider may not hand over so, the recipient may not take so either, by another article.
ON_RECEIPT: Mapping[tuple[str, Route], str] = MappingProxyType(
    {
        ("OPT_OUT_NOT_FILED", Route.OPT_OUT): "27(2), 27(4)",
        ("OPT_OUT_SPECIAL_CARE", Route.OPT_OUT): "20(2)",
        ("CONSENT_NOT_OBTAINED", Route.NON_OPERATOR): "20(2)",
        ("NO_VALID_BASIS", Route.UNFOUNDED): "27(1), 30(1), 30(3)",
    }
)
"""(code, route) → article of the finding where it is found on the received side."""


UNDER_28 = ("CONSENT_NOT_OBTAINED", "CONSENT_AFTER_TRANSFER", "CONSENT_WITHDRAWN")
"""Codes that are cited as 28(1) where the basis is: 27 does not apply to the provision then."""


def article_of(code: str, direction: str, basis: str) -> str:
    """The article under which a transfer of that side and basis has the finding."""
    if basis == "consent_28_1" and code in UNDER_28:
        return BASES[basis].article
    article = FINDINGS[code].article
    if direction == "received":
        return ON_RECEIPT.get((code, BASES[basis].route), article)
    return article


def _codes(*kinds: FindingClass) -> frozenset[str]:
    return frozenset(code for code, finding in FINDINGS.items() if finding.kind in kinds)


NO_BASIS = _codes(FindingClass.NO_BASIS)
"""Codes that leave the transfer without any basis."""

NOT_LAWFUL = _codes(FindingClass.NO_BASIS, FindingClass.UNLAWFUL)
"""Codes that make the transfer unlawful."""

FORCES_INDIVIDUAL = frozenset(
    {
        "OPT_OUT_COLLECTIVE_NOT_ALLOWED",
        "OPT_OUT_CONTRACT_NOT_ALLOWED",
        "CONTRACT_ITEMS_INCOMPLETE",
        "CONTRACT_CONDITIONS_NOT_MET",
    }
)
"""Record defects after which the record counts as an individual one (R19(2)(3), 23(2)(3))."""
