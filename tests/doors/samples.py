"""Transfers and other bodies for the tests of the doors. Every person is a canary."""

from typing import Any, Final

from api.auth import Scope
from ledger.clock import day_in_japan, now
from tests import transfers
from tests.canary import MEMBER, NAME

SOURCE = transfers.SOURCE
OTHER_SOURCE = "https://platform-b.example.jp/crm"
REMOVED = object()
EVERYTHING: Final[tuple[Scope, ...]] = (
    "events:write",
    "records:read",
    "records:write",
    "notices:write",
    "quarantine:write",
    "cases:read",
    "cases:write",
)
"""All that the doors of today ask for, but marking under Order 11."""

RECIPIENT, ITEMS = transfers.RECIPIENT, transfers.ITEMS
PERSON = {"scheme": "member", "id": MEMBER, "name": NAME}


def today() -> str:
    return day_in_japan(now()).isoformat()


def provision(**changes: object) -> dict[str, Any]:
    """A lawful provision on consent, with some members changed or removed."""
    data: dict[str, object] = {
        "direction": "provided",
        "basis": "consent_27_1",
        "method": "individual",
        "transferred_on": today(),
        "counterparty": RECIPIENT,
        "principals": [PERSON],
        "items": ITEMS,
        "consent": {"obtained": True},
        **changes,
    }
    return {member: value for member, value in data.items() if value is not REMOVED}


def receipt(**changes: object) -> dict[str, Any]:
    """A lawful receipt on consent."""
    base: dict[str, object] = {"direction": "received", "acquisition": "本人の同意を得て取得"}
    return provision(**{**base, **changes})


def joint_use(**changes: object) -> dict[str, Any]:
    """A transfer under the notice of `notice()`."""
    base: dict[str, object] = {
        "basis": "joint_use_27_5_iii",
        "notice_id": "ju-doors",
        "purpose": "service",
        "consent": REMOVED,
        "counterparty": {**RECIPIENT, "party_id": "group-travel"},
    }
    return provision(**{**base, **changes})


def notice(**changes: object) -> dict[str, Any]:
    """A joint-use notice that covers `joint_use()`."""
    return {
        "kind": "joint_use",
        "notice_id": "ju-doors",
        "owner": "us",
        "title": "グループ共同利用",
        "version": {
            "version": "2025-04",
            "in_force_from": "2025-04-01",
            "published_on": "2025-03-25",
            "scope": [
                {"party_id": "us", "name": "例示ホールディングス株式会社"},
                {"party_id": "group-travel", "name": "例示トラベル株式会社"},
            ],
            "items": [{"category": "基本情報", "listed": ITEMS}],
            "purposes": [{"code": "service", "label": "サービスの提供"}],
            "responsible": {
                "name": "例示ホールディングス株式会社",
                "address": "東京都千代田区丸の内1-1-1",
                "representative": "代表取締役 例示 太郎",
            },
        },
        **changes,
    }
