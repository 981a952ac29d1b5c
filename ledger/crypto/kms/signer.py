"""The log's key in a key management service: it signs, and nobody sees the key.

Of the interface of Vault's transit engine (`engine`) this is used:

- `GET keys/NAME` → `{"data":{"type":"ed25519","keys":{"1":{"public_key"}}}}`, or 404;
- `POST keys/NAME` `{"type":"ed25519","exportable":false}` makes a key;
- `POST sign/NAME` `{"input"}` → `{"data":{"signature":"vault:v1:…"}}`, or 400 without such a key.

What it answers is verified before it is used: a key that was rotated inside the service, or another
one under the same name, signs nothing of ours.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, cast
from urllib.parse import quote

from ledger.crypto.kms.engine import NONE, NOT_OURS, TransitEngine, base64_of, bytes_of
from ledger.crypto.notes import Verifier
from ledger.errors import MastersUnavailableError

NAMED: Final = ("LEDGER_LOG_KMS_URL", "LEDGER_LOG_KMS_TOKEN_FILE")
"""The settings of its address and its token."""

_TYPE: Final = "ed25519"
_PUBLIC_BYTES: Final = 32
_NO_KEY: Final = "the key management service holds no key of that name that signs with Ed25519"


@dataclass(frozen=True, slots=True)
class TransitSigner:
    """Signs with a key of the service. Thread-safe.

    Attributes:
        key: what the service calls it.
        verifier: the key without its secret, as verifiers were given it.
    """

    engine: TransitEngine
    key: str
    verifier: Verifier

    def sign(self, message: bytes) -> bytes:
        """64 bytes under `message`.

        Raises:
            MastersUnavailableError: the service does not sign now, or signs with another key.
        """
        given = {"input": base64_of(message)}
        status, data = self.engine.ask(
            "POST", f"sign/{quote(self.key)}", given, besides=(NONE, HTTPStatus.BAD_REQUEST)
        )
        if status in (NONE, HTTPStatus.BAD_REQUEST):
            raise MastersUnavailableError(_NO_KEY)
        _, _, value = str(data.get("signature")).rpartition(":")
        signature = bytes_of(value)
        if not self.verifier.verifies(message.decode(), signature):
            raise MastersUnavailableError(
                "the key management service signs with another key than LEDGER_LOG_PUBLIC_KEY says:"
                " it was rotated inside the service, or LEDGER_LOG_KMS_KEY is another one"
            )
        return signature


def public_key(engine: TransitEngine, key: str) -> bytes:
    """32 bytes: the public key of that name, which the service makes where it has none.

    Raises:
        MastersUnavailableError: it does not answer, or not so; or the key signs otherwise.
    """
    path = f"keys/{quote(key)}"
    status, data = engine.ask("GET", path, besides=(NONE,))
    if status == NONE:
        engine.ask("POST", path, {"type": _TYPE, "exportable": False})
        _, data = engine.ask("GET", path)
    if data.get("type") != _TYPE:
        raise MastersUnavailableError(_NO_KEY)
    found: object = data.get("keys")
    if not isinstance(found, dict) or not found:
        raise MastersUnavailableError(NOT_OURS)
    versions = cast("dict[str, object]", found)
    newest = versions[max(versions, key=_number)]
    if not isinstance(newest, dict):
        raise MastersUnavailableError(NOT_OURS)
    public = bytes_of(str(cast("dict[str, object]", newest).get("public_key")))
    if len(public) != _PUBLIC_BYTES:
        raise MastersUnavailableError(NOT_OURS)
    return public


def _number(version: str) -> int:
    return int(version) if version.isdigit() else 0
