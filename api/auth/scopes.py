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
    "admin:config",
]
"""A scope by name. Source: the end-point reference, `docs/reference/scopes.md`."""

SCOPES: Final[dict[Scope, str]] = {
    "events:write": "Send transfers, bound to one source prefix (emitter)",
    "events:read.own": "Read the state of the transfers of its own source (emitter)",
    "coverage:write": "Declare completeness and liveness (emitter)",
    "cases:read": "Read disclosure cases (desk)",
    "cases:write": "Work on disclosure cases (desk)",
    "cases:approve": "Approve what another person prepared (approver)",
    "records:read": "Read a person's records for a case (officer)",
    "records:write": "Correct, retract, reclassify, settle, link, rename, direct (officer)",
    "records:exclude": "Mark records under Order 11 (chief)",
    "notices:write": "Publish notices and the procedure for requests (legal)",
    "quarantine:write": "Repair or discard rejected items; discarding takes two (operations)",
    "reply:download": "Fetch approved replies (dispatcher)",
    "exports:create": "Make exports (auditor)",
    "exports:read": "Fetch exports (auditor)",
    "exports:identified": "Beside these: exports that name persons, or are of one (nobody's role)",
    "audit:read": "Read the audit trail and the metrics (auditor)",
    "admin:config": "Operate the system; excludes every other scope (operations)",
}
"""Every scope and what it allows."""

OF_CASES: Final[frozenset[Scope]] = frozenset(("cases:write", "cases:approve"))
"""Scopes of the steps of a case: who takes one may not approve it, so each is a person's."""

TAKES_TWO: Final[frozenset[Scope]] = OF_CASES | frozenset[Scope](
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
