"""Which place shows which page: every GET that answers a page has one that ends at its address."""

import re
from collections.abc import Iterable
from typing import Final

from fastapi.routing import APIRoute

from api.web.pages.route import PageRoute

SHOWN: Final[dict[str, str]] = {
    "/desk": "work list",
    "/desk/printing": "printing, after a proof",
    "/desk/new": "new request",
    "/desk/cases/{case}": "case that has arrived",
    "/desk/cases/{case}/label": "label of a case",
    "/desk/cases/{case}/evidence": "evidence",
    "/desk/cases/{case}/papers": "papers of a new case",
    "/desk/cases/{case}/records": "records, one person",
    "/desk/cases/{case}/decision": "decision, records",
    "/desk/cases/{case}/approval": "approval, to open",
    "/desk/cases/{case}/post": "post",
    "/desk/cases/{case}/keeping": "keeping",
    "/desk/cases/{case}/history": "history, asked why",
    "/desk/cases/{case}/links": "links",
    "/desk/audit": "audit",
    "/desk/audit/acts": "acts",
    "/desk/keys": "keys",
    "/desk/emitters": "emitters",
    "/desk/emitters/quarantine": "quarantine",
    "/desk/emitters/quarantine/{rejected}": "rejected item",
    "/desk/retention": "retention",
    "/desk/holds": "holds",
    "/desk/notices": "notices",
    "/desk/notices/{notice}": "a notice and its differences",
    "/desk/notices/{notice}/publication": "a notice to be typed",
    "/desk/notices/{notice}/withdrawal": "a withdrawal to be typed",
    "/desk/notices/{notice}/waiting": "a notice that was published",
    "/desk/exceptions": "findings",
    "/desk/exceptions/late": "late verdicts",
    "/desk/exceptions/{transfer}": "a record with a finding",
    "/desk/exceptions/{transfer}/correction": "correction",
    "/desk/exceptions/{transfer}/basis": "basis",
    "/desk/exceptions/{transfer}/retraction": "retraction",
    "/desk/exceptions/{transfer}/person": "persons",
    "/desk/exceptions/{transfer}/settlement": "settlement",
    "/desk/exclusions": "exclusions",
    "/desk/registers": "registers",
    "/desk/registers/{register}": "register, checked",
    "/sign-in": "sign-in",
    "/sign-in/callback": "sign-in without a role",
    "/signed-out": "signed out",
    "/problems/{suffix}": "what a problem means",
    "/desk/{rest:path}": "no such page",
}
"""Path of the route → the place that ends there."""

NO_PAGES: Final[dict[str, str]] = {
    "/": "leads to the work list",
    "/desk/cases/{case}/next": "leads to the next step of a case",
    "/sign-in/start": "leads to the provider",
    "/desk/cases/{case}/approval/button": "a part of the page of the approval, which shows it",
    "/desk/cases/{case}/approval/waiting": "answers nothing, or where to go",
    "/desk/registers/{register}/progress": "a part of the page of a register, which shows it",
    "/desk/retention/plans/{plan}/certificate": "a document",
    "/static/{name}": "style sheets, scripts and the icon",
}
"""Path of a route of the pages that never answers a page → what it answers."""

UNSTYLED: Final = frozenset(("what a problem means",))
"""The places of pages for developers, of a title and a list, that have no style sheet of ours."""

_DOCUMENT: Final = re.compile(r".*\.(?:pdf|zip|csv)")
_REFUSES: Final = frozenset(("/desk/{rest:path}", "/sign-in/callback"))
"""A page is shown there when something is refused; nowhere else does a refusal count as a look."""


def pages_of(routes: Iterable[object]) -> set[str]:
    """The paths of all routes that can be read and are of a page, or say that they answer HTML."""
    return {
        one.path
        for one in routes
        if isinstance(one, APIRoute)
        and "GET" in (one.methods or ())
        and (isinstance(one, PageRoute) or "text/html" in str(one.responses))
        and not _DOCUMENT.fullmatch(one.path)
    }


def at(place: str) -> list[str]:
    """The routes that are looked at in a place."""
    return [path for path, shown_at in SHOWN.items() if shown_at == place]


def fits(path: str, address: str) -> bool:
    """Whether an address is one of that route, and of no route that is written out instead."""
    if path != address and address in SHOWN:
        return False
    parts = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path))
    return re.fullmatch(parts, address) is not None


def may_refuse(path: str) -> bool:
    """Whether the page that the place shows is a refusal."""
    return path in _REFUSES
