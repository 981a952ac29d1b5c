"""The papers of the privacy policy of 2022-10-01, in the format an operator publishes in.

Source: プライバシーポリシー 5, the tables 本人確認書類 and 補助書類, and 注意事項.
"""

from typing import Any

SINCE = {"effective_from": "2022-10-01", "effective_to": None}
SELF = {"source": "本人確認書類 個人(本人)", **SINCE}
AGENT = {"source": "本人確認書類 個人(代理人)", **SINCE}
LEGAL = {"source": "本人確認書類 個人(法定代理人)", **SINCE}
_MARK_1 = {"source": "本人確認書類 ※1", **SINCE}

_IDENTITY = {
    "shows": ["name", "birth_date", "current_address"],
    "address_mark": ["printed", "ink"],
}
_ORIGINAL = {**_IDENTITY, "form": "original", "max_age_months": 3}
_SUBSTITUTE = {**_IDENTITY, "form": "copy", "substitute": True, **_MARK_1}
_AUTHORITY = {"form": "original", "max_age_months": 3, **LEGAL}

DOCUMENTS: list[dict[str, Any]] = [
    {"code": "seal_certificate", "label_ja": "印鑑登録証明書", **_ORIGINAL, **SELF},
    {
        "code": "residence_certificate",
        "label_ja": "住民票",
        "note": "マイナンバーの印字がないものに限る",
        "refuses_my_number": True,
        **_ORIGINAL,
        **SELF,
    },
    {
        "code": "driving_licence",
        "label_ja": "運転免許証",
        "note": "国際運転免許証除く",
        "refuses_international": True,
        **_SUBSTITUTE,
    },
    {
        "code": "my_number_card",
        "label_ja": "マイナンバーカード(個人番号カード)",
        "note": "顔写真のある表面のみ",
        "front_only": True,
        **_SUBSTITUTE,
    },
    {"code": "disability_certificate", "label_ja": "身体障がい者手帳", **_SUBSTITUTE},
    {
        "code": "mental_disability_certificate",
        "label_ja": "精神障がい者保健福祉手帳(障がい者手帳)",
        **_SUBSTITUTE,
    },
    {"code": "rehabilitation_certificate", "label_ja": "療育手帳", **_SUBSTITUTE},
    {
        "code": "health_insurance_card",
        "label_ja": "健康保険証",
        "note": "2025-12-01までにすべて失効。資格確認書の扱いは規程改定による",
        "needs_supplement": True,
        **_SUBSTITUTE,
        "effective_to": "2025-12-01",
    },
    # The two kinds below can no longer be in date; the procedure still lists them, and a paper
    # that is past its validity is refused as such.
    {
        "code": "basic_resident_card",
        "label_ja": "住民基本台帳カード(顔写真があるもの)",
        "note": "2015年12月に発行終了、有効期間10年",
        **_SUBSTITUTE,
    },
    {
        "code": "residence_card",
        "label_ja": "在留カード",
        "note": "在留資格が永住者の場合は、外国発行パスポートは不要",
        "together_with": "foreign_passport",
        **_SUBSTITUTE,
    },
    {
        "code": "foreign_passport",
        "label_ja": "外国発行パスポート",
        "form": "copy",
        "shows": ["name", "birth_date"],
        **_MARK_1,
    },
    {
        "code": "alien_registration_certificate",
        "label_ja": "外国人登録証明書",
        "note": "2012年7月に制度廃止",
        **_SUBSTITUTE,
    },
    {
        "code": "special_permanent_resident_certificate",
        "label_ja": "特別永住者証明書",
        **_SUBSTITUTE,
    },
    {
        "code": "power_of_attorney",
        "label_ja": "開示申請書「委任状」",
        "note": "必ず契約者本人が記入し、契約者の印鑑登録証明書と同一印影のもの",
        "is_mandate": True,
        **AGENT,
    },
    {
        "code": "family_register",
        "label_ja": "戸籍謄本",
        "for": ["parent_of_minor", "guardian_of_minor"],
        **_AUTHORITY,
    },
    {
        "code": "registration_certificate",
        "label_ja": "登記事項証明書",
        "for": ["guardian_of_adult"],
        **_AUTHORITY,
    },
    {
        "code": "utility_receipt",
        "label_ja": "公共料金領収証",
        "note": "契約者名義で、領収印又は発行日(口座引落日)の記載があるもの",
        "form": "copy",
        "max_age_months": 3,
        "shows": ["current_address"],
        "supplement_document": True,
        "source": "本人確認書類 補助書類",
        **SINCE,
    },
]
