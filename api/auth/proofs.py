"""Proof that a caller holds the private key to which a key or token is bound (DPoP, RFC 9449)."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, cast
from urllib.parse import unquote, urlsplit

import jwt

from api.problems.refusals import PROOF_ALGORITHMS, ProofCheck, ProofRefusedError
from ledger.clock import now
from ledger.values import Json

PROOF_S_MAX: Final = 60
"""Seconds by which the time of a proof may differ from ours, in both directions."""

PROOF_CHARACTERS_MAX: Final = 4_096
"""Longest proof."""

JTI_CHARACTERS_MAX: Final = 256
"""Longest `jti`, in ASCII."""

_TYPES: Final = {"ES256": ("EC", "P-256"), "EdDSA": ("OKP", "Ed25519")}
assert tuple(_TYPES) == PROOF_ALGORITHMS
_PUBLIC: Final = {"EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x")}
_PRIVATE: Final = frozenset(("d", "k", "p", "q", "dp", "dq", "qi", "oth"))
_CLAIMS: Final = ("jti", "htm", "htu", "iat", "ath")
_THUMBPRINT: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_PORTS: Final = {"https": 443, "http": 80}
# A machine whose clock is behind takes away no row that another one still needs.
_KEPT: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ProofTarget:
    """What is asked for.

    Attributes:
        path: decoded, without the query.
    """

    method: str
    path: str


@dataclass(frozen=True, slots=True)
class ProvedRequest:
    """For what a proof must be.

    Attributes:
        origin: at which callers reach the ledger.
        credential: with which they come.
        jkt: the thumbprint to which that is bound.
    """

    origin: str
    target: ProofTarget
    credential: bytes
    jkt: str


class UsedProofStore(Protocol):
    """Where proofs are remembered; see `UsedProofs.take`."""

    def take(self, digest: bytes, until: datetime, at: datetime) -> bool: ...  # noqa: D102 -- see the class


class Proofs:
    """Checks proofs. Blocks: call it in a thread.

    Args:
        origin: at which callers reach the ledger, as an operator says. Not taken from the request:
            whoever was sent a proof for another host could name that host to us.
        used: remembers proofs for all processes.
    """

    def __init__(self, origin: str, used: UsedProofStore) -> None:
        self._origin = origin
        self._used = used

    def check(
        self,
        headers: Sequence[tuple[bytes, bytes]],
        target: ProofTarget,
        credential: bytes,
        jkt: str,
    ) -> None:
        """Check the proof among these headers, and use it.

        Raises:
            ProofRefusedError: there is none, it is not right for this request, or was used before.
            StoreUnavailableError: the database cannot be reached.
        """
        given = [value for name, value in headers if name == b"dpop"]
        if len(given) != 1 or len(given[0]) > PROOF_CHARACTERS_MAX:
            raise ProofRefusedError("header")
        at = now()
        jti = check_proof(given[0], ProvedRequest(self._origin, target, credential, jkt), at)
        # Last: what fails on the way is remembered nowhere, so no stranger fills the table.
        digest = hashlib.sha256(f"{jkt}\n{jti}".encode()).digest()
        if not self._used.take(digest, at + _KEPT, at):
            raise ProofRefusedError("replay")


def is_thumbprint(text: str) -> bool:
    """Whether `text` has the form of a thumbprint by SHA-256 (RFC 7638), as `jkt` has it."""
    return _THUMBPRINT.fullmatch(text) is not None


def check_proof(proof: bytes, request: ProvedRequest, at: datetime) -> str:
    """Check one proof by RFC 9449, section 4.3, but for its use before; return its `jti`.

    Raises:
        ProofRefusedError: names the first check that failed.
    """
    try:
        text = proof.decode("ascii")
        header = cast("Mapping[str, Json]", jwt.get_unverified_header(text))
        key = _key(header, request.jkt)
        claims = cast(
            "Mapping[str, Json]",
            jwt.decode(
                text,
                key,
                algorithms=[key.algorithm_name],
                options={"require": list(_CLAIMS), "verify_aud": False, "verify_iat": False},
            ),
        )
        return _checked(claims, request, at)
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
        raise ProofRefusedError("proof") from None


def _key(header: Mapping[str, Json], jkt: str) -> jwt.PyJWK:
    """The key that the proof itself names, once it is the one that is bound."""
    if header.get("typ") != "dpop+jwt" or "crit" in header:
        raise ProofRefusedError("typ")
    algorithm, key = header.get("alg"), header.get("jwk")
    if not isinstance(algorithm, str) or algorithm not in _TYPES:
        raise ProofRefusedError("alg")
    if not isinstance(key, Mapping) or not _PRIVATE.isdisjoint(key):
        raise ProofRefusedError("jwk")
    if (key.get("kty"), key.get("crv")) != _TYPES[algorithm]:
        raise ProofRefusedError("jwk")
    if not hmac.compare_digest(_thumbprint(key), jkt):
        raise ProofRefusedError("jkt")
    return jwt.PyJWK.from_dict(dict(key), algorithm=algorithm)


def _thumbprint(key: Mapping[str, Json]) -> str:
    """Source: RFC 7638, section 3. The members are those that the signature is verified with."""
    members = {name: key.get(name) for name in _PUBLIC[str(key["kty"])]}
    if any(not isinstance(value, str) for value in members.values()):
        raise ProofRefusedError("jwk")
    written = json.dumps(members, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return _base64url(hashlib.sha256(written.encode()).digest())


def _checked(claims: Mapping[str, Json], request: ProvedRequest, at: datetime) -> str:
    jti, iat, ath = claims["jti"], claims["iat"], claims["ath"]
    failed: ProofCheck | None = None
    if not isinstance(jti, str) or not 1 <= len(jti) <= JTI_CHARACTERS_MAX or not jti.isascii():
        raise ProofRefusedError("jti")
    if claims["htm"] != request.target.method:
        failed = "htm"
    elif not _is_for(claims["htu"], request):
        failed = "htu"
    # Neither NaN nor an infinite number is near.
    elif not isinstance(iat, int | float) or not abs(at.timestamp() - iat) <= PROOF_S_MAX:
        failed = "iat"
    elif ath != _base64url(hashlib.sha256(request.credential).digest()):
        failed = "ath"
    if failed is not None:
        raise ProofRefusedError(failed)
    return jti


def _is_for(htu: Json, request: ProvedRequest) -> bool:
    """Whether `htu` names what is asked for, without query and fragment (RFC 3986, section 6.2)."""
    if not isinstance(htu, str):
        return False
    try:
        named, path = _address(htu)
    except ValueError:
        return False
    return (named, path) == (_address(request.origin)[0], request.target.path)


def _address(url: str) -> tuple[tuple[str, str, int | None], str]:
    """Scheme, host and port; and the path, decoded as the server decodes it."""
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise ValueError
    port = parts.port or _PORTS.get(parts.scheme)
    return (parts.scheme, parts.hostname or "", port), unquote(parts.path) or "/"


def _base64url(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
