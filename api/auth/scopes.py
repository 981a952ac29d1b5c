"""What a caller may do: scopes, and which of them exclude one another."""

from typing import Final, Literal, get_args

Scope = Literal[
    "events:write",
    "events:read.own",
    "coverage:write",
    "cases:read",
    "cases:write",
    "cases:approve",
    "records:read",
    "records:write",
    "records:exclude",
    "notices:write",
    "quarantine:write",
    "reply:download",
    "exports:create",
    "exports:read",
    "exports:identified",
    "audit:read",
    "audit:export",
    "admin:config",
]
"""A scope by name. Source: the end-point reference, `docs/reference/scopes.md`."""

_TABLE: Final[tuple[tuple[Scope, str, str], ...]] = (
    ("events:write", "Send transfers, bound to one source prefix (emitter)", "提供・受領の送信"),
    (
        "events:read.own",
        "Read the state of the transfers of its own source (emitter)",
        "自分が送信した記録の参照",
    ),
    ("coverage:write", "Declare completeness and liveness (emitter)", "送信完了・稼働の申告"),
    ("cases:read", "Read disclosure cases (desk)", "請求の参照"),
    ("cases:write", "Work on disclosure cases (desk)", "請求の処理"),
    ("cases:approve", "Approve what another person prepared (approver)", "回答の承認"),
    ("records:read", "Read a person's records for a case (officer)", "本人の記録の参照"),
    (
        "records:write",
        "Correct, retract, reclassify, settle, link, rename, direct (officer)",
        "記録の訂正・名寄せ・停止",
    ),
    ("records:exclude", "Mark records under Order 11 (chief)", "存否に係る除外（政令第11条）"),
    (
        "notices:write",
        "Publish notices and the procedure for requests (legal)",
        "公表事項・手続の登録",
    ),
    (
        "quarantine:write",
        "Repair or discard rejected items; discarding takes two (operations)",
        "隔離イベントの修復・破棄",
    ),
    ("reply:download", "Fetch approved replies (dispatcher)", "回答の取得"),
    ("exports:create", "Make exports (auditor)", "持出しデータの作成"),
    ("exports:read", "Fetch exports (auditor)", "持出しデータの取得"),
    (
        "exports:identified",
        "Beside these: exports that name persons, or are of one (nobody's role)",
        "本人を示す持出しデータの作成・取得",
    ),
    ("audit:read", "Read the audit trail and the metrics (auditor)", "監査ログ・計測値の参照"),
    (
        "audit:export",
        "Ask for, or approve, the whole ledger in a bag, which takes two (nobody's role)",
        "監査用の袋(台帳の全部)の求め・承認",
    ),
    (
        "admin:config",
        "Operate the system; excludes every other scope (operations)",
        "システムの運用",
    ),
)
SCOPES: Final[dict[Scope, str]] = {scope: words for scope, words, _ in _TABLE}
"""Every scope and what it allows."""
SCOPES_JA: Final[dict[Scope, str]] = {scope: words for scope, _, words in _TABLE}
"""The same in Japanese, for the page of API keys."""

OF_PERSONS: Final[frozenset[Scope]] = frozenset(("cases:write", "cases:approve", "audit:export"))
"""Of steps of a case or an audit bag: who takes one may not approve it, so each is a person's."""

TAKES_TWO: Final[frozenset[Scope]] = OF_PERSONS | frozenset[Scope](
    ("records:exclude", "quarantine:write")
)
"""Scopes with an act that takes two persons: a key with one of them has a person as its owner."""

_KNOWN: Final[dict[str, Scope]] = {scope: scope for scope in SCOPES}


def known(names: frozenset[str] | set[str]) -> frozenset[Scope]:
    """The scopes among `names`; what is not ours (`openid`, `profile`) is left out."""
    return frozenset(_KNOWN[name] for name in names if name in _KNOWN)


def exclude_one_another(scopes: frozenset[Scope]) -> bool:
    """Whether `admin:config` stands beside another scope: who operates sees no records."""
    return "admin:config" in scopes and len(scopes) > 1


assert set(get_args(Scope)) == set(SCOPES), "every scope has a description"
