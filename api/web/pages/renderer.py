"""Templates become pages, with the headers that keep them to themselves.

Source: Content Security Policy Level 3; Trusted Types; HTML, section 7.1.3.
"""

import secrets
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from api.auth.people import LABELS, Called, SignedInUser, called
from api.problems.answers import REQUEST_ID
from api.problems.kind import DEFECTS_JA
from api.web.items import random_command
from api.web.pages import citations, days, words
from api.web.pages.assets import address
from api.web.pages.forms import TOKEN
from api.web.pages.navigation import home_of, pages_of
from api.web.services import services_of
from ledger.crypto.epoch import demo_secret

_POLICY: Final = (
    "default-src 'none'",
    "object-src 'none'",
    "script-src 'self' 'nonce-{nonce}'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types htmx",
)
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Vary": "Cookie",
}
"""Of every page, besides the policy and what `api.observability` gives every answer."""

_SHARED: Final = Path(__file__).with_name("templates")
_RESOURCES: Final = Path(__file__).parents[2] / "resources"


def _loader() -> ChoiceLoader:
    """`base.html` and `parts/…` are shared; `holds/holds.html` lies with the pages of holds."""
    nouns = {one.parent.name: FileSystemLoader(one) for one in _RESOURCES.glob("*/templates")}
    return ChoiceLoader([FileSystemLoader(_SHARED), PrefixLoader(nouns)])


def _environment() -> Environment:
    made = Environment(
        loader=_loader(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {
        "short": days.short,
        "in_full": days.in_full,
        "by_era": days.by_era,
        "instant": days.instant,
        "cited": citations.cited,
    }
    template_globals: dict[str, Any] = {
        "asset": address,
        "words": words,
        "defect_words": DEFECTS_JA,
        "eras": days.ERAS,
        "calendar": days.CALENDAR,
        "role_labels": LABELS,
        "TOKEN": TOKEN,
        "fresh_command": random_command,
    }
    made.globals.update(template_globals)
    return made


_ENVIRONMENT: Final = _environment()


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:  # noqa: ANN401 -- what a template needs is its own matter
    """A page, or the part of one that a script asked for."""
    nonce = secrets.token_urlsafe(16)
    settings = services_of(request).settings
    user = cast("SignedInUser | None", getattr(request.state, "user", None))
    colleagues: Called = {} if user is None else user.colleagues
    shown = _ENVIRONMENT.get_template(template).render(
        user=user,
        # Actor → what the page calls them.
        colleague=partial(called, colleagues),
        places=pages_of(user),
        home=home_of(user),
        here=request.url.path,
        nonce=nonce,
        # The demo's secret is published: whoever has it set serves a demo, whatever it is called.
        is_demo=settings.secret == demo_secret(),
        request_id=request.scope.get(REQUEST_ID, ""),
        # Scheme of an identifier → what it is called; one that is not there, by its code.
        schemes=settings.kinds,
        **context,
    )
    headers = {**HEADERS, "Content-Security-Policy": "; ".join(_POLICY).format(nonce=nonce)}
    return HTMLResponse(shown, status, headers)


def go(address: str) -> RedirectResponse:
    """Send the browser to another page with a GET (303)."""
    return RedirectResponse(address, 303, HEADERS)


def is_part(request: Request) -> bool:
    """Whether a script asks for a part of a page."""
    return request.headers.get("hx-request") == "true"
