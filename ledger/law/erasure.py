"""Why each class of data key dies when it does, in the words of a certificate.

Source: Act Art. 22, 29(2), 30(4), 31(3); Rules 21, 25, 29; `ledger.lifetimes` counts the days.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

ACT = "個人情報の保護に関する法律（平成15年法律第57号）"
RULES = "個人情報の保護に関する法律施行規則（平成28年個人情報保護委員会規則第3号）"


@dataclass(frozen=True, slots=True)
class ErasureRule:
    """What the keys of one class seal, and by which rule it goes.

    Attributes:
        label: what they seal, in Japanese.
        articles: of the Act (法) and the Rules (規則).
        period: how long it is kept; `{…}` names the setting that gives the number.
    """

    label: str
    articles: str
    period: str


_NOT_NEEDED = "法第22条"
_THREE_YEARS = "最後の提供又は受領の日から起算して3年（継続中は消去しない）"

ERASURE: Mapping[str, ErasureRule] = MappingProxyType(
    {
        "record": ErasureRule(
            "第三者提供・受領の記録",
            "法第29条第2項・第30条第4項（第31条第3項において準用する場合を含む）、"
            "規則第21条・第25条・第29条",
            "作成の日から3年（初日不算入）。一括して作成した記録は最後の提供又は受領の日から"
            "起算して3年、契約書等をもって代えた記録は同日から起算して1年",
        ),
        "series": ErasureRule(
            "一括して作成する継続的な提供・受領の記録",
            "法第29条第2項・第30条第4項（第31条第3項において準用する場合を含む）、"
            "規則第21条第2号・第25条第2号・第29条第2号",
            _THREE_YEARS,
        ),
        "no-duty": ErasureRule(
            "記録義務のない移転の記録（共同利用、委託等）",
            _NOT_NEEDED,
            "記録の日から{no_duty_years}年（設定）",
        ),
        "link": ErasureRule(
            "識別子の同一人の対応付け",
            _NOT_NEEDED,
            "対応する記録の最後のものの消去まで。記録がないときは{no_record_years}年（設定）",
        ),
        "directive": ErasureRule(
            "提供の停止の求め、同意の撤回",
            _NOT_NEEDED,
            "対応する記録の最後のものの消去まで。記録がないときは{no_record_years}年（設定）",
        ),
        "held": ErasureRule(
            "訴訟、調査等のために保全した記録",
            _NOT_NEEDED,
            "保全の解除、案件の終結又は保全の対象でなくなった日まで",
        ),
        "case": ErasureRule(
            "開示等の請求の案件", _NOT_NEEDED, "終結の日から{case_years}年（設定）"
        ),
        "exclusion": ErasureRule(
            "開示等の審査の記録", _NOT_NEEDED, "その月の末日から{exclusion_years}年（設定）"
        ),
        "access": ErasureRule(
            "閲覧・出力の記録", _NOT_NEEDED, "その年の末日から{access_years}年（設定）"
        ),
        "register": ErasureRule(
            "公表事項、保全、消去計画等の管理の記録",
            _NOT_NEEDED,
            "その年の末日から{register_years}年（設定）",
        ),
        "quarantine": ErasureRule(
            "受け付けられず留め置かれた入力", _NOT_NEEDED, "受付の日から{quarantine_days}日（設定）"
        ),
        "staging": ErasureRule(
            "一括登録の未確定の入力", _NOT_NEEDED, "受付の日から{staging_days}日（設定）"
        ),
        "draft": ErasureRule(
            "下書き及び再送に備えた応答の控え", _NOT_NEEDED, "作成の日から{draft_days}日（設定）"
        ),
    }
)
"""Key class → rule, in the order in which a certificate lists them."""
