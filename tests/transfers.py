"""Lawful transfers, always the same for the same id. Every person is a canary.

It imports nothing of the ledger: processes that are killed all the time start by it.
"""

from typing import Any, Final

from tests.canary import MEMBER, NAME

SOURCE: Final = "https://platform-a.example.jp/ad-export"
"""To which the keys of tests are bound."""

RECIPIENT: Final = {
    "kind": "corporation",
    "party_id": "partner-ads",
    "name": "株式会社見本広告",
    "address": "大阪府大阪市北区梅田3-1-3",
    "representative": "代表取締役 見本 一郎",
}
ITEMS: Final = ["氏名", "ご利用履歴"]


def item(id_: str, source: str = SOURCE, **changes: object) -> dict[str, Any]:
    """A provision on consent, with some members of its data changed."""
    person = {"scheme": "member", "id": f"{MEMBER}-{sum(map(ord, id_)) % 50}", "name": NAME}
    data: dict[str, object] = {
        "direction": "provided",
        "basis": "consent_27_1",
        "method": "individual",
        "transferred_on": "2026-01-15",
        "counterparty": RECIPIENT,
        "principals": [person],
        "items": ITEMS,
        "consent": {"obtained": True},
        **changes,
    }
    return {"source": source, "id": id_, "data": data}
