"""Holders of key pairs and their proofs (RFC 9449), right ones and every kind of wrong one."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import jwt
from joserfc.jwk import ECKey, OKPKey

from api.auth import ProofTarget
from api.problems.refusals import ProofCheck
from ledger.clock import now

ORIGIN: Final = "https://ledger.example.jp"
Algorithm = Literal["ES256", "EdDSA"]
Json = dict[str, Any]


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Holder:
    """Somebody with a key pair; its thumbprint is made by another library than the ledger's."""

    def __init__(self, algorithm: Algorithm = "ES256") -> None:
        self.algorithm = algorithm
        is_curve = algorithm == "ES256"
        self.key = ECKey.generate_key("P-256") if is_curve else OKPKey.generate_key("Ed25519")
        self.public: Json = self.key.as_dict(private=False)
        self.public.pop("kid", None)
        self.private: Json = self.key.as_dict(private=True)
        self.jkt: str = self.key.thumbprint()

    def header(self) -> Json:
        return {"typ": "dpop+jwt", "alg": self.algorithm, "jwk": self.public}

    def proof(
        self, credential: str, target: ProofTarget, origin: str = ORIGIN, at: datetime | None = None
    ) -> str:
        """A proof that is right."""
        return self.signed(self.header(), claims(credential, target, origin, at))

    def signed(self, header: Json, said: Json) -> str:
        """A JWS by this key, whatever its header says."""
        key = jwt.PyJWK.from_dict(self.private, algorithm=self.algorithm)
        content = f"{base64url(json.dumps(header).encode())}.{base64url(json.dumps(said).encode())}"
        algorithm = jwt.get_algorithm_by_name(self.algorithm)
        return f"{content}.{base64url(algorithm.sign(content.encode(), key.key))}"


def claims(
    credential: str, target: ProofTarget, origin: str = ORIGIN, at: datetime | None = None
) -> Json:
    """What a right proof says."""
    return {
        "jti": secrets.token_urlsafe(12),
        "htm": target.method,
        "htu": origin + target.path,
        "iat": int((at or now()).timestamp()),
        "ath": base64url(hashlib.sha256(credential.encode()).digest()),
    }


OTHER: Final = Holder()
OKP: Final = Holder("EdDSA")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """What is wrong with a proof.

    Attributes:
        check: that must refuse it.
        header: members that differ; None: is missing.
        claims: the same; `{origin}`, `{path}`, `{host}` are filled in.
        seconds: by how much its time differs from now.
        jwk: members of the key that are there besides, or instead; None: the private key.
        by: who signs; nobody: no signature, public: an HMAC keyed with the public key.
    """

    check: ProofCheck
    header: Mapping[str, Any] = field(default_factory=dict[str, Any])
    claims: Mapping[str, Any] = field(default_factory=dict[str, Any])
    seconds: float = 0
    jwk: Mapping[str, Any] | None = field(default_factory=dict[str, Any])
    by: Literal["holder", "other", "nobody", "public"] = "holder"


