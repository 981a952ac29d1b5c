"""One request over HTTP, sync and async."""

from typing import Final

import httpx2

from ledger_emitter.answers import Answer, Heard, NoAnswer, NoCredential
from ledger_emitter.daily_close import CloseQuery
from ledger_emitter.delivery import Destination, is_credential

_CONNECT_S_MAX: Final = 10.0
# Before anything of the request has left.
_NOT_SENT: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


def client_of(destination: Destination) -> httpx2.Client:
    """A client for one sender; to be closed."""
    verify = True if destination.tls is None else destination.tls
    return httpx2.Client(timeout=_timeout(destination), verify=verify)


def async_client_of(destination: Destination) -> httpx2.AsyncClient:
    """As `client_of`, for an event loop."""
    verify = True if destination.tls is None else destination.tls
    return httpx2.AsyncClient(timeout=_timeout(destination), verify=verify)


def post(client: httpx2.Client, destination: Destination, body: bytes) -> Heard:
    """Send the body; what was heard. Raises nothing: whatever fails, the items wait."""
    headers = _headers(destination, "POST", destination.transfers)
    if headers is None:
        return NoCredential()
    try:
        return _heard(client.post(destination.transfers, content=body, headers=headers))
    except httpx2.HTTPError as error:
        return _nothing(error)


async def post_async(client: httpx2.AsyncClient, destination: Destination, body: bytes) -> Heard:
    """As `post`."""
    headers = _headers(destination, "POST", destination.transfers)
    if headers is None:
        return NoCredential()
    try:
        return _heard(await client.post(destination.transfers, content=body, headers=headers))
    except httpx2.HTTPError as error:
        return _nothing(error)


def ask(client: httpx2.Client, destination: Destination, asked: CloseQuery) -> Heard:
    """Ask the ledger something else than to record; what was heard, as `post`."""
    url = f"{destination.url.rstrip('/')}{asked.path}"
    headers = _headers(destination, asked.method, url)
    if headers is None:
        return NoCredential()
    try:
        return _heard(client.request(asked.method, url, content=asked.body, headers=headers))
    except httpx2.HTTPError as error:
        return _nothing(error)


async def ask_async(
    client: httpx2.AsyncClient, destination: Destination, asked: CloseQuery
) -> Heard:
    """As `ask`."""
    url = f"{destination.url.rstrip('/')}{asked.path}"
    headers = _headers(destination, asked.method, url)
    if headers is None:
        return NoCredential()
    try:
        return _heard(await client.request(asked.method, url, content=asked.body, headers=headers))
    except httpx2.HTTPError as error:
        return _nothing(error)


def _timeout(destination: Destination) -> httpx2.Timeout:
    connect_s = min(destination.timeout_s, _CONNECT_S_MAX)
    return httpx2.Timeout(destination.timeout_s, connect=connect_s)


def _headers(destination: Destination, method: str, url: str) -> dict[str, str] | None:
    credential = destination.credential
    if not isinstance(credential, str):
        try:
            credential = credential()
        except Exception:  # noqa: BLE001 -- the caller's function: its errors are not ours to know
            return None
        if not is_credential(credential):
            return None
    shown = {"Authorization": f"Bearer {credential}", "Content-Type": "application/json"}
    if destination.proof_key is not None:
        shown["Authorization"] = f"DPoP {credential}"
        shown["DPoP"] = destination.proof_key.proof(method, url, credential)
    return shown


def _heard(response: httpx2.Response) -> Answer:
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Answer(
        response.status_code, media_type, response.headers.get("retry-after"), response.content
    )


def _nothing(error: httpx2.HTTPError) -> NoAnswer:
    # The class alone: the text may hold what was sent.
    return NoAnswer(type(error).__name__, was_sent=not isinstance(error, _NOT_SENT))
