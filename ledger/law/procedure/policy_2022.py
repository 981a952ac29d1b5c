"""The procedure of the privacy policy of 2022-10-01, in the format an operator publishes in.

Source: プライバシーポリシー 5 and its tables 本人確認書類, 注意事項; `source` names the place.
"""

from collections.abc import Mapping
from typing import Any

from ledger.law.procedure.parser import procedures_of
from ledger.law.procedure.version import Procedure

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


_PROCEDURE = "5 個人データに関する第三者提供記録の開示請求手続き"
_NOTES = {"source": "注意事項", **SINCE}
_GROUND = {"source": f"{_PROCEDURE} (2)", **SINCE}
_REPLY = {"source": "本人確認書類 末尾", **SINCE}

_DESK = {
    "postal_code": "100-6150",
    "address": "東京都千代田区永田町2-11-1 山王パークタワー7F",
    "name": "株式会社NTTコノキュー 個人情報保護窓口",
    "email": "privacy@ml.nttqonoq.com",
}


def _slot(person: str, need: str, **more: bool) -> dict[str, Any]:
    return {"person": person, "need": need, **more}


_MATRIX: list[dict[str, Any]] = [
    {
        "requester": "self",
        "label_ja": "個人(本人)",
        "slots": [
            _slot("principal", "seal_certificate", substitute=True),
            _slot("principal", "residence_certificate"),
        ],
        **SELF,
    },
    {
        "requester": "mandated_agent",
        "label_ja": "個人(代理人)",
        "slots": [
            _slot("principal", "seal_certificate"),
            _slot("principal", "residence_certificate", of_question=True),
            _slot("agent", "seal_certificate", substitute=True),
            _slot("agent", "residence_certificate"),
            _slot("principal", "power_of_attorney"),
        ],
        **AGENT,
    },
    {
        "requester": "legal_representative",
        "label_ja": "個人(法定代理人)",
        "slots": [
            _slot("principal", "seal_certificate", substitute=True),
            _slot("principal", "residence_certificate"),
            _slot("legal_representative", "authority"),
            _slot("legal_representative", "seal_certificate", substitute=True),
            _slot("legal_representative", "residence_certificate"),
        ],
        **LEGAL,
    },
]

_GROUNDS: list[dict[str, Any]] = [
    {
        "code": "IDENTITY",
        "label_ja": "申請書に記載されている住所、本人確認書類に記載されている住所、当社の登録住所が"
        "一致しない場合その他本人確認ができない場合",
        "law": "法37条1項・政令12条3号",
        "decisions": ["procedural_refusal"],
        **_GROUND,
    },
    {
        "code": "FORM",
        "label_ja": "所定の申請書類に不備があった場合",
        "law": "法37条1項・政令12条2号",
        "decisions": ["procedural_refusal"],
        **_GROUND,
    },
    {
        "code": "NOT_EXIST",
        "label_ja": "開示の求めの対象が、当社に存在しない場合",
        "law": "法33条3項(同条5項)",
        "decisions": ["not_exist"],
        **_GROUND,
    },
    {
        "code": "ART33_2_I",
        "label_ja": "本人または第三者の生命、身体、財産その他の権利利益を害するおそれがある場合",
        "law": "法33条2項1号(同条5項)",
        "decisions": ["partial_disclosure", "non_disclosure"],
        **_GROUND,
    },
    {
        "code": "ART33_2_II",
        "label_ja": "当社の業務の適正な実施に著しい支障をおよぼすおそれがある場合",
        "law": "法33条2項2号(同条5項)",
        "decisions": ["partial_disclosure", "non_disclosure"],
        **_GROUND,
    },
    {
        "code": "ART33_2_III",
        "label_ja": "他の法令に違反することとなる場合",
        "law": "法33条2項3号(同条5項)",
        "decisions": ["partial_disclosure", "non_disclosure"],
        **_GROUND,
    },
]

