"""A key management service that speaks the HTTP interface of Vault's transit engine.

Requests go below its address, with JSON bodies and the token in `X-Vault-Token`; bytes are
standard base64.
"""

import base64
import binascii
import json
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

from ledger.errors import MastersUnavailableError

NONE: Final = HTTPStatus.NOT_FOUND
NOT_OURS: Final = "the key management service answers in another way than Vault's transit engine"
_ANSWER_BYTES_MAX: Final = 4 << 20
_IDLE_MAX: Final = 8
_SUCCESS: Final = 2

Members = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TransitEngine:
    """The service at `url`. Thread-safe.

    Attributes:
        token_file: read at each request, so that a new token needs no restart.
        seconds_max: how long one answer may take.
        named: the settings of the address and the token, for whoever is to mend them.
    """

    url: str
    token_file: Path
    seconds_max: float
    named: tuple[str, str] = ("LEDGER_KMS_URL", "LEDGER_KMS_TOKEN_FILE")
    _idle: deque[HTTPConnection] = field(
        default_factory=lambda: deque[HTTPConnection](maxlen=_IDLE_MAX), repr=False, compare=False
    )

    def __del__(self) -> None:
        """Hang up; whoever holds the engine need not know that it holds connections."""
        for connection in self._idle:
            connection.close()

    def ask(
        self,
        method: str,
        path: str,
        body: Members | None = None,
        *,
        besides: tuple[int, ...] = (),
    ) -> tuple[int, Members]:
        """Status, 2xx or one of `besides`, and the member `data` of the answer.

        Raises:
            MastersUnavailableError: there is no such answer.
        """
        content = None if body is None else json.dumps(body)
        try:
            token = self.token_file.read_text("ascii").strip()
        except (OSError, ValueError):
            raise MastersUnavailableError(f"{self.named[1]} cannot be read") from None
        headers = {"X-Vault-Token": token, "Content-Type": "application/json"}
        parts = urlsplit(self.url)
        target = f"{parts.path.rstrip('/')}/{path}"
        # A connection that was idle may be dead; every request here may be sent twice.
        for connection in (*self._take_idle(), self._connection()):
            try:
                connection.request(method, target, content, headers)
                answer = connection.getresponse()
                text = answer.read(_ANSWER_BYTES_MAX)
            except (OSError, HTTPException, ValueError):
                connection.close()
                continue
            if answer.will_close or not answer.isclosed():
                connection.close()
            else:
                self._idle.append(connection)
            if answer.status // 100 == _SUCCESS or answer.status in besides:
                return answer.status, _data(text)
            raise self._refusal(answer.status)
        raise MastersUnavailableError(
            "the key management service does not answer: see that it runs and that "
            f"{self.named[0]} leads to it"
        )

    def _refusal(self, status: int) -> MastersUnavailableError:
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return MastersUnavailableError(
                "the key management service does not allow it: see the token of "
                f"{self.named[1]} and what it may do"
            )
        return MastersUnavailableError(f"the key management service answers with status {status}")

    def _take_idle(self) -> list[HTTPConnection]:
        with suppress(IndexError):
            return [self._idle.pop()]
        return []

    def _connection(self) -> HTTPConnection:
        # By hand: other clients ask whatever proxy the environment names.
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        return kind(parts.hostname or "", parts.port, timeout=self.seconds_max)


def _data(text: bytes) -> Members:
    with suppress(ValueError):
        answer: object = json.loads(text)
        if isinstance(answer, dict):
            data = cast("dict[str, object]", answer).get("data")
            return cast("Members", data) if isinstance(data, dict) else {}
    return {}


def base64_of(content: bytes) -> str:
    """As the interface has bytes."""
    return base64.b64encode(content).decode("ascii")


def bytes_of(text: str) -> bytes:
    """What `base64_of` was given.

    Raises:
        MastersUnavailableError: the text is none of its kind.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MastersUnavailableError(NOT_OURS) from None
