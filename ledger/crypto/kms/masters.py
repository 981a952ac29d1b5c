"""Epoch masters in a key management service that never gives them away.

Of the interface of Vault's transit engine (`engine`) this is used:

- `GET keys?list=true` → `{"data":{"keys":[NAME …]}}`, or 404 when there is none;
- `GET keys/NAME` → 200, or 404 when there is none of that name;
- `POST keys/NAME` `{"type":"aes256-gcm96","exportable":false}` makes a key;
- `POST encrypt/NAME` `{"plaintext","associated_data"}` → `{"data":{"ciphertext":"vault:v1:…"}}`,
  where … is nonce (12) ‖ ciphertext ‖ tag (16), as the event format stores it;
- `POST decrypt/NAME` `{"ciphertext","associated_data"}` → `{"data":{"plaintext"}}`, or 400;
- `POST keys/NAME/config` `{"deletion_allowed":true}`, then `DELETE keys/NAME`.

A key of the service is one epoch's master: it is never rotated inside the service.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, cast
from urllib.parse import quote

from ledger.crypto.epoch import Keep, MasterMissingError
from ledger.crypto.epoch_names import NAME, in_order
from ledger.crypto.kms.engine import NONE, NOT_OURS, TransitEngine, base64_of, bytes_of
from ledger.errors import BrokenWorldError, CorruptRecordError, MastersUnavailableError

_VERSION: Final = "vault:v1:"


@dataclass(frozen=True, slots=True)
class TransitMasters:
    """Masters in the service. Thread-safe."""

    engine: TransitEngine

    def names(self) -> list[str]:
        """The names of all masters, oldest first."""
        status, data = self.engine.ask("GET", "keys?list=true", besides=(NONE,))
        if status == NONE:
            return []
        names = cast("object", data.get("keys"))
        if not isinstance(names, list):
            raise MastersUnavailableError(NOT_OURS)
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
        body = {"plaintext": base64_of(plain), "associated_data": base64_of(aad)}
        _, data = self.engine.ask("POST", f"encrypt/{quote(name)}", body)
        text = str(data.get("ciphertext"))
        if not text.startswith(_VERSION):
            raise BrokenWorldError(
                f"the epoch master {name} was rotated inside the key management service"
            )
        return bytes_of(text.removeprefix(_VERSION))

    def unwrap(self, name: str, wrapped: bytes, aad: bytes) -> bytes:
        """What `wrap` was given."""
        body = {"ciphertext": _VERSION + base64_of(wrapped), "associated_data": base64_of(aad)}
        status, data = self.engine.ask(
            "POST", f"decrypt/{quote(name)}", body, besides=(NONE, HTTPStatus.BAD_REQUEST)
        )
        # One status for a key that is gone and for bytes that do not open.
        if status in (NONE, HTTPStatus.BAD_REQUEST):
            self._need(name)
            raise CorruptRecordError("a row of the key ring does not open")
        return bytes_of(str(data.get("plaintext")))

    def create(self, name: str, keep: Keep) -> None:
        """Let the service make a master; it gives nobody a copy."""
        del keep
        if name not in self.names():
            made = {"type": "aes256-gcm96", "exportable": False}
            self.engine.ask("POST", f"keys/{quote(name)}", made)

    def destroy(self, name: str) -> None:
        """Let the service destroy the master."""
        if name in self.names():
            self.engine.ask("POST", f"keys/{quote(name)}/config", {"deletion_allowed": True})
            self.engine.ask("DELETE", f"keys/{quote(name)}")

    def exported(self, name: str) -> None:
        """Nothing: the service keeps its masters, and its own backup is their second place."""
        self._need(name)

    def _need(self, name: str) -> None:
        status, _ = self.engine.ask("GET", f"keys/{quote(name)}", besides=(NONE,))
        if status == NONE:
            raise MasterMissingError(name)
