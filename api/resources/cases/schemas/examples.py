"""Bodies and answers of cases in the OpenAPI document. Invented people only."""

from typing import Final

from ledger.values import Json

Example = dict[str, Json]

CASE: Final = "8b7f2c0e-5d1a-4c3e-9a57-2f60b1d4c9e3"
RECORD: Final = "5c1f0a52-7d0e-8c31-9f55-0d5f0e0b7a11"
ACTOR: Final = "0f3b6a5c9d2e41788a6bfe0c1d2e3f40"

PERSONS: Final[Example] = {"identifiers": [{"scheme": "member", "id": "M-0042-7781"}]}
CALLED: Final[Example] = {"name": "見本 花子"}
REQUEST: Final[Example] = {
    "arrived_on": "2026-11-24",
    "requester": "self",
    "form": {
        "name": "見本 花子",
        "name_kana": "ミホン ハナコ",
        "postal_code": "100-6150",
        "address": "東京都千代田区永田町2-11-1",
        "phone": "03-0000-0000",
    },
    "birth_date": "1988-02-29",
    "postmarked_on": "2026-11-21",
    "medium": "paper",
    **PERSONS,
}
AGENTS_REQUEST: Final[Example] = {
    "arrived_on": "2026-11-24",
    "requester": "mandated_agent",
    "form": {
        "name": "見本 花子",
        "postal_code": "100-6150",
        "address": "東京都千代田区永田町2-11-1",
        "agent_name": "代理 次郎",
        "agent_address": "大阪府大阪市北区梅田3-1-3",
    },
    **PERSONS,
}
_SEEN: Final[Example] = {
    "person": "principal",
    "is_original": True,
    "issued_on": "2026-10-01",
    "shows_name": True,
    "shows_birth_date": True,
    "shows_current_address": True,
    "address_mark": "printed",
    "my_number_shown": False,
}
EXAMINATION: Final[Example] = {
    "papers": [
        {"kind": "seal_certificate", **_SEEN},
        {"kind": "residence_certificate", **_SEEN},
    ],
    "addresses": {
        "has_registered": True,
        "form_is_registered": True,
        "identity_is_form": True,
        "on_papers": "東京都千代田区永田町二丁目11番1号",
        "registered": "東京都千代田区永田町2丁目11-1",
    },
    "form_checked": True,
}
SPELLED: Final[Example] = {
    **EXAMINATION,
    "addresses": {
        "has_registered": True,
        "form_is_registered": True,
        "form_is_registered_because": "建物名の英語表記(登録原本で確認)",
        "identity_is_form": True,
        "on_papers": "東京都港区芝1-2-3 THE TOWER 芝 1001",
        "registered": "東京都港区芝1丁目2番3号 ザ・タワー芝1001",
    },
}
RESUBMISSION: Final[Example] = {"arrived_on": "2026-12-01", "note": "住民票が届いた"}
COMPLETED: Final[Example] = {
    "arrived_on": "2026-12-01",
    "form": {"address": "東京都千代田区永田町2-11-1"},
}
PRINCIPAL: Final[Example] = {**PERSONS, "evidence": "会員番号と氏名が一致"}
NAMESAKE: Final[Example] = {
    **PRINCIPAL,
    "left_out": [
        {
            "identifier": {"scheme": "member", "id": "M-0042-7790"},
            "because": "会員登録の生年月日が申請書と異なる",
        }
    ],
}
MARRIED: Final[Example] = {
    "identifiers": [{"scheme": "member", "id": "M-0019-0305"}],
    "evidence": "会員番号と生年月日が一致",
    "names_differ": [
        {
            "identifier": {"scheme": "member", "id": "M-0019-0305"},
            "because": "婚姻により改姓(戸籍謄本で旧姓を確認)",
        }
    ],
}
DECISION: Final[Example] = {
    "withheld": [
        {
            "record": RECORD,
            "ground": "ART33_2_I",
            "reason": "第三者の権利利益を害するおそれがあるため",
            "items": ["COUNTERPARTY"],
            "causes": ["other_interest"],
        }
    ]
}
AGREED: Final[Example] = {
    "medium": "electronic",
    "medium_agreement": {"agreed_on": "2026-11-27", "how": "電話で説明し、同意を得た"},
    "points": {
        kind: {"influence": False, "because": "内容を確認し、回答に影響しない"}
        for kind in ("findings", "quarantine", "coverage", "reassessment", "bulk")
    },
}
SENT_BACK: Final[Example] = {"reason": "宛名の表記を確認してください"}
REOPENED: Final[Example] = {"reason": "前回の回答の後に、提供元が記録を訂正したため"}
DISPATCH: Final[Example] = {
    "dispatched_on": "2026-12-01",
    "item_number": "123-45-67890-1",
    "sheets": 4,
}
ON_MEDIUM: Final[Example] = {
    **DISPATCH,
    "password_letter": {"dispatched_on": "2026-12-01", "item_number": "123-45-67891-2"},
}
PASSWORD_POSTED: Final[Example] = {"dispatched_on": "2026-12-02", "item_number": "123-45-67891-2"}
DELIVERY: Final[Example] = {"delivered_on": "2026-12-02"}
RETURNED: Final[Example] = {"returned_on": "2026-12-10", "reason": "not_collected"}
EARLIER: Final[Example] = {**RETURNED, "reply": 1}
CLOSING: Final[Example] = {"note": "保有個人データの開示として回答済み"}
WITHDRAWAL: Final[Example] = {"withdrawn_on": "2026-12-01", "evidence": "取下書(12月1日到達)"}
OTHER_CASE: Final = "1f0d6a77-61a5-4f0e-8b52-2d4a4c1be901"
DOUBLE: Final[Example] = {
    "cause": "double",
    "reason": "同じ封筒を二度登録した",
    "replaced_by": OTHER_CASE,
}
WRONG_DAY: Final[Example] = {
    "cause": "wrong_day",
    "reason": "到達日は11月14日(受領印)。11月24日と登録していた",
    "replaced_by": OTHER_CASE,
}
MISTAKEN_END: Final[Example] = {"reason": "同姓同名の別の方の取下書だった"}
NO_MISTAKE: Final[Example] = {"reason": "別々に届いた二通の請求だった"}
DEATH: Final[Example] = {"learned_on": "2026-12-01", "evidence": "ご家族からの電話"}

