# ruff: noqa: D102 -- these methods are authlib's, which says what each of them is
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportMissingParameterType=false, reportUntypedBaseClass=false
# pyright: reportUnknownArgumentType=false, reportImplicitOverride=false
# pyright: reportIncompatibleMethodOverride=false, reportMissingTypeArgument=false
# pyright: reportUnknownLambdaType=false
# (authlib brings no types, and wants its own names of methods)
"""What authlib asks of who builds a provider: the client, codes, keys, requests and answers."""

import secrets
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from authlib.oauth2 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749 import OAuth2Payload
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.models import AuthorizationCodeMixin, ClientMixin
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from joserfc.jwk import RSAKey
from starlette.responses import JSONResponse, Response

from api.demo.provider.identities import CLIENT_ID, PERSON_CLAIM, DemoIdentity

TOKEN_S: Final = 300
CODE_S: Final = 60
ALGORITHM: Final = "RS256"
_CODES_MAX: Final = 1_000


@dataclass(slots=True)
class AuthorizationCode(AuthorizationCodeMixin):
    """A code that was given out, until it is exchanged: once."""

    user: "User"
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str | None
    code_challenge_method: str | None
    value: str = ""
    made_at: float = field(default_factory=time.time)

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(self.user.proved_at)

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class User:
    """Who was chosen, and when; `session` is the provider's own."""

    identity: DemoIdentity
    proved_at: float
    session: str


@dataclass(frozen=True, slots=True)
class PublicClient(ClientMixin):
    """The pages of the ledger: a public client, which proves itself by PKCE alone."""

    redirect_uri: str

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_allowed_scope(self, scope: str) -> str:
        return " ".join(one for one in (scope or "").split() if one in ("openid", "profile"))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        del client_secret
        return False

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (method, endpoint) == ("none", "token")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class ProviderRequest(OAuth2Request):
    """A request as the server's addresses hand it over."""

    def __init__(
        self, method: str, query: Mapping[str, Sequence[str]], form: Mapping[str, str]
    ) -> None:
        # The address that stands here is looked at for https alone; ours is on loopback.
        super().__init__(method, "https://demo.invalid/", headers={})
        self._query = {name: values[0] for name, values in query.items()}
        self._form = dict(form)
        lists = defaultdict(list, {name: list(values) for name, values in query.items()})
        for name, value in form.items():
            lists[name].append(value)
        self.payload = _Payload({**self._query, **self._form}, lists)

    @property
    def args(self) -> dict[str, str]:
        return self._query

    @property
    def form(self) -> dict[str, str]:
        return self._form


class _Payload(OAuth2Payload):
    def __init__(self, data: dict[str, str], datalist: defaultdict[str, list[str]]) -> None:
        self._data = data
        self._datalist = datalist

    @property
    def data(self) -> dict[str, str]:
        return self._data

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        return self._datalist


class Grants(AuthorizationServer):
    """Codes with PKCE, and ID tokens.

    Args:
        issuer: its own address.
        redirect_uri: the one address of the pages that it sends browsers back to.

    Attributes:
        names_sessions: whether ID tokens say of which session they are (`sid`): a provider need
            not.
        audience: for whom ID tokens say that they are.
    """

    def __init__(self, issuer: str, redirect_uri: str) -> None:
        super().__init__(scopes_supported=["openid", "profile"])
        self.issuer = issuer
        self.key = RSAKey.generate_key(2048, {"kid": "demo-1", "use": "sig"}, auto_kid=False)
        self.codes: dict[str, AuthorizationCode] = {}
        self.names_sessions = True
        self.audience = CLIENT_ID
        self._client = PublicClient(redirect_uri)
        tokens = BearerTokenGenerator(
            lambda **_: secrets.token_urlsafe(32), expires_generator=lambda *_: TOKEN_S
        )
        self.register_token_generator("default", tokens)
        self.register_grant(_CodeGrant, [_Challenge(required=True), _IdToken(self)])

    def query_client(self, client_id: str) -> PublicClient | None:
        return self._client if client_id == CLIENT_ID else None

    def save_token(self, token: object, request: object) -> None:
        pass  # nothing here takes an access token

    def create_oauth2_request(self, request: ProviderRequest) -> ProviderRequest:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:  # noqa: ANN401 -- authlib's
        header_fields = dict(headers)
        if isinstance(body, dict):
            return JSONResponse(body, status, header_fields)
        return Response(body, status, header_fields)

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        pass


class _Challenge(CodeChallenge):
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)  # pyright: ignore[reportAssignmentType] -- only looked into

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:  # noqa: ANN401 -- authlib's
        # Of a public client nothing else proves that the code comes back to who asked for it.
        grant.request.payload.data.setdefault("code_challenge_method", "S256")
        grant.request.payload.data.setdefault("code_challenge", "")
        super().validate_code_challenge(grant, redirect_uri)


class _CodeGrant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)  # pyright: ignore[reportAssignmentType] -- only looked into

    def save_authorization_code(self, code: str, request: Any) -> None:  # noqa: ANN401 -- authlib's
        codes = self.server.codes
        while len(codes) >= _CODES_MAX:
            codes.pop(next(iter(codes)))
        data = request.payload.data
        codes[code] = AuthorizationCode(
            request.user,
            request.payload.redirect_uri,
            request.scope,
            data.get("nonce"),
            data.get("code_challenge"),
            data.get("code_challenge_method"),
            code,
        )

    def query_authorization_code(self, code: str, client: object) -> AuthorizationCode | None:
        del client
        found = self.server.codes.get(code)
        return found if found is not None and time.time() - found.made_at < CODE_S else None

    def delete_authorization_code(self, authorization_code: AuthorizationCode) -> None:
        self.server.codes.pop(authorization_code.value, None)

    def authenticate_user(self, authorization_code: AuthorizationCode) -> User:
        return authorization_code.user


class _IdToken(OpenIDCode):
    def __init__(self, grants: Grants) -> None:
        super().__init__(require_nonce=True)
        self._grants = grants

    def exists_nonce(self, nonce: str, request: object) -> bool:
        del request
        return any(code.nonce == nonce for code in self._grants.codes.values())

    def resolve_client_private_key(self, client: object) -> RSAKey:
        del client
        return self._grants.key

    def get_client_algorithm(self, client: object) -> str:
        del client
        return ALGORITHM

    def get_encode_header(self, client: object) -> dict[str, str]:
        del client
        return {"alg": ALGORITHM, "kid": "demo-1", "typ": "JWT"}

    def get_client_claims(self, client: object) -> dict[str, Any]:
        del client
        now = int(time.time())
        return {
            "iss": self._grants.issuer,
            "aud": self._grants.audience,
            "iat": now,
            "exp": now + TOKEN_S,
        }

    def get_compatible_claims(self, request: Any) -> dict[str, Any]:  # noqa: ANN401 -- authlib's
        return self.get_client_claims(request.client)

    def generate_user_info(self, user: User, scope: str) -> dict[str, Any]:
        del scope
        one = user.identity
        return {
            "sub": one.subject,
            "name": one.name,
            "groups": list(one.groups),
            PERSON_CLAIM: one.subject,
            **({"sid": user.session} if self._grants.names_sessions else {}),
        }
