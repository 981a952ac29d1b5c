"""Examples of the OpenAPI document: invented parties and persons."""

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
