"""What the members of a record are called, and their values in words.

Source: the input contract (`docs/reference/`), whose members these are; the Act and the Rules.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final, cast

from api.web.pages.citations import cited
from ledger.cases.letters.words import NOT_RECORDED, day_text
from ledger.law.bases import BASES
from ledger.law.items import STATUTORY_ITEMS
from ledger.values import Json

HEADINGS: Final[Mapping[str, tuple[str, str]]] = {
    "provision": ("提供した記録", "法第29条第1項の記録です。開示の対象です。"),
    "receipt": ("提供を受けた記録", "法第30条第3項の記録です。開示の対象です。"),
    "referable": ("個人関連情報の提供の記録", "法第31条第3項の記録です。"),
    "joint_use": (
        "共同利用による提供の記録",
        "法第27条第5項第3号の共同利用です。第三者提供記録ではありません。",
    ),
    "voluntary": (
        "任意の記録",
        "委託、法令に基づく提供など、記録の義務がない提供を任意に記録したものです。",
    ),
    "retracted": ("取り消した記録", "送信の誤りなどのため取り消した記録です。"),
}
"""Heading of a history → (what it is called, what it is)."""

_TITLES: Final[Mapping[str, str]] = {
    "direction": "提供・受領の別",
    "basis": "根拠",
    "exemption": "適用除外",
    "method": "作成の方法",
    "transferred_on": "年月日",
    "transferred_from": "期間の初日",
    "transferred_to": "期間の末日",
    "date_not_recorded": "年月日の記録がない旧記録",
    "recorded_on": "記録を作成した日",
    "counterparty": "相手方",
    "items": "個人データの項目",
    "special_care": "要配慮個人情報",
    "data_kind": "情報の種類",
    "consent": "本人の同意",
    "acquisition": "取得の経緯",
    "opt_out_published": "公表されている旨（法第27条第4項）",
    "contract_missing_items": "書面に記載のない記録事項",
    "supply_to_principal": "本人に対する物品・役務の提供に関連する書面",
    "purpose": "利用目的",
    "notice_id": "共同利用の公表・オプトアウトの届出",
    "omitted_items": "記録を省略した事項",
    "acquired_by": "取得した者",
    "acquired_unlawfully": "不正取得",
    "acquired_as_personal_data": "個人データとして取得することの想定",
    "use_beyond_entrustment": "委託の範囲外の利用",
    "succession_stage": "事業承継の段階",
    "safeguard_contract": "安全管理に関する契約",
    "anonymous": "匿名加工情報の公表・明示",
    "delivery": "提供の態様",
    "obtained": "取得済み",
    "at": "日時",
    "evidence": "証跡",
    "foreign_information": "外国に関する情報の提供",
    "party_id": "相手方の番号",
    "name": "氏名又は名称",
    "address": "住所",
    "representative": "代表者",
    "kind": "種別",
    "country": "国",
    "corporate_number": "法人番号",
    "equivalent_measures": "相当措置の体制",
    "items_published": "項目の公表",
    "stated_to_recipient": "相手方への明示",
}
_DAYS: Final = frozenset(("transferred_on", "transferred_from", "transferred_to", "recorded_on"))
# Lists of codes of statutory items.
_OF_ITEMS: Final = frozenset(("contract_missing_items", "omitted_items"))
FOREIGN_INFORMATION: Final[Mapping[str, str]] = {
    "country": "国名",
    "regime": "外国の制度",
    "measures": "相手方の措置",
    "country_unspecified_reason": "国を特定できない旨と理由",
    "substitute_information": "国名に代わる参考情報",
    "measures_unavailable_reason": "措置の情報を提供できない旨と理由",
}
"""What was told before a consent, in the order of the contract's list."""
_VALUES: Final[Mapping[str, Mapping[str, str]]] = {
    "direction": {"provided": "提供", "received": "受領"},
    "basis": {code: f"{one.label}（{cited(one.article)}）" for code, one in BASES.items()},
    "method": {"individual": "都度", "collective": "一括", "contract": "契約書等"},
    "data_kind": {
        "personal_data": "個人データ",
        "personally_referable": "個人関連情報",
        "pseudonymously_processed": "仮名加工情報",
        "anonymously_processed": "匿名加工情報",
        "statistical": "統計情報",
    },
    "exemption": {
        "principal_published": "本人による公開",
        "on_behalf": "本人に代わる提供",
        "agent_or_family": "代理人・家族への提供",
        "public_information": "公開情報",
        "not_personal_data_for_recipient": "受領者にとって個人データでない",
        "view_only": "閲覧のみ",
        "unsolicited": "求めによらない受領",
        "same_entity": "同一の法人",
    },
    "kind": {
        "corporation": "法人",
        "association": "法人でない団体",
        "individual": "個人",
        "public_body": "国の機関等",
        "unspecified_many": "不特定かつ多数の者",
    },
    "foreign_information": FOREIGN_INFORMATION,
    "succession_stage": {"closing": "承継時", "negotiation": "契約締結前の調査"},
    "delivery": {
        "file": "ファイル",
        "api": "API",
        "access_granted": "閲覧権限の付与",
        "paper": "書面",
        "other": "その他",
    },
}


def item_titled(code: str) -> str:
    """What a statutory item is called."""
    return STATUTORY_ITEMS[code].label


def titled(name: str) -> str:
    """What a member is called; one that is not known, by its name."""
    return _TITLES.get(name, name)


def text_of(name: str, value: Json) -> str:
    """A value in words; a member in an object stands on a line of its own."""
    match value:
        case None:
            return "継続中" if name == "transferred_to" else NOT_RECORDED
        case bool():
            return "あり" if value else "なし"
        case str() if name in _DAYS:
            return day_text(date.fromisoformat(value))
        case str():
            return _values(name).get(value, value)
        case list():
            return "、".join(text_of(name, one) for one in value)
        case dict():
            members = cast("Mapping[str, Json]", value)
            return "\n".join(f"{titled(one)}：{text_of(one, it)}" for one, it in members.items())
        case _:
            return str(value)


def _values(name: str) -> Mapping[str, str]:
    if name in _OF_ITEMS:
        return {code: one.label for code, one in STATUTORY_ITEMS.items()}
    return _VALUES.get(name, {})
