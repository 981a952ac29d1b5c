"""The public keys of one token issuer: fetched, remembered, and fetched again with patience."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Final, cast
from urllib.parse import urlsplit, urlunsplit

from api.auth.issuer_fetch import Fetch, FetchedValue, UnusableError, fetch
from api.problems.refusals import IssuerUnavailableError
from api.settings.environment import JwtIssuer, is_safe_url
from ledger.values import Json

FRESH_S = 300
"""Seconds for which fetched keys are used without asking again."""

STALE_S = 3_600
"""Seconds for which fetched keys are used when the issuer cannot be reached: long enough for its
restart, short enough that a key it withdrew does not live on."""

KEYS_MAX = 100
"""Most keys in a set."""

Jwk = Mapping[str, Json]

_TYPES: Final = frozenset(("RSA", "EC", "OKP"))
_TYPE_OF: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


class KeysAwaitedError(Exception):
    """The keys are being fetched: no refusal, for whoever needs one waits.

    Attributes:
        fetch: to be waited for; then the key is asked for again.
    """

    def __init__(self, fetch: Fetch) -> None:
        super().__init__()
        self.fetch = fetch


def fits(key: Jwk, algorithm: str) -> bool:
    """Whether the key is meant for the algorithm: one key, one kind of signature."""
    return key.get("kty") == _TYPE_OF[algorithm[:2]] and key.get("alg", algorithm) == algorithm


class KeySet:
    """The keys of one issuer, safe to use from several threads."""

    def __init__(
        self,
        issuer: JwtIssuer,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._keys: FetchedValue[Mapping[str, Jwk]] = FetchedValue(
            lambda: _keys(self._read()), monotonic, issuer.issuer
        )

    def key(self, kid: str) -> Jwk | None:
        """The key of that id, None when the issuer has none such. Waits for nothing.

        Raises:
            KeysAwaitedError: it is not known yet.
            IssuerUnavailableError: it cannot be known, because the issuer does not answer.
        """
        if (key := (self._keys.known(FRESH_S) or {}).get(kid)) is not None:
            return key
        fetch = self._keys.begin()
        if fetch is not None and fetch.is_awaited:
            raise KeysAwaitedError(fetch)
        is_open = self._keys.is_failing or (fetch is not None and not fetch.ended.done())
        known = self._keys.known(STALE_S)
        key = None if known is None else known.get(kid)
        if known is None or (key is None and is_open):
            raise IssuerUnavailableError
        return key

    def _read(self) -> bytes:
        if self._issuer.jwks_file is not None:
            return self._issuer.jwks_file.read_bytes()
        return fetch(self._issuer.jwks_url or _discover(self._issuer.issuer))


def _discover(issuer: str) -> str:
    """Where the issuer's metadata says that its keys are.

    Source: RFC 8414, section 3; OpenID Connect Discovery 1.0, section 4.
    """
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    rfc8414 = f"/.well-known/oauth-authorization-server{path}"
    openid = f"{path}/.well-known/openid-configuration"
    failure: Exception | None = None
    for place in (rfc8414, openid):
        url = urlunsplit((parts.scheme, parts.netloc, place, "", ""))
        try:
            metadata = _object(fetch(url))
        except (OSError, UnusableError) as error:
            failure = error.with_traceback(None)  # whose frame would hold it in turn
            continue
        jwks_url = metadata.get("jwks_uri")
        # RFC 8414, section 3.3: the document must speak of the issuer that was asked for.
        if metadata.get("issuer") == issuer and isinstance(jwks_url, str) and is_safe_url(jwks_url):
            return jwks_url
    raise UnusableError from failure


def _object(document: bytes) -> dict[str, Json]:
    try:
        value = cast("Json", json.loads(document))
    except (ValueError, RecursionError):
        raise UnusableError from None
    if not isinstance(value, dict):
        raise UnusableError
    return value


def _keys(document: bytes) -> dict[str, Jwk]:
    """The usable keys by id: public, for signatures, with an id."""
    rows = _object(document).get("keys")
    if not isinstance(rows, list) or len(rows) > KEYS_MAX:
        raise UnusableError
    keys: dict[str, Jwk] = {}
    for row in rows:
        if not isinstance(row, dict) or row.get("kty") not in _TYPES or "d" in row:
            continue
        operations = row.get("key_ops")
        is_signing_key = row.get("use", "sig") == "sig" and (
            not isinstance(operations, list) or "verify" in operations
        )
        kid = row.get("kid")
        if is_signing_key and isinstance(kid, str):
            keys[kid] = row
    return keys
