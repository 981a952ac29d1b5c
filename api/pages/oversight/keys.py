"""利用者と鍵: API keys as rows, in words; no secret of a key is kept anywhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from api.auth import ApiKey, Scope
from ledger.clock import day_in_japan

SCOPES: Final[Mapping[Scope, str]] = {
    "events:write": "提供・受領の送信",
    "events:read.own": "自分が送信した記録の参照",
    "coverage:write": "送信完了・稼働の申告",
    "cases:read": "請求の参照",
    "cases:write": "請求の処理",
    "cases:approve": "回答の承認",
    "records:read": "本人の記録の参照",
    "records:write": "記録の訂正・名寄せ・停止",
    "records:exclude": "存否に係る除外（政令第11条）",
    "notices:write": "公表事項・手続の登録",
    "quarantine:write": "隔離イベントの修復・破棄",
    "reply:download": "回答の取得",
    "exports:create": "持出しデータの作成",
    "exports:read": "持出しデータの取得",
    "exports:identified": "本人を示す持出しデータの作成・取得",
    "audit:read": "監査ログ・計測値の参照",
    "admin:config": "システムの運用",
}
"""What a key may do, in words."""

STATES: Final[Mapping[str, str]] = {"valid": "有効", "expired": "期限切れ", "revoked": "失効"}
"""State of a key → what it is called."""

_SHORT: Final = 8

SOON: Final = timedelta(days=30)
"""So long before its end a key is marked: its system must be given another one in time."""


@dataclass(frozen=True, slots=True)
class ApiKeyRow:
    """One key.

    Attributes:
        owner: whose it is, in lines; empty: nobody's.
        left: days until it expires, where they are few.
        revoked_by: the number of who revoked it on the pages.
        is_bound: whether it takes a proof by a private key.
    """

    id: str
    label: str
    state: str
    owner: tuple[str, ...]
    scopes: tuple[tuple[str, str], ...]
    source_prefix: str | None
    created_on: date
    expires_on: date
    left: int | None
    revoked_at: datetime | None
    revoked_by: str | None
    last_used_day: date | None
    is_bound: bool


def row(key: ApiKey, at: datetime) -> ApiKeyRow:
    """A key as of an instant."""
    state = key.state(at)
    is_near = state == "valid" and key.expires_at - at <= SOON
    return ApiKeyRow(
        id=key.id,
        label=key.label,
        state=state,
        owner=_owner(key),
        scopes=tuple((code, SCOPES[code]) for code in SCOPES if code in key.scopes),
        source_prefix=key.source_prefix,
        created_on=day_in_japan(key.created_at),
        expires_on=day_in_japan(key.expires_at),
        left=(key.expires_at - at).days if is_near else None,
        revoked_at=key.revoked_at,
        revoked_by=None if key.revoked_by is None else key.revoked_by[:_SHORT],
        last_used_day=key.last_used_day,
        is_bound=key.jkt is not None,
    )


def _owner(key: ApiKey) -> tuple[str, ...]:
    parts = key.owner_parts
    if len(parts) == 1:
        return (f"担当者コード {parts[0]}",)
    return () if not parts else (f"アカウント {parts[1]}", parts[0])
