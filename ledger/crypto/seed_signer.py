"""The key that signs the log, when it lies in a file. A device has another `Signer`.

Source: RFC 8032; C2SP signed-note 1.0.0.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.crypto.notes import Signer, Verifier

SEED_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class RenamedSigner:
    """The key of another signer, under another name: a log's key in a later epoch.

    Attributes:
        signer: who has the key.
        name: of the log.
    """

    signer: Signer
    name: str

    @property
    def verifier(self) -> Verifier:
        """The key under that name; its id is another one."""
        return Verifier(self.name, self.signer.verifier.public)

    def sign(self, message: bytes) -> bytes:
        """As the signer does."""
        return self.signer.sign(message)


@dataclass(frozen=True)
class SeedSigner:
    """Signs with the Ed25519 key of a seed.

    Attributes:
        name: of the log.
        seed: 32 bytes, the private key of RFC 8032.
    """

    name: str
    seed: bytes = field(repr=False)

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @property
    def verifier(self) -> Verifier:
        """The key, without its secret."""
        return Verifier(self.name, self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """64 bytes under `message`."""
        return self._key.sign(message)
