"""What each finding means to an officer, and what can be done about it.

Source: the Act and the Rules, at the articles of `ledger.law.findings`; the vocabulary, section 4.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from api.resources.transfers.forms.ways import Way
from ledger.law.findings import FINDINGS


@dataclass(frozen=True, slots=True)
class Advice:
    """What is said of one finding.

    Attributes:
        meaning: what the finding says, to somebody who does not know the Act by heart.
        doing: what to look at, and what then.
        ways: which apply, the first one first.
        fields: members that may be wrong when the finding is not true
        (`api.resources.registers.fields`).
    """

    meaning: str
    doing: str
    ways: tuple[Way, ...]
    fields: tuple[str, ...]


_C, _B, _R, _S = Way.CORRECT, Way.RECLASSIFY, Way.RETRACT, Way.SETTLE
_DAYS: Final = ("transferred_on", "transferred_from", "transferred_to")
_CONSENT: Final = ("consent.obtained", "consent.at", "consent.evidence")
_ABROAD: Final = ("counterparty.country", "counterparty.equivalent_measures")
_NOTICE_LATER: Final = (
    "公表の登録が遅れただけのときは、公表を登録すると「判定の見直し」に載ります。"
)
_IF_TRUE: Final = "事実であれば提供を止め、行った対応を記録します。"

_TABLE: Final[Mapping[str, Advice]] = {
    "NO_VALID_BASIS": Advice(
        "法律上の根拠がないまま、個人データが提供又は受領されています。",
        f"実際の根拠があれば根拠を変更します。{_IF_TRUE}",
        (_B, _S, _R),
        (),
    ),
    "CONSENT_NOT_OBTAINED": Advice(
        "本人の同意が必要ですが、得ていません。",
        f"同意の記録を確かめ、得ていたときは訂正します。{_IF_TRUE}",
        (_C, _B, _S, _R),
        _CONSENT,
    ),
    "CONSENT_AFTER_TRANSFER": Advice(
        "同意の日が、提供の日より後です。同意はあらかじめ得る必要があります。",
        f"同意の日時と提供の日を確かめ、誤りは訂正します。{_IF_TRUE}",
        (_C, _B, _S, _R),
        ("consent.at", *_DAYS),
    ),
    "CONSENT_WITHDRAWN": Advice(
        "本人が同意を撤回した後の提供です。",
        f"提供の日と撤回の日を確かめます。撤回の申出が誤りのときは、申出を取り消すと"
        f"「判定の見直し」に載ります。{_IF_TRUE}",
        (_C, _B, _S, _R),
        _DAYS,
    ),
    "ART28_CONSENT_MISSING": Advice(
        "外国にある第三者への提供を認める旨の同意がありません。",
        f"相手方の国と体制、同意の内容を確かめます。その同意を得ていたときは根拠を変更します。"
        f"{_IF_TRUE}",
        (_B, _C, _S, _R),
        _ABROAD,
    ),
    "JU_NO_NOTICE": Advice(
        "共同利用について、本人に通知し、又は公表していた内容が見つかりません。",
        f"公表の識別名を確かめます。{_NOTICE_LATER}{_IF_TRUE}",
        (_C, _B, _S, _R),
        ("notice_id", *_DAYS),
    ),
    "JU_BEFORE_START": Advice(
        "公表された共同利用が始まる前の提供です。",
        f"提供の日と公表の識別名を確かめます。{_IF_TRUE}",
        (_C, _B, _S, _R),
        (*_DAYS, "notice_id"),
    ),
    "JU_RECIPIENT_OUT_OF_SCOPE": Advice(
        "相手方が、公表された共同利用者の範囲にいません。",
        f"相手方の識別子と公表の識別名を確かめます。{_IF_TRUE}",
        (_C, _B, _S, _R),
        ("counterparty.party_id", "counterparty.name", "notice_id"),
    ),
    "JU_ITEM_OUT_OF_SCOPE": Advice(
        "公表された項目にない個人データが含まれています。",
        f"項目の書き方を、公表の項目と見比べます。{_IF_TRUE}",
        (_C, _B, _S, _R),
        ("items", "notice_id"),
    ),
    "JU_PURPOSE_OUT_OF_SCOPE": Advice(
        "利用目的が、公表された目的にありません。",
        f"利用目的を、公表の目的と見比べます。{_IF_TRUE}",
        (_C, _B, _S, _R),
        ("purpose", "notice_id"),
    ),
    "JU_PURPOSE_NOT_YET_ANNOUNCED": Advice(
        "利用目的が、後の版で初めて公表されています。",
        f"提供の日と利用目的を確かめます。{_IF_TRUE}",
        (_C, _B, _S, _R),
        ("purpose", *_DAYS),
    ),
    "ENTRUSTMENT_SCOPE_EXCEEDED": Advice(
        "委託先が、委託の範囲を超えて自らのために利用しています。",
        f"利用の範囲を確かめます。{_IF_TRUE}",
        (_C, _B, _S, _R),
        ("use_beyond_entrustment",),
    ),
    "OPT_OUT_NOT_FILED": Advice(
        "オプトアウトによる提供又は受領ですが、個人情報保護委員会への届出又はその公表が"
        "見つかりません。",
        "提供では届出の識別名を、受領では届出が公表されているかを確かめます。"
        f"{_NOTICE_LATER}{_IF_TRUE}",
        (_C, _B, _S, _R),
        ("notice_id", "opt_out_published"),
    ),
    "OPT_OUT_BEFORE_START": Advice(
        "届出又は本人への通知・公表より前の提供です。",
        f"提供の日と届出の識別名を確かめます。{_IF_TRUE}",
        (_C, _B, _S, _R),
        (*_DAYS, "notice_id"),
    ),
    "OPT_OUT_ITEM_NOT_FILED": Advice(
        "届け出た項目にない個人データが含まれています。",
        f"項目の書き方を、届出の項目と見比べます。{_IF_TRUE}",
        (_C, _B, _S, _R),
        ("items", "notice_id"),
    ),
    "OPT_OUT_SPECIAL_CARE": Advice(
        "要配慮個人情報は、オプトアウトでは提供も受領もできません。",
        f"要配慮個人情報が含まれるか、別の根拠がないかを確かめます。{_IF_TRUE}",
        (_C, _B, _S, _R),
        ("special_care", "items"),
    ),
    "OPT_OUT_CHAIN": Advice(
        "オプトアウトで受領した個人データを、更にオプトアウトで提供しています。",
        f"元の受領記録を確かめます。{_IF_TRUE}",
        (_C, _B, _S, _R),
        ("derived_from",),
    ),
    "OPT_OUT_UNLAWFUL_SOURCE": Advice(
        "不正に取得された個人データは、オプトアウトでは提供できません。",
        f"取得の経緯を確かめます。{_IF_TRUE}",
        (_C, _B, _S, _R),
        ("acquired_unlawfully", "derived_from"),
    ),
    "OPT_OUT_STOPPED": Advice(
        "本人がオプトアウトによる提供の停止を求めた後の提供です。",
        f"提供の日と停止の日を確かめます。停止が誤りのときは、停止を解くと"
        f"「判定の見直し」に載ります。{_IF_TRUE}",
        (_C, _B, _S, _R),
        _DAYS,
    ),
    "PROVISION_STOPPED": Advice(
        "本人の請求により第三者への提供を停止した後の提供です。",
        f"提供の日と停止の日を確かめます。停止が誤りのときは、停止を解くと"
        f"「判定の見直し」に載ります。{_IF_TRUE}",
        (_C, _B, _S, _R),
        _DAYS,
    ),
    "ART28_INFORMATION_MISSING": Advice(
        "外国にある第三者への提供の同意に先立つ、本人への情報提供が足りません。",
        f"提供した情報（国名、制度、相手方の措置）を確かめます。{_IF_TRUE}",
        (_C, _B, _S, _R),
        ("consent.foreign_information", *_ABROAD),
    ),
    "ART31_CONSENT_MISSING": Advice(
        "個人関連情報の提供に当たり、本人の同意が得られていることの確認がありません。",
        f"確認の記録を確かめます。{_IF_TRUE}",
        (_C, _S, _R),
        (*_CONSENT, "acquired_as_personal_data"),
    ),
    "ART31_FOREIGN_INFORMATION_MISSING": Advice(
        "外国にある第三者について、本人への情報提供の確認が足りません。",
        f"提供された情報と相手方の国を確かめます。{_IF_TRUE}",
        (_C, _S, _R),
        ("consent.foreign_information", *_ABROAD),
    ),
    "CONFIRMATION_INCOMPLETE": Advice(
        "提供元の住所・代表者、又は提供元が個人データを取得した経緯を、確認できていません。",
        "提供元に確かめ、分かったときは訂正します。確認できないときは受領を見直し、"
        "行った対応を記録します。",
        (_C, _S, _R),
        ("acquisition", "counterparty.address", "counterparty.representative"),
    ),
    "PSEUDONYMOUS_NO_VALID_ROUTE": Advice(
        "仮名加工情報は、法令、委託、事業の承継、共同利用によるほかは提供できません。",
        f"情報の種類と根拠を確かめます。{_IF_TRUE}",
        (_B, _C, _S, _R),
        ("data_kind",),
    ),
    "ANONYMOUS_NOT_PUBLISHED": Advice(
        "匿名加工情報の項目と提供の方法が公表されていません。",
        "公表の有無を確かめます。公表していなかったときは公表し、行った対応を記録します。",
        (_C, _S, _R),
        ("anonymous.items_published", "data_kind"),
    ),
    "ANONYMOUS_NOT_STATED": Advice(
        "匿名加工情報である旨を、相手方に明示していません。",
        "明示の有無を確かめます。していなかったときは明示し、行った対応を記録します。",
        (_C, _S, _R),
        ("anonymous.stated_to_recipient", "data_kind"),
    ),
    "OPT_OUT_COLLECTIVE_NOT_ALLOWED": Advice(
        "オプトアウトによる提供の記録は、一括して作成できません。都度の記録として扱います。",
        "記録の方法を確かめ、誤りは訂正します。一括で作成していたときは、以後は都度作成し、"
        "その旨を記録します。",
        (_C, _S, _R),
        ("method",),
    ),
    "OPT_OUT_CONTRACT_NOT_ALLOWED": Advice(
        "オプトアウトによる提供の記録は、契約書等で代えられません。都度の記録として扱います。",
        "記録の方法を確かめ、誤りは訂正します。契約書等で代えていたときは、以後は都度作成し、"
        "その旨を記録します。",
        (_C, _S, _R),
        ("method", "contract_reference"),
    ),
    "CONTRACT_ITEMS_INCOMPLETE": Advice(
        "記録に代える契約書等に、記録事項の一部が書かれていません。都度の記録として扱います。",
        "契約書等の記載を確かめます。補ったときは訂正します。",
        (_C, _S, _R),
        ("contract_missing_items", "contract_reference", "method"),
    ),
    "CONTRACT_CONDITIONS_NOT_MET": Advice(
        "本人への物品又は役務の提供に関連しない契約書等は、記録に代えられません。"
        "都度の記録として扱います。",
        "契約書等の内容を確かめます。",
        (_C, _S, _R),
        ("supply_to_principal", "contract_reference", "method"),
    ),
    "OMISSION_BASE_NOT_RETAINED": Advice(
        "記録事項を省略した元の記録が、保存されていないか、同じ義務による記録ではありません。",
        "省略元の番号を確かめます。元の記録がないときは、省略せずに訂正します。",
        (_C, _S, _R),
        ("base_record", "omitted_items"),
    ),
    "OMISSION_BASE_DIFFERENT": Advice(
        "省略した事項の内容が、省略元の記録と同じではありません。",
        "省略元の番号と内容を見比べ、誤りは訂正します。",
        (_C, _S, _R),
        ("base_record", "omitted_items", "counterparty.name", "counterparty.address", "items"),
    ),
    "COUNTERPARTY_INCOMPLETE": Advice(
        "相手方の住所又は代表者の氏名が記録されていません。",
        "相手方に確かめ、分かったときは訂正します。",
        (_C, _S, _R),
        ("counterparty.address", "counterparty.representative", "counterparty.kind"),
    ),
    "DATE_MISSING": Advice(
        "提供又は受領の年月日が記録されていません。",
        "元の資料を確かめ、分かったときは訂正します。",
        (_C, _S, _R),
        _DAYS,
    ),
    "JU_RESPONSIBLE_STALE": Advice(
        "共同利用の管理について責任を有する者の変更が、公表に反映されていません。",
        f"公表を改めます。{_NOTICE_LATER}",
        (_S, _C, _B, _R),
        ("notice_id",),
    ),
}

ADVICE: Final[Mapping[str, Advice]] = MappingProxyType(dict(_TABLE))
"""Code of a finding → what is said of it."""

assert set(ADVICE) == set(FINDINGS), "every finding has an advice"
