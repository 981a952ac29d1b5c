"""Transfers of invented people, as a shop platform would send them."""

from typing import Final

import orjson

from ledger.values import Json

SOURCE: Final = "https://shop.bench.example"

_COUNTERPARTY: Final[dict[str, Json]] = {
    "party_id": "nagame-card",
    "kind": "corporation",
    "name": "ながめカード株式会社",
    "address": "東京都千代田区外神田九丁目99番1号",
    "representative": "代表取締役 見本 一郎",
}


def data(number: int, persons: int = 1) -> dict[str, Json]:
    """One transfer: consent, domestic, one record per provision."""
    return {
        "direction": "provided",
        "basis": "consent_27_1",
        "method": "individual",
        "transferred_on": f"2026-{number % 9 + 1:02}-{number % 28 + 1:02}",
        "counterparty": dict(_COUNTERPARTY),
        "principals": [person(number + n) for n in range(persons)],
        "items": ["氏名", "住所", "電話番号", "ご利用履歴"],
        "consent": {
            "obtained": True,
            "at": "2026-01-05T10:00:00+09:00",
            "evidence": "会員規約 第12条",
        },
    }


def person(number: int) -> dict[str, Json]:
    """An invented member."""
    return {"scheme": "member", "id": f"M-{number:09}", "name": f"見本 {number % 977:03}子"}


def item(number: int, label: str) -> dict[str, Json]:
    """One item of a request. `label` keeps the ids of two runs apart."""
    return {"source": SOURCE, "id": f"{label}-{number}", "data": data(number)}


def body(first: int, count: int, label: str) -> bytes:
    """The body of one POST with `count` items."""
    return orjson.dumps({"items": [item(first + n, label) for n in range(count)]})
