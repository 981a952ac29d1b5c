"""A small HTTP client of the standard library: what a platform would use, if it were small."""

import time
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


class Client:
    """One connection with one key.

    Args:
        url: where the ledger is, `http://host:port`.
        key: the API key; held in memory only.
    """

    def __init__(self, url: str, key: str) -> None:
        address = urlsplit(url)
        self._connection = HTTPConnection(address.hostname or "", address.port, timeout=_TIMEOUT_S)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def post(self, path: str, body: Json) -> dict[str, Json]:
        """The answer to a POST; sent again while the ledger asks to (503).

        Raises:
            UnexpectedAnswerError: any other answer than 200.
        """
        return self._ask("POST", path, body)

    def put(self, path: str, body: Json) -> dict[str, Json]:
        """The answer to a PUT; as `post`."""
        return self._ask("PUT", path, body)

    def _ask(self, method: str, path: str, body: Json) -> dict[str, Json]:
        content = orjson.dumps(body)
        for _ in range(_ATTEMPTS_MAX):
            self._connection.request(method, path, content, self._headers)
            response = self._connection.getresponse()
            answer = cast("dict[str, Json]", orjson.loads(response.read()))
            if response.status == HTTPStatus.OK:
                return answer
            if response.status != HTTPStatus.SERVICE_UNAVAILABLE:
                code = answer.get("code")
                raise UnexpectedAnswerError(f"{path}: {response.status} {code}")
            time.sleep(float(response.headers.get("Retry-After", "1")))
        raise UnexpectedAnswerError(f"{path}: 503 {_ATTEMPTS_MAX} times")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
