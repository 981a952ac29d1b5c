"""A small HTTP client of the standard library: what a platform would use, if it were small."""

import time
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from typing import Final, cast
from urllib.parse import urlsplit

import orjson

from ledger.values import Json

_TIMEOUT_S: Final = 60.0
_ATTEMPTS_MAX: Final = 30


class UnexpectedAnswerError(Exception):
    """The ledger did not answer as it should; the message names path, status and code."""


@dataclass(frozen=True, slots=True)
class DemoResponse:
    """What the ledger answered.

    Attributes:
        body: empty of what is no JSON.
        etag: the tag of a case as it stands; empty where there is none.
        location: the address of what was made; empty where nothing was.
    """

    status: int
    body: dict[str, Json]
    etag: str
    location: str


class DemoClient:
    """One connection with one key.

    Args:
        url: where the ledger is, `http://host:port`.
        key: the API key; held in memory only.
    """

    def __init__(self, url: str, key: str) -> None:
        address = urlsplit(url)
        self._connection = HTTPConnection(address.hostname or "", address.port, timeout=_TIMEOUT_S)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def get(self, path: str) -> dict[str, Json]:
        """The answer to a GET; as `post`."""
        return self._done("GET", path, None)

    def post(self, path: str, body: Json) -> dict[str, Json]:
        """The answer to a POST; sent again while the ledger asks to (503).

        Raises:
            UnexpectedAnswerError: any other answer than 200.
        """
        return self._done("POST", path, body)

    def put(self, path: str, body: Json) -> dict[str, Json]:
        """The answer to a PUT; as `post`."""
        return self._done("PUT", path, body)

    def _done(self, method: str, path: str, body: Json) -> dict[str, Json]:
        answer = self.ask(method, path, body)
        if answer.status != HTTPStatus.OK:
            raise UnexpectedAnswerError(f"{path}: {answer.status} {answer.body.get('code')}")
        return answer.body

    def ask(self, method: str, path: str, body: Json, if_match: str = "") -> DemoResponse:
        """Whatever the ledger answers; sent again while it asks to (503).

        Args:
            if_match: the tag of the case as it was seen; empty for none.

        Raises:
            UnexpectedAnswerError: it asks to for too long.
        """
        content = None if body is None else orjson.dumps(body)
        headers = {**self._headers, "If-Match": if_match} if if_match else self._headers
        for _ in range(_ATTEMPTS_MAX):
            self._connection.request(method, path, content, headers)
            response = self._connection.getresponse()
            content_read, kind = response.read(), response.headers.get_content_type()
            is_json = kind.endswith("json")
            answered = cast("dict[str, Json]", orjson.loads(content_read) if is_json else {})
            if response.status != HTTPStatus.SERVICE_UNAVAILABLE:
                reply_headers = response.headers
                return DemoResponse(
                    response.status,
                    answered,
                    reply_headers.get("etag", ""),
                    reply_headers.get("location", ""),
                )
            time.sleep(float(response.headers.get("Retry-After", "1")))
        raise UnexpectedAnswerError(f"{path}: 503 {_ATTEMPTS_MAX} times")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
