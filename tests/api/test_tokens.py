import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi.testclient import TestClient
from jwt import PyJWK
from jwt.algorithms import RSAAlgorithm

from api.settings.settings import JwtIssuer
from tests.api.clock import Clock
from tests.api.door import actor_of, no_database, probe_app
from tests.api.issuer import AUDIENCE, Issuer, running_issuer
from tests.api.silent import silent_server

SOURCE = "https://platform.example.jp/houjin/9234567890123"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with running_issuer() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(issuer: Issuer, clock: Clock) -> TestClient:
    trusted = JwtIssuer(issuer=issuer.url, audience=AUDIENCE)
    return TestClient(probe_app(no_database, issuers=(trusted,), clock=clock))


def status(client: TestClient, token: str) -> int:
    answer = client.get("/whoami", headers={"Authorization": f"Bearer {token}"})
    if answer.status_code == 401:
        assert answer.json()["code"] == "UNAUTHENTICATED"
    return answer.status_code


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_token_by_client_credentials_opens_its_source(issuer: Issuer, client: TestClient) -> None:
    headers = {"Authorization": f"Bearer {issuer.token('openid events:write')}"}
    answer = client.post("/send", json={"source": SOURCE}, headers=headers)
    assert answer.status_code == 200
    identity = f"token\n{issuer.url}\nemitter-1"
    assert answer.json() == {"actor": actor_of(identity), "kind": "token"}
    other = client.post("/send", json={"source": "https://else.example"}, headers=headers)
    assert other.status_code == 403


def test_a_token_without_the_scope_is_refused(issuer: Issuer, client: TestClient) -> None:
    assert status(client, issuer.token("openid")) == 403


def test_a_token_signed_on_a_curve_is_accepted(issuer: Issuer, client: TestClient) -> None:
    assert status(client, issuer.forge(header={"alg": "ES256", "kid": "ec-1"})) == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://other.example.jp"},
        {"aud": []},
        {"aud": 7},
        {"iss": "https://evil.example"},
        {"exp": 1_700_000_000},
        {"exp": "tomorrow"},
        {"exp": 10**30},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
        {"sub": 7},
        {"sub": ""},
        {"sub": " \t"},
        {"sub": "\u3000\u200b"},
        {"client_id": ""},
        {"client_id": ["x"]},
        {"scope": ["audit:read"]},
        {"scope": "admin:config audit:read"},
        {"ledger_source": 7},
        {"ledger_source": "https:"},
        *({name: None} for name in ("iss", "exp", "aud", "sub", "client_id", "iat", "jti")),
    ],
    ids=str,
)
def test_a_token_with_wrong_claims_is_refused(
    issuer: Issuer, client: TestClient, claims: dict[str, object]
) -> None:
    assert status(client, issuer.forge(claims)) == 401


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": None},
        {"kid": None},
        {"kid": "unknown"},
        {"kid": "ec-1"},
        {"alg": "RS512"},
        {"alg": "ES256"},
        {"crit": ["b64"], "b64": True},
    ],
    ids=str,
)
def test_a_token_with_a_wrong_header_is_refused(
    issuer: Issuer, client: TestClient, header: dict[str, object]
) -> None:
    assert status(client, issuer.forge(header=header)) == 401


def test_a_token_that_nobody_signed_is_refused(issuer: Issuer, client: TestClient) -> None:
    _, claims, signature = issuer.forge().split(".")
    for algorithm in ("none", "None", "NONE"):
        header = encoded({"alg": algorithm, "typ": "at+jwt", "kid": "rsa-1"})
        assert status(client, f"{header}.{claims}.") == 401
        assert status(client, f"{header}.{claims}.{signature}") == 401


def test_the_public_key_is_no_shared_secret(issuer: Issuer, client: TestClient) -> None:
    _, claims, _ = issuer.forge().split(".")
    jwk = next(
        key for key in httpx2.get(f"{issuer.url}/jwks").json()["keys"] if key["kty"] == "RSA"
    )
    public = PyJWK.from_dict(jwk).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = encoded({"alg": "HS256", "typ": "at+jwt", "kid": jwk["kid"]})
    signed = hmac.new(public, f"{head}.{claims}".encode(), hashlib.sha256).digest()
    forged = base64.urlsafe_b64encode(signed).rstrip(b"=").decode()
    assert status(client, f"{head}.{claims}.{forged}") == 401


def test_a_changed_claim_breaks_the_signature(issuer: Issuer, client: TestClient) -> None:
    header, claims, signature = issuer.forge().split(".")
    padded = claims + "=" * (-len(claims) % 4)
    more = json.loads(base64.urlsafe_b64decode(padded)) | {"sub": "somebody-else"}
    assert status(client, f"{header}.{claims}.{signature}") == 200
    assert status(client, f"{header}.{encoded(more)}.{signature}") == 401


