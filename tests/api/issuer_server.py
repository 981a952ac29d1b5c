# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUntypedBaseClass=false, reportUnusedFunction=false
# pyright: reportImplicitOverride=false, reportIncompatibleMethodOverride=false
# pyright: reportUnknownLambdaType=false
# (authlib brings no types, typing.override is younger than Python 3.11, and Flask's decorators
# take the functions)
"""An OAuth 2.0 authorization server: authlib's, with client credentials and RFC 9068 tokens.

A process of its own, so that the tests speak to it over HTTP only. Started with the path below
which it lives; prints its issuer URL. `/rotate`, `/forge` and `/fail` are for the tests.
"""

import os
import sys
import time
from typing import Any, cast

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.models import ClientMixin
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from flask import Flask, Response, jsonify, request
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from werkzeug.serving import make_server

AUDIENCE = "https://ledger.example.jp"


class Client(ClientMixin):
    """The one registered client: an emitter."""

    def get_client_id(self) -> str:
        return "emitter-1"

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == "emitter-secret"

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (method, endpoint) == ("client_secret_basic", "token")

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"


class Generator(JWTBearerTokenGenerator):
    """Access tokens of RFC 9068, signed with the newest key."""

    def __init__(self, issuer: str, keys: list[Any]) -> None:
        super().__init__(issuer, alg="RS256")
        self.keys = keys

    def get_jwks(self) -> KeySet:
        return KeySet([self.keys[-1]])

    def get_audiences(self, client: object, user: object, scope: object) -> str:
        del client, user, scope
        return AUDIENCE

    def get_extra_claims(self, *_: object) -> dict[str, str]:
        return {"ledger_source": "https://platform.example.jp/houjin/9234567890123"}


def new_key(number: int) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": f"rsa-{number}", "use": "sig"}, auto_kid=False)


def build(issuer: str, path: str) -> Flask:
    """The server at `issuer`, whose path is `path`."""
    app = Flask(__name__)
    curve = ECKey.generate_key("P-256", {"kid": "ec-1", "use": "sig"}, auto_kid=False)
    keys = [new_key(1)]
    fetches = {"count": 0, "failing": 0}
    client = Client()
    server = AuthorizationServer(app, query_client=lambda _: client, save_token=lambda *_: None)
    server.register_token_generator("default", Generator(issuer, keys))
    server.register_grant(ClientCredentialsGrant)

    def metadata() -> Response:
        return jsonify(
            issuer=issuer,
            token_endpoint=f"{issuer}/token",
            jwks_uri=f"{issuer}/jwks",
            grant_types_supported=["client_credentials"],
        )

    app.get(f"{path}/.well-known/openid-configuration")(metadata)

    @app.get(f"{path}/jwks")
    def jwks() -> Response | tuple[str, int]:
        fetches["count"] += 1
        if fetches["failing"]:
            return "down", 500
        return jsonify(KeySet([*keys[-1:], curve]).as_dict(private=False))

    @app.post(f"{path}/token")
    def token() -> Any:  # noqa: ANN401 -- authlib's answer
        return server.create_token_response()

    @app.post(f"{path}/rotate")
    def rotate() -> Response:
        keys.append(new_key(len(keys) + 1))
        return jsonify(count=len(keys))

    @app.post(f"{path}/fail")
    def fail() -> Response:
        fetches["failing"] = cast("dict[str, int]", request.json)["failing"]
        return jsonify(fetches)

    @app.post(f"{path}/forge")
    def forge() -> str:
        asked = cast("dict[str, dict[str, Any]]", request.json)
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": issuer,
            "aud": AUDIENCE,
            "sub": "someone",
            "client_id": "emitter-1",
            "iat": now,
            "exp": now + 300,
            "jti": "1",
            "scope": "audit:read",
            **asked.get("claims", {}),
        }
        header: dict[str, Any] = {"alg": "RS256", "typ": "at+jwt", "kid": keys[-1].kid}
        header |= asked.get("header", {})
        key = curve if header["alg"] == "ES256" else keys[-1]
        stated = {name: value for name, value in claims.items() if value is not None}
        kept = {name: value for name, value in header.items() if value is not None}
        return jwt.encode(kept, stated, key, algorithms=["RS256", "RS512", "ES256"])

    return app


def main() -> None:
    """Serve until killed."""
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # the loopback interface of a test
    path = sys.argv[1]
    listening = make_server("127.0.0.1", 0, Flask("empty"), threaded=True)
    issuer = f"http://127.0.0.1:{listening.server_port}{path}"
    listening.app = build(issuer, path)
    print(issuer, flush=True)  # noqa: T201 -- how the test learns the address
    listening.serve_forever()


if __name__ == "__main__":
    main()