_NOTE_ROWS: list[dict[str, Any]] = [
    {
        "code": "content",
        "label_ja": "氏名、生年月日、現住所が記載されており、すべて有効期限内のもの",
        **_NOTES,
    },
    {
        "code": "address_mark",
        "label_ja": "現住所は、あらかじめ印字されているか、ボールペンなど消せないもので"
        "記入されているものに限ります",
        **_NOTES,
    },
    {
        "code": "address_change_first",
        "label_ja": "住所が異なる場合は、あらかじめグループ会社である株式会社NTTドコモにて住所変更"
        "手続きをお願いします",
        **_NOTES,
    },
    {
        "code": "supplement",
        "label_ja": "本人確認書類に記載されている住所と現住所が異なる場合も、"
        "補助書類を同封願います",
        **_NOTES,
    },
    {
        "code": "contact_call",
        "label_ja": "ご連絡先へ確認の連絡をさせていただく場合があります",
        **SELF,
    },
]

POLICY_2022: Mapping[str, Any] = {
    "effective_from": "2022-10-01",
    "procedure": "第三者提供記録の開示請求手続き",
    "operator": {
        "party_id": "qonoq",
        "name": "株式会社NTTコノキュー",
        "address": "東京都千代田区永田町2丁目11番1号 山王パークタワー7F",
        "representative": "代表取締役社長 丸山誠治",
        "source": "プライバシーポリシー末尾",
        **SINCE,
    },
    "reception": [
        {
            "channel": "post",
            "label_ja": "郵送",
            "form": "第三者提供記録開示申請書",
            "to": _DESK,
            "envelope_mark": "申請書類在中(朱書き)",
            "missing_mark_is_ground": False,
            "source": f"{_PROCEDURE} (1)①",
            **SINCE,
        }
    ],
    "desk": [
        {"label_ja": "個人情報保護相談窓口", "source": "個人情報保護相談窓口", **_DESK, **SINCE}
    ],
    "documents": DOCUMENTS,
    "matrix": _MATRIX,
    "validity": [
        {
            "months": 3,
            "label_ja": "有効期限内。有効期限の記載がない書類は発行日から3か月以内",
            **_NOTES,
        }
    ],
    "refusal_grounds": _GROUNDS,
    "reply": [
        {
            "requester": "self",
            "to": "principal",
            "addresses": ["registered", "billing", "identity_document"],
            "label_ja": "ご契約者本人宛(ご契約者住所、請求書等送付先住所または"
            "ご契約者の本人確認書類記載の住所)",
            "source": f"{_PROCEDURE} (1)③",
            **SINCE,
        },
        {
            "requester": "mandated_agent",
            "to": "principal",
            "addresses": ["registered", "billing", "identity_document"],
            "label_ja": "ご契約者本人宛。代理人には送付しない",
            **_REPLY,
        },
        {
            "requester": "legal_representative",
            "to": "legal_representative",
            "addresses": ["representative_identity_document"],
            "label_ja": "法定代理人様宛(法定代理人の本人確認書類記載の住所)",
            **_REPLY,
        },
    ],
    "reply_media": [
        {
            "media": ["書面", "電磁的記録"],
            "post": "簡易書留郵便(転送不要)",
            "note": "記録媒体の種類は当社で別途指定",
            "source": f"{_PROCEDURE} (1)③",
            **SINCE,
        }
    ],
    "fee": [
        {
            "yen": 0,
            "label_ja": "現在、手数料はいただいておりません",
            "source": f"{_PROCEDURE} (1)④",
            **SINCE,
        }
    ],
    "correction": [
        {"days": 30, "label_ja": "補正の期限", "source": "運用者の定め", **SINCE},
    ],
    "notes": _NOTE_ROWS,
}
"""The document of the policy's own version; a new version is a copy of it with other rows."""

PUBLISHED: tuple[Procedure, ...] = procedures_of([POLICY_2022])
"""The versions that the product knows without an operator's own, ascending."""
