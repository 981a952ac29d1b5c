"""Who may open which page: said here once more, by hand, beside what the routes themselves say.

Whoever adds a page says here who may open it; whoever changes a guard changes it here too.
Source: the officer's flow, section 3.7; `docs/reference/scopes.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from api.auth.people import Role

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

_PROVED: Final = "proved "

_PAGES: Final[Mapping[str, str]] = {
    "cases:read": """
        POST /desk/search
        GET /desk/cases/{case}
        GET /desk/cases/{case}/label
        GET /desk/cases/{case}/next
        GET /desk/cases/{case}/papers
        GET /desk/cases/{case}/approval
        GET /desk/cases/{case}/post
        GET /desk/cases/{case}/keeping
        """,
    "proved cases:read": """
        POST /desk/cases/{case}/name
        """,
    "cases:write": """
        GET|POST /desk/new
        POST /desk/new/draft
        POST /desk/new/discard
        POST /desk/cases/{case}/entry-mistake
        POST /desk/cases/{case}/end-mistake
        POST /desk/cases/{case}/withdrawal
        POST /desk/cases/{case}/death
        POST /desk/cases/{case}/papers
        POST /desk/cases/{case}/papers/verification
        POST /desk/cases/{case}/papers/correction
        POST /desk/cases/{case}/papers/refusal
        POST /desk/cases/{case}/papers/resubmission
        POST /desk/cases/{case}/papers/same-papers
        POST /desk/cases/{case}/papers/rows/{row}
        POST /desk/cases/{case}/papers/result
        POST /desk/cases/{case}/papers/draft
        POST /desk/cases/{case}/papers/discard
        GET /desk/cases/{case}/papers/correction.pdf
        GET /desk/cases/{case}/letters/{kind}.pdf
        GET|POST /desk/cases/{case}/records
        POST /desk/cases/{case}/records/draft
        POST /desk/cases/{case}/records/discard
        POST /desk/cases/{case}/decision
        POST /desk/cases/{case}/decision/draft
        POST /desk/cases/{case}/decision/discard
        GET /desk/cases/{case}/approval/waiting
        POST /desk/cases/{case}/post
        POST /desk/cases/{case}/post/draft
        POST /desk/cases/{case}/post/discard
        GET /desk/cases/{case}/post/method.pdf
        POST /desk/cases/{case}/keeping/password-letter
        POST /desk/cases/{case}/keeping/delivery
        POST /desk/cases/{case}/keeping/returned-mail
        POST /desk/cases/{case}/keeping/close
        POST /desk/cases/{case}/keeping/reopen
        POST /desk/cases/{case}/keeping/draft
        POST /desk/cases/{case}/keeping/discard
        """,
    "proved cases:write": """
        GET /desk/cases/{case}/decision
        GET /desk/cases/{case}/decision/preview.pdf
        """,
    "cases:approve": """
        GET /desk/cases/{case}/approval/button
        """,
    "proved cases:approve": """
        POST /desk/cases/{case}/mistake-confirmation
        POST /desk/cases/{case}/approval
        """,
    "cases:write cases:approve": """
        POST /desk/cases/{case}/mistake-dismissal
        POST /desk/cases/{case}/approval/return
        POST /desk/cases/{case}/approval/draft
        POST /desk/cases/{case}/approval/discard
        POST /desk/cases/{case}/draft
        POST /desk/cases/{case}/discard
        """,
    "proved cases:write cases:approve": """
        GET /desk/cases/{case}/approval/reply.pdf
        GET /desk/cases/{case}/approval/method.pdf
        """,
    "reply:download": """
        GET /desk/printing
        """,
    "proved reply:download": """
        POST /desk/printing
        GET /desk/cases/{case}/post/reply.pdf
        GET /desk/cases/{case}/post/reply.zip
        GET /desk/cases/{case}/post/medium.zip
        GET /desk/cases/{case}/post/password.pdf
        GET /desk/cases/{case}/keeping/reply.pdf
        GET /desk/cases/{case}/keeping/reply.zip
        """,
    "cases:write reply:download": """
        GET /desk/cases/{case}/post/address.pdf
        GET /desk/cases/{case}/post/label.pdf
        """,
    "reply:download audit:read": """
        GET /desk/cases/{case}/evidence
        """,
    "proved reply:download audit:read": """
        POST /desk/cases/{case}/evidence
        """,
    "audit:read": """
        GET|POST /desk/audit
        GET|POST /desk/audit/acts
        """,
    "records:read": """
        POST /desk/cases/{case}/history
        """,
    "proved records:read": """
        GET /desk/cases/{case}/history
        """,
    "records:write": """
        GET|POST /desk/cases/{case}/links
        POST /desk/cases/{case}/links/look
        POST /desk/cases/{case}/links/unlink
        GET /desk/exceptions
        GET /desk/exceptions/late
        POST /desk/exceptions/late/{transfer}/reassess
        GET /desk/exceptions/{transfer}
        GET|POST /desk/exceptions/{transfer}/correction
        GET|POST /desk/exceptions/{transfer}/basis
        GET|POST /desk/exceptions/{transfer}/retraction
        GET|POST /desk/exceptions/{transfer}/settlement
        """,
    "proved records:write": """
        POST /desk/exceptions/{transfer}/persons
        GET|POST /desk/exceptions/{transfer}/person
        """,
    "admin:config": """
        GET /desk/keys
        POST /desk/keys/command
        """,
    "proved admin:config": """
        POST /desk/emitters
        POST /desk/keys/{key}/revoke
        """,
    "events:write": """
        GET|POST /desk/registers
        GET /desk/registers/{register}
        GET /desk/registers/{register}/progress
        GET /desk/registers/{register}/problems.csv
        POST /desk/registers/{register}/reading
        POST /desk/registers/{register}/mapping
        POST /desk/registers/{register}/check
        POST /desk/registers/{register}/discard
        """,
    "proved events:write": """
        POST /desk/registers/{register}/import
        """,
    "cases:read records:read audit:read quarantine:write admin:config": """
        GET /desk/emitters
        """,
    "quarantine:write": """
        GET /desk/emitters/quarantine
        """,
    "proved quarantine:write": """
        GET|POST /desk/emitters/quarantine/{rejected}
        POST /desk/emitters/quarantine/{rejected}/discard
        """,
    "audit:read records:exclude admin:config": """
        GET /desk/retention
        GET /desk/retention/plans/{plan}/certificate
        """,
    "records:exclude admin:config": """
        POST /desk/retention/plans
        """,
    "records:write records:exclude audit:read": """
        GET /desk/holds
        """,
    "records:write records:exclude": """
        POST /desk/holds
        """,
    "records:exclude": """
        POST /desk/exclusions
        """,
    "proved records:exclude": """
        POST /desk/holds/{hold}/release
        GET /desk/exclusions
        POST /desk/exclusions/lift
        POST /desk/exclusions/look
        """,
    "notices:write": """
        GET|POST /desk/notices/{notice}/publication
        POST /desk/notices/{notice}/publication/draft
        POST /desk/notices/{notice}/publication/discard
        GET /desk/notices/{notice}/waiting
        GET|POST /desk/notices/{notice}/withdrawal
        """,
    "proved notices:write": """
        POST /desk/notices/{notice}/publication/publish
        POST /desk/notices/{notice}/withdrawal/withdraw
        """,
    "notices:write records:read audit:read": """
        GET /desk/notices
        GET /desk/notices/{notice}
        """,
    "admin:config audit:read cases:read notices:write quarantine:write records:exclude records:read"
    " records:write": """
        GET /desk
        GET|POST /desk/{rest:path}
        """,
}


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
    for told, pages in _PAGES.items():
        allowed = Allowed(frozenset(told.removeprefix(_PROVED).split()), told.startswith(_PROVED))
        for line in pages.strip().splitlines():
            methods, path = line.split()
            for method in methods.split("|"):
                assert (method, path) not in found, line
                found[method, path] = allowed
    return found


ALLOWED: Final = _read()
"""(method, pattern of the address) → who may."""
