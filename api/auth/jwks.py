"""The public keys of one token issuer: fetched, remembered, and fetched again with patience."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, cast
from urllib.error import URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
)

from api.environment import JwtIssuer, is_safe_url
from api.problems import IssuerUnavailableError
from ledger.values import Json

FRESH_S = 300
"""Seconds for which fetched keys are used without asking again."""

STALE_S = 3_600
"""Seconds for which fetched keys are used when the issuer cannot be reached: long enough for its
restart, short enough that a key it withdrew does not live on."""

PATIENCE_S = 10
"""Least seconds between two fetches: a stranger's made-up key ids must not become a flood."""

PATIENCE_S_MAX = 60
"""Most seconds between two fetches after failures, which double the wait each time."""

TIMEOUT_S = 3
"""Seconds for connecting and for each read."""

BYTES_MAX = 256 * 1024
"""Longest key set or metadata document."""

KEYS_MAX = 100
"""Most keys in a set."""

Jwk = Mapping[str, Json]

_TYPES: Final = frozenset(("RSA", "EC", "OKP"))
_TYPE_OF: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


class _UnusableError(Exception):
    """What the issuer answered is no key set."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    keys: Mapping[str, Jwk]
    at: float


def fits(key: Jwk, algorithm: str) -> bool:
    """Whether the key is meant for the algorithm: one key, one kind of signature."""
    return key.get("kty") == _TYPE_OF[algorithm[:2]] and key.get("alg", algorithm) == algorithm


def fetch(url: str) -> bytes:
    """Read a document over HTTP(S). Follows no redirect: it could lead away from a trusted host.

    Raises:
        OSError: no answer, or another one than 200.
    """
    # Put together by hand: urllib's own opener also opens files and follows redirects.
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        HTTPHandler(),
        HTTPSHandler(),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    with opener.open(url, timeout=TIMEOUT_S) as answer:
        body = cast("bytes", answer.read(BYTES_MAX + 1))
    if len(body) > BYTES_MAX:
        raise URLError("the document is too long")
    return body


class KeySet:
    """The keys of one issuer, safe to use from several threads."""

    def __init__(
        self,
        issuer: JwtIssuer,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._monotonic = monotonic
        self._fetching = threading.Lock()
        self._loaded: _Loaded | None = None
        self._failures = 0
        self._next_try_at = float("-inf")

    def key(self, kid: str) -> Jwk | None:
        """The key of that id, None when the issuer has none such.

        Raises:
            IssuerUnavailableError: it cannot be known, because the issuer does not answer.
        """
        # Without the lock: a known key must not wait for the fetch that an unknown one caused.
        if (key := self._fresh(kid)) is not None:
            return key
        with self._fetching:
            if (key := self._fresh(kid)) is not None:
                return key
            self._refresh()
            loaded = self._loaded
            if loaded is None or self._monotonic() - loaded.at > STALE_S:
                raise IssuerUnavailableError
            if kid not in loaded.keys and self._failures:
                raise IssuerUnavailableError
            return loaded.keys.get(kid)

    def _fresh(self, kid: str) -> Jwk | None:
        loaded = self._loaded
        if loaded is None or self._monotonic() - loaded.at > FRESH_S:
            return None
        return loaded.keys.get(kid)

    def _refresh(self) -> None:
        now = self._monotonic()
        if now < self._next_try_at:
            return
        try:
            keys = _keys(self._read())
        except (OSError, _UnusableError):
            self._failures += 1
            patience = min(2 ** min(self._failures, 10), PATIENCE_S_MAX)
        else:
            self._loaded = _Loaded(keys, now)
            self._failures = 0
            patience = PATIENCE_S
        self._next_try_at = self._monotonic() + patience

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
    for place in (rfc8414, openid):
        url = urlunsplit((parts.scheme, parts.netloc, place, "", ""))
        try:
            metadata = _object(fetch(url))
        except (OSError, _UnusableError):
            continue
        jwks_url = metadata.get("jwks_uri")
        # RFC 8414, section 3.3: the document must speak of the issuer that was asked for.
        if metadata.get("issuer") == issuer and isinstance(jwks_url, str) and is_safe_url(jwks_url):
            return jwks_url
    raise _UnusableError


def _object(document: bytes) -> dict[str, Json]:
    try:
        value = cast("Json", json.loads(document))
    except (ValueError, RecursionError):
        raise _UnusableError from None
    if not isinstance(value, dict):
        raise _UnusableError
    return value


def _keys(document: bytes) -> dict[str, Jwk]:
    """The usable keys by id: public, for signatures, with an id."""
    rows = _object(document).get("keys")
    if not isinstance(rows, list) or len(rows) > KEYS_MAX:
        raise _UnusableError
    keys: dict[str, Jwk] = {}
    for row in rows:
        if not isinstance(row, dict) or row.get("kty") not in _TYPES or "d" in row:
            continue
        operations = row.get("key_ops")
        signs = row.get("use", "sig") == "sig" and (
            not isinstance(operations, list) or "verify" in operations
        )
        kid = row.get("kid")
        if signs and isinstance(kid, str):
            keys[kid] = row
    return keys
