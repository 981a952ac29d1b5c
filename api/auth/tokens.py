"""JWT access tokens of configured issuers (RFC 9068)."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, cast

import jwt

from api.auth.caller import is_prefix
from api.auth.jwks import KeySet, fits
from api.auth.owners import CredentialOwner, account, identity_of, is_same_code
from api.auth.proofs import is_thumbprint
from api.auth.scopes import Scope, exclude_one_another, known
from api.contract import is_visible
from api.problems.refusals import UnauthenticatedError
from api.settings.environment import ALGORITHMS, JwtIssuer
from ledger.values import Json

TOKEN_CHARACTERS_MAX = 8_192
"""Longest token; a header line of a server seldom takes more."""

REQUIRED: Final = ("iss", "exp", "aud", "sub", "client_id", "iat", "jti")
"""Claims that a token must have. Source: RFC 9068, section 2.2."""

_TYPES: Final = frozenset(("at+jwt", "application/at+jwt"))


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """What a token says, after its signature and claims were checked.

    Attributes:
        identity: the same for every token of one caller, and for what else they come with.
        expires_at: when the token ends, UTC.
        jkt: the thumbprint of the key to which the token is bound (RFC 9449); None: to none.
    """

    identity: CredentialOwner
    scopes: frozenset[Scope]
    source_prefix: str | None
    expires_at: datetime
    jkt: str | None


class Tokens:
    """Checks access tokens. What that takes of a processor is much, so it is called in a thread.

    Args:
        person_claim: the claim that holds the code of the person, as in the ID tokens of the pages;
            None: no token names a person.
    """

    def __init__(
        self,
        issuers: Sequence[JwtIssuer],
        *,
        leeway_s: int,
        person_claim: str | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuers = {
            issuer.issuer: (issuer, KeySet(issuer, monotonic=monotonic)) for issuer in issuers
        }
        self._leeway_s = leeway_s
        self._person_claim = person_claim

    def verify(self, token: str) -> VerifiedToken:
        """Check a token, in the order of RFC 9068, section 4.

        Raises:
            UnauthenticatedError: the token is not valid here; the answer does not say why.
            KeysAwaitedError: the issuer's keys are being fetched.
            IssuerUnavailableError: they cannot be fetched.
        """
        if len(token) > TOKEN_CHARACTERS_MAX:
            raise UnauthenticatedError(presented=True)
        try:
            return self._verified(token)
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
            # Not only PyJWT's own: a claim of an unexpected type ends in a TypeError.
            raise UnauthenticatedError(presented=True) from None

    def _verified(self, token: str) -> VerifiedToken:
        # (1) The header: type, algorithm, key id. Keys that the token itself names (jku, jwk,
        # x5u) are never looked at; an extension that must be understood is not understood.
        header = cast("Mapping[str, Json]", jwt.get_unverified_header(token))
        algorithm, kid, typ = header.get("alg"), header.get("kid"), header.get("typ")
        if not isinstance(typ, str) or typ.lower() not in _TYPES or "crit" in header:
            raise UnauthenticatedError(presented=True)
        if not isinstance(algorithm, str) or not isinstance(kid, str):
            raise UnauthenticatedError(presented=True)
        # (2) The issuer, still unproven, selects whose keys may prove it.
        unproven = cast(
            "Mapping[str, Json]", jwt.decode(token, options={"verify_signature": False})
        )
        known_issuer = self._issuers.get(str(unproven.get("iss")))
        if known_issuer is None:
            raise UnauthenticatedError(presented=True)
        issuer, keys = known_issuer
        if algorithm not in issuer.algorithms or algorithm not in ALGORITHMS:
            raise UnauthenticatedError(presented=True)
        key = keys.key(kid)
        if key is None or not fits(key, algorithm):
            raise UnauthenticatedError(presented=True)
        # (3) Signature, issuer, audience, times; every claim that RFC 9068 requires.
        claims = cast(
            "Mapping[str, Json]",
            jwt.decode(
                token,
                jwt.PyJWK.from_dict(dict(key), algorithm=algorithm),
                algorithms=[algorithm],
                audience=issuer.audience,
                issuer=issuer.issuer,
                leeway=self._leeway_s,
                options={"require": list(REQUIRED), "enforce_minimum_key_length": True},
            ),
        )
        return _read(claims, issuer, self._person_claim)


def _read(claims: Mapping[str, Json], issuer: JwtIssuer, person_claim: str | None) -> VerifiedToken:
    subject, client, scope = claims["sub"], claims["client_id"], claims.get("scope", "")
    if not (isinstance(subject, str) and isinstance(client, str) and isinstance(scope, str)):
        raise UnauthenticatedError(presented=True)
    # Tokens of nobody would all be one caller.
    if not (is_visible(subject) and is_visible(client)):
        raise UnauthenticatedError(presented=True)
    scopes = known(set(scope.split(" ")))
    if exclude_one_another(scopes):
        raise UnauthenticatedError(presented=True)
    prefix = claims.get(issuer.source_claim)
    if prefix is not None and not (isinstance(prefix, str) and is_prefix(prefix)):
        raise UnauthenticatedError(presented=True)
    jkt = _bound_to(claims)
    if issuer.bound and jkt is None:
        raise UnauthenticatedError(presented=True)
    named = None if person_claim is None else claims.get(person_claim)
    # A client that calls for itself has its own name as `sub` (RFC 9068, section 2.2).
    is_client = isinstance(named, str) and is_same_code(named, client)
    code = None if is_client else named
    return VerifiedToken(
        identity=identity_of(code, account(issuer.issuer, subject)),
        scopes=scopes,
        source_prefix=prefix,
        expires_at=datetime.fromtimestamp(cast("int", claims["exp"]), UTC),
        jkt=jkt,
    )


def _bound_to(claims: Mapping[str, Json]) -> str | None:
    """The thumbprint in `cnf`; a token that is bound in a way that we cannot check is not valid."""
    if "cnf" not in claims:
        return None
    confirmation = claims["cnf"]
    if isinstance(confirmation, Mapping) and confirmation.keys() == {"jkt"}:
        jkt = confirmation["jkt"]
        if isinstance(jkt, str) and is_thumbprint(jkt):
            return jkt
    raise UnauthenticatedError(presented=True)
