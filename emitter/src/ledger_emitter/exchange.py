"""The ledger over HTTP: where it is, one request, and what was heard."""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import urlsplit

import httpx2

from ledger_emitter.answers import Answer, NoAnswer, NoCredential, RequestOutcome
from ledger_emitter.items import BODY_BYTES_MAX, ITEMS_MAX

TRANSFERS: Final = "/v1/transfers"
"""Where transfers are sent."""

_CONNECT_S_MAX: Final = 10.0
_JSON: Final = {"Content-Type": "application/json"}
# Before anything of the request has left.
_NOT_SENT: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class ProofMaker(Protocol):
    """What makes proofs; a protocol, for what proofs are made with is an extra."""

    def proof(self, method: str, url: str, credential: str) -> str: ...  # noqa: D102 -- see `ProofKey`


@dataclass(frozen=True, slots=True)
class Destination:
    """The ledger, and how to speak to it.

    Attributes:
        url: its address, e.g. `https://ledger.example.jp`.
        credential: API key or access token with `events:write`; a function is asked anew before
            each request, so that a key may be renewed.
        items_max: most items in a request.
        body_bytes_max: longest request, in bytes.
        timeout_s: how long to wait for each part of an answer.
        tls: of a company with a certificate authority or client certificates of its own.
        plain_http: allow `http:` to another machine: key and personal data cross the network open.
        proof_key: the private key to which the credential is bound, a `proof.ProofKey`; each
            request then carries a proof (RFC 9449).
    """

    url: str
    credential: str | Callable[[], str] = field(repr=False)
    items_max: int = ITEMS_MAX
    body_bytes_max: int = BODY_BYTES_MAX
    timeout_s: float = 30.0
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    plain_http: bool = False
    proof_key: ProofMaker | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        address = urlsplit(self.url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError("url: give https:// and a host")
        if address.username or address.password or address.query or address.fragment:
            raise ValueError("url: give scheme, host, port and path alone")
        is_open = address.scheme == "http" and address.hostname not in _LOOPBACK
        if is_open and not self.plain_http:
            raise ValueError(
                "url: plain HTTP to another machine shows it key and records: give https://, or "
                "--plain-http"
            )
        if not 1 <= self.items_max <= ITEMS_MAX or self.body_bytes_max < 1:
            raise ValueError(f"items_max is 1 to {ITEMS_MAX}, body_bytes_max positive")
        if isinstance(self.credential, str) and not is_credential(self.credential):
            raise ValueError("credential: give printable ASCII without spaces")

    @property
    def base(self) -> str:
        """The URL without a slash at its end."""
        return self.url.rstrip("/")


def is_credential(text: str) -> bool:
    """Whether a header can carry it."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


class LedgerClient:
    """Connections to one ledger, for several threads; close it when done.

    Args:
        connections: most requests under way.
    """

    def __init__(self, destination: Destination, connections: int = 1) -> None:
        self._destination: Final = destination
        self._client: Final = httpx2.Client(
            timeout=httpx2.Timeout(
                destination.timeout_s, connect=min(destination.timeout_s, _CONNECT_S_MAX)
            ),
            limits=httpx2.Limits(max_connections=connections),
            verify=True if destination.tls is None else destination.tls,
        )

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] = _JSON,
    ) -> RequestOutcome:
        """Send a request; what was heard. Raises nothing of the network: whatever fails, it waits.

        Args:
            headers: besides those that say who asks; by default, that the body is JSON.
        """
        url = f"{self._destination.base}{path}"
        try:
            shown = self._authorization(method, url)
        except Exception as error:  # noqa: BLE001 -- the caller's function: its errors are not ours to know
            return NoCredential(error)
        if shown is None:
            return NoCredential()
        try:
            response = self._client.request(method, url, content=body, headers={**headers, **shown})
        except httpx2.HTTPError as error:
            # The class alone: the text may hold what was sent.
            return NoAnswer(type(error).__name__, was_sent=not isinstance(error, _NOT_SENT))
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        retry_after = response.headers.get("retry-after")
        return Answer(response.status_code, media_type, retry_after, response.content)

    def _authorization(self, method: str, url: str) -> dict[str, str] | None:
        credential = self._destination.credential
        if not isinstance(credential, str):
            credential = credential()
        if not is_credential(credential):
            return None
        if self._destination.proof_key is None:
            return {"Authorization": f"Bearer {credential}"}
        proof = self._destination.proof_key.proof(method, url, credential)
        return {"Authorization": f"DPoP {credential}", "DPoP": proof}
