"""The roles of the desk, and the scopes that each has at the endpoints.

Source: the officer's flow, section 3.7; `docs/reference/scopes.md`.
"""

from collections.abc import Collection, Mapping
from typing import Final

from api.auth import Scope
from api.settings.environment import ROLES, Role

LABELS: Final[Mapping[Role, str]] = {
    "reception": "受付担当",
    "officer": "開示担当",
    "approver": "承認者",
    "chief": "管理責任者",
    "auditor": "監査者",
    "emitter_keeper": "送信元管理",
    "operator": "システム運用",
}
"""What each role is called on the pages."""

_SCOPES: Final[Mapping[Role, frozenset[Scope]]] = {
    "reception": frozenset(("cases:read", "cases:write")),
    "officer": frozenset(
        ("cases:read", "cases:write", "records:read", "records:write", "reply:download")
    ),
    "approver": frozenset(("cases:read", "cases:approve")),
    "chief": frozenset(("cases:read", "records:exclude", "notices:write")),
    "auditor": frozenset(("audit:read", "exports:create", "exports:read")),
    # Who answers for what emitters send also brings in what they kept before (0067).
    "emitter_keeper": frozenset(("quarantine:write", "events:write")),
    "operator": frozenset(("admin:config",)),
}

assert set(ROLES) == set(LABELS) == set(_SCOPES), "every role has a label and scopes"


def known(names: Collection[str]) -> tuple[Role, ...]:
    """The roles among `names`, in the order of `LABELS`."""
    return tuple(role for role in LABELS if role in names)


def scopes_of(roles: Collection[Role]) -> frozenset[Scope]:
    """What somebody with these roles may do."""
    return frozenset[Scope]().union(*(_SCOPES[role] for role in roles))