@pytest.mark.parametrize("token", ["a.b.c", "..", "é.b.c", "e30.e30.", "x" * 9_000])
def test_what_is_no_token_is_refused(client: TestClient, token: str) -> None:
    answer = client.get("/whoami", headers=[(b"Authorization", f"Bearer {token}".encode())])
    assert answer.status_code == 401


def test_a_key_that_the_token_itself_names_is_never_looked_at(
    issuer: Issuer, client: TestClient
) -> None:
    """A stranger who signs with a key of their own, and says in the token where it is."""
    own = rsa.generate_private_key(65537, 2048)
    jwk = {**RSAAlgorithm.to_jwk(own.public_key(), as_dict=True), "kid": "rsa-1", "use": "sig"}
    claims = jwt.decode(issuer.forge(), options={"verify_signature": False})
    before = issuer.fail(failing=False)
    with silent_server() as stranger:
        for more in (
            {"jwk": jwk},
            {"jku": f"{stranger.url}/jwks"},
            {"x5u": f"{stranger.url}/chain.pem"},
            {"x5c": ["MIIB"]},
        ):
            header = {"typ": "at+jwt", "kid": "rsa-1", **more}
            token = jwt.encode(claims, own, "RS256", headers=header)
            assert status(client, token) == 401, more
        assert stranger.accepted == 0
    assert issuer.fail(failing=False) <= before + 1


def test_a_rotated_key_is_found_and_the_old_one_is_soon_refused(
    issuer: Issuer, client: TestClient, clock: Clock
) -> None:
    old = issuer.forge()
    assert status(client, old) == 200
    issuer.rotate()
    clock.advance(10)
    assert status(client, issuer.forge()) == 200
    clock.advance(30)
    assert status(client, old) == 401


def test_made_up_key_ids_do_not_become_a_flood(
    issuer: Issuer, client: TestClient, clock: Clock
) -> None:
    assert status(client, issuer.forge()) == 200
    before = issuer.fail(failing=False)
    for number in range(10):
        assert status(client, issuer.forge(header={"kid": f"made-up-{number}"})) == 401
    assert issuer.fail(failing=False) == before
    clock.advance(10)
    for number in range(10):
        assert status(client, issuer.forge(header={"kid": f"made-up-{number}"})) == 401
    assert issuer.fail(failing=False) == before + 1


def test_an_issuer_that_is_down_is_waited_for_with_known_keys(
    issuer: Issuer, client: TestClient, clock: Clock
) -> None:
    assert status(client, issuer.forge()) == 200
    try:
        before = issuer.fail(failing=True)
        clock.advance(301)
        assert status(client, issuer.forge()) == 200
        assert status(client, issuer.forge({"sub": "another"})) == 200
        # A key that may have come in the meantime cannot be judged.
        assert status(client, issuer.forge(header={"kid": "perhaps-new"})) == 503
        assert issuer.fail(failing=True) == before + 1
        clock.advance(3_600)
        assert status(client, issuer.forge({"sub": "yet another"})) == 503
    finally:
        issuer.fail(failing=False)
    clock.advance(60)
    assert status(client, issuer.forge()) == 200


def test_keys_can_come_from_a_url_or_a_file(issuer: Issuer, tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(httpx2.get(f"{issuer.url}/jwks").text)
    for trusted in (
        JwtIssuer(issuer=issuer.url, audience=AUDIENCE, jwks_url=f"{issuer.url}/jwks"),
        JwtIssuer(issuer=issuer.url, audience=AUDIENCE, jwks_file=file),
    ):
        client = TestClient(probe_app(no_database, issuers=(trusted,)))
        assert status(client, issuer.forge()) == 200


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"keys": 7}', "[" * 100_000])
def test_a_broken_key_set_is_an_unavailable_issuer(
    issuer: Issuer, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(content)
    trusted = JwtIssuer(issuer=issuer.url, audience=AUDIENCE, jwks_file=file)
    client = TestClient(probe_app(no_database, issuers=(trusted,)))
    assert status(client, issuer.forge()) == 503


def test_keys_that_could_sign_are_not_used_to_verify(issuer: Issuer, tmp_path: Path) -> None:
    keys = httpx2.get(f"{issuer.url}/jwks").json()["keys"]
    token = issuer.forge()
    for spoiled in ({"use": "enc"}, {"key_ops": ["sign"]}, {"d": "AQAB"}, {"kty": "oct"}):
        file = tmp_path / "jwks.json"
        file.write_text(json.dumps({"keys": [key | spoiled for key in keys]}))
        trusted = JwtIssuer(issuer=issuer.url, audience=AUDIENCE, jwks_file=file)
        client = TestClient(probe_app(no_database, issuers=(trusted,)))
        assert status(client, token) == 401
