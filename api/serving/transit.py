"""Epoch masters in a key management service that never gives them away.

The service speaks the HTTP interface of Vault's transit engine, of which this is used, below
`LEDGER_KMS_URL`, with JSON bodies and the token in `X-Vault-Token`; bytes are standard base64:

- `GET keys?list=true` → `{"data":{"keys":[NAME …]}}`, or 404 when there is none;
- `GET keys/NAME` → 200, or 404 when there is none of that name;
- `POST keys/NAME` `{"type":"aes256-gcm96","exportable":false}` makes a key;
- `POST encrypt/NAME` `{"plaintext","associated_data"}` → `{"data":{"ciphertext":"vault:v1:…"}}`,
  where … is nonce (12) ‖ ciphertext ‖ tag (16), as the event format stores it;
- `POST decrypt/NAME` `{"ciphertext","associated_data"}` → `{"data":{"plaintext"}}`, or 400;
- `POST keys/NAME/config` `{"deletion_allowed":true}`, then `DELETE keys/NAME`.

A key of the service is one epoch's master: it is never rotated inside the service.
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
from urllib.parse import quote, urlsplit

from ledger.crypto.epoch import Keep, MasterMissingError
from ledger.crypto.epoch_names import NAME, in_order
from ledger.errors import BrokenWorldError, CorruptRecordError, MastersUnavailableError

_VERSION: Final = "vault:v1:"
_ANSWER_BYTES_MAX: Final = 4 << 20
_IDLE_MAX: Final = 8
_NONE: Final = HTTPStatus.NOT_FOUND
_SUCCESS: Final = 2
_NOT_OURS: Final = "the key management service answers in another way than Vault's transit engine"

Members = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TransitMasters:
    """Masters behind `url`. Thread-safe.

    Attributes:
        token_file: read at each request, so that a new token needs no restart.
        seconds_max: how long one answer may take.
    """

    url: str
    token_file: Path
    seconds_max: float
    _idle: deque[HTTPConnection] = field(
        default_factory=lambda: deque[HTTPConnection](maxlen=_IDLE_MAX), repr=False, compare=False
    )

    def __del__(self) -> None:
        """Hang up; whoever holds these masters need not know that they hold connections."""
        for connection in self._idle:
            connection.close()

    def names(self) -> list[str]:
        """The names of all masters, oldest first."""
        status, data = self._ask("GET", "keys?list=true", besides=(_NONE,))
        if status == _NONE:
            return []
        names = cast("object", data.get("keys"))
        if not isinstance(names, list):
            raise MastersUnavailableError(_NOT_OURS)
        return in_order(
            name
            for name in cast("list[object]", names)
            if isinstance(name, str) and NAME.fullmatch(name)
        )

    def current(self) -> str:
        """The name of the master that wraps new keys."""
        names = self.names()
        if not names:
            raise BrokenWorldError(
                "the key management service holds no epoch master; `ledger keys rotate` makes one"
            )
        return names[-1]

    def wrap(self, name: str, plain: bytes, aad: bytes) -> bytes:
        """Nonce ‖ AES-256-GCM(master, nonce, plain, AAD)."""
        # The engine would make a missing key by itself, for a token that may make keys.
        self._need(name)
        body = {"plaintext": _base64(plain), "associated_data": _base64(aad)}
        _, data = self._ask("POST", f"encrypt/{quote(name)}", body)
        text = str(data.get("ciphertext"))
        if not text.startswith(_VERSION):
            raise BrokenWorldError(
                f"the epoch master {name} was rotated inside the key management service"
            )
        return _bytes(text.removeprefix(_VERSION))

    def unwrap(self, name: str, wrapped: bytes, aad: bytes) -> bytes:
        """What `wrap` was given."""
        body = {"ciphertext": _VERSION + _base64(wrapped), "associated_data": _base64(aad)}
        status, data = self._ask(
            "POST", f"decrypt/{quote(name)}", body, besides=(_NONE, HTTPStatus.BAD_REQUEST)
        )
        # One status for a key that is gone and for bytes that do not open.
        if status in (_NONE, HTTPStatus.BAD_REQUEST):
            self._need(name)
            raise CorruptRecordError("a row of the key ring does not open")
        return _bytes(str(data.get("plaintext")))

    def create(self, name: str, keep: Keep) -> None:
        """Let the service make a master; it gives nobody a copy."""
        del keep
        if name not in self.names():
            made = {"type": "aes256-gcm96", "exportable": False}
            self._ask("POST", f"keys/{quote(name)}", made)

    def destroy(self, name: str) -> None:
        """Let the service destroy the master."""
        if name in self.names():
            self._ask("POST", f"keys/{quote(name)}/config", {"deletion_allowed": True})
            self._ask("DELETE", f"keys/{quote(name)}")

    def exported(self, name: str) -> None:
        """Nothing: the service keeps its masters, and its own backup is their second place."""
        self._need(name)

    def _need(self, name: str) -> None:
        status, _ = self._ask("GET", f"keys/{quote(name)}", besides=(_NONE,))
        if status == _NONE:
            raise MasterMissingError(name)

    def _ask(
        self,
        method: str,
        path: str,
        body: Members | None = None,
        *,
        besides: tuple[int, ...] = (),
    ) -> tuple[int, Members]:
        """Status, 2xx or one of `besides`, and the member `data` of the answer."""
        content = None if body is None else json.dumps(body)
        try:
            token = self.token_file.read_text("ascii").strip()
        except (OSError, ValueError):
            raise MastersUnavailableError("LEDGER_KMS_TOKEN_FILE cannot be read") from None
        headers = {"X-Vault-Token": token, "Content-Type": "application/json"}
        parts = urlsplit(self.url)
        target = f"{parts.path.rstrip('/')}/{path}"
        # A connection that was idle may be dead; every request here may be sent twice.
        for connection in (*self._taken(), self._connection()):
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
            raise _refusal(answer.status)
        raise MastersUnavailableError(
            "the key management service does not answer: see that it runs and that LEDGER_KMS_URL "
            "leads to it"
        )

    def _taken(self) -> list[HTTPConnection]:
        with suppress(IndexError):
            return [self._idle.pop()]
        return []

    def _connection(self) -> HTTPConnection:
        # By hand: other clients ask whatever proxy the environment names.
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        return kind(parts.hostname or "", parts.port, timeout=self.seconds_max)


def _refusal(status: int) -> MastersUnavailableError:
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return MastersUnavailableError(
            "the key management service does not allow it: see the token of LEDGER_KMS_TOKEN_FILE "
            "and what it may do"
        )
    return MastersUnavailableError(f"the key management service answers with status {status}")


def _data(text: bytes) -> Members:
    with suppress(ValueError):
        answer: object = json.loads(text)
        if isinstance(answer, dict):
            data = cast("dict[str, object]", answer).get("data")
            return cast("Members", data) if isinstance(data, dict) else {}
    return {}


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MastersUnavailableError(_NOT_OURS) from None