_LINK: Final[Example] = {
    "case": OTHER_CASE,
    "number": "2026-000087",
    "arrived_on": "2026-03-02",
    "status": "closed",
}
SIMILAR_EXAMPLE: Final[Example] = {"similar": [_LINK]}
STEP_EXAMPLE: Final[Example] = {
    "case": CASE,
    "number": "2026-001841",
    "position": 1843,
    "version": 2,
    "status": "completeness_check",
    "next": [
        "documents",
        "correction-request",
        "verification",
        "refusal",
        "withdrawal",
        "death",
        "entry-mistake",
        "print-as",
    ],
    "check": {"outcome": "verified", "reasons": [], "open": []},
}
RECEIVED_EXAMPLE: Final[Example] = {
    "case": CASE,
    "number": "2026-001841",
    "position": 1841,
    "version": 1,
    "status": "received",
    "next": ["documents", "withdrawal", "death", "entry-mistake", "print-as"],
    **SIMILAR_EXAMPLE,
}
CANDIDATES_EXAMPLE: Final[Example] = {
    "as_of": 1850,
    "candidates": [
        {
            "asked": {"scheme": "member", "id": "M-0042-7781"},
            "matched": "identifier",
            "name_check": "matches",
            "identifiers": [
                {"scheme": "member", "id": "M-0042-7781", "name_check": "matches"},
                {"scheme": "contract", "id": "K-88-0417", "name_check": None},
            ],
            "provided": 12,
            "received": 3,
            "first_day": "2025-04-01",
            "last_day": "2026-10-31",
        }
    ],
    "more": False,
    "viewed_at_position": 1851,
}
WORK_LIST_EXAMPLE: Final[Example] = {
    "cases": [
        {
            "case": CASE,
            "number": "2026-001841",
            "position": 1841,
            "version": 2,
            "kind": "provision_records",
            "arrived_on": "2026-11-24",
            "name": "見＊　花＊",
            "requester": "self",
            "status": "completeness_check",
            "due": {"clock": "completeness", "on": "2026-12-01"},
            "mistake": None,
        }
    ],
    "cursor": None,
}
