"""Which place shows which page: every GET that answers a page has one that ends at its address."""

import re
from collections.abc import Iterable
from typing import Final

from fastapi.routing import APIRoute

from api.web.pages.route import PageRoute

SHOWN: Final[dict[str, str]] = {
    "/desk": "work list, name shown",
    "/desk/printing": "printing, after a proof",
    "/desk/new": "new request, defects",
    "/desk/cases/{case}": "case with its forms",
    "/desk/cases/{case}/label": "label of a case",
    "/desk/cases/{case}/evidence": "evidence, without a reason",
    "/desk/cases/{case}/papers": "papers, correction asked for",
    "/desk/cases/{case}/records": "records, another name",
    "/desk/cases/{case}/decision": "decision, withheld",
    "/desk/cases/{case}/approval": "approval, to open",
    "/desk/cases/{case}/post": "post, on a medium",
    "/desk/cases/{case}/keeping": "keeping, closed",
    "/desk/cases/{case}/history": "history",
    "/desk/cases/{case}/links": "links, somebody was first",
    "/desk/audit": "audit, one person",
    "/desk/audit/acts": "acts, one case",
    "/desk/keys": "keys, to revoke",
    "/desk/emitters": "emitters",
    "/desk/emitters/quarantine": "quarantine",
    "/desk/emitters/quarantine/{rejected}": "rejected item, checked",
    "/desk/retention": "retention",
    "/desk/holds": "holds",
    "/desk/notices": "notices",
    "/desk/notices/{notice}": "a notice and its differences",
    "/desk/notices/{notice}/publication": "a notice to be typed, defects",
    "/desk/notices/{notice}/withdrawal": "a withdrawal that is looked at",
    "/desk/notices/{notice}/waiting": "a notice that was published",
    "/desk/exceptions": "findings",
    "/desk/exceptions/late": "late verdicts",
    "/desk/exceptions/{transfer}": "a record, long",
    "/desk/exceptions/{transfer}/correction": "correction, defects",
    "/desk/exceptions/{transfer}/basis": "basis, defects",
    "/desk/exceptions/{transfer}/retraction": "retraction, defects",
    "/desk/exceptions/{transfer}/person": "persons, defects",
    "/desk/exceptions/{transfer}/settlement": "settlement, overtaken and wrong",
    "/desk/exclusions": "exclusions",
    "/desk/registers": "registers",
    "/desk/registers/{register}": "register, problems",
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
