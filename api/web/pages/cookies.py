"""The two cookies of the pages: of a session, and of a sign-in under way.

Over https their names begin with `__Host-`: a browser then takes them from this very host alone,
for the whole of it and never over plain http. Such a cookie is not kept over plain http, which the
settings allow on this machine alone: there the names are others, so that neither is taken for the
other.

Source: RFC 6265bis, section 4.1.3.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from api.auth.people.tickets import TICKET_S_MAX

_SESSION: Final = "sid"
_TICKET: Final = "sign-in"


def session_cookie(request: Request, pages_url: str) -> str | None:
    """What the session's cookie holds."""
    return request.cookies.get(_named(_SESSION, pages_url))


def ticket_cookie(request: Request, pages_url: str) -> str | None:
    """What the cookie of the sign-in under way holds."""
    return request.cookies.get(_named(_TICKET, pages_url))


def keep_session(response: Response, value: str, pages_url: str) -> None:
    """Let the browser keep the session until it is closed."""
    _set(response, _SESSION, value, pages_url, None)


def keep_ticket(response: Response, value: str, pages_url: str) -> None:
    """Let the browser keep the ticket while it lasts."""
    _set(response, _TICKET, value, pages_url, TICKET_S_MAX)


def forget_session(response: Response, pages_url: str) -> None:
    """Let the browser forget the session."""
    _set(response, _SESSION, "", pages_url, 0)


def forget_ticket(response: Response, pages_url: str) -> None:
    """Let the browser forget the ticket."""
    _set(response, _TICKET, "", pages_url, 0)


def _named(name: str, pages_url: str) -> str:
    return f"__Host-{name}" if _is_secure(pages_url) else f"ledger-{name}"


def _is_secure(pages_url: str) -> bool:
    return pages_url.startswith("https://")


def _set(response: Response, name: str, value: str, pages_url: str, age_s: int | None) -> None:
    response.set_cookie(
        _named(name, pages_url),
        value,
        max_age=age_s,
        path="/",
        secure=_is_secure(pages_url),
        httponly=True,
        # Lax: the provider's redirect is a navigation from another site, and must find the ticket.
        samesite="lax",
    )
