"""Transfers to emit. It imports nothing of the ledger: processes that are killed all the time start
by it.
"""

from typing import Any, Final

from ledger_emitter import Backoff, Item
from tests.canary import MEMBER, NAME

SOURCE: Final = "https://platform-a.example.jp/ad-export"
"""As `tests.doors.samples.SOURCE`, to which the keys are bound."""

HASTY: Final = Backoff(first_s=0.02, span_s_max=0.2, pause_s=0.2)
"""As in production, but without letting a test wait for minutes."""


def item(id_: str, source: str = SOURCE, **changes: object) -> Item:
    """A lawful provision on consent; always the same for the same id."""
    data: dict[str, Any] = {
        "direction": "provided",
        "basis": "consent_27_1",
        "method": "individual",
        "transferred_on": "2026-01-15",
        "counterparty": {
            "kind": "corporation",
            "party_id": "partner-ads",
            "name": "株式会社見本広告",
            "address": "大阪府大阪市北区梅田3-1-3",
            "representative": "代表取締役 見本 一郎",
        },
        "principals": [
            {"scheme": "member", "id": f"{MEMBER}-{sum(map(ord, id_)) % 50}", "name": NAME}
        ],
        "items": ["氏名", "ご利用履歴"],
        "consent": {"obtained": True},
        **changes,
    }
    return Item(source, id_, data)
