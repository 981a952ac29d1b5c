"""Who is calling: scopes, callers, API keys, access tokens, and the guard of a route."""

from api.auth.authenticator import ActorOf, Authenticator
from api.auth.caller import Caller, is_prefix
from api.auth.guard import (
    CALLER,
    PUBLIC,
    Guard,
    UnguardedRouteError,
    check_every_route,
    guards,
    requires,
)
from api.auth.issuer_fetch import FetchedValue, UnusableError, fetch
from api.auth.jwks import Jwk, KeysAwaitedError, KeySet, fits
from api.auth.key_table import ApiKeyTable, Connect, KeyLookup
from api.auth.keys import ApiKey, bound, make
from api.auth.owners import KeyNotAllowedError, account, identity_of, person_owner, token_owner
from api.auth.proofs import Proofs, ProofTarget
from api.auth.scopes import SCOPES, Scope
from api.auth.tokens import Tokens
from api.auth.used_proofs import UsedProofs
from ledger.emitters.sources import is_within

__all__ = [
    "CALLER",
    "PUBLIC",
    "SCOPES",
    "ActorOf",
    "ApiKey",
    "ApiKeyTable",
    "Authenticator",
    "Caller",
    "Connect",
    "FetchedValue",
    "Guard",
    "Jwk",
    "KeyLookup",
    "KeyNotAllowedError",
    "KeySet",
    "KeysAwaitedError",
    "ProofTarget",
    "Proofs",
    "Scope",
    "Tokens",
    "UnguardedRouteError",
    "UnusableError",
    "UsedProofs",
    "account",
    "bound",
    "check_every_route",
    "fetch",
    "fits",
    "guards",
    "identity_of",
    "is_prefix",
    "is_within",
    "make",
    "person_owner",
    "requires",
    "token_owner",
]
