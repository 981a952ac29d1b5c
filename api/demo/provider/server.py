# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# (authlib brings no types)
"""The addresses of the demo's provider, on loopback; a thread of `ledger demo` serves them."""

import secrets
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Final, cast
from urllib.parse import parse_qs

import httpx2
from authlib.oauth2 import OAuth2Error
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from api.auth.people.identity import LOGGED_OUT
from api.demo.loopback import HOST, serving
from api.demo.provider.grants import ALGORITHM, Grants, ProviderRequest, User
from api.demo.provider.identities import CLIENT_ID, IDENTITIES
from api.server.supervisor import listening_socket, url_of

_COOKIE: Final = "demo-provider"
_LOGOUT_S: Final = 5.0
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none';"
    " frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_PAGE: Final = """\
<!doctype html>
<html lang="ja"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}（デモ）</title>
<style>
body {{ margin: 0; color: #1a1a1a; font: 1rem/1.7 "Noto Sans JP", sans-serif; }}
.demo {{ margin: 0; padding: .5rem 1rem; background: #fbf5e0; border-bottom: 2px solid #927200;
  text-align: center; }}
main {{ max-width: 34rem; margin: 0 auto; padding: 1rem; }}
h1 {{ font-size: 1.5rem; line-height: 1.4; }}
ul {{ padding: 0; list-style: none; }}
li {{ margin: .5rem 0; }}
button, .button {{ display: block; box-sizing: border-box; width: 100%; padding: .75rem 1rem;
  border: 1px solid #1a1a1a; border-radius: .5rem; background: #fff; color: #0017c1; font: inherit;
  text-align: left; cursor: pointer; }}
button:hover {{ background: #e8f1fe; }}
button span {{ display: block; color: #4d4d4d; font-size: .875rem; }}
:focus-visible {{ outline: 4px solid #000; outline-offset: 2px; }}
</style></head><body>
<p class="demo"><strong>デモ</strong>　架空の人物を選ぶだけの認証サービスです。
パスワードはありません。</p>
<main><h1>{title}</h1>{body}</main></body></html>
"""


class DemoProvider:
    """The provider, while its context is open.

    Args:
        pages_url: the origin of the ledger's pages.
    """

    def __init__(self, issuer: str, pages_url: str) -> None:
        self.issuer = issuer
        self._pages_url = pages_url
        self.grants = Grants(issuer, f"{pages_url}/sign-in/callback")
        self.app: Final = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._metadata),
                Route("/jwks", self._keys),
                Route("/authorize", self._authorize, methods=["GET"]),
                Route("/authorize", self._chosen, methods=["POST"]),
                Route("/token", self._token, methods=["POST"]),
                Route("/end", self._end, methods=["GET", "POST"]),
            ]
        )

    @classmethod
    @contextmanager
    def running(cls, pages_url: str, port: int = 0) -> Generator["DemoProvider"]:
        """A provider that listens on loopback.

        Raises:
            AddressError: the port is taken.
        """
        with listening_socket(HOST, port) as listening:
            provider = cls(url_of(listening), pages_url)
            with serving(provider.app, listening, "provider"):
                yield provider

    async def _metadata(self, request: Request) -> Response:
        del request
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "end_session_endpoint": f"{self.issuer}/end",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [ALGORITHM],
                "token_endpoint_auth_methods_supported": ["none"],
                "code_challenge_methods_supported": ["S256"],
                "scopes_supported": ["openid", "profile"],
                "backchannel_logout_supported": True,
                "backchannel_logout_session_supported": True,
            }
        )

    async def _keys(self, request: Request) -> Response:
        del request
        return JSONResponse(KeySet([self.grants.key]).as_dict(private=False))

    async def _authorize(self, request: Request) -> Response:
        try:
            self.grants.get_consent_grant(await _read_request(request))
        except OAuth2Error as error:
            return _render_page("サインインできません", f"<p>{escape(str(error.error))}</p>", 400)
        action = escape(f"/authorize?{request.url.query}")
        buttons = "".join(
            f'<li><button name="identity" value="{one.subject}">{one.name}'
            f"<span>{one.duty}</span></button></li>"
            for one in IDENTITIES
        )
        body = f'<form method="post" action="{action}"><ul>{buttons}</ul></form>'
        return _render_page("誰としてサインインしますか", body)

    async def _chosen(self, request: Request) -> Response:
        oauth_request = await _read_request(request)
        chosen = oauth_request.form.get("identity")
        identity = next((one for one in IDENTITIES if one.subject == chosen), None)
        session = secrets.token_urlsafe(16)
        user = None if identity is None else User(identity, time.time(), session)
        try:
            grant = self.grants.get_consent_grant(oauth_request, user)
        except OAuth2Error as error:
            return _render_page("サインインできません", f"<p>{escape(str(error.error))}</p>", 400)
        made = self.grants.create_authorization_response(oauth_request, user, grant)
        response = cast("Response", made)
        response.set_cookie(_COOKIE, session, httponly=True, samesite="lax")
        return response

    async def _token(self, request: Request) -> Response:
        oauth_request = await _read_request(request)
        made = await run_in_threadpool(self.grants.create_token_response, oauth_request)
        return cast("Response", made)

    async def _end(self, request: Request) -> Response:
        """Log out here, and tell the ledger so (back-channel)."""
        if session := request.cookies.get(_COOKIE):
            await run_in_threadpool(self.log_out, session)
        link = f'<p><a href="{escape(self._pages_url)}/sign-in">台帳のサインイン画面へ</a></p>'
        response = _render_page("認証サービスからサインアウトしました", link)
        response.delete_cookie(_COOKIE)
        return response

    def log_out(self, session: str) -> int:
        """Tell the pages that the session has ended; the status that they answer."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_urlsafe(16),
            "sid": session,
            "events": {LOGGED_OUT: {}},
        }
        header = {"alg": ALGORITHM, "kid": "demo-1", "typ": "logout+jwt"}
        token = jwt.encode(header, claims, self.grants.key)
        try:
            answer = httpx2.post(
                f"{self._pages_url}/sign-in/ended-by-provider",
                data={"logout_token": token},
                timeout=_LOGOUT_S,
                trust_env=False,
            )
        except httpx2.HTTPError:
            return 0
        return answer.status_code


async def _read_request(request: Request) -> ProviderRequest:
    query: dict[str, Sequence[str]] = {**parse_qs(request.url.query, keep_blank_values=True)}
    form = parse_qs((await request.body()).decode("latin-1"), keep_blank_values=True)
    return ProviderRequest(
        request.method, query, {name: values[0] for name, values in form.items()}
    )


def _render_page(title: str, body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(_PAGE.format(title=title, body=body), status, _HEADERS)