WRONG: Final[Mapping[str, Wrong]] = {
    "no type": Wrong(check="typ", header={"typ": None}),
    "another type": Wrong(check="typ", header={"typ": "JWT"}),
    "the type of an access token": Wrong(check="typ", header={"typ": "at+jwt"}),
    "an extension that must be understood": Wrong(check="proof", header={"crit": ["b64"]}),
    "algorithm none": Wrong(check="alg", header={"alg": "none"}, by="nobody"),
    "algorithm None": Wrong(check="alg", header={"alg": "None"}, by="nobody"),
    "HS256 keyed with the public key": Wrong(check="alg", header={"alg": "HS256"}, by="public"),
    "an algorithm that is not offered": Wrong(check="alg", header={"alg": "RS256"}),
    "an algorithm that is no text": Wrong(check="alg", header={"alg": ["ES256"]}),
    "no key": Wrong(check="jwk", header={"jwk": None}),
    "a key that is no object": Wrong(check="jwk", header={"jwk": "key"}),
    "the private key": Wrong(check="jwk", jwk=None),
    "a symmetric key": Wrong(check="jwk", header={"jwk": {"kty": "oct", "k": "c2VjcmV0"}}),
    "a key of another kind": Wrong(check="jwk", header={"jwk": OKP.public}),
    "a key of another curve": Wrong(check="jwk", jwk={"crv": "P-384"}),
    "a key without a coordinate": Wrong(check="jwk", jwk={"y": 7}),
    "the same key written otherwise": Wrong(check="jkt", jwk={"x": "AA"}),
    "another key": Wrong(check="jkt", header={"jwk": OTHER.public}, by="other"),
    "the bound key, signed by another": Wrong(check="proof", by="other"),
    "no signature": Wrong(check="proof", by="nobody"),
    "no jti": Wrong(check="proof", claims={"jti": None}),
    "no htm": Wrong(check="proof", claims={"htm": None}),
    "no htu": Wrong(check="proof", claims={"htu": None}),
    "no iat": Wrong(check="proof", claims={"iat": None}),
    "no ath": Wrong(check="proof", claims={"ath": None}),
    "an empty jti": Wrong(check="jti", claims={"jti": ""}),
    "a jti that is too long": Wrong(check="jti", claims={"jti": "a" * 257}),
    "a jti with a lone surrogate": Wrong(check="jti", claims={"jti": "\ud800"}),
    "another method": Wrong(check="htm", claims={"htm": "DELETE"}),
    "the method in small letters": Wrong(check="htm", claims={"htm": "get"}),
    "another path": Wrong(check="htu", claims={"htu": "{origin}/v1/cases/search"}),
    "the path and more": Wrong(check="htu", claims={"htu": "{origin}{path}/"}),
    "another host": Wrong(check="htu", claims={"htu": "https://ledger.example.org{path}"}),
    "another port": Wrong(check="htu", claims={"htu": "https://ledger.example.jp:8443{path}"}),
    "another scheme": Wrong(check="htu", claims={"htu": "ftp://{host}{path}"}),
    "somebody before the host": Wrong(check="htu", claims={"htu": "https://a@{host}{path}"}),
    "no host": Wrong(check="htu", claims={"htu": "{path}"}),
    "a host that cannot be": Wrong(check="htu", claims={"htu": "https://[{path}"}),
    "an address that is no text": Wrong(check="htu", claims={"htu": 7}),
    "too old": Wrong(check="iat", seconds=-75),
    "too new": Wrong(check="iat", seconds=75),
    "a time that is no number": Wrong(check="iat", claims={"iat": "now"}),
    "a time that is not a number": Wrong(check="iat", claims={"iat": float("nan")}),
    "a time without end": Wrong(check="iat", claims={"iat": float("inf")}),
    "a time that no machine counts": Wrong(check="proof", claims={"iat": 10**400}),
    "for another credential": Wrong(check="ath", claims={"ath": base64url(bytes(32))}),
}
"""What is wrong, in words → the proof, and the check that must refuse it."""


def wrong_proof(
    wrong: Wrong, holder: Holder, credential: str, target: ProofTarget, origin: str = ORIGIN
) -> str:
    """A proof of which one thing is wrong."""
    right = claims(credential, target, origin, now() + timedelta(seconds=wrong.seconds))
    more = holder.private if wrong.jwk is None else wrong.jwk
    header = {**holder.header(), "jwk": {**holder.public, **more}, **wrong.header}
    places = {"origin": origin, "host": urlsplit(origin).netloc, "path": target.path}
    said = {**right, **wrong.claims}
    if "htu" in wrong.claims and isinstance(said["htu"], str):
        said["htu"] = said["htu"].format(**places)
    header, said = _without_missing(header), _without_missing(said)
    proof = (OTHER if wrong.by == "other" else holder).signed(header, said)
    content = proof.rpartition(".")[0]
    if wrong.by == "public":
        secret = json.dumps(holder.public).encode()
        mac = hmac.digest(secret, content.encode(), "sha256")
        return f"{content}.{base64url(mac)}"
    return f"{content}." if wrong.by == "nobody" else proof


def _without_missing(members: Json) -> Json:
    return {name: value for name, value in members.items() if value is not None}
