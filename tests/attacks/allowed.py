"""Who may open which page: as the frozen surface says, beside what the routes themselves say.

Source: the officer's flow, section 3.7; `docs/reference/scopes.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from api.auth.people import Role
from tests.surface.seen import FROZEN, PROVED

ROLES: Final[Mapping[Role, str]] = {
    "reception": "cases:read cases:write",
    "officer": "cases:read cases:write records:read records:write reply:download",
    "approver": "cases:read cases:approve",
    "chief": "cases:read records:exclude notices:write",
    "auditor": "audit:read exports:create exports:read",
    "emitter_keeper": "events:write quarantine:write",
    "operator": "admin:config",
}
"""What each role may do at the doors. システム運用 sees nothing personal, and stands alone."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Who may open a page.

    Attributes:
        scopes: each alone suffices.
        is_proved: a fresh proof of identity is asked for.
    """

    scopes: frozenset[str]
    is_proved: bool

    def of(self, role: Role) -> bool:
        """Whether somebody with that role alone may."""
        return not self.scopes.isdisjoint(ROLES[role].split())

    def first(self) -> Role:
        """A role that may; the officer where they do."""
        order: tuple[Role, ...] = ("officer", "approver", *ROLES)
        return next(role for role in order if self.of(role))


def _read() -> Mapping[tuple[str, str], Allowed]:
    found: dict[tuple[str, str], Allowed] = {}
    for line in (FROZEN / "pages.txt").read_text("utf-8").splitlines():
        method, path, *scopes = line.removesuffix(PROVED).split(" ")
        if scopes:
            found[method, path] = Allowed(frozenset(scopes[0].split(",")), line.endswith(PROVED))
    return found


ALLOWED: Final = _read()
"""(method, pattern of the address) → who may."""
