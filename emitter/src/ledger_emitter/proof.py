"""Proof that the sender holds the private key to which its key or token is bound (RFC 9449, DPoP).

It needs PyJWT, the extra `dpop`. `python -m ledger_emitter.proof KEY.pem` tells the thumbprint by
which the operator binds a key: `ledger keys create --dpop-jkt`.
"""

import base64
import hashlib
import json
import secrets
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self, cast

try:
    import jwt
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from jwt.algorithms import ECAlgorithm, OKPAlgorithm
except ImportError as error:
    raise ImportError("proofs need PyJWT: install provision-ledger-emitter[dpop]") from error

from ledger_emitter.errors import ProofKeyError

_PUBLIC: Final = frozenset(("crv", "kty", "x", "y"))


class ProofKey:
    """A private key, P-256 or Ed25519.

    Attributes:
        thumbprint: by which the operator binds a key or token to it (RFC 7638, SHA-256).
    """

    def __init__(self, private: EllipticCurvePrivateKey | Ed25519PrivateKey) -> None:
        if isinstance(private, Ed25519PrivateKey):
            jwk, self._algorithm = OKPAlgorithm.to_jwk(private.public_key(), as_dict=True), "EdDSA"
        elif private.curve.name == "secp256r1":
            jwk, self._algorithm = ECAlgorithm.to_jwk(private.public_key(), as_dict=True), "ES256"
        else:
            raise ProofKeyError(private.curve.name)
        self._private: Final = private
        named = cast("Mapping[str, str]", jwk)
        self._public: Final = {name: named[name] for name in named.keys() & _PUBLIC}
        written = json.dumps(self._public, separators=(",", ":"), sort_keys=True)
        self.thumbprint: Final = _base64url(hashlib.sha256(written.encode()).digest())

    @classmethod
    def read(cls, path: Path) -> Self:
        """The key in a PEM file without a password.

        Raises:
            ProofKeyError: the file holds no such key.
            OSError: it cannot be read.
        """
        try:
            private = load_pem_private_key(path.read_bytes(), password=None)
        except (ValueError, TypeError) as error:
            raise ProofKeyError("no private key, or one with a password") from error
        if not isinstance(private, EllipticCurvePrivateKey | Ed25519PrivateKey):
            raise ProofKeyError("another kind of key")
        return cls(private)

    def proof(self, method: str, url: str, credential: str) -> str:
        """A proof for one request; it is good for a minute, and once."""
        claims = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": url,
            "iat": int(time.time()),
            "ath": _base64url(hashlib.sha256(credential.encode()).digest()),
        }
        headers = {"typ": "dpop+jwt", "jwk": self._public}
        return jwt.encode(claims, self._private, algorithm=self._algorithm, headers=headers)


def _base64url(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


if __name__ == "__main__":
    [_, file] = sys.argv
    print(ProofKey.read(Path(file)).thumbprint)  # noqa: T201 -- a command line
