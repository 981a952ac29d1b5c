"""The ledger over HTTP: one request and what was heard."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import httpx2

from api.imports.answers import Heard, ImportResponse, NoResponse

_CONNECT_S_MAX: Final = 10.0
_ANSWER_S_MAX: Final = 60.0
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
# Before anything of the request has left.
_NOT_SENT: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


@dataclass(frozen=True, slots=True)
class LedgerAddress:
    """The ledger, and with which key.

    Attributes:
        url: scheme, host, port and path.
        key: asked before each request, so that a key can be changed meanwhile.

    Raises:
        ValueError: the URL is none that a key may be sent to.
    """

    url: str
    key: Callable[[], str] = field(repr=False)
    plain_http: bool = False

    def __post_init__(self) -> None:
        address = urlsplit(self.url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError("give https:// and a host")
        if address.username or address.password or address.query or address.fragment:
            raise ValueError("give scheme, host, port and path alone")
        if address.scheme == "http" and address.hostname not in _LOOPBACK and not self.plain_http:
            raise ValueError(
                "plain HTTP to another machine shows it key and records: give https://, or "
                "--plain-http"
            )

    @property
    def base(self) -> str:
        """The URL without a slash at its end."""
        return self.url.rstrip("/")


def is_key(text: str) -> bool:
    """Whether a header can carry it."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


class LedgerClient:
    """Connections to one ledger, for several threads; close it when done."""

    def __init__(self, destination: LedgerAddress, parallel: int) -> None:
        self._destination = destination
        limits = httpx2.Limits(max_connections=parallel, max_keepalive_connections=parallel)
        timeout = httpx2.Timeout(_ANSWER_S_MAX, connect=_CONNECT_S_MAX)
        self._client = httpx2.Client(timeout=timeout, limits=limits)

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def post(self, path: str, body: bytes) -> Heard:
        """Send the body, which is JSON; raises nothing of the network."""
        return self.ask("POST", path, body, {"Content-Type": "application/json"})

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Heard:
        """Send a request; raises nothing of the network."""
        given = {**headers, "Authorization": f"Bearer {self._destination.key()}"}
        try:
            response = self._client.request(
                method, self._destination.base + path, content=body, headers=given
            )
        except httpx2.HTTPError as error:
            # The class alone: the text may hold what was sent.
            return NoResponse(type(error).__name__, not isinstance(error, _NOT_SENT))
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        retry_after = response.headers.get("retry-after")
        return ImportResponse(response.status_code, media_type, retry_after, response.content)
