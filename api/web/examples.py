"""Examples of the OpenAPI document: invented parties and persons."""

import json
from typing import cast

from ledger.values import Json

PROVIDED: dict[str, Json] = {
    "direction": "provided",
    "basis": "consent_27_1",
    "method": "individual",
    "transferred_on": "2026-11-24",
    "counterparty": {
        "kind": "corporation",
        "party_id": "partner-ads",
        "name": "株式会社パートナー広告",
        "address": "大阪府大阪市北区梅田3-1-3",
        "representative": "代表取締役 例示 花子",
    },
    "principals": [{"scheme": "member", "id": "M-0042-7781", "name": "見本 太郎"}],
    "items": ["氏名", "ご利用履歴"],
    "consent": {"obtained": True, "at": "2026-05-01T12:00:00+09:00"},
}
ITEM: dict[str, Json] = {
    "source": "https://platform.example.jp/ad-export",
    "id": "2026-11-24/0007",
    "data": PROVIDED,
}
TRANSFERS: dict[str, Json] = {
    "one provision": {
        "summary": "One provision on consent (第27条第1項)",
        "value": {"items": [ITEM]},
    }
}
CLOUDEVENT: dict[str, Json] = {
    "specversion": "1.0",
    "id": "2026-11-24/0007",
    "source": "https://platform.example.jp/ad-export",
    "type": "jp.example.ledger.transfer.v1",
    "datacontenttype": "application/json",
    "data": PROVIDED,
}
BATCHED: list[Json] = [CLOUDEVENT]
LINES_EXAMPLE = json.dumps(CLOUDEVENT, ensure_ascii=False) + "\n"
_TRANSFER_ID = "5c1f0a52-7d0e-8c31-9f55-0d5f0e0b7a11"
_VERDICT: dict[str, Json] = {
    "duty": "art29",
    "statutory_items": ["CONSENT", "COUNTERPARTY", "PRINCIPAL", "ITEMS"],
    "retain_through": "2029-11-24",
    "findings": [],
    "lawful": True,
}
RESULT: dict[str, Json] = {
    "status": "recorded",
    "position": 1841,
    "transfer": _TRANSFER_ID,
    **_VERDICT,
}
RESULTS_EXAMPLE: dict[str, Json] = {
    "results": [RESULT],
    "counts": {"recorded": 1},
    "position": 1841,
}
CHECKED_EXAMPLE: dict[str, Json] = {
    "results": [{"status": "checked", "judged_at": 1840, **_VERDICT}],
}
TRANSFER_EXAMPLE: dict[str, Json] = {
    "transfer": _TRANSFER_ID,
    "source": ITEM["source"],
    "id": ITEM["id"],
    "data": PROVIDED,
    "recorded_on": "2026-11-24",
    **_VERDICT,
    "persons": 1,
    "retracted": None,
    "position": 1841,
    "events": [
        {
            "position": 1841,
            "type": "provision-recorded",
            "at": "2026-11-24T00:03:02.120Z",
            "version": 1,
        }
    ],
}
REQUEST: dict[str, Json] = {
    "identifiers": [{"scheme": "member", "id": "M-0042-7781"}],
    "case": "C-2026-0031",
    "reason": "開示請求の調査",
    "after": 1841,
}
HISTORY_EXAMPLE: dict[str, Json] = {
    "as_of": 1841,
    "identifiers": [{"scheme": "member", "id": "M-0042-7781"}],
    "names_since": [],
    "provisions": [
        {
            "position": 1841,
            "positions": [1841],
            "transfer": _TRANSFER_ID,
            "recorded_at": "2026-11-24T00:03:02.120Z",
            "statutory": [
                {"code": "CONSENT", "value": True},
                {"code": "ITEMS", "value": ["氏名", "ご利用履歴"]},
            ],
            "rest": {"transferred_on": "2026-11-24", "recorded_on": "2026-11-24"},
            **_VERDICT,
        }
    ],
    "receipts": [],
    "referable_provisions": [],
    "joint_uses": [],
    "voluntary_entries": [],
    "retracted_entries": [],
    "cursor": None,
    "viewed_at_position": 1842,
}
JOINT_USE: dict[str, Json] = {
    "kind": "joint_use",
    "notice_id": "ju-group",
    "owner": "us",
    "title": "グループ共同利用",
    "version": {
        "version": "2026-04",
        "in_force_from": "2026-04-01",
        "published_on": "2026-03-25",
        "scope": [{"party_id": "group-travel", "name": "例示トラベル株式会社"}],
        "items": [{"category": "基本情報", "listed": ["氏名", "住所"]}],
        "purposes": [{"code": "service", "label": "サービスの提供", "examples": ["予約の管理"]}],
        "responsible": {
            "name": "例示ホールディングス株式会社",
            "address": "東京都千代田区丸の内1-1-1",
            "representative": "代表取締役 例示 太郎",
        },
    },
}
SUCCESSION: dict[str, Json] = {
    **JOINT_USE,
    "version": {
        **cast("dict[str, Json]", JOINT_USE["version"]),
        "version": "2026-10",
        "in_force_from": "2026-10-01",
        "published_on": "2026-09-20",
        "scope": [{"party_id": "group-hotel", "name": "例示ホテル株式会社"}],
    },
    "stated": {"successions": [{"from": "group-travel", "to": "group-hotel"}]},
}
PUBLISHED_EXAMPLE: dict[str, Json] = {
    "position": 1850,
    "stream": _TRANSFER_ID,
    "changes": [
        {
            "kind": "succession_of_user",
            "pointer": "/version/scope/0",
            "code": "SUCCESSION_OF_USER",
            "lawful": True,
            "article": "27(5)(iii), 27(6)",
        }
    ],
}
OPT_OUT: dict[str, Json] = {
    "kind": "opt_out",
    "notice_id": "oo-list",
    "available_from": "2026-03-01",
    "filed_on": "2026-03-01",
    "start_planned": "2026-04-01",
    "items": ["氏名", "住所"],
}
NOTICES_EXAMPLE: dict[str, Json] = {
    "notices": [{**OPT_OUT, "withdrawn_on": None, "versions": [], "positions": [1]}],
}
QUARANTINE_EXAMPLE: dict[str, Json] = {
    "items": [
        {
            "id": _TRANSFER_ID,
            "received_at": "2026-11-24T00:03:02.120Z",
            "item": {"source": ITEM["source"], "id": ITEM["id"], "data": {"direction": "provided"}},
            "errors": [
                {
                    "pointer": "/items/0/data/basis",
                    "code": "SCHEMA",
                    "detail": "state `basis` (Act 27 to 31)",
                }
            ],
            "attempts": 1,
            "state": "open",
        }
    ],
    "cursor": None,
}
RECORDED_SINCE_EXAMPLE: dict[str, Json] = {
    "items": [
        {
            "id": _TRANSFER_ID,
            "received_at": "2026-11-24T00:03:02.120Z",
            "codes": ["SCHEMA"],
            "attempts": 1,
            "state": "recorded_since",
            "transfer": _TRANSFER_ID,
            "position": 1850,
        }
    ]
}
DISCARD_EXAMPLE: dict[str, Json] = {"id": _TRANSFER_ID, "state": "discard_proposed"}
REASSESSMENTS_EXAMPLE: dict[str, Json] = {
    "proposals": [
        {
            "transfer": _TRANSFER_ID,
            "cause_position": 1850,
            "judged_at": 1850,
            "before": _VERDICT,
            "after": _VERDICT,
            "persons": [
                {
                    "scheme": "member",
                    "id": "M-0042-7781",
                    "before": None,
                    "after": {**_VERDICT, "findings": ["CONSENT_WITHDRAWN"], "lawful": False},
                }
            ],
        }
    ],
    "cursor": None,
}
_PAIR: dict[str, Json] = {
    "a": {"scheme": "member", "id": "M-0042-7781"},
    "b": {"scheme": "contract", "id": "K-88-0417"},
}
PAIR: dict[str, Json] = {**_PAIR, "evidence": "住民票と契約情報"}
STOP: dict[str, Json] = {
    "principal": {"scheme": "member", "id": "M-0042-7781"},
    "kind": "consent_withdrawn",
    "day": "2026-11-24",
    "reference": "受付 2026-0187",
}
RENAME: dict[str, Json] = {
    "principal": {"scheme": "member", "id": "M-0042-7781"},
    "name": "新姓 太郎",
}
CORRECTION: dict[str, Json] = {
    "changes": {"items": ["氏名", "住所"]},
    "reason": "項目の記載漏れ",
}
RECLASSIFICATION: dict[str, Json] = {"basis": "none", "reason": "同意書が見つからない"}
RETRACTION: dict[str, Json] = {"reason": "not_occurred", "note": "送信前に取りやめた"}
SETTLEMENT: dict[str, Json] = {
    "codes": ["CONSENT_NOT_OBTAINED"],
    "action": "reported",
    "reason": "個人情報保護委員会に報告し、本人に通知した",
}
DECISION: dict[str, Json] = {"cause_position": 1850, "reason": "停止の届出が遅れて届いた"}
WITHDRAWAL: dict[str, Json] = {"day": "2026-12-01", "reason": "共同利用の終了"}
